import { ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { checkTensor, readOptions, type Shape, show, withoutRecording } from '@ts-torch/tensor/internal';
import { checkProbability, withFirst } from '../options.js';

export interface DropoutOptions {
  /** The probability that an element (a channel) is dropped. */
  p?: number | undefined;
  /** Without it the input comes back unchanged. */
  training?: boolean | undefined;
  inplace?: boolean | undefined;
}

type Drop = (input: Tensor, p: number) => Tensor;

function run(
  op: string,
  input: Tensor,
  p: number | DropoutOptions | undefined,
  options: DropoutOptions | undefined,
  defaults: Required<DropoutOptions>,
  drop: Drop,
): Tensor {
  checkTensor(op, input, 'input');
  const given = readOptions(op, withFirst('p', p, options), defaults);
  checkProbability(op, given.p);
  if (!given.training || given.p === 0 || input.numel() === 0) return input;
  const result = drop(input, given.p as number);
  return given.inplace ? input.copy_(result) : result;
}

/** 1 with probability `1 - p`, else 0. */
function kept(shape: Shape, p: number, like: Tensor): Tensor {
  return withoutRecording(() => torch.empty(shape, { dtype: like.dtype, device: like.device }).bernoulli_(1 - p));
}

/** Zeros with probability p, the rest divided by 1 - p, `shape` being the input's or one that broadcasts to it. */
function drop(input: Tensor, p: number, shape: Shape): Tensor {
  if (p === 1) return input.mul(0);
  return input.mul(kept(shape, p, input).div_(1 - p));
}

/** The shape in which there is one number for each channel of each sample. */
function channelShape(input: Tensor, channelDim: number): number[] {
  return input.shape.map((size, d) => (d <= channelDim ? size : 1));
}

const TRAINING: Required<DropoutOptions> = { p: 0.5, training: true, inplace: false };
const NOT_TRAINING: Required<DropoutOptions> = { p: 0.5, training: false, inplace: false };

/**
 * Elements become 0 with probability p, the others are divided by 1 - p; Hinton et al. 2012, arXiv:1207.0580.
 *
 * @example F.dropout(torch.ones([3]), { p: 0.5, training: false }) // tensor([1., 1., 1.])
 */
export function dropout(input: Tensor, p?: number | DropoutOptions, options?: DropoutOptions): Tensor {
  return run('dropout', input, p, options, TRAINING, (x, probability) => drop(x, probability, x.shape));
}

/** {@link dropout} of whole channels: for inputs of `dims` spatial dimensions, with or without a batch. */
function channelDropout(op: string, dims: number) {
  return (input: Tensor, p?: number | DropoutOptions, options?: DropoutOptions): Tensor =>
    run(op, input, p, options, TRAINING, (x, probability) => {
      if (x.ndim < dims + 1 || x.ndim > dims + 2)
        throw new ShapeError(`${op}: expected ${dims + 1} or ${dims + 2} dimensions, got shape ${show(x.shape)}`);
      return drop(x, probability, channelShape(x, x.ndim - dims - 1));
    });
}

/**
 * {@link dropout} of whole channels of `[N, C, L]` or `[C, L]`.
 *
 * @example F.dropout1d(torch.ones([2, 3]), { training: false }) // tensor([[1., 1., 1.], [1., 1., 1.]])
 */
export const dropout1d = channelDropout('dropout1d', 1);
/**
 * {@link dropout} of whole channels of `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example F.dropout2d(torch.ones([1, 2, 3, 3])).shape // [1, 2, 3, 3]
 */
export const dropout2d = channelDropout('dropout2d', 2);
/**
 * {@link dropout} of whole channels of `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @example F.dropout3d(torch.ones([1, 2, 3, 3, 3])).shape // [1, 2, 3, 3, 3]
 */
export const dropout3d = channelDropout('dropout3d', 3);

/** What SELU tends to for very negative numbers: alpha times scale, negated. */
const SELU_FLOOR = -1.7580993408473766;

/** Dropped elements become SELU's floor; then all are scaled and shifted so that mean 0 and variance 1 stay. */
function alphaDrop(input: Tensor, p: number, shape: Shape): Tensor {
  if (p === 1) return input.mul(0);
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SELU_FLOOR ** 2));
  const keep = kept(shape, p, input);
  const shift = keep
    .mul(-1)
    .add(1)
    .mul(SELU_FLOOR * scale)
    .add(-SELU_FLOOR * p * scale);
  return input.mul(keep.mul(scale)).add(shift);
}

/**
 * Dropout that keeps mean and variance of {@link selu} networks; Klambauer et al. 2017, arXiv:1706.02515.
 *
 * @example F.alphaDropout(torch.ones([3]), { training: false }) // tensor([1., 1., 1.])
 */
export function alphaDropout(input: Tensor, p?: number | DropoutOptions, options?: DropoutOptions): Tensor {
  return run('alphaDropout', input, p, options, NOT_TRAINING, (x, probability) => alphaDrop(x, probability, x.shape));
}

/**
 * {@link alphaDropout} of whole channels: dimension 1.
 *
 * @example F.featureAlphaDropout(torch.ones([1, 2, 3]), { training: false }) // tensor([[[1., 1., 1.], [1., 1., 1.]]])
 */
export function featureAlphaDropout(input: Tensor, p?: number | DropoutOptions, options?: DropoutOptions): Tensor {
  return run('featureAlphaDropout', input, p, options, NOT_TRAINING, (x, probability) => {
    if (x.ndim < 2)
      throw new ShapeError(`featureAlphaDropout: expected at least 2 dimensions, got shape ${show(x.shape)}`);
    return alphaDrop(x, probability, channelShape(x, 1));
  });
}
