import * as torch from '@ts-torch/tensor';
import { recurrentPrimitives } from '@ts-torch/tensor/internal';
import { type Sample, sample } from './sample.js';

type T = torch.Tensor;
const { lstmCell, gruCell } = recurrentPrimitives;

export const recurrent: Sample[] = [
  sample('lstmCell, hidden state', (i, h, c) => lstmCell(i, h, c)[0], [
    [2, 12],
    [2, 12],
    [2, 3],
  ]),
  sample('lstmCell, cell', (i, h, c) => lstmCell(i, h, c)[1], [
    [2, 12],
    [2, 12],
    [2, 3],
  ]),
  sample('lstmCell, all results', (i, h, c) => torch.cat(lstmCell(i, h, c), { dim: 1 }), [
    [2, 8],
    [2, 8],
    [2, 2],
  ]),
  sample('lstmCell, of a step before', (i, h, c) => lstmCell(i, h, lstmCell(h, i, c)[1])[0], [
    [1, 8],
    [1, 8],
    [1, 2],
  ]),
  sample('gruCell', (i, h, x) => gruCell(i, h, x)[0], [
    [2, 9],
    [2, 9],
    [2, 3],
  ]),
  sample('gruCell, all results', (i, h, x) => torch.cat(gruCell(i, h, x) as T[], { dim: 1 }), [
    [2, 6],
    [2, 6],
    [2, 2],
  ]),
];
