import { add, div, eq, exp, gt, mul, neg, sub, tanh } from '@ts-torch/tensor';
import { derivative, notDifferentiable } from '../derivative.js';

derivative(add, { saves: [], self: ({ grad }) => grad, other: ({ grad }) => grad });
derivative(sub, { saves: [], self: ({ grad }) => grad, other: ({ grad }) => grad.neg() });
derivative(mul, {
  saves: ['self', 'other'],
  self: ({ grad, other }) => grad.mul(other),
  other: ({ grad, self }) => grad.mul(self as never),
});
derivative(div, {
  saves: ['self', 'other'],
  self: ({ grad, other }) => grad.div(other),
  other: ({ grad, self, other }) =>
    grad
      .mul(self as never)
      .div(other)
      .div(other)
      .neg(),
});
derivative(neg, { saves: [], self: ({ grad }) => grad.neg() });
derivative(exp, { saves: ['result'], self: ({ grad, result }) => grad.mul(result) });
// d tanh = 1 - tanh^2: from the result, so the input is not kept.
derivative(tanh, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.mul(result).neg().add(1)) });

notDifferentiable(eq, gt);
