import type { Tensor } from '@ts-torch/tensor';
import { scanPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';
import { cumprodGradient, reverseCumsum } from './products.js';

const { cumsum, cumprod, logcumsumexp, cummax, cummin } = scanPrimitives;

derivative(cumsum, { saves: [], self: ({ grad, dim }) => reverseCumsum(grad, dim) });
derivative(cumprod, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, dim, dtype }) => cumprodGradient(grad, self.to(dtype.name), result, dim),
});

// d x_i = sum over j >= i of grad_j exp(x_i - result_j): in logarithms, for positive and negative gradients apart.
derivative(logcumsumexp, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, dim }) => {
    if (self.shape.length === 0) return grad;
    // Finite: between infinities the second derivative would be NaN.
    const lowest = { float64: -1e308, float16: -6e4 }[self.dtypeInfo.name as string] ?? -1e38;
    const part = (positive: Tensor): Tensor => {
      const none = positive.gt(0).eq(false);
      const logs = positive.maskedFill(none, 1).log().maskedFill(none, lowest);
      return logs.sub(result).flip(dim).logcumsumexp(dim).flip(dim).add(self).exp();
    };
    return part(grad).sub(part(grad.neg()));
  },
});

for (const extreme of [cummax, cummin] as const) {
  derivative(extreme, {
    saves: ['result'],
    self: ({ grad, self, dim, results }) =>
      self.shape.length === 0 ? grad : grad.newZeros(self.shape).scatterAdd(dim, results[1] as Tensor, grad),
  });
}
