import { ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import {
  castable,
  checkNumbers,
  checkShape,
  checkTensor,
  normalizationPrimitives,
  numelOf,
  readOptions,
  type Shape,
  show,
  withoutRecording,
} from '@ts-torch/tensor/internal';
import { checkCount } from '../sizes.js';
import { pad } from './padding.js';
import { avgPool2d, avgPool3d } from './pooling.js';

export interface AffineOptions {
  weight?: Tensor | null | undefined;
  bias?: Tensor | null | undefined;
  eps?: number | undefined;
}

const AFFINE = { weight: null, bias: null, eps: 1e-5 };

function checkPerChannel(op: string, channels: number, tensors: Record<string, Tensor | null | undefined>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor === null || tensor === undefined) continue;
    checkTensor(op, tensor, name);
    if (tensor.ndim !== 1 || tensor.shape[0] !== channels)
      throw new ShapeError(
        `${op}: expected ${name} of shape [${channels}], one for each channel, got ${show(tensor.shape)}`,
      );
  }
}

/**
 * Each element minus the mean of the last dimensions, those of `normalizedShape`, over the root of their variance; Ba et al. 2016,
 * arXiv:1607.06450.
 *
 * @example F.layerNorm(torch.tensor([[1, 3]]), [2], { eps: 0 }) // tensor([[-1., 1.]])
 */
export const layerNorm = castable(
  'layerNorm',
  (input: Tensor, normalizedShape: Shape, options?: AffineOptions): Tensor => {
    checkTensor('layerNorm', input, 'input');
    const { weight, bias, eps } = readOptions<AffineOptions>('layerNorm', options, AFFINE);
    checkNumbers('layerNorm', { eps });
    checkShape('layerNorm', normalizedShape);
    const { shape } = input;
    const fits = normalizedShape.length > 0 && show(shape.slice(-normalizedShape.length)) === show(normalizedShape);
    if (!fits)
      throw new ShapeError(
        `layerNorm: the last sizes of an input of ${show(shape)} differ from ${show(normalizedShape)}`,
      );
    for (const [name, tensor] of Object.entries({ weight, bias })) {
      if (tensor === null || tensor === undefined) continue;
      checkTensor('layerNorm', tensor, name);
      if (show(tensor.shape) !== show(normalizedShape))
        throw new ShapeError(
          `layerNorm: expected ${name} of shape ${show(normalizedShape)}, got ${show(tensor.shape)}`,
        );
    }
    const size = numelOf(normalizedShape);
    const samples = numelOf(shape.slice(0, shape.length - normalizedShape.length));
    const flat = (tensor: Tensor | null | undefined): Tensor | null => tensor?.reshape(-1) ?? null;
    return normalizationPrimitives.groupNorm(input, flat(weight), flat(bias), samples, size, 1, eps as number)[0];
  },
);

/**
 * {@link layerNorm} of groups of channels (dimension 1), with a weight and bias for each channel; Wu & He 2018, arXiv:1803.08494.
 *
 * @example F.groupNorm(torch.tensor([[1, 3, 2, 6]]), 2, { eps: 0 }) // tensor([[-1., 1., -1., 1.]])
 */
export const groupNorm = castable('groupNorm', (input: Tensor, numGroups: number, options?: AffineOptions): Tensor => {
  checkTensor('groupNorm', input, 'input');
  const { weight, bias, eps } = readOptions<AffineOptions>('groupNorm', options, AFFINE);
  checkNumbers('groupNorm', { eps });
  checkCount('groupNorm', 'numGroups', numGroups, 1);
  const [samples = 0, channels = 0] = input.shape;
  if (input.ndim < 2 || channels % numGroups !== 0)
    throw new ShapeError(
      `groupNorm: the channels of an input of ${show(input.shape)} cannot be divided into ${numGroups} groups`,
    );
  checkPerChannel('groupNorm', channels, { weight, bias });
  requireSeveral('groupNorm', input, input.numel() / Math.max(samples * numGroups, 1));
  return normalizationPrimitives.groupNorm(
    input,
    weight ?? null,
    bias ?? null,
    samples,
    channels,
    numGroups,
    eps as number,
  )[0];
});

/** The mean of one value is that value: nothing would be left. */
function requireSeveral(op: string, input: Tensor, values: number): void {
  if (values === 1)
    throw new ShapeError(`${op}: expected more than one value to normalize by, got an input of ${show(input.shape)}`);
}

export interface BatchNormOptions extends AffineOptions {
  /** Whether the batch's own mean and variance are used, and the running ones follow them. */
  training?: boolean | undefined;
  /** How far the running statistics follow: 1 forgets all before. */
  momentum?: number | undefined;
}

/**
 * Each channel (dimension 1) minus its mean over the root of its variance; Ioffe & Szegedy 2015, arXiv:1502.03167. `runningMean`
 * and `runningVar` are changed in training, and used otherwise.
 *
 * @example F.batchNorm(torch.tensor([[1], [3]]), null, null, { training: true, eps: 0 }) // tensor([[-1.], [1.]])
 */
