import * as torch from '@ts-torch/tensor';
import { lossPrimitives, normalizationPrimitives } from '@ts-torch/tensor/internal';
import { indices, type Sample, sample } from './sample.js';

type T = torch.Tensor;
const { groupNorm, batchNorm } = normalizationPrimitives;
const { nllLoss, embedding } = lossPrimitives;
const running = (): T => torch.tensor([0.5, 1.5], { dtype: 'float64' });

export const normalization: Sample[] = [
  sample('softmax', (x) => x.softmax(1), [[2, 3]]),
  sample('logSoftmax', (x) => x.logSoftmax(0), [[2, 3]]),
  sample('groupNorm', (x, w, b) => groupNorm(x, w, b, 2, 4, 2, 1e-5)[0] as T, [[2, 4, 3], [4], [4]]),
  sample('batchNorm, training', (x, w, b) => batchNorm(x, w, b, null, null, true, 0.1, 1e-5)[0] as T, [
    [3, 2, 2],
    [2],
    [2],
  ]),
  sample('batchNorm, evaluation', (x, w, b) => batchNorm(x, w, b, running(), running(), false, 0.1, 1e-5)[0] as T, [
    [3, 2, 2],
    [2],
    [2],
  ]),
  ...(['none', 'mean', 'sum'] as const).map((reduction) =>
    sample(`nllLoss, ${reduction}`, (x) => nllLoss(x, indices(2, 0), null, reduction, -100)[0] as T, [[2, 3]]),
  ),
  // Padding and scaling by frequency give gradients that are no derivatives, on purpose.
  sample('embedding', (w) => embedding(w, indices(1, 0, 1, 2), -1, false), [[3, 2]]),
];
