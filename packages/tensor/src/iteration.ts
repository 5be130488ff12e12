import { ShapeError } from '@ts-torch/core';
import viewPrimitives from './ops/views.js';
import { Tensor } from './tensor.js';

function* slices(self: Tensor): Generator<Tensor, undefined, undefined> {
  const [length] = self.shape;
  if (length === undefined) throw new ShapeError('iteration: a zero-dimensional tensor has no dimension to go over');
  for (let i = 0; i < length; i++) yield viewPrimitives.select(self, 0, i);
}

/** `for (const row of x)`, `const [first, ...rest] = x`: views along dimension 0. */
export function attachIteration(): void {
  Object.defineProperty(Tensor.prototype, Symbol.iterator, {
    value(this: Tensor) {
      return slices(this);
    },
    configurable: true,
    writable: true,
  });
}
