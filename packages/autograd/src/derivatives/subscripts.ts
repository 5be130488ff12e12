import { subscriptPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { index, indexPut } = subscriptPrimitives;

// An element that was picked several times gets the sum.
derivative(index, {
  saves: ['indices'],
  self: ({ grad, self, indices }) => indexPut(grad.newZeros(self.shape), grad, indices, true),
});
// The engine sums over dimensions along which the values were broadcast.
derivative(indexPut, {
  saves: ['indices'],
  self: ({ grad, indices, accumulate }) => (accumulate ? grad : indexPut(grad, 0, indices, false)),
  values: ({ grad, indices }) => index(grad, indices),
});
