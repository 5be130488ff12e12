import type { Tensor } from '@ts-torch/tensor';
import { sortingPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { sort, topk } = sortingPrimitives;

// Each gradient goes back to where its element was.
derivative(sort, {
  saves: ['result'],
  self: ({ grad, self, dim, results }) => grad.newZeros(self.shape).scatter(dim, results[1] as Tensor, grad),
});
derivative(topk, {
  saves: ['result'],
  self: ({ grad, self, dim, results }) => grad.newZeros(self.shape).scatter(dim, results[1] as Tensor, grad),
});
