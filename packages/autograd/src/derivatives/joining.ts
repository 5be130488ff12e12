import { joiningPrimitives, viewPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

derivative(joiningPrimitives.cat, {
  saves: [],
  tensors: ({ grad, tensors, dim }) => {
    let start = 0;
    return tensors.map(({ shape }) => {
      // Tensors of shape [0] join anything, as nothing.
      if (shape.length === 1 && shape[0] === 0) return grad.newZeros([0]);
      const length = shape[dim] as number;
      start += length;
      return viewPrimitives.slice(grad, dim, start - length, length, 1);
    });
  },
});
