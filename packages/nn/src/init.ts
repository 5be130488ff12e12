// Ways to fill parameters before training. Each writes into a tensor without recording, and returns it.
import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { linalg, randn, randperm, type Tensor, tensor as tensorOf } from '@ts-torch/tensor';
import { checkNumbers, checkTensor, readOptions, show, withoutRecording } from '@ts-torch/tensor/internal';
import { fans } from './fans.js';

function fill(op: string, tensor: Tensor, write: (tensor: Tensor) => void): Tensor {
  checkTensor(op, tensor, 'tensor');
  withoutRecording(() => write(tensor));
  return tensor;
}

/**
 * Uniform in [a, b).
 *
 * @example nn.init.uniform_(torch.empty([3]), { a: 2, b: 3 }).ge(2) // tensor([True, True, True])
 */
export function uniform_(tensor: Tensor, options?: { a?: number; b?: number }): Tensor {
  const { a, b } = readOptions('uniform_', options, { a: 0, b: 1 });
  return fill('uniform_', tensor, (t) => t.uniform_(a, b));
}

/**
 * Normal, of a mean and standard deviation.
 *
 * @example nn.init.normal_(torch.empty([2, 3])).shape // [2, 3]
 */
export function normal_(tensor: Tensor, options?: { mean?: number; std?: number }): Tensor {
  const { mean, std } = readOptions('normal_', options, { mean: 0, std: 1 });
  return fill('normal_', tensor, (t) => t.normal_(mean, std));
}

/**
 * Normal numbers, of a mean and standard deviation before those outside [a, b] are left out.
 *
 * @example nn.init.truncNormal_(torch.empty([3])).abs().le(2) // tensor([True, True, True])
 */
export function truncNormal_(
  tensor: Tensor,
  options?: { mean?: number; std?: number; a?: number; b?: number },
): Tensor {
  const { mean, std, a, b } = readOptions('truncNormal_', options, { mean: 0, std: 1, a: -2, b: 2 });
  checkNumbers('truncNormal_', { mean, std, a, b });
  if (!(a <= b)) throw new ValueError(`truncNormal_: expected a <= b, got ${a} and ${b}`);
  if (!(std > 0)) throw new ValueError(`truncNormal_: expected std above 0, got ${std}`);
  // Inverse transform: erf of what is uniform between the bounds' own; clamped, as rounding may step over a bound.
  const [low = 0, high = 0] = tensorOf([a, b], { dtype: 'float64' })
    .sub(mean)
    .div(std * Math.SQRT2)
    .erf()
    .tolist() as number[];
  return fill('truncNormal_', tensor, (t) => {
    t.uniform_(low, high)
      .erfinv_()
      .mul_(std * Math.SQRT2)
      .add_(mean)
      .clamp_({ min: a, max: b });
  });
}

/**
 * One value everywhere.
 *
 * @example nn.init.constant_(torch.empty([2]), 3) // tensor([3., 3.])
 */
export function constant_(tensor: Tensor, val: number): Tensor {
  return fill('constant_', tensor, (t) => t.fill_(val));
}

/**
 * Ones.
 *
 * @example nn.init.ones_(torch.empty([2])) // tensor([1., 1.])
 */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/**
 * Zeros.
 *
 * @example nn.init.zeros_(torch.empty([2])) // tensor([0., 0.])
 */
export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

/**
 * The identity matrix: a linear layer then keeps as many inputs as it can.
 *
 * @example nn.init.eye_(torch.empty([2, 2])) // tensor([[1., 0.], [0., 1.]])
 */
export function eye_(tensor: Tensor): Tensor {
  checkTensor('eye_', tensor, 'tensor');
  if (tensor.ndim !== 2) throw new ShapeError(`eye_: expected 2 dimensions, got shape ${show(tensor.shape)}`);
  return fill('eye_', tensor, (t) => t.fill_(0).diagonal().fill_(1));
}