export function batchNorm(
  input: Tensor,
  runningMean?: Tensor | null,
  runningVar?: Tensor | null,
  options?: BatchNormOptions,
): Tensor {
  checkTensor('batchNorm', input, 'input');
  const defaults = { ...AFFINE, training: false, momentum: 0.1 };
  const { weight, bias, training, momentum, eps } = readOptions<BatchNormOptions>('batchNorm', options, defaults);
  checkNumbers('batchNorm', { momentum, eps });
  const [samples = 0, channels = 0] = input.shape;
  // An empty vector has no channels to speak of.
  if (input.ndim === 1 && samples === 0) return input.clone();
  if (input.ndim < 2) throw new ShapeError(`batchNorm: expected [N, C, ...], got shape ${show(input.shape)}`);
  checkPerChannel('batchNorm', channels, { runningMean, runningVar, weight, bias });
  if (training) requireSeveral('batchNorm', input, (samples * numelOf(input.shape)) / Math.max(samples * channels, 1));
  else if (!runningMean || !runningVar)
    throw new ValueError('batchNorm: expected running statistics, or training: true');
  const affine = [weight ?? null, bias ?? null] as const;
  // A batch without samples has no statistics to follow.
  const statistics =
    input.numel() === 0 && training ? ([null, null] as const) : ([runningMean ?? null, runningVar ?? null] as const);
  return normalizationPrimitives.batchNorm(
    input,
    ...affine,
    ...statistics,
    training as boolean,
    momentum as number,
    eps as number,
  )[0];
}

export interface InstanceNormOptions extends AffineOptions {
  runningMean?: Tensor | null | undefined;
  runningVar?: Tensor | null | undefined;
  /** Whether each sample's own mean and variance are used. */
  useInputStats?: boolean | undefined;
  momentum?: number | undefined;
}

/**
 * {@link batchNorm} of each sample by itself; Ulyanov et al. 2016, arXiv:1607.08022.
 *
 * @example F.instanceNorm(torch.tensor([[[1, 3], [2, 6]]]), { eps: 0 }) // tensor([[[-1., 1.], [-1., 1.]]])
 */
export function instanceNorm(input: Tensor, options?: InstanceNormOptions): Tensor {
  checkTensor('instanceNorm', input, 'input');
  const defaults = { runningMean: null, runningVar: null, ...AFFINE, useInputStats: true, momentum: 0.1 };
  const given = readOptions<InstanceNormOptions>('instanceNorm', options, defaults);
  const { runningMean = null, runningVar = null, weight = null, bias = null, momentum = 0.1, eps = 1e-5 } = given;
  checkNumbers('instanceNorm', { momentum, eps });
  const [samples = 0, channels = 0] = input.shape;
  if (input.ndim < 2) throw new ShapeError(`instanceNorm: expected [N, C, ...], got shape ${show(input.shape)}`);
  if (!given.useInputStats) return batchNorm(input, runningMean, runningVar, { weight, bias, eps });
  checkPerChannel('instanceNorm', channels, { runningMean, runningVar, weight, bias });
  requireSeveral('instanceNorm', input, numelOf(input.shape.slice(2)));
  follow(input, runningMean, runningVar, momentum);
  return normalizationPrimitives.groupNorm(input, weight, bias, samples, channels, channels, eps)[0];
}

/** Running statistics follow the means over the batch of the samples' own. */
function follow(input: Tensor, runningMean: Tensor | null, runningVar: Tensor | null, momentum: number): void {
  if (runningMean === null && runningVar === null) return;
  withoutRecording(() => {
    const flat = input.reshape([input.shape[0] as number, input.shape[1] as number, -1]);
    const approach = (statistic: Tensor | null, value: Tensor): void => {
      statistic?.mul_(1 - momentum).add_(value.mean(0).mul(momentum));
    };
    approach(runningMean, flat.mean(2));
    approach(runningVar, flat.var(2));
  });
}

export interface LocalResponseNormOptions {
  alpha?: number | undefined;
  beta?: number | undefined;
  k?: number | undefined;
}

/**
 * `x / (k + alpha mean of x^2 over size neighbouring channels)^beta`; Krizhevsky et al. 2012. Shape: `[N, C, ...]`.
 *
 * @example F.localResponseNorm(torch.ones([1, 2, 3]), 2).shape // [1, 2, 3]
 */
export function localResponseNorm(input: Tensor, size: number, options?: LocalResponseNormOptions): Tensor {
  checkTensor('localResponseNorm', input, 'input');
  const { alpha, beta, k } = readOptions('localResponseNorm', options, { alpha: 1e-4, beta: 0.75, k: 1 });
  checkNumbers('localResponseNorm', { alpha, beta, k });
  checkCount('localResponseNorm', 'size', size, 1);
  if (input.ndim < 3) throw new ShapeError(`localResponseNorm: expected [N, C, ...], got shape ${show(input.shape)}`);
  if (input.numel() === 0) return input;
  const neighbours = channelMeans(input.square(), size);
  return input.div(neighbours.mul(alpha).add(k).pow(beta));
}

/** The mean over `size` neighbouring channels, those outside counting as 0. */
function channelMeans(input: Tensor, size: number): Tensor {
  const border = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const [samples, channels, ...spatial] = input.shape as [number, number, ...number[]];
  if (input.ndim === 3) {
    const padded = pad(input.unsqueeze(1), [0, 0, ...border]);
    return avgPool2d(padded, [size, 1], { stride: 1 }).squeeze(1);
  }
  const volume = input.reshape([samples, 1, channels, spatial[0] as number, -1]);
  const padded = pad(volume, [0, 0, 0, 0, ...border]);
  return avgPool3d(padded, [size, 1, 1], { stride: 1 }).reshape(input.shape);
}
