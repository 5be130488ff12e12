import { reducedShape, reductionPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { sum } = reductionPrimitives;

derivative(sum, {
  saves: [],
  self: ({ grad, self, dims }) => grad.reshape(reducedShape(self.shape, dims, true)).expand(self.shape),
});
