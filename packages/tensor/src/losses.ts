import { dtypeInfo, kernel, launch } from '@ts-torch/core';
import { allocate } from './allocation.js';
import { castTo, primitive } from './op.js';
import type { Tensor } from './tensor.js';

const KERNELS = {
  nllLoss: kernel('nllLoss'),
  nllLossBackward: kernel('nllLossBackward'),
  embeddingBackward: kernel('embeddingBackward'),
};
const INT64 = dtypeInfo('int64');

/** What becomes of the losses of all elements, and its number in the kernels. */
export const LOSS_REDUCTIONS = { none: 0, mean: 1, sum: 2 } as const;
export type LossReduction = keyof typeof LOSS_REDUCTIONS;

/**
 * Minus the log-probability of each target class, weighted: `self` is [N, C, ...] or [C], `target` of int64 without the class dimension. Results:
 * the loss, and the sum of the weights that the mean is divided by.
 */
const nllLoss = primitive(
  'nllLoss',
  ['self', 'target', 'weight', 'reduction', 'ignoreIndex'],
  (
    self: Tensor,
    target: Tensor,
    weight: Tensor | null,
    reduction: LossReduction,
    ignoreIndex: number,
  ): [Tensor, Tensor] => {
    const out = allocate(reduction === 'none' ? target.shape : [], self.dtypeInfo, self.device);
    const totalWeight = allocate([], self.dtypeInfo, self.device);
    const inputs = [self, castTo(target, INT64), weight === null ? null : castTo(weight, self.dtypeInfo)];
    launch(KERNELS.nllLoss, [out, totalWeight, ...inputs], [ignoreIndex, LOSS_REDUCTIONS[reduction]]);
    return [out, totalWeight];
  },
);

/** The gradient of {@link nllLoss}'s input. */
const nllLossBackward = primitive(
  'nllLossBackward',
  ['grad', 'target', 'weight', 'totalWeight', 'shape', 'reduction', 'ignoreIndex'],
  (
    grad: Tensor,
    target: Tensor,
    weight: Tensor | null,
    totalWeight: Tensor,
    shape: readonly number[],
    reduction: LossReduction,
    ignoreIndex: number,
  ): Tensor => {
    const out = allocate(shape, grad.dtypeInfo, grad.device);
    out.zero_();
    const inputs = [grad, castTo(target, INT64), totalWeight, weight === null ? null : castTo(weight, grad.dtypeInfo)];
    launch(KERNELS.nllLossBackward, [out, ...inputs], [ignoreIndex, LOSS_REDUCTIONS[reduction]]);
    return out;
  },
);

/** Rows of `weight` by index; in the gradient those of `paddingIdx` stay zero (-1: none). */
const embedding = primitive(
  'embedding',
  ['weight', 'indices', 'paddingIdx', 'scaleGradByFreq'],
  (weight: Tensor, indices: Tensor, _paddingIdx: number, _scaleGradByFreq: boolean): Tensor =>
    weight.indexSelect(0, indices.reshape([-1])).reshape([...indices.shape, weight.shape[1] as number]),
);

/** The gradient of {@link embedding}'s weight. */
const embeddingBackward = primitive(
  'embeddingBackward',
  ['grad', 'indices', 'rows', 'paddingIdx', 'scaleGradByFreq'],
  (grad: Tensor, indices: Tensor, rows: number, paddingIdx: number, scaleGradByFreq: boolean): Tensor => {
    const width = grad.shape.at(-1) as number;
    const out = allocate([rows, width], grad.dtypeInfo, grad.device);
    out.zero_();
    const places = castTo(indices, INT64).reshape([-1]);
    launch(
      KERNELS.embeddingBackward,
      [out, grad.reshape([places.numel(), width]), places],
      [paddingIdx, scaleGradByFreq],
    );
    return out;
  },
);

/** Losses and embeddings with their arguments normalised; for functional and derivatives. */
export const lossPrimitives = { nllLoss, nllLossBackward, embedding, embeddingBackward };
