import * as torch from '@ts-torch/tensor';
import { convolutionPrimitives, interpolationPrimitives, poolingPrimitives } from '@ts-torch/tensor/internal';
import { type Sample, sample } from './sample.js';

type T = torch.Tensor;
const { convolution } = convolutionPrimitives;
const { maxPool, adaptiveMaxPool, maxUnpool, avgPool, adaptiveAvgPool } = poolingPrimitives;
const { interpolate, im2col } = interpolationPrimitives;

const settings = { stride: [2, 1], padding: [1, 0], dilation: [1, 1], groups: 2 };
const windows = { kernelSize: [2, 2], stride: [1, 2], padding: [0, 1] };
const image = { kernelSize: [2, 2], stride: [1, 1], padding: [0, 1], dilation: [1, 1] };
const first = (result: readonly T[]): T => result[0] as T;

export const images: Sample[] = [
  sample('convolution', (x, w, b) => convolution(x, w, b, [2, 2], settings), [[1, 2, 3, 3], [2, 1, 2, 2], [2]]),
  sample('maxPool', (x) => first(maxPool(x, [1, 1, 2, 2], { ...windows, dilation: [1, 1] })), [[1, 1, 3, 3]], {
    ties: false,
  }),
  sample('adaptiveMaxPool', (x) => first(adaptiveMaxPool(x, [1, 2, 2, 2], 2)), [[1, 2, 3, 4]], { ties: false }),
  sample(
    'maxUnpool',
    (x) =>
      maxUnpool(
        x,
        torch.tensor(
          [
            [
              [
                [0, 3],
                [8, 5],
              ],
            ],
          ],
          { dtype: 'int64' },
        ),
        [1, 1, 3, 3],
        2,
      ),
    [[1, 1, 2, 2]],
  ),
  sample('avgPool', (x) => avgPool(x, [1, 1, 2, 2], { ...windows, countIncludePad: false, divisorOverride: 0 }), [
    [1, 1, 3, 3],
  ]),
  sample('adaptiveAvgPool', (x) => adaptiveAvgPool(x, [1, 2, 2, 2], 2), [[1, 2, 3, 4]]),
  ...(['nearest', 'linear', 'cubic'] as const).map((kernel) =>
    sample(
      `interpolate, ${kernel}`,
      (x) => interpolate(x, [1, 1, 4, 5], { kernel, alignCorners: false, antialias: false, scales: [0, 0] }),
      [[1, 1, 3, 2]],
    ),
  ),
  sample('im2col', (x) => im2col(x, [1, 8, 6], image), [[1, 2, 3, 2]]),
];
