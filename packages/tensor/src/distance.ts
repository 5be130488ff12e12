import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { castable } from './castable.js';
import { checkTensor, readOptions } from './op.js';
import { unsqueeze } from './ops/views.js';
import { show } from './shape.js';
import type { Tensor } from './tensor.js';
import { vectorNorm } from './vector-norm.js';

export type ComputeMode =
  | 'use_mm_for_euclid_dist_if_necessary'
  | 'use_mm_for_euclid_dist'
  | 'donot_use_mm_for_euclid_dist';

export interface CdistOptions {
  /** The order of the norm of the differences: at least 0, or Infinity. */
  p?: number | undefined;
  /** As in PyTorch; the differences are always taken, which is exact. */
  computeMode?: ComputeMode | undefined;
}

/**
 * The distances between all pairs of rows: `[..., p, m]` and `[..., r, m]` give `[..., p, r]`. The leading dimensions broadcast.
 * Throws {@link ShapeError}.
 *
 * @example torch.cdist(torch.tensor([[0, 0]]), torch.tensor([[3, 4], [0, 1]])) // tensor([[5., 1.]])
 */
export const cdist = castable('cdist', (x1: Tensor, x2: Tensor, options?: CdistOptions): Tensor => {
  checkTensor('cdist', x1, 'x1');
  checkTensor('cdist', x2, 'x2');
  const { p } = readOptions<CdistOptions>('cdist', options, {
    p: 2,
    computeMode: 'use_mm_for_euclid_dist_if_necessary',
  });
  if (typeof p !== 'number' || !(p >= 0)) throw new ValueError(`cdist: expected p of at least 0, got ${describe(p)}`);
  if (x1.shape.length < 2 || x2.shape.length < 2 || x1.shape.at(-1) !== x2.shape.at(-1))
    throw new ShapeError(`cdist: expected rows of one length, got shapes ${show(x1.shape)} and ${show(x2.shape)}`);
  const differences = unsqueeze(x1, -2).sub(unsqueeze(x2, -3));
  const last = differences.shape.length - 1;
  // The largest of no numbers has no value; the norm of an empty vector is 0.
  if (differences.shape[last] === 0) return differences.sum(last);
  return vectorNorm('cdist', differences, p, [last], false);
});