/**
 * The Dirac delta: a convolution then keeps as many channels as it can, in each group. Shape: [out, in, ...kernel], 3 to 5 dimensions.
 *
 * @example nn.init.dirac_(torch.empty([1, 1, 3])) // tensor([[[0., 1., 0.]]])
 */
export function dirac_(tensor: Tensor, groups: number | { groups?: number } = 1): Tensor {
  checkTensor('dirac_', tensor, 'tensor');
  const count = typeof groups === 'number' ? groups : readOptions('dirac_', groups, { groups: 1 }).groups;
  const { shape } = tensor;
  if (shape.length < 3 || shape.length > 5)
    throw new ShapeError(`dirac_: expected 3 to 5 dimensions, got shape ${show(shape)}`);
  const [out = 0, into = 0, ...kernel] = shape;
  if (!Number.isInteger(count) || count < 1 || out % count !== 0)
    throw new ValueError(`dirac_: expected groups to divide ${out} output channels, got ${describe(count)}`);
  const perGroup = out / count;
  return fill('dirac_', tensor, (t) => {
    t.fill_(0);
    for (let channel = 0; channel < out; channel++) {
      const source = channel % perGroup;
      if (source >= into) continue;
      let place = t.select(0, channel).select(0, source);
      for (const size of kernel) place = place.select(0, Math.floor(size / 2));
      place.fill_(1);
    }
  });
}

/**
 * What a nonlinearity multiplies the standard deviation of its inputs by, inverted: the factor that weights need to make up for it.
 *
 * @example nn.init.calculateGain('tanh') // 1.6666666666666667
 */
export function calculateGain(nonlinearity: string, param: number | { param?: number | null } | null = null): number {
  const given = typeof param === 'object' && param !== null ? (param.param ?? null) : param;
  switch (nonlinearity) {
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'conv_transpose1d':
    case 'conv_transpose2d':
    case 'conv_transpose3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + (given ?? 0.01) ** 2));
    case 'selu':
      return 3 / 4;
    default:
      throw new ValueError(`calculateGain: expected a nonlinearity such as 'relu', got ${describe(nonlinearity)}`);
  }
}

/**
 * Uniform in [-b, b], b = gain sqrt(6 / (fan in + fan out)); Glorot & Bengio 2010.
 *
 * @example nn.init.xavierUniform_(torch.empty([3, 3])).abs().le(1).all() // tensor(True)
 */
