import { cat, stack, type Tensor } from '@ts-torch/tensor';
import { contiguousStrides, copyPrimitives, viewPrimitives, zerosLike } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';
import type { Gradient, TensorInfo } from '../node.js';
import { scatterStrided, zerosOf } from '../recorder.js';

const { expand, view, permute, slice, select, split, unbind } = viewPrimitives;
const { asStrided, diagonal, unfold, viewAsReal, viewAsComplex, alias } = viewPrimitives;
const { clone, cast, copy, fill, transfer } = copyPrimitives;

// The engine sums over the dimensions that were expanded.
derivative(expand, { saves: [], self: ({ grad }) => grad });
derivative(view, { saves: [], self: ({ grad, self }) => grad.reshape(self.shape) });
derivative(permute, {
  saves: [],
  self: ({ grad, dims }) => {
    const inverse = new Array<number>(dims.length);
    dims.forEach((d, i) => {
      inverse[d] = i;
    });
    return permute(grad, inverse);
  },
});
// A gradient is dL/d(re) + i dL/d(im): the same pairs.
derivative(viewAsReal, { saves: [], self: ({ grad }) => viewAsComplex(grad.contiguous()) });
derivative(viewAsComplex, { saves: [], self: ({ grad }) => viewAsReal(grad) });
derivative(alias, { saves: [], self: ({ grad }) => grad });

// The others pick elements: their gradient lies in zeros, where the elements were.
derivative(slice, {
  saves: [],
  self: ({ grad, self, dim, start, length, step }) => {
    const full = grad.newZeros(self.shape);
    slice(full, dim, start, length, step).copy_(grad);
    return full;
  },
});
derivative(select, {
  saves: [],
  self: ({ grad, self, dim, index }) => {
    const full = grad.newZeros(self.shape);
    select(full, dim, index).copy_(grad);
    return full;
  },
});
derivative(split, {
  saves: [],
  self: ({ grads, outputs, dim, self }) => cat(complete(grads, outputs, self), dim),
});
derivative(unbind, {
  saves: [],
  self: ({ grads, outputs, dim, self }) =>
    outputs.length === 0 ? zerosOf(self.shape, self) : stack(complete(grads, outputs, self), dim),
});

/** The gradients of all results: zeros where none came. */
function complete(grads: readonly Gradient[], outputs: readonly TensorInfo[], like: TensorInfo): Tensor[] {
  return outputs.map(({ shape }, i) => grads[i] ?? zerosOf(shape, like));
}

derivative(diagonal, {
  saves: [],
  self: ({ grad, self, offset, dim1, dim2 }) => {
    const full = grad.newZeros(self.shape);
    diagonal(full, offset, dim1, dim2).copy_(grad);
    return full;
  },
});
derivative(unfold, {
  saves: [],
  self: ({ grad, self, dim, step }) => {
    const shape = self.shape;
    const strides = contiguousStrides(shape);
    if (shape.length === 0) return grad.reshape([]);
    return scatterStrided(
      grad,
      shape,
      strides,
      grad.shape,
      [...strides.with(dim, (strides[dim] as number) * step), strides[dim] as number].slice(0, grad.shape.length),
      0,
    );
  },
});
derivative(asStrided, {
  saves: [],
  self: ({ grad, self, size, stride, storageOffset }) =>
    scatterStrided(grad, self.shape, self.strides, size, stride, storageOffset - self.offset),
});

derivative(clone, { saves: [], self: ({ grad }) => grad });
// The engine converts to the input's dtype.
derivative(cast, { saves: [], self: ({ grad }) => grad });
// The engine takes the gradient to the input's device.
derivative(transfer, { saves: [], self: ({ grad }) => grad });
// What was there before is gone: its gradient is zero.
derivative(copy, { saves: [], self: ({ grad }) => zerosLike(grad), source: ({ grad }) => grad });
derivative(fill, { saves: [], self: ({ grad }) => zerosLike(grad), value: ({ grad }) => grad });
