import { DTypeError, type DTypeInfo, describe, dtypeInfo, ValueError } from '@ts-torch/core';
import { castable } from '../castable.js';
import { matrixNorm } from '../linalg/norms.js';
import { castTo, checkTensor, type NamedResult, namedResult, type OutOptions, readOptions, writeOut } from '../op.js';
import { toFloat } from '../promotion.js';
import { withoutRecording } from '../recording.js';
import {
  BOOL,
  type ChoiceOptions,
  checkBoolean,
  choose,
  type DimList,
  type Dims,
  INT64,
  type KeepdimOptions,
  optionsOf,
  reductionPrimitives as primitives,
  type ReduceOptions,
  readChoice,
  readCorrection,
  requireElements,
  requireFloating,
  requireReal,
  type ValuesIndices,
} from '../reducing.js';
import { normalizeDim, normalizeDims, range, reducedShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { vectorNorm } from '../vector-norm.js';

// --- Sums and products --------------------------------------------------------------------------------------------------

const REDUCE_DEFAULTS: ReduceOptions = { dim: undefined, keepdim: false, dtype: undefined, out: undefined };

type SumLike = (self: Tensor, dims: DimList, keepdim: boolean, dtype: DTypeInfo) => Tensor;

function sumLike(
  op: string,
  run: SumLike,
  self: Tensor,
  options: ReduceOptions,
  natural: (self: Tensor) => DTypeInfo,
): Tensor {
  const { dim, keepdim, dtype, out } = options;
  const info = dtype === undefined ? natural(self) : dtypeInfo(dtype);
  if (out !== undefined && dtype !== undefined && out.dtypeInfo !== info)
    throw new DTypeError(`${op}: expected \`out\` of ${info.name}, got ${out.dtype}`);
  const result = run(self, normalizeDims(op, dim, self.shape.length), checkBoolean(op, 'keepdim', keepdim), info);
  return out === undefined ? result : writeOut(op, out, result);
}

const toInteger64 = (self: Tensor): DTypeInfo => (self.dtypeInfo.rank < 2 ? INT64 : self.dtypeInfo);

/**
 * The sum of all elements, or along dimensions: `x.sum()`, `x.sum(1)`, `x.sum([0, 2], { keepdim: true })`. Integers and
 * booleans give int64.
 *
 * @example torch.sum(torch.tensor([[1, 2], [3, 4]]), 1) // tensor([3., 7.])
 */
export const sum = castable('sum', (self: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor => {
  checkTensor('sum', self);
  return sumLike('sum', primitives.sum, self, optionsOf('sum', dim, options, REDUCE_DEFAULTS), toInteger64);
});

/**
 * {@link sum} with NaN counted as 0.
 *
 * @example torch.nansum(torch.tensor([1, NaN, 2])) // tensor(3.)
 */
export function nansum(self: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor {
  checkTensor('nansum', self);
  if (self.isComplex()) throw new DTypeError(`nansum: not supported for ${self.dtype}`);
  return sumLike('nansum', primitives.nansum, self, optionsOf('nansum', dim, options, REDUCE_DEFAULTS), toInteger64);
}

/**
 * The mean of all elements, or along dimensions; for floating-point and complex dtypes, or with `dtype`.
 *
 * @example torch.mean(torch.tensor([[1, 2], [3, 4]]), 0) // tensor([2., 3.])
 */
export function mean(self: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor {
  checkTensor('mean', self);
  return sumLike('mean', primitives.mean, self, optionsOf('mean', dim, options, REDUCE_DEFAULTS), (tensor) => {
    requireFloating('mean', tensor);
    return tensor.dtypeInfo;
  });
}

/**
 * {@link mean} of the elements that are not NaN.
 *
 * @example torch.nanmean(torch.tensor([1, NaN, 3])) // tensor(2.)
 */
export function nanmean(self: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor {
  checkTensor('nanmean', self);
  requireFloating('nanmean', self);
  const { out, dtype, ...along } = optionsOf('nanmean', dim, options, REDUCE_DEFAULTS);
  const result = nansum(self, { ...along, dtype }).div(sum(self.eq(self), along));
  return out === undefined ? result : writeOut('nanmean', out, result);
}

/**
 * The product of all elements, or along one dimension. Integers and booleans give int64.
 *
 * @example torch.prod(torch.tensor([2, 3, 4])) // tensor(24.)
 */
export const prod = castable('prod', (self: Tensor, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor => {
  checkTensor('prod', self);
  return sumLike('prod', primitives.prod, self, optionsOf('prod', dim, options, REDUCE_DEFAULTS), toInteger64);
});

/**
 * `log(sum(exp(x)))` along dimensions, without overflow.
 *
 * @example torch.logsumexp(torch.tensor([[0, 0], [1, 2]]), 1) // tensor([0.6931, 2.3133])
 */
export const logsumexp = castable(
  'logsumexp',
  (self: Tensor, dim: number | readonly number[], options?: { keepdim?: boolean | undefined } & OutOptions): Tensor => {
    checkTensor('logsumexp', self);
    const { keepdim, out } = readOptions('logsumexp', options, {
      keepdim: false as boolean | undefined,
      out: undefined as Tensor | undefined,
    });
    const dims = normalizeDims('logsumexp', dim, self.shape.length);
    const result = logSumExpOf(
      self.dtypeInfo.rank < 2 ? self.to(toFloat(self.dtypeInfo).name) : self,
      dims,
      checkBoolean('logsumexp', 'keepdim', keepdim),
    );
    return out === undefined ? result : writeOut('logsumexp', out, result);
  },
);

function logSumExpOf(self: Tensor, dims: DimList, keepdim: boolean): Tensor {
  if (dims.some((d) => self.shape[d] === 0)) return sum(self.exp(), dims, { keepdim }).log();
  // Where the largest is infinite, nothing is subtracted: inf - inf would be NaN.
  const largest = withoutRecording(() => amax(self, dims, { keepdim: true }));
  const shift = largest.maskedFill(largest.abs().eq(Number.POSITIVE_INFINITY), 0);
  const result = sum(self.sub(shift).exp(), dims, { keepdim }).log();
  return result.add(keepdim ? shift : squeezeDims(shift, dims));
}

function squeezeDims(self: Tensor, dims: DimList): Tensor {
  return self.reshape(reducedShape(self.shape, dims, false));
}

/**
 * How many elements differ from 0, in all or along dimensions.
 *
 * @example torch.countNonzero(torch.tensor([0, 1, 0, 2])) // tensor(2)
 */
export function countNonzero(self: Tensor, dim?: Dims | { dim?: Dims | undefined }): Tensor {
  checkTensor('countNonzero', self);
  const { dim: dims } = optionsOf<{ dim?: Dims | undefined }>('countNonzero', dim, undefined, { dim: undefined });
  return primitives.sum(castTo(self, BOOL), normalizeDims('countNonzero', dims, self.shape.length), false, INT64);
}

// --- Extremes -----------------------------------------------------------------------------------------------------------

export interface ExtremeOptions extends KeepdimOptions, OutOptions {}

const EXTREME_DEFAULTS: ExtremeOptions = { dim: undefined, keepdim: false, out: undefined };

type Extreme = (self: Tensor, dims: DimList, keepdim: boolean) => Tensor;

function extremeAlong(op: string, run: Extreme, self: Tensor, options: ExtremeOptions): Tensor {
  requireReal(op, self);
  const dims = normalizeDims(op, options.dim, self.shape.length);
  requireElements(op, self, dims);
  const result = run(self, dims, checkBoolean(op, 'keepdim', options.keepdim));
  return options.out === undefined ? result : writeOut(op, options.out, result);
}

/**
 * The largest element, of all or along dimensions; NaN where there is one. Equal elements share the gradient.
 *
 * @example torch.amax(torch.tensor([[1, 5], [7, 3]]), 1) // tensor([5., 7.])
 */
export function amax(self: Tensor, dim?: Dims | ExtremeOptions, options?: ExtremeOptions): Tensor {
  checkTensor('amax', self);
  return extremeAlong('amax', primitives.amax, self, optionsOf('amax', dim, options, EXTREME_DEFAULTS));
}

/**
 * The smallest element, of all or along dimensions; NaN where there is one. Equal elements share the gradient.
 *
 * @example torch.amin(torch.tensor([[1, 5], [7, 3]]), 1) // tensor([1., 3.])
 */
export function amin(self: Tensor, dim?: Dims | ExtremeOptions, options?: ExtremeOptions): Tensor {
  checkTensor('amin', self);
  return extremeAlong('amin', primitives.amin, self, optionsOf('amin', dim, options, EXTREME_DEFAULTS));
}

export type MinMax = NamedResult<['min', 'max']>;

/**
 * {@link amin} and {@link amax} of all elements, or along one dimension.
 *
 * @example torch.aminmax(torch.tensor([1, 5, 3])) // { min: tensor(1.), max: tensor(5.) }
 */
export function aminmax(
  self: Tensor,
  options: {
    dim?: number | undefined;
    keepdim?: boolean | undefined;
    out?: readonly [Tensor, Tensor] | undefined;
  } = {},
): MinMax {
  checkTensor('aminmax', self);
  const { dim, keepdim, out } = readOptions('aminmax', options, {
    dim: undefined,
    keepdim: false,
    out: undefined,
  } as typeof options);
  if (out !== undefined && !(Array.isArray(out) && out.length === 2 && out.every((tensor) => tensor instanceof Tensor)))
    throw new ValueError(`aminmax: expected out to be two tensors, got ${describe(out)}`);
  for (const tensor of out ?? []) {
    if (tensor.dtypeInfo !== self.dtypeInfo)
      throw new DTypeError(`aminmax: expected \`out\` of ${self.dtype}, got ${tensor.dtype}`);
  }
  const low = amin(self, { dim, keepdim, out: out?.[0] });
  const high = amax(self, { dim, keepdim, out: out?.[1] });
  return namedResult(['min', 'max'], [low, high]);
}

export interface ArgOptions extends OutOptions {
  dim?: number | null | undefined;
  keepdim?: boolean | undefined;
}

type ArgExtreme = (self: Tensor, dim: number, keepdim: boolean) => Tensor;

function argExtreme(
  op: string,
  run: ArgExtreme,
  self: Tensor,
  dim: number | null | ArgOptions | undefined,
  options: ArgOptions | undefined,
): Tensor {
  checkTensor(op, self);
  requireReal(op, self);
  const given = optionsOf<ArgOptions>(op, dim, options, { dim: undefined, keepdim: false, out: undefined });
  const keepdim = checkBoolean(op, 'keepdim', given.keepdim);
  let result: Tensor;
  if (given.dim === undefined || given.dim === null) {
    requireElements(op, self, range(self.shape.length));
    const found = run(self.reshape([-1]), 0, false);
    result = keepdim ? found.reshape(self.shape.map(() => 1)) : found;
  } else {
    const at = normalizeDim(op, given.dim, self.shape.length);
    if (self.shape.length > 0) requireElements(op, self, [at]);
    result = run(self, at, keepdim);
  }
  return given.out === undefined ? result : writeOut(op, given.out, result);
}

/**
 * Where the largest element is: in the flattened tensor, or along a dimension. The first of equals; NaN is largest.
 *
 * @example torch.argmax(torch.tensor([[1, 5], [7, 3]]), 1) // tensor([1, 0])
 */
export function argmax(self: Tensor, dim?: number | null | ArgOptions, options?: ArgOptions): Tensor {
  return argExtreme('argmax', primitives.argmax, self, dim, options);
}

/**
 * Where the smallest element is: in the flattened tensor, or along a dimension. The first of equals; NaN is smallest.
 *
 * @example torch.argmin(torch.tensor([[1, 5], [7, 3]])) // tensor(0)
 */
export function argmin(self: Tensor, dim?: number | null | ArgOptions, options?: ArgOptions): Tensor {
  return argExtreme('argmin', primitives.argmin, self, dim, options);
}

/**
 * The k-th smallest element (from 1) along a dimension, the last where left out, and its place.
 *
 * @example torch.kthvalue(torch.tensor([3, 1, 2]), 2) // { values: tensor(2.), indices: tensor(2) }
 */
export function kthvalue(
  self: Tensor,
  k: number,
  dim?: number | ChoiceOptions,
  options?: ChoiceOptions,
): ValuesIndices {
  checkTensor('kthvalue', self);
  requireReal('kthvalue', self);
  const given = readChoice('kthvalue', dim, options);
  const at = normalizeDim('kthvalue', given.dim ?? -1, self.shape.length);
  const size = self.shape[at] ?? 1;
  if (!Number.isInteger(k) || k < 1 || k > size)
    throw new ValueError(`kthvalue: expected k from 1 to ${size}, got ${describe(k)}`);
  return choose('kthvalue', self, given, -1, (tensor, d, keepdim) => primitives.kthvalue(tensor, d, keepdim, k));
}

/**
 * The most frequent element along a dimension, the last where left out, and a place of it; of equals the smallest.
 *
 * @example torch.mode(torch.tensor([1, 2, 2, 3])) // { values: tensor(2.), indices: tensor(2) }
 */
export function mode(self: Tensor, dim?: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices {
  checkTensor('mode', self);
  requireReal('mode', self);
  return choose('mode', self, readChoice('mode', dim, options), -1, primitives.mode);
}

// --- Truth --------------------------------------------------------------------------------------------------------------

function truth(
  op: string,
  run: Extreme,
  self: Tensor,
  dim: Dims | ExtremeOptions | undefined,
  options: ExtremeOptions | undefined,
): Tensor {
  checkTensor(op, self);
  const given = optionsOf(op, dim, options, EXTREME_DEFAULTS);
  const result = run(self, normalizeDims(op, given.dim, self.shape.length), checkBoolean(op, 'keepdim', given.keepdim));
  const typed = self.dtype === 'uint8' ? result.to('uint8') : result;
  return given.out === undefined ? typed : writeOut(op, given.out, typed);
}

/**
 * Whether any element differs from 0, of all or along dimensions. A bool; uint8 gives uint8, as in PyTorch.
 *
 * @example torch.any(torch.tensor([[false, true], [false, false]]), 1) // tensor([True, False])
 */
export function any(self: Tensor, dim?: Dims | ExtremeOptions, options?: ExtremeOptions): Tensor {
  return truth('any', primitives.any, self, dim, options);
}

/**
 * Whether all elements differ from 0, of all or along dimensions. A bool; uint8 gives uint8, as in PyTorch.
 *
 * @example torch.all(torch.tensor([[true, true], [true, false]]), 1) // tensor([True, False])
 */
export function all(self: Tensor, dim?: Dims | ExtremeOptions, options?: ExtremeOptions): Tensor {
  return truth('all', primitives.all, self, dim, options);
}

// --- Spread -------------------------------------------------------------------------------------------------------------

export interface VarianceOptions extends KeepdimOptions, OutOptions {
  /** Divides by n - 1 (the default) rather than by n. */
  unbiased?: boolean | undefined;
  /** Divides by n - correction. */
  correction?: number | null | undefined;
}

const VARIANCE_DEFAULTS: VarianceOptions = {
  dim: undefined,
  keepdim: false,
  unbiased: undefined,
  correction: undefined,
  out: undefined,
};

type VarianceArgument = Dims | VarianceOptions;
type Variance = (self: Tensor, dims: DimList, correction: number, keepdim: boolean) => Tensor;

function varianceOf(op: string, run: Variance, self: Tensor, options: VarianceOptions): Tensor {
  requireFloating(op, self);
  const { unbiased, correction, keepdim, out } = options;
  const freedom = readCorrection(op, unbiased, correction);
  const dims = normalizeDims(op, options.dim, self.shape.length);
  const result = run(self, dims, freedom, checkBoolean(op, 'keepdim', keepdim));
  return out === undefined ? result : writeOut(op, out, result);
}

/**
 * The variance of all elements, or along dimensions, divided by n - 1, or as `correction` says.
 *
 * @example torch.var(torch.tensor([1, 2, 3, 4])) // tensor(1.6667)
 */
function variance(self: Tensor, dim?: VarianceArgument, options?: VarianceOptions): Tensor {
  checkTensor('var', self);
  return varianceOf('var', primitives.var, self, optionsOf('var', dim, options, VARIANCE_DEFAULTS));
}

export { variance as var };

/**
 * The standard deviation of all elements, or along dimensions: the root of the variance.
 *
 * @example torch.std(torch.tensor([1, 2, 3, 4]), { correction: 0 }) // tensor(1.1180)
 */
export function std(self: Tensor, dim?: VarianceArgument, options?: VarianceOptions): Tensor {
  checkTensor('std', self);
  return varianceOf('std', primitives.std, self, optionsOf('std', dim, options, VARIANCE_DEFAULTS));
}

export type VarMean = NamedResult<['var', 'mean']>;
export type StdMean = NamedResult<['std', 'mean']>;

/**
 * Variance and mean together: `{ var, mean }`.
 *
 * @example torch.varMean(torch.tensor([1, 2, 3, 4])) // { var: tensor(1.6667), mean: tensor(2.5000) }
 */
export function varMean(self: Tensor, dim?: VarianceArgument, options?: VarianceOptions): VarMean {
  checkTensor('varMean', self);
  const given = optionsOf('varMean', dim, options, VARIANCE_DEFAULTS);
  const variance = varianceOf('varMean', primitives.var, self, given);
  return namedResult(['var', 'mean'], [variance, mean(self, { dim: given.dim, keepdim: given.keepdim })]);
}

/**
 * Standard deviation and mean together: `{ std, mean }`.
 *
 * @example torch.stdMean(torch.tensor([1, 2, 3, 4])) // { std: tensor(1.2910), mean: tensor(2.5000) }
 */
export function stdMean(self: Tensor, dim?: VarianceArgument, options?: VarianceOptions): StdMean {
  checkTensor('stdMean', self);
  const given = optionsOf('stdMean', dim, options, VARIANCE_DEFAULTS);
  const deviation = varianceOf('stdMean', primitives.std, self, given);
  return namedResult(['std', 'mean'], [deviation, mean(self, { dim: given.dim, keepdim: given.keepdim })]);
}

// --- Norms --------------------------------------------------------------------------------------------------------------

export interface NormOptions extends ReduceOptions {
  p?: number | 'fro' | 'nuc' | undefined;
}

/**
 * The vector norm of order `p` (2 where left out) of all elements, or along dimensions: `x.norm(1, 0)`, `x.norm({ dim: 0 })`. Of matrices
 * also the nuclear norm, 'nuc'.
 *
 * @example torch.norm(torch.tensor([3, 4])) // tensor(5.)
 */
export const norm = castable(
  'norm',
  (self: Tensor, p?: number | 'fro' | 'nuc' | NormOptions, dim?: Dims | NormOptions, options?: NormOptions): Tensor => {
    checkTensor('norm', self);
    const defaults: NormOptions = { ...REDUCE_DEFAULTS, p: 2 };
    const given =
      typeof p === 'object' && p !== null
        ? readOptions('norm', p, defaults)
        : { ...optionsOf('norm', dim, options, defaults), ...(p === undefined ? {} : { p }) };
    if (given.p === 'nuc') return nuclearNorm(self, given);
    const order = given.p === 'fro' ? 2 : given.p;
    if (typeof order !== 'number')
      throw new ValueError(`norm: expected p to be a number, 'fro' or 'nuc', got ${describe(given.p)}`);
    const input = given.dtype === undefined ? self : self.to(given.dtype);
    const result = vectorNorm(
      'norm',
      input,
      order,
      normalizeDims('norm', given.dim, self.shape.length),
      checkBoolean('norm', 'keepdim', given.keepdim),
    );
    return given.out === undefined ? result : writeOut('norm', given.out, result);
  },
);

/** Of matrices: the sum of the singular values. */
function nuclearNorm(self: Tensor, { dim, keepdim, dtype, out }: NormOptions): Tensor {
  const dims = dim ?? (self.shape.length === 2 ? [0, 1] : dim);
  if (!Array.isArray(dims) || dims.length !== 2)
    throw new ValueError(`norm: expected two dimensions for the nuclear norm, got ${describe(dim)}`);
  return matrixNorm(self, { ord: 'nuc', dim: dims, keepdim: keepdim === true, dtype, out });
}

/**
 * The norm of order `p` of `self - other`.
 *
 * @example torch.dist(torch.tensor([1, 2]), torch.tensor([4, 6])) // tensor(5.)
 */
export const dist = castable(
  'dist',
  (self: Tensor, other: Tensor, p: number | { p?: number | undefined } = 2): Tensor => {
    checkTensor('dist', self);
    checkTensor('dist', other, 'other');
    const order = typeof p === 'number' ? p : (readOptions('dist', p, { p: 2 as number | undefined }).p ?? 2);
    return norm(self.sub(other), order);
  },
);
