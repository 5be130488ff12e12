import { type DType, ValueError } from '@ts-torch/core';
import { checkTensor, readOptions } from './op.js';
import { type Dims, neutralExtreme, readCorrection, type ValuesIndices } from './reducing.js';
import { normalizeDims } from './shape.js';
import type { Tensor } from './tensor.js';

// Reductions and normalizations of the elements where a mask is true: the others are replaced by what does not change the
// result. A slice with no element left gives that value.

export interface MaskOptions {
  dtype?: DType | undefined;
  /** True where an element counts; it broadcasts against the input. All count where left out. */
  mask?: Tensor | null | undefined;
}
export interface MaskedReduceOptions extends MaskOptions {
  dim?: Dims | undefined;
  keepdim?: boolean | null | undefined;
}

const DEFAULTS: MaskedReduceOptions = { dim: undefined, keepdim: false, dtype: undefined, mask: undefined };

interface Reading {
  input: Tensor;
  dims: number[];
  keepdim: boolean;
  mask: Tensor | null;
}

function read(op: string, input: Tensor, options: MaskedReduceOptions | undefined): Reading {
  checkTensor(op, input, 'input');
  const { dim, keepdim, dtype, mask } = readOptions(op, options, DEFAULTS);
  checkMask(op, mask);
  const cast = dtype === undefined ? input : input.to(dtype);
  return {
    input: cast,
    dims: normalizeDims(op, dim, input.shape.length),
    keepdim: keepdim === true,
    mask: mask ?? null,
  };
}

function checkMask(op: string, mask: unknown): void {
  if (mask !== null && mask !== undefined) checkTensor(op, mask, 'mask');
}

/** The input with `value` where the mask is false. */
function fill(input: Tensor, mask: Tensor | null | undefined, value: number | bigint | boolean): Tensor {
  return mask === null || mask === undefined ? input : input.maskedFill(mask.eq(false), value);
}

/** How many elements count. */
function countOf({ input, dims, keepdim, mask }: Reading): Tensor {
  const ones = input.newOnes(input.shape, { dtype: 'int64' });
  return fill(ones, mask, 0).sum(dims, { keepdim });
}

/**
 * The sum of the elements that count.
 *
 * @example torch.masked.sum(torch.tensor([1, 2, 3]), { mask: torch.tensor([true, false, true]) }) // tensor(4.)
 */
export function sum(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const { input: values, dims, keepdim, mask } = read('masked.sum', input, options);
  return fill(values, mask, 0).sum(dims, { keepdim });
}

/**
 * The product of the elements that count.
 *
 * @example torch.masked.prod(torch.tensor([2, 3, 4]), { mask: torch.tensor([true, false, true]) }) // tensor(8.)
 */
export function prod(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const { input: values, dims, keepdim, mask } = read('masked.prod', input, options);
  return fill(values, mask, 1).prod(dims, { keepdim });
}

/**
 * The mean of the elements that count; NaN where there is none.
 *
 * @example torch.masked.mean(torch.tensor([1, 2, 3]), { mask: torch.tensor([true, false, true]) }) // tensor(2.)
 */
export function mean(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const reading = read('masked.mean', input, options);
  const { input: values, dims, keepdim, mask } = reading;
  return fill(values, mask, 0).sum(dims, { keepdim }).div(countOf(reading));
}

/**
 * The largest of the elements that count.
 *
 * @example torch.masked.amax(torch.tensor([1, 2, 3]), { mask: torch.tensor([true, true, false]) }) // tensor(2.)
 */
export function amax(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const { input: values, dims, keepdim, mask } = read('masked.amax', input, options);
  return fill(values, mask, neutralExtreme(values, 'amax')).amax(dims, { keepdim });
}

/**
 * The smallest of the elements that count.
 *
 * @example torch.masked.amin(torch.tensor([1, 2, 3]), { mask: torch.tensor([false, true, true]) }) // tensor(2.)
 */
export function amin(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const { input: values, dims, keepdim, mask } = read('masked.amin', input, options);
  return fill(values, mask, neutralExtreme(values, 'amin')).amin(dims, { keepdim });
}

export interface MaskedArgOptions extends MaskOptions {
  dim?: number | null | undefined;
  keepdim?: boolean | null | undefined;
}

/**
 * Where the largest of the elements that count is. In the input's dtype, or `dtype`, as in PyTorch.
 *
 * @example torch.masked.argmax(torch.tensor([1, 2, 3]), { mask: torch.tensor([true, true, false]) }) // tensor(1.)
 */
