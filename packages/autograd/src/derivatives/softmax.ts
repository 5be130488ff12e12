import { softmaxPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { softmax, logSoftmax, softmaxBackward, logSoftmaxBackward } = softmaxPrimitives;

derivative(softmax, {
  saves: ['result'],
  self: ({ grad, result, dim }) => softmaxBackward(grad, result, dim),
});
derivative(logSoftmax, {
  saves: ['result'],
  self: ({ grad, result, dim }) => logSoftmaxBackward(grad, result, dim),
});

// (g - sum(g y)) y is symmetric in its linear part; by y: h (g - sum(g y)) - g sum(h y), h the incoming gradient.
derivative(softmaxBackward, {
  saves: ['grad', 'output'],
  all: ({ grads, grad: g, output, dim }) => {
    const h = grads[0] ?? output.newZeros(output.shape);
    const total = (product: typeof h) => product.sum(dim, { keepdim: true });
    return {
      grad: softmaxBackward(h, output, dim),
      output: h.mul(g.sub(total(g.mul(output)))).sub(g.mul(total(h.mul(output)))),
    };
  },
});
// g - exp(y) sum(g)
derivative(logSoftmaxBackward, {
  saves: ['grad', 'output'],
  all: ({ grads, grad: g, output, dim }) => {
    const h = grads[0] ?? output.newZeros(output.shape);
    const weighted = h.mul(output.exp());
    return {
      grad: h.sub(weighted.sum(dim, { keepdim: true })),
      output: weighted.mul(g.sum(dim, { keepdim: true })).neg(),
    };
  },
});
