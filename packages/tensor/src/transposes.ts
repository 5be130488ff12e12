import { ShapeError } from '@ts-torch/core';
import { adjoint, transposed } from './adjoint.js';
import { permute } from './ops/views.js';
import { range, show } from './shape.js';
import { Tensor } from './tensor.js';

/** What `x.T` and its like are: views, but for the conjugates of complex tensors. */
export interface Transposes {
  /** All dimensions in reverse order. */
  readonly T: Tensor;
  /** The last two dimensions exchanged. Throws {@link ShapeError} for one dimension. */
  readonly mT: Tensor;
  /** The conjugate transpose of a matrix. Throws {@link ShapeError} for one dimension, and for more than two. */
  readonly H: Tensor;
  /** The conjugate transpose of each matrix. Throws {@link ShapeError} for one dimension. */
  readonly mH: Tensor;
}

/** As in PyTorch, a zero-dimensional tensor is its own transpose. */
function ofMatrices(op: string, transpose: (self: Tensor) => Tensor): (self: Tensor) => Tensor {
  return (self) => {
    if (self.shape.length === 1)
      throw new ShapeError(`${op}: expected at least 2 dimensions, got shape ${show(self.shape)}`);
    return self.shape.length === 0 ? permute(self, []) : transpose(self);
  };
}

const properties: { [Name in keyof Transposes]: (self: Tensor) => Tensor } = {
  T: (self) => permute(self, range(self.shape.length).reverse()),
  mT: ofMatrices('mT', transposed),
  mH: ofMatrices('mH', adjoint),
  H: ofMatrices('H', (self) => {
    if (self.shape.length > 2) throw new ShapeError(`H: expected a matrix, got shape ${show(self.shape)}`);
    return adjoint(self);
  }),
};

/** Gives tensors the properties of {@link Transposes}. */
export function attachTransposes(): void {
  for (const [name, of] of Object.entries(properties)) {
    Object.defineProperty(Tensor.prototype, name, {
      get(this: Tensor) {
        return of(this);
      },
      configurable: true,
    });
  }
}