export function argmax(input: Tensor, options?: MaskedArgOptions): Tensor {
  const { input: values, keepdim, mask } = read('masked.argmax', input, options);
  const found = fill(values, mask, neutralExtreme(values, 'amax')).argmax({ dim: options?.dim, keepdim });
  return found.to(values.dtype);
}

/**
 * Where the smallest of the elements that count is. In the input's dtype, or `dtype`, as in PyTorch.
 *
 * @example torch.masked.argmin(torch.tensor([1, 2, 3]), { mask: torch.tensor([false, true, true]) }) // tensor(1.)
 */
export function argmin(input: Tensor, options?: MaskedArgOptions): Tensor {
  const { input: values, keepdim, mask } = read('masked.argmin', input, options);
  const found = fill(values, mask, neutralExtreme(values, 'amin')).argmin({ dim: options?.dim, keepdim });
  return found.to(values.dtype);
}

/**
 * The median of the elements that count, along one dimension: the lower of two.
 *
 * @example torch.masked.median(torch.tensor([1, 2, 9]), 0, { mask: torch.tensor([true, false, true]) }) // tensor(1.)
 */
export function median(input: Tensor, dim?: number | MaskedArgOptions, options?: MaskedArgOptions): Tensor {
  const given = typeof dim === 'object' ? dim : { dim: dim ?? -1, ...options };
  const { input: values, dims, keepdim, mask } = read('masked.median', input, { dim: -1, ...given });
  if (!values.isFloatingPoint())
    throw new ValueError(`masked.median: expected a floating-point dtype, got ${values.dtype}`);
  const filled = fill(values, mask, Number.NaN);
  return (filled.nanmedian(dims[0] as number, { keepdim }) as ValuesIndices).values;
}

/**
 * `log(sum(exp(x)))` of the elements that count.
 *
 * @example torch.masked.logsumexp(torch.tensor([0, 5, 0]), { mask: torch.tensor([true, false, true]) }) // tensor(0.6931)
 */
export function logsumexp(input: Tensor, options?: MaskedReduceOptions): Tensor {
  const { input: values, dims, keepdim, mask } = read('masked.logsumexp', input, options);
  const floating = values.dtypeInfo.rank < 2 ? values.to('float32') : values;
  // Integers come back as integers, as in PyTorch.
  return fill(floating, mask, Number.NEGATIVE_INFINITY).logsumexp(dims, { keepdim }).to(values.dtype);
}

/**
 * The vector norm of order `ord` of the elements that count.
 *
 * @example torch.masked.norm(torch.tensor([3, 9, 4]), { ord: 2, mask: torch.tensor([true, false, true]) }) // tensor(5.)
 */
export function norm(input: Tensor, options?: MaskedReduceOptions & { ord?: number | undefined }): Tensor {
  const { ord = 2, ...rest } = options ?? {};
  const { input: values, dims, keepdim, mask } = read('masked.norm', input, rest);
  const neutral = ord === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
  return fill(values, mask, neutral).norm({ p: ord, dim: dims, keepdim });
}

export interface MaskedVarianceOptions extends MaskedReduceOptions {
  /** Divides by n - 1 (the default) rather than by n, the number of elements that count. */
  unbiased?: boolean | undefined;
  /** Divides by n - correction. */
  correction?: number | null | undefined;
}

function varianceOf(op: string, input: Tensor, options: MaskedVarianceOptions | undefined): Tensor {
  const { unbiased, correction, ...rest } = options ?? {};
  const freedom = readCorrection(op, unbiased, correction);
  const reading = read(op, input, rest);
  const values = reading.input.dtypeInfo.rank < 2 ? reading.input.to('float32') : reading.input;
  const kept = { ...reading, keepdim: true };
  const center = fill(values, reading.mask, 0).sum(reading.dims, { keepdim: true }).div(countOf(kept));
  const deviations = fill(values.sub(center), reading.mask, 0);
  const squares = deviations.mul(deviations.conj()).sum(reading.dims, { keepdim: reading.keepdim });
  return squares.div(countOf(reading).sub(freedom).clamp({ min: 0 }));
}

/**
 * The variance of the elements that count, divided by n - 1, or as `correction` says.
 *
 * @example torch.masked.var(torch.tensor([1, 9, 3]), { mask: torch.tensor([true, false, true]) }) // tensor(2.)
 */
function variance(input: Tensor, options?: MaskedVarianceOptions): Tensor {
  return varianceOf('masked.var', input, options);
}

export { variance as var };

/**
 * The standard deviation of the elements that count: the root of their variance.
 *
 * @example
 * torch.masked.std(torch.tensor([1, 9, 3]), { mask: torch.tensor([true, false, true]), correction: 0 }) // tensor(1.)
 */
