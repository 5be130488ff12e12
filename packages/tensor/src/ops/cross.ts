import { ShapeError } from '@ts-torch/core';
import { castable } from '../castable.js';
import { checkTensor, readOptions } from '../op.js';
import { broadcastShapes, normalizeDim, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { roll } from './arranging.js';
import { expand } from './views.js';

export interface CrossOptions {
  /** The dimension of size 3; the first one of that size where left out. */
  dim?: number | null | undefined;
}

/**
 * The cross products of vectors of three elements along a dimension. The shapes broadcast. Throws {@link ShapeError}.
 *
 * @example torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0])) // tensor([0., 0., 1.])
 */
export const cross = castable('cross', (self: Tensor, other: Tensor, dim?: number | CrossOptions | null): Tensor => {
  checkTensor('cross', self);
  checkTensor('cross', other, 'other');
  const given = typeof dim === 'object' && dim !== null ? dim : { dim };
  const { dim: chosen } = readOptions<CrossOptions>('cross', given, { dim: null });
  const shape = broadcastShapes('cross', self.shape, other.shape);
  const at = chosen === null || chosen === undefined ? shape.indexOf(3) : normalizeDim('cross', chosen, shape.length);
  if (shape[at] !== 3)
    throw new ShapeError(
      `cross: expected a dimension of size 3, got shapes ${show(self.shape)} and ${show(other.shape)}`,
    );
  const [a, b] = [expand(self, shape), expand(other, shape)];
  // (a x b)_i = a_(i+1) b_(i+2) - a_(i+2) b_(i+1), counted modulo 3
  return roll(a, -1, at)
    .mul(roll(b, -2, at))
    .sub(roll(a, -2, at).mul(roll(b, -1, at)));
});
