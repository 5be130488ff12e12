import { type DTypeInfo, dtypeInfo, kernel, launch } from '@ts-torch/core';
import { allocate, viewOf } from './allocation.js';
import { castTo, primitive } from './op.js';
import type { Tensor } from './tensor.js';

// Fused normalizations, for functional and layers: layerNorm, groupNorm and instanceNorm are one kernel. Inputs are seen as
// [N, C, S], statistics are float32 for 16-bit floats.

const KERNELS = {
  groupNorm: kernel('groupNorm'),
  groupNormBackward: kernel('groupNormBackward'),
  batchNorm: kernel('batchNorm'),
  batchNormBackward: kernel('batchNormBackward'),
};

const FLOAT32 = dtypeInfo('float32');

function statisticsInfo(dtype: DTypeInfo): DTypeInfo {
  return dtype.itemSize === 2 ? FLOAT32 : dtype;
}

/** The dtype to compute in: float32 for 16-bit inputs beside weights or running statistics of it, which they would round. */
function computeInfo({ dtypeInfo: info }: Tensor, ...others: readonly (Tensor | null)[]): DTypeInfo {
  return info.itemSize === 2 && others.some((other) => other?.dtypeInfo === FLOAT32) ? FLOAT32 : info;
}

/** A dense view as [n, channels, size]; a copy where the tensor is not contiguous. */
function as3d(self: Tensor, n: number, channels: number): Tensor {
  const dense = self.isContiguous() ? self : self.clone();
  const size = n * channels === 0 ? 0 : self.numel() / (n * channels);
  return viewOf(dense, [n, channels, size], [channels * size, size, 1], dense.offset);
}

function dense(self: Tensor | null, dtype: DTypeInfo): Tensor | null {
  if (self === null) return null;
  const cast = castTo(self, dtype);
  return cast.isContiguous() ? cast : cast.clone();
}

/**
 * Normalizes groups of channels: `self` is seen as [n, channels, ...]. Results: the output, mean and 1 / sqrt(var + eps) of
 * each group. Layer normalization over D elements is channels = D with one group.
 */
const groupNorm = primitive(
  'groupNorm',
  ['self', 'weight', 'bias', 'n', 'channels', 'groups', 'eps'],
  (
    self: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    n: number,
    channels: number,
    groups: number,
    eps: number,
  ): [Tensor, Tensor, Tensor] => {
    const input = as3d(self, n, channels);
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    const mean = allocate([n, groups], statisticsInfo(self.dtypeInfo), self.device);
    const rstd = allocate([n, groups], statisticsInfo(self.dtypeInfo), self.device);
    const operands = [
      as3d(out, n, channels),
      mean,
      rstd,
      input,
      dense(weight, self.dtypeInfo),
      dense(bias, self.dtypeInfo),
    ];
    launch(KERNELS.groupNorm, operands, [groups, eps]);
    return [out, mean, rstd];
  },
);

/** Which gradients a backward kernel is to compute. */
export interface NormalizationNeeds {
  readonly self: boolean;
  readonly weight: boolean;
  readonly bias: boolean;
}

type Gradients = { self: Tensor | null; weight: Tensor | null; bias: Tensor | null };

/** The gradients of {@link groupNorm}; not recorded. */
export function groupNormBackward(
  grad: Tensor,
  self: Tensor,
  mean: Tensor,
  rstd: Tensor,
  weight: Tensor | null,
  { n, channels, groups }: { n: number; channels: number; groups: number },
  needs: NormalizationNeeds,
): Gradients {
  const result = emptyGradients(self, channels, needs);
  const out = result.self === null ? null : as3d(result.self, n, channels);
  const inputs = [as3d(grad, n, channels), as3d(self, n, channels), mean, rstd, dense(weight, self.dtypeInfo)];
  launch(KERNELS.groupNormBackward, [out, result.weight, result.bias, ...inputs], [groups]);
  return result;
}

function emptyGradients(self: Tensor, channels: number, needs: NormalizationNeeds): Gradients {
  const perChannel = (): Tensor => allocate([channels], self.dtypeInfo, self.device);
  return {
    self: needs.self ? allocate(self.shape, self.dtypeInfo, self.device) : null,
    weight: needs.weight ? perChannel() : null,
    bias: needs.bias ? perChannel() : null,
  };
}

/**
 * Normalizes each channel (dimension 1) over all others. In training by the batch's own mean and variance, which the running
 * ones follow, in place; else by the running ones. Results: the output, and mean and 1 / sqrt(var + eps) of each channel.
 */
const batchNorm = primitive(
  'batchNorm',
  ['self', 'weight', 'bias', 'runningMean', 'runningVar', 'training', 'momentum', 'eps'],
  (
    self: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    training: boolean,
    momentum: number,
    eps: number,
  ): [Tensor, Tensor, Tensor] => {
    const [n, channels] = self.shape as [number, number];
    const info = computeInfo(self, weight, bias, runningMean, runningVar);
    const out = allocate(self.shape, info, self.device);
    const mean = allocate([channels], statisticsInfo(info), self.device);
    const rstd = allocate([channels], statisticsInfo(info), self.device);
    const running = [dense(runningMean, info), dense(runningVar, info)] as const;
    const inputs = [as3d(castTo(self, info), n, channels), dense(weight, info), dense(bias, info)];
    launch(KERNELS.batchNorm, [as3d(out, n, channels), mean, rstd, ...running, ...inputs], [training, momentum, eps]);
    if (training) {
      writeBack(runningMean, running[0]);
      writeBack(runningVar, running[1]);
    }
    return [castTo(out, self.dtypeInfo), mean, rstd];
  },
);

/** Where a running statistic had to be copied for the kernel, its new value goes back. */
function writeBack(statistic: Tensor | null, written: Tensor | null): void {
  if (statistic === null || written === null) return;
  if (statistic !== written) statistic.copy_(written);
  else statistic.storage.version++;
}

/** The gradients of {@link batchNorm}; not recorded. */
export function batchNormBackward(
  grad: Tensor,
  self: Tensor,
  mean: Tensor,
  rstd: Tensor,
  weight: Tensor | null,
  training: boolean,
  needs: NormalizationNeeds,
): Gradients {
  const [n, channels] = self.shape as [number, number];
  const info = computeInfo(self, weight);
  const input = castTo(self, info);
  const result = emptyGradients(input, channels, needs);
  const out = result.self === null ? null : as3d(result.self, n, channels);
  const inputs = [as3d(castTo(grad, info), n, channels), as3d(input, n, channels), mean, rstd, dense(weight, info)];
  launch(KERNELS.batchNormBackward, [out, result.weight, result.bias, ...inputs], [training]);
  return result;
}

/** Normalizations with their arguments normalised; for functional and derivatives. */
export const normalizationPrimitives = { groupNorm, batchNorm };