export function std(input: Tensor, options?: MaskedVarianceOptions): Tensor {
  return varianceOf('masked.std', input, options).pow(0.5);
}

/**
 * The sums of the elements that count up to each one.
 *
 * @example torch.masked.cumsum(torch.tensor([1, 2, 3]), 0, { mask: torch.tensor([true, false, true]) }) // tensor([1., 1., 4.])
 */
export function cumsum(input: Tensor, dim: number, options?: MaskOptions): Tensor {
  const { input: values, mask } = read('masked.cumsum', input, options);
  return fill(values, mask, 0).cumsum(dim);
}

/**
 * The products of the elements that count up to each one.
 *
 * @example torch.masked.cumprod(torch.tensor([2, 3, 4]), 0, { mask: torch.tensor([true, false, true]) }) // tensor([2., 2., 8.])
 */
export function cumprod(input: Tensor, dim: number, options?: MaskOptions): Tensor {
  const { input: values, mask } = read('masked.cumprod', input, options);
  return fill(values, mask, 1).cumprod(dim);
}

/**
 * softmax of the elements that count.
 *
 * @example
 * torch.masked.softmax(torch.tensor([0, 5, 0]), 0, { mask: torch.tensor([true, false, true]) }) // tensor([0.5000, 0.0000, 0.5000])
 */
export function softmax(input: Tensor, dim: number, options?: MaskOptions): Tensor {
  const { input: values, mask } = read('masked.softmax', input, options);
  return fill(values, mask, Number.NEGATIVE_INFINITY).softmax(dim);
}

/**
 * logSoftmax of the elements that count.
 *
 * @example
 * torch.masked.logSoftmax(torch.tensor([0, 5, 0]), 0, { mask: torch.tensor([true, false, true]) }) // tensor([-0.6931, -inf, -0.6931])
 */
export function logSoftmax(input: Tensor, dim: number, options?: MaskOptions): Tensor {
  const { input: values, mask } = read('masked.logSoftmax', input, options);
  return fill(values, mask, Number.NEGATIVE_INFINITY).logSoftmax(dim);
}

/**
 * softmax of minus the elements that count.
 *
 * @example
 * torch.masked.softmin(torch.tensor([0, 5, 0]), 0, { mask: torch.tensor([true, false, true]) }) // tensor([0.5000, 0.0000, 0.5000])
 */
export function softmin(input: Tensor, dim: number, options?: MaskOptions): Tensor {
  const { input: values, mask } = read('masked.softmin', input, options);
  return fill(values, mask, Number.POSITIVE_INFINITY).neg().softmax(dim);
}

/**
 * The elements that count divided by their norm of order `ord`, or by `eps` if that is larger; the others are 0.
 *
 * @example
 * torch.masked.normalize(torch.tensor([3, 9, 4]), 2, 0, { mask: torch.tensor([true, false, true]) }) // tensor([0.6000, 0.0000, 0.8000])
 */
export function normalize(
  input: Tensor,
  ord: number,
  dim: number,
  options?: MaskOptions & { eps?: number | undefined },
): Tensor {
  const { eps = 1e-12, ...rest } = options ?? {};
  const { input: values, mask } = read('masked.normalize', input, rest);
  const length = norm(values, { ord, dim, keepdim: true, mask });
  return fill(values, mask, 0).div(length.maximum(length.newFull([], eps)));
}

export interface LogaddexpOptions {
  dtype?: DType | undefined;
  inputMask?: Tensor | null | undefined;
  otherMask?: Tensor | null | undefined;
}

/**
 * `log(exp(input) + exp(other))` of the elements that count.
 *
 * @example
 * torch.masked.logaddexp(torch.tensor([0, 1]), torch.tensor([0, 1]), { inputMask: torch.tensor([true, false]) })
 * // tensor([0.6931, 1.0000])
 */
export function logaddexp(input: Tensor, other: Tensor, options?: LogaddexpOptions): Tensor {
  checkTensor('masked.logaddexp', input, 'input');
  checkTensor('masked.logaddexp', other, 'other');
  const { dtype, inputMask, otherMask } = readOptions<LogaddexpOptions>('masked.logaddexp', options, {
    dtype: undefined,
    inputMask: undefined,
    otherMask: undefined,
  });
  checkMask('masked.logaddexp', inputMask);
  checkMask('masked.logaddexp', otherMask);
  const cast = (tensor: Tensor): Tensor => (dtype === undefined ? tensor : tensor.to(dtype));
  const none = Number.NEGATIVE_INFINITY;
  return fill(cast(input), inputMask, none).logaddexp(fill(cast(other), otherMask, none));
}
