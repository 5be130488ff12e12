import * as torch from '@ts-torch/tensor';
import { indices, type Sample, sample } from './sample.js';

const X = [[3, 2]];
const XY = [
  [3, 2],
  [2, 2],
];
const rows = indices(2, 0);
const twice = indices(1, 1);
const places = torch.tensor(
  [
    [0, 2],
    [1, 0],
  ],
  { dtype: 'int64' },
);
const same = torch.tensor(
  [
    [1, 1],
    [1, 0],
  ],
  { dtype: 'int64' },
);
const mask = torch.tensor([
  [true, false],
  [false, true],
  [true, true],
]);

export const indexing: Sample[] = [
  sample('at', (x) => x.at([2, 0, 2], ':'), X),
  sample('put_', (x, y) => x.mul(1).put_([[2, 0]], y), XY),
  sample('put_, accumulate', (x, y) => x.mul(1).put_([[1, 1]], y, { accumulate: true }), XY),
  sample('gather', (x) => x.gather(0, same), X),
  sample('scatter', (x, y) => x.scatter(0, places, y), XY),
  sample('scatterAdd', (x, y) => x.scatterAdd(0, same, y), XY),
  ...(['sum', 'prod', 'mean', 'amax', 'amin'] as const).map((reduce) =>
    sample(`scatterReduce, ${reduce}`, (x, y) => x.scatterReduce(0, same, y, reduce), XY, { ties: false }),
  ),
  sample('indexSelect', (x) => x.indexSelect(0, twice), X),
  sample('indexAdd', (x, y) => x.indexAdd(0, twice, y, { alpha: 2 }), XY),
  sample('indexCopy', (x, y) => x.indexCopy(0, rows, y), XY),
  sample('indexFill', (x) => x.indexFill(0, rows, 3), X),
  sample('indexFill with a tensor', (x, value) => x.indexFill(0, rows, value), [[3, 2], []]),
  ...(['prod', 'mean', 'amax', 'amin'] as const).map((reduce) =>
    sample(`indexReduce, ${reduce}`, (x, y) => x.indexReduce(0, twice, y, reduce), XY, { ties: false }),
  ),
  sample('take', (x) => x.take(places), X),
  sample('maskedFill', (x) => x.maskedFill(mask, 2), X),
  sample('maskedFill with a tensor', (x, value) => x.maskedFill(mask, value), [[3, 2], []]),
  sample('maskedSelect', (x) => x.maskedSelect(mask), X),
  sample('maskedScatter', (x, y) => x.maskedScatter(mask, y), XY),
];
