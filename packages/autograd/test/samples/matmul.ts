import * as torch from '@ts-torch/tensor';
import { matmulPrimitives } from '@ts-torch/tensor/internal';
import { type Sample, sample } from './sample.js';

const matmul = (name: string, a: number[], b: number[]): Sample =>
  sample(`matmul, ${name}`, (x, y) => x.matmul(y), [a, b]);

export const products: Sample[] = [
  matmul('vectors', [3], [3]),
  matmul('matrix by vector', [2, 3], [3]),
  matmul('matrices', [2, 3], [3, 2]),
  matmul('batches', [2, 2, 3], [2, 3, 1]),
  matmul('broadcast batches', [2, 1, 1, 2], [3, 2, 2]),
  sample('addmm', (x, a, b) => x.addmm(a, b, { beta: 0.5, alpha: 2 }), [[2], [2, 3], [3, 2]]),
  sample('baddbmm', (x, a, b) => x.baddbmm(a, b), [
    [2, 2, 2],
    [2, 2, 3],
    [2, 3, 2],
  ]),
  sample('linear', (x, w, b) => matmulPrimitives.linear(x, w, b), [[2, 3], [4, 3], [4]]),
  sample('einsum', (x, y) => torch.einsum('bij,jk->bik', x, y), [
    [2, 2, 3],
    [3, 2],
  ]),
  sample('outer', (x, y) => x.outer(y), [[2], [3]]),
  sample('kron', (x, y) => x.kron(y), [
    [2, 2],
    [1, 3],
  ]),
];
