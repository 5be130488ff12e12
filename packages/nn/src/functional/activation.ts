import { describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import {
  activationPrimitives,
  castable,
  checkNumbers,
  checkTensor,
  normalizeDim,
  readOptions,
  show,
} from '@ts-torch/tensor/internal';
import { checkWord, withFirst } from '../options.js';

export { hardshrink, prelu, sigmoid, tanh } from '@ts-torch/tensor';

const a = activationPrimitives;

export interface InplaceOptions {
  /** Whether the result overwrites the input. */
  inplace?: boolean | undefined;
}

/** Writes a result into the input where that was asked for. */
function finish(input: Tensor, result: Tensor, inplace: boolean | undefined): Tensor {
  return inplace ? input.copy_(result) : result;
}

/** A function of one tensor with the option `inplace`. */
function activation(
  name: string,
  compute: (input: Tensor) => Tensor,
): (input: Tensor, options?: InplaceOptions) => Tensor {
  const call = (input: Tensor, options?: InplaceOptions): Tensor => {
    checkTensor(name, input, 'input');
    const { inplace } = readOptions(name, options, { inplace: false });
    return finish(input, compute(input), inplace);
  };
  Object.defineProperty(call, 'name', { value: name });
  return call;
}

/**
 * `max(0, x)`.
 *
 * @example F.relu(torch.tensor([-1, 2])) // tensor([0., 2.])
 */
export const relu = activation('relu', (x) => torch.relu(x));
/**
 * `min(max(0, x), 6)`; Krizhevsky 2010.
 *
 * @example F.relu6(torch.tensor([-1, 2, 8])) // tensor([0., 2., 6.])
 */
export const relu6 = activation('relu6', (x) => a.hardtanh(x, 0, 6));
/**
 * `x * sigmoid(x)`, also called swish; Elfwing et al. 2017, arXiv:1702.03118.
 *
 * @example F.silu(torch.tensor([-1, 2])) // tensor([-0.2689, 1.7616])
 */
export const silu = activation('silu', a.silu);
/**
 * `x * tanh(softplus(x))`; Misra 2019, arXiv:1908.08681.
 *
 * @example F.mish(torch.tensor([-1, 2])) // tensor([-0.3034, 1.9440])
 */
export const mish = activation('mish', a.mish);
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/**
 * {@link elu} with constants that keep mean 0 and variance 1; Klambauer et al. 2017, arXiv:1706.02515.
 *
 * @example F.selu(torch.tensor([-1, 2])) // tensor([-1.1113, 2.1014])
 */
export const selu = activation('selu', (x) => a.elu(x, SELU_ALPHA, SELU_SCALE, 1));
/**
 * `x * relu6(x + 3) / 6`; Howard et al. 2019, arXiv:1905.02244.
 *
 * @example F.hardswish(torch.tensor([-4, 1, 3])) // tensor([-0.0000, 0.6667, 3.0000])
 */
export const hardswish = activation('hardswish', a.hardswish);
/**
 * `relu6(x + 3) / 6`.
 *
 * @example F.hardsigmoid(torch.tensor([-4, 0, 3])) // tensor([0.0000, 0.5000, 1.0000])
 */
export const hardsigmoid = activation('hardsigmoid', a.hardsigmoid);

/** A function of one tensor without options. */
function plain(name: string, compute: (input: Tensor) => Tensor): (input: Tensor) => Tensor {
  const call = (input: Tensor): Tensor => {
    checkTensor(name, input, 'input');
    return compute(input);
  };
  Object.defineProperty(call, 'name', { value: name });
  return call;
}

/**
 * `log(sigmoid(x))`, without overflow.
 *
 * @example F.logsigmoid(torch.tensor([0, 2])) // tensor([-0.6931, -0.1269])
 */
export const logsigmoid = plain('logsigmoid', a.logSigmoid);
/**
 * `x - tanh(x)`.
 *
 * @example F.tanhshrink(torch.tensor([0, 1])) // tensor([0.0000, 0.2384])
 */
export const tanhshrink = plain('tanhshrink', (x) => x.sub(x.tanh()));
/**
 * `x / (1 + |x|)`.
 *
 * @example F.softsign(torch.tensor([-1, 3])) // tensor([-0.5000, 0.7500])
 */
export const softsign = plain('softsign', (x) => x.div(x.abs().add(1)));

export interface AlphaOptions extends InplaceOptions {
  alpha?: number | undefined;
}

/**
 * `x` where positive, else `alpha (exp(x) - 1)`; Clevert et al. 2015, arXiv:1511.07289.
 *
 * @example F.elu(torch.tensor([-1, 2])) // tensor([-0.6321, 2.0000])
 */
export function elu(input: Tensor, alpha?: number | AlphaOptions, options?: AlphaOptions): Tensor {
  checkTensor('elu', input, 'input');
  const given = readOptions('elu', withFirst('alpha', alpha, options), { alpha: 1, inplace: false });
  checkNumbers('elu', { alpha: given.alpha });
  return finish(input, a.elu(input, given.alpha, 1, 1), given.inplace);
}

/**
 * `max(0, x) + min(0, alpha (exp(x / alpha) - 1))`; Barron 2017, arXiv:1704.07483.
 *
 * @example F.celu(torch.tensor([-1, 2])) // tensor([-0.6321, 2.0000])
 */
export function celu(input: Tensor, alpha?: number | AlphaOptions, options?: AlphaOptions): Tensor {
  checkTensor('celu', input, 'input');
  const given = readOptions('celu', withFirst('alpha', alpha, options), { alpha: 1, inplace: false });
  checkNumbers('celu', { alpha: given.alpha });
  if (given.alpha === 0) throw new ValueError('celu: expected alpha other than 0');
  return finish(input, a.elu(input, given.alpha, 1, 1 / given.alpha), given.inplace);
}

export interface LeakyReluOptions extends InplaceOptions {
  negativeSlope?: number | undefined;
}

/**
 * `x` where positive, else `negativeSlope * x`.
 *
 * @example F.leakyRelu(torch.tensor([-1, 2]), { negativeSlope: 0.1 }) // tensor([-0.1000, 2.0000])
 */
export function leakyRelu(
  input: Tensor,
  negativeSlope?: number | LeakyReluOptions,
  options?: LeakyReluOptions,
): Tensor {
  checkTensor('leakyRelu', input, 'input');
  const defaults = { negativeSlope: 0.01, inplace: false };
  const given = readOptions('leakyRelu', withFirst('negativeSlope', negativeSlope, options), defaults);
  checkNumbers('leakyRelu', { negativeSlope: given.negativeSlope });
  return finish(input, a.leakyRelu(input, given.negativeSlope), given.inplace);
}

export interface RreluOptions extends InplaceOptions {
  lower?: number | undefined;
  upper?: number | undefined;
  training?: boolean | undefined;
}

/**
 * {@link leakyRelu} with slopes uniform in [lower, upper) in training, else with their mean; Xu et al. 2015, arXiv:1505.00853.
 *
 * @example F.rrelu(torch.tensor([-48, 2])) // tensor([-11., 2.])
 */
export function rrelu(input: Tensor, options?: RreluOptions): Tensor {
  checkTensor('rrelu', input, 'input');
  const defaults = { lower: 1 / 8, upper: 1 / 3, training: false, inplace: false };
  const { lower, upper, training, inplace } = readOptions('rrelu', options, defaults);
  checkNumbers('rrelu', { lower, upper });
  if (!(lower <= upper)) throw new ValueError(`rrelu: expected lower <= upper, got ${lower} and ${upper}`);
  if (!training) return leakyRelu(input, { negativeSlope: (lower + upper) / 2, inplace });
  const slope = torch.emptyLike(input).uniform_(lower, upper);
  return finish(input, torch.where(input.ge(0), input, input.mul(slope)), inplace);
}

/**
 * Half of the input, gated by the other half: `a * sigmoid(b)`; Dauphin et al. 2016, arXiv:1612.08083.
 *
 * @example F.glu(torch.tensor([1, 2, 0, 0])) // tensor([0.5000, 1.0000])
 */
export function glu(input: Tensor, dim?: number | { dim?: number | undefined }): Tensor {
  checkTensor('glu', input, 'input');
  const given = readOptions('glu', withFirst('dim', dim), { dim: -1 });
  if (input.ndim === 0) throw new ShapeError('glu: expected at least one dimension, got a zero-dimensional tensor');
  const at = normalizeDim('glu', given.dim, input.ndim);
  const size = input.shape[at] as number;
  if (size % 2 !== 0) throw new ShapeError(`glu: expected an even size of dimension ${at}, got ${show(input.shape)}`);
  return input.narrow(at, 0, size / 2).mul(input.narrow(at, size / 2, size / 2).sigmoid());
}

/**
 * `x * P(X <= x)` for a normal X, or with `'tanh'` its approximation; Hendrycks & Gimpel 2016, arXiv:1606.08415.
 *
 * @example F.gelu(torch.tensor([-1, 2])) // tensor([-0.1587, 1.9545])
 */
export function gelu(input: Tensor, options?: { approximate?: 'none' | 'tanh' | undefined }): Tensor {
  checkTensor('gelu', input, 'input');
  const { approximate } = readOptions('gelu', options, { approximate: 'none' });
  checkWord('gelu', 'approximate', approximate, ['none', 'tanh']);
  return approximate === 'tanh' ? a.geluTanh(input) : a.gelu(input);
}

export interface HardtanhOptions extends InplaceOptions {
  minVal?: number | undefined;
  maxVal?: number | undefined;
}

/**
 * `min(max(minVal, x), maxVal)`.
 *
 * @example F.hardtanh(torch.tensor([-2, 0.5, 2])) // tensor([-1.0000, 0.5000, 1.0000])
 */
export function hardtanh(input: Tensor, options?: HardtanhOptions): Tensor {
  checkTensor('hardtanh', input, 'input');
  const { minVal, maxVal, inplace } = readOptions('hardtanh', options, { minVal: -1, maxVal: 1, inplace: false });
  checkNumbers('hardtanh', { minVal, maxVal });
  return finish(input, a.hardtanh(input, minVal, maxVal), inplace);
}

/**
 * `x - lambd` above lambd, `x + lambd` below -lambd, else 0.
 *
 * @example F.softshrink(torch.tensor([-1, 0.2, 1])) // tensor([-0.5000, 0.0000, 0.5000])
 */
export function softshrink(input: Tensor, options?: { lambd?: number | undefined }): Tensor {
  checkTensor('softshrink', input, 'input');
  const { lambd } = readOptions('softshrink', options, { lambd: 0.5 });
  checkNumbers('softshrink', { lambd });
  if (!(lambd >= 0)) throw new ValueError(`softshrink: expected lambd of at least 0, got ${describe(lambd)}`);
  return a.softshrink(input, lambd);
}

/**
 * `log(1 + exp(beta x)) / beta`, and x itself where `beta x > threshold`.
 *
 * @example F.softplus(torch.tensor([0, 2])) // tensor([0.6931, 2.1269])
 */
export const softplus = castable(
  'softplus',
  (input: Tensor, options?: { beta?: number | undefined; threshold?: number | undefined }): Tensor => {
    checkTensor('softplus', input, 'input');
    const { beta, threshold: limit } = readOptions('softplus', options, { beta: 1, threshold: 20 });
    checkNumbers('softplus', { beta, threshold: limit });
    return a.softplus(input, beta, limit);
  },
);

/**
 * `x` where `x > threshold`, else `value`.
 *
 * @example F.threshold(torch.tensor([-1, 0.5, 2]), 1, 0) // tensor([0., 0., 2.])
 */
export function threshold(input: Tensor, threshold: number, value: number, options?: InplaceOptions): Tensor {
  checkTensor('threshold', input, 'input');
  const { inplace } = readOptions('threshold', options, { inplace: false });
  checkNumbers('threshold', { threshold, value });
  return finish(input, a.threshold(input, threshold, value), inplace);
}

// --- In place -------------------------------------------------------------------------------------------------------------

/** {@link relu}, written into the input. */
export const relu_ = (input: Tensor): Tensor => relu(input, { inplace: true });
/** {@link selu}, written into the input. */
export const selu_ = (input: Tensor): Tensor => selu(input, { inplace: true });
/** {@link elu}, written into the input. */
export const elu_ = (input: Tensor, options?: { alpha?: number }): Tensor => elu(input, { ...options, inplace: true });
/** {@link celu}, written into the input. */
export const celu_ = (input: Tensor, options?: { alpha?: number }): Tensor =>
  celu(input, { ...options, inplace: true });
/** {@link leakyRelu}, written into the input. */
export const leakyRelu_ = (input: Tensor, options?: { negativeSlope?: number }): Tensor =>
  leakyRelu(input, { ...options, inplace: true });
/** {@link hardtanh}, written into the input. */
export const hardtanh_ = (input: Tensor, options?: { minVal?: number; maxVal?: number }): Tensor =>
  hardtanh(input, { ...options, inplace: true });
/** {@link threshold}, written into the input. */
export const threshold_ = (input: Tensor, limit: number, value: number): Tensor =>
  threshold(input, limit, value, { inplace: true });
/** {@link rrelu}, written into the input. */
export const rrelu_ = (input: Tensor, options?: Omit<RreluOptions, 'inplace'>): Tensor =>
  rrelu(input, { ...options, inplace: true });

// --- Along a dimension ----------------------------------------------------------------------------------------------------

export interface SoftmaxOptions {
  /** The dimension whose elements sum to 1. Left out: 0 for tensors of 0, 1 or 3 dimensions, else 1, as PyTorch guesses. */
  dim?: number | undefined;
  dtype?: torch.DType | undefined;
}

function softmaxArguments(
  op: string,
  input: Tensor,
  dim: number | SoftmaxOptions | undefined,
  options?: SoftmaxOptions,
) {
  checkTensor(op, input, 'input');
  const defaults: SoftmaxOptions = { dim: undefined, dtype: undefined };
  const given = readOptions(op, withFirst('dim', dim, options), defaults);
  return {
    dim: given.dim ?? ([0, 1, 3].includes(input.ndim) ? 0 : 1),
    options: given.dtype === undefined ? undefined : { dtype: given.dtype },
  };
}

/**
 * `exp(x) / sum(exp(x))` along a dimension: `softmax(x, -1)`.
 *
 * @example F.softmax(torch.tensor([0, 0, Math.log(2)]), { dim: 0 }) // tensor([0.2500, 0.2500, 0.5000])
 */
export function softmax(input: Tensor, dim?: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor {
  const given = softmaxArguments('softmax', input, dim, options);
  return torch.softmax(input, given.dim, given.options);
}

/**
 * The logarithm of {@link softmax}, without overflow: `logSoftmax(x, -1)`.
 *
 * @example F.logSoftmax(torch.tensor([0, 0]), { dim: 0 }) // tensor([-0.6931, -0.6931])
 */
export function logSoftmax(input: Tensor, dim?: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor {
  const given = softmaxArguments('logSoftmax', input, dim, options);
  return torch.logSoftmax(input, given.dim, given.options);
}

/**
 * {@link softmax} of `-x`.
 *
 * @example F.softmin(torch.tensor([0, 0, Math.log(2)]), { dim: 0 }) // tensor([0.4000, 0.4000, 0.2000])
 */
export function softmin(input: Tensor, dim?: number | SoftmaxOptions, options?: SoftmaxOptions): Tensor {
  const given = softmaxArguments('softmin', input, dim, options);
  return torch.softmax(input.neg(), given.dim, given.options);
}

/**
 * {@link softmax} over the channels of images: `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example F.softmax2d(torch.zeros([1, 2, 1, 1])).flatten() // tensor([0.5000, 0.5000])
 */
export function softmax2d(input: Tensor): Tensor {
  checkTensor('Softmax2d', input, 'input');
  if (input.ndim !== 3 && input.ndim !== 4)
    throw new ShapeError(`Softmax2d: expected 3 or 4 dimensions, got shape ${show(input.shape)}`);
  return softmax(input, -3);
}

export interface GumbelSoftmaxOptions {
  /** The temperature. */
  tau?: number | undefined;
  /** Whether the result is one-hot, its gradient being that of the soft sample. */
  hard?: boolean | undefined;
  dim?: number | undefined;
}

/**
 * A differentiable sample of a categorical distribution; Jang et al. 2016, arXiv:1611.01144; Maddison et al. 2016, arXiv:1611.00712.
 *
 * @example F.gumbelSoftmax(torch.zeros([2, 3]), { hard: true }).sum(1) // tensor([1., 1.])
 */
export function gumbelSoftmax(logits: Tensor, options?: GumbelSoftmaxOptions): Tensor {
  checkTensor('gumbelSoftmax', logits, 'logits');
  const { tau, hard, dim } = readOptions('gumbelSoftmax', options, { tau: 1, hard: false, dim: -1 });
  checkNumbers('gumbelSoftmax', { tau });
  const gumbels = torch.emptyLike(logits).exponential_().log().neg();
  const soft = softmax(logits.add(gumbels).div(tau), dim);
  if (!hard) return soft;
  const index = soft.argmax({ dim, keepdim: true });
  const oneHot = torch.zerosLike(logits).scatter_(dim, index, 1);
  return oneHot.sub(soft.detach()).add(soft);
}