export function xavierUniform_(tensor: Tensor, options?: { gain?: number }): Tensor {
  const { gain } = readOptions('xavierUniform_', options, { gain: 1 });
  const { fanIn, fanOut } = fans('xavierUniform_', tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return fill('xavierUniform_', tensor, (t) => t.uniform_(-bound, bound));
}

/**
 * Normal, std = gain sqrt(2 / (fan in + fan out)); Glorot & Bengio 2010.
 *
 * @example nn.init.xavierNormal_(torch.empty([2, 3])).shape // [2, 3]
 */
export function xavierNormal_(tensor: Tensor, options?: { gain?: number }): Tensor {
  const { gain } = readOptions('xavierNormal_', options, { gain: 1 });
  const { fanIn, fanOut } = fans('xavierNormal_', tensor);
  return fill('xavierNormal_', tensor, (t) => t.normal_(0, gain * Math.sqrt(2 / (fanIn + fanOut))));
}

export interface KaimingOptions {
  /** The negative slope of a leaky ReLU. */
  a?: number;
  mode?: 'fan_in' | 'fan_out' | 'fanIn' | 'fanOut';
  nonlinearity?: string;
}

function kaimingStd(op: string, tensor: Tensor, options: KaimingOptions | undefined): number {
  const { a, mode, nonlinearity } = readOptions<Required<KaimingOptions>>(op, options, {
    a: 0,
    mode: 'fan_in',
    nonlinearity: 'leaky_relu',
  });
  if (!['fan_in', 'fan_out', 'fanIn', 'fanOut'].includes(mode))
    throw new ValueError(`${op}: expected mode 'fan_in' or 'fan_out', got ${describe(mode)}`);
  const { fanIn, fanOut } = fans(op, tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' || mode === 'fanIn' ? fanIn : fanOut);
}

/**
 * Uniform in [-b, b], b = gain sqrt(3 / fan); He et al. 2015, arXiv:1502.01852.
 *
 * @example nn.init.kaimingUniform_(torch.empty([2, 6])).abs().le(1).all() // tensor(True)
 */
export function kaimingUniform_(tensor: Tensor, options?: KaimingOptions): Tensor {
  checkTensor('kaimingUniform_', tensor, 'tensor');
  if (tensor.numel() === 0) return tensor;
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform_', tensor, options);
  return fill('kaimingUniform_', tensor, (t) => t.uniform_(-bound, bound));
}

/**
 * Normal, std = gain / sqrt(fan); He et al. 2015, arXiv:1502.01852.
 *
 * @example nn.init.kaimingNormal_(torch.empty([2, 3])).shape // [2, 3]
 */
export function kaimingNormal_(tensor: Tensor, options?: KaimingOptions): Tensor {
  checkTensor('kaimingNormal_', tensor, 'tensor');
  if (tensor.numel() === 0) return tensor;
  const std = kaimingStd('kaimingNormal_', tensor, options);
  return fill('kaimingNormal_', tensor, (t) => t.normal_(0, std));
}

/**
 * A random (semi-)orthogonal matrix of shape [shape[0], the rest]; Saxe et al. 2013, arXiv:1312.6120. The signs make it uniform
 * among all of them: Mezzadri 2006, arXiv:math-ph/0609050.
 *
 * @example
 * const q = nn.init.orthogonal_(torch.empty([2, 2]));
 * q.matmul(q.t()).allclose(torch.eye(2), { atol: 1e-6 }) // true
 */
export function orthogonal_(tensor: Tensor, options?: { gain?: number }): Tensor {
  const { gain } = readOptions('orthogonal_', options, { gain: 1 });
  checkTensor('orthogonal_', tensor, 'tensor');
  if (tensor.ndim < 2)
    throw new ShapeError(`orthogonal_: expected at least 2 dimensions, got shape ${show(tensor.shape)}`);
  if (tensor.numel() === 0) return tensor;
  const rows = tensor.shape[0] as number;
  const columns = tensor.numel() / rows;
  return fill('orthogonal_', tensor, (t) => {
    const random = randn([Math.max(rows, columns), Math.min(rows, columns)], { dtype: t.dtype, device: t.device });
    const { Q, R } = linalg.qr(random);
    const even = Q.mul(R.diagonal().sign());
    t.copy_((rows < columns ? even.t() : even).reshape(t.shape)).mul_(gain);
  });
}

/**
 * Normal numbers, but a part of each column zero; Martens 2010. Shape: [out, in].
 *
 * @example nn.init.sparse_(torch.empty([4, 2]), 0.5).eq(0).sum(0) // tensor([2, 2])
 */
export function sparse_(tensor: Tensor, sparsity: number, options?: { std?: number }): Tensor {
  const { std } = readOptions('sparse_', options, { std: 0.01 });
  checkTensor('sparse_', tensor, 'tensor');
  if (tensor.ndim !== 2) throw new ShapeError(`sparse_: expected 2 dimensions, got shape ${show(tensor.shape)}`);
  const [rows = 0, columns = 0] = tensor.shape;
  const zeros = Math.ceil(sparsity * rows);
  return fill('sparse_', tensor, (t) => {
    t.normal_(0, std);
    for (let column = 0; column < columns; column++)
      for (const row of randperm(rows).tolist().slice(0, zeros) as number[])
        t.select(1, column).select(0, row).fill_(0);
  });
}
