import { tensor } from './creation.js';
import { permute, viewAsComplex, viewAsReal } from './ops/views.js';
import { range } from './shape.js';
import type { Tensor } from './tensor.js';

/** The complex conjugate; real tensors as they are. */
export function conjugate(self: Tensor): Tensor {
  if (!self.isComplex()) return self;
  const pairs = viewAsReal(self);
  return viewAsComplex(pairs.mul(tensor([1, -1], { dtype: pairs.dtype, device: pairs.device })));
}

/** The last two dimensions exchanged. */
export function transposed(self: Tensor): Tensor {
  const dims = range(self.shape.length);
  const last = dims.length - 1;
  return permute(self, [...dims.slice(0, -2), last, last - 1]);
}

/** The conjugate transpose of each matrix. */
export function adjoint(self: Tensor): Tensor {
  return transposed(conjugate(self));
}
