import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { full } from '../creation.js';
import { cat } from '../joining.js';
import { checkTensor, readOptions } from '../op.js';
import { normalizeDims, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { narrow, reshape } from './views.js';

/** All but the last, and all but the first elements of a dimension. */
function neighbours(self: Tensor, dim: number): [left: Tensor, right: Tensor] {
  const count = (self.shape[dim] as number) - 1;
  return [narrow(self, dim, 0, count), narrow(self, dim, 1, count)];
}

function differences(self: Tensor, dim: number): Tensor {
  const [left, right] = neighbours(self, dim);
  return right.sub(left);
}

export interface GradientOptions {
  /** The distance between values (one for all dimensions, or one for each), or for each dimension a vector of coordinates. */
  spacing?: number | readonly (number | Tensor)[] | null | undefined;
  /** The dimensions to differentiate along; all where left out. */
  dim?: number | readonly number[] | null | undefined;
  /** The order of accuracy at the edges, 1 or 2. */
  edgeOrder?: 1 | 2 | undefined;
}

/**
 * Estimates the derivatives of a function, whose values on a grid are `self`, along each dimension: second-order central differences
 * inside, one-sided ones of `edgeOrder` at the edges.
 *
 * @example torch.gradient(torch.tensor([1, 4, 9, 16])) // [tensor([3., 4., 6., 7.])]
 */
export function gradient(self: Tensor, options?: GradientOptions): Tensor[] {
  checkTensor('gradient', self);
  const { spacing, dim, edgeOrder } = readOptions<GradientOptions>('gradient', options, {
    spacing: 1,
    dim: null,
    edgeOrder: 1,
  });
  if (edgeOrder !== 1 && edgeOrder !== 2)
    throw new ValueError(`gradient: expected an edgeOrder of 1 or 2, got ${describe(edgeOrder)}`);
  const dims = normalizeDims('gradient', dim, self.shape.length);
  const spacings = Array.isArray(spacing) ? spacing : dims.map(() => spacing ?? 1);
  if (spacings.length !== dims.length)
    throw new ValueError(
      `gradient: expected a spacing for each of ${dims.length} dimensions, got ${describe(spacing)}`,
    );
  return dims.map((d, i) => gradientAlong(self, d, spacings[i] as number | Tensor, edgeOrder));
}

function gradientAlong(self: Tensor, dim: number, spacing: number | Tensor, edgeOrder: 1 | 2): Tensor {
  const size = self.shape[dim] as number;
  if (size < edgeOrder + 1)
    throw new ShapeError(`gradient: expected at least ${edgeOrder + 1} values in dimension ${dim}, got ${size}`);
  const steps = stepsOf(self, dim, spacing);
  const at = (index: number): Tensor => narrow(self, dim, index, 1);
  const slope = (index: number): Tensor =>
    at(index + 1)
      .sub(at(index))
      .div(narrow(steps, dim, index, 1));
  const first = edgeOrder === 1 ? slope(0) : edge(slope(0), slope(1), steps, dim, 0, 1);
  const last =
    edgeOrder === 1 ? slope(size - 2) : edge(slope(size - 2), slope(size - 3), steps, dim, size - 2, size - 3);
  if (size === 2) return cat([first, last], dim);
  return cat([first, inner(self, dim, steps), last], dim);
}

/** The distances between neighbours, in the shape of `self` but for other dimensions of size 1. */
function stepsOf(self: Tensor, dim: number, spacing: number | Tensor): Tensor {
  const size = self.shape[dim] as number;
  const shape = self.shape.map((_, d) => (d === dim ? size - 1 : 1));
  const dtype = self.isFloatingPoint() || self.isComplex() ? self.dtype : undefined;
  if (typeof spacing === 'number') return full(shape, spacing, { dtype, device: self.device });
  checkTensor('gradient', spacing, 'spacing');
  if (spacing.shape.length !== 1 || spacing.shape[0] !== size)
    throw new ShapeError(`gradient: expected ${size} coordinates for dimension ${dim}, got ${show(spacing.shape)}`);
  return reshape(differences(spacing, 0), shape);
}

/** Weighted mean of the slopes to both sides, each weighing as the other side's step: exact for parabolas. */
function inner(self: Tensor, dim: number, steps: Tensor): Tensor {
  const [h1, h2] = neighbours(steps, dim);
  const [s1, s2] = neighbours(differences(self, dim).div(steps), dim);
  return s1.mul(h2).add(s2.mul(h1)).div(h1.add(h2));
}

/** The slope at the edge of the parabola through three values, from the slopes of its two steps. */
function edge(near: Tensor, far: Tensor, steps: Tensor, dim: number, nearStep: number, farStep: number): Tensor {
  const h1 = narrow(steps, dim, nearStep, 1);
  const h2 = narrow(steps, dim, farStep, 1);
  return near.add(near.sub(far).mul(h1).div(h1.add(h2)));
}
