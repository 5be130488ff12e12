import type { Tensor } from '@ts-torch/tensor';
import { numelOf, reducedShape, reductionPrimitives, type Shape } from '@ts-torch/tensor/internal';
import { derivative, notDifferentiable } from '../derivative.js';
import { exclusiveProducts } from './products.js';

const { sum, nansum, mean, prod, amax, amin, any, all, norm, std, argmax, argmin, max, min, median, kthvalue, mode } =
  reductionPrimitives;

type DimList = readonly number[];

/** A reduced tensor in the shape that it had before. */
function restore(reduced: Tensor, shape: Shape, dims: DimList): Tensor {
  return reduced.reshape(reducedShape(shape, dims, true)).expand(shape);
}

const countOf = (shape: Shape, dims: DimList): number => numelOf(dims.map((d) => shape[d] ?? 1));

derivative(sum, { saves: [], self: ({ grad, self, dims }) => restore(grad, self.shape, dims) });
derivative(nansum, {
  saves: ['self'],
  self: ({ grad, self, dims }) => restore(grad, self.shape, dims).mul(self.eq(self)),
});
derivative(mean, {
  saves: [],
  self: ({ grad, self, dims }) => restore(grad, self.shape, dims).div(countOf(self.shape, dims)),
});
// The product of all others, which holds beside zeros, too.
derivative(prod, {
  saves: ['self'],
  self: ({ grad, self, dims, dtype }) =>
    restore(grad, self.shape, dims).mul(exclusiveProducts(self.to(dtype.name), dims).conj()),
});

/** Equal elements share the gradient evenly. */
function share(grad: Tensor, self: Tensor, result: Tensor, dims: DimList): Tensor {
  const chosen = self.eq(restore(result, self.shape, dims));
  return restore(grad, self.shape, dims)
    .mul(chosen)
    .div(chosen.sum(dims, { keepdim: true }));
}
derivative(amax, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, dims }) => share(grad, self, result, dims),
});
derivative(amin, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, dims }) => share(grad, self, result, dims),
});

/** The gradient of elements that were chosen along a dimension lies where they were. */
function atIndices(grad: Tensor, shape: Shape, dim: number, indices: Tensor, keepdim: boolean): Tensor {
  if (shape.length === 0) return grad;
  const along = (tensor: Tensor): Tensor => (keepdim ? tensor : tensor.unsqueeze(dim));
  return grad.newZeros(shape).scatter(dim, along(indices), along(grad));
}
for (const choice of [max, min, mode] as const) {
  derivative(choice, {
    saves: ['result'],
    self: ({ grad, self, dim, keepdim, results }) => atIndices(grad, self.shape, dim, results[1] as Tensor, keepdim),
  });
}
derivative(median, {
  saves: ['result'],
  self: ({ grad, self, dim, keepdim, results }) => atIndices(grad, self.shape, dim, results[1] as Tensor, keepdim),
});
derivative(kthvalue, {
  saves: ['result'],
  self: ({ grad, self, dim, keepdim, results }) => atIndices(grad, self.shape, dim, results[1] as Tensor, keepdim),
});

// d norm = grad * sgn(x) |x|^(p-1) / norm^(p-1); 0 where the norm is 0, a subgradient.
derivative(norm, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, p, dims }) => {
    if (p === 1) return self.sgn().mul(restore(grad, self.shape, dims));
    const zero = result.eq(0);
    if (p === 2) return self.mul(restore(grad.div(result).maskedFill(zero, 0), self.shape, dims));
    const powers = self.sgn().mul(self.abs().pow(p - 1));
    const scaled = p < 1 ? powers.maskedFill(self.eq(0), 0) : powers;
    return scaled.mul(restore(grad.div(result.pow(p - 1)).maskedFill(zero, 0), self.shape, dims));
  },
});

/** d var = 2 (x - mean) / (n - correction) */
function varianceGradient(grad: Tensor, self: Tensor, dims: DimList, correction: number): Tensor {
  const scale = 2 / (countOf(self.shape, dims) - correction);
  return self.sub(self.mean(dims, { keepdim: true })).mul(restore(grad.mul(scale), self.shape, dims));
}
derivative(reductionPrimitives.var, {
  saves: ['self'],
  self: ({ grad, self, dims, correction }) => varianceGradient(grad, self, dims, correction),
});
derivative(std, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, dims, correction }) =>
    varianceGradient(grad.div(result.mul(2)).maskedFill(result.eq(0), 0), self, dims, correction),
});

notDifferentiable(any, all, argmax, argmin);
