import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { checkTensor, readOptions } from '../op.js';
import { checkListLength, normalizeDim, range, show } from '../shape.js';
import { Tensor } from '../tensor.js';
import { tolist } from './reading.js';
import viewPrimitives, { narrow } from './views.js';

export interface SplitOptions {
  /** The dimension to split; 0 where left out. */
  dim?: number | undefined;
}

/** `dim` stands by position or in the options; checked, and counted from the front. */
function splitDim(op: string, self: Tensor, dim: number | SplitOptions | undefined): number {
  checkTensor(op, self);
  const given = typeof dim === 'object' ? dim : { dim };
  const { dim: chosen } = readOptions<SplitOptions>(op, given, { dim: 0 });
  if (self.shape.length === 0) throw new ShapeError(`${op}: a zero-dimensional tensor cannot be split`);
  return normalizeDim(op, chosen, self.shape.length);
}

/**
 * Parts of one size, the last being smaller where it does not divide; or of the sizes given. They are views.
 *
 * @example torch.split(torch.tensor([1, 2, 3]), 2) // [tensor([1., 2.]), tensor([3.])]
 */
export function split(
  self: Tensor,
  splitSizeOrSections: number | readonly number[],
  dim?: number | SplitOptions,
): Tensor[] {
  const at = splitDim('split', self, dim);
  if (typeof splitSizeOrSections !== 'number') return sectionsOf('split', self, splitSizeOrSections, at);
  const size = self.shape[at] as number;
  const step = splitSizeOrSections;
  if (!Number.isInteger(step) || step < 0 || (step === 0 && size > 0))
    throw new ValueError(`split: expected a size of at least 1, got ${describe(step)}`);
  const count = size === 0 ? 1 : Math.ceil(size / step);
  checkListLength('split', count);
  return viewPrimitives.split(
    self,
    at,
    range(count).map((i) => Math.min(step, size - i * step)),
  );
}

/**
 * {@link split} by a list of sizes.
 *
 * @example torch.splitWithSizes(torch.tensor([1, 2, 3]), [1, 2]) // [tensor([1.]), tensor([2., 3.])]
 */
export function splitWithSizes(self: Tensor, splitSizes: readonly number[], dim?: number | SplitOptions): Tensor[] {
  return sectionsOf('splitWithSizes', self, splitSizes, splitDim('splitWithSizes', self, dim));
}

function sectionsOf(op: string, self: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size >= 0))
    throw new ValueError(`${op}: expected sizes of at least 0, got ${describe(sizes)}`);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== self.shape[dim])
    throw new ShapeError(
      `${op}: the sizes ${show(sizes)} sum to ${total}: expected ${self.shape[dim]}, the size of dimension ${dim}`,
    );
  return viewPrimitives.split(self, dim, sizes);
}

/**
 * At most `chunks` parts of equal size, the last possibly smaller. They are views.
 *
 * @example torch.chunk(torch.tensor([1, 2, 3]), 2) // [tensor([1., 2.]), tensor([3.])]
 */
export function chunk(self: Tensor, chunks: number, dim?: number | SplitOptions): Tensor[] {
  const at = splitDim('chunk', self, dim);
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new ValueError(`chunk: expected at least 1 chunk, got ${describe(chunks)}`);
  checkListLength('chunk', chunks);
  const size = self.shape[at] as number;
  if (size === 0)
    return viewPrimitives.split(
      self,
      at,
      range(chunks).map(() => 0),
    );
  return split(self, Math.ceil(size / chunks), at);
}

/**
 * Parts that differ in size by at most 1 (a number: how many), or that begin at the indices given (a list, or a tensor of
 * int64). They are views.
 *
 * @example torch.tensorSplit(torch.tensor([1, 2, 3]), [1]) // [tensor([1.]), tensor([2., 3.])]
 */
export function tensorSplit(
  self: Tensor,
  indicesOrSections: number | readonly number[] | Tensor,
  dim?: number | SplitOptions,
): Tensor[] {
  return splitAt('tensorSplit', self, indicesOrSections, splitDim('tensorSplit', self, dim));
}

function splitAt(op: string, self: Tensor, where: number | readonly number[] | Tensor, dim: number): Tensor[] {
  const size = self.shape[dim] as number;
  const given: unknown = where instanceof Tensor ? tolist(where) : where;
  if (Array.isArray(given) && given.every(Number.isInteger)) return splitBetween(self, dim, given);
  if (!Number.isInteger(given) || (given as number) < 1)
    throw new ValueError(`${op}: expected a number of parts or a list of indices, got ${describe(given)}`);
  const sections = given as number;
  checkListLength(op, sections);
  return viewPrimitives.split(
    self,
    dim,
    range(sections).map((i) => Math.floor(size / sections) + (i < size % sections ? 1 : 0)),
  );
}

function splitBetween(self: Tensor, dim: number, indices: readonly number[]): Tensor[] {
  const size = self.shape[dim] as number;
  const bounds = indices.map((index) => Math.min(Math.max(index < 0 ? index + size : index, 0), size));
  return [...bounds, size].map((end, i) => {
    const start = bounds[i - 1] ?? 0;
    return narrow(self, dim, start, Math.max(end - start, 0));
  });
}

function splitter(op: string, ndim: number, dimOf: (self: Tensor) => number) {
  return (self: Tensor, indicesOrSections: number | readonly number[]): Tensor[] => {
    checkTensor(op, self);
    if (self.shape.length < ndim)
      throw new ShapeError(`${op}: expected at least ${ndim} dimensions, got shape ${show(self.shape)}`);
    const dim = dimOf(self);
    const size = self.shape[dim] as number;
    if (typeof indicesOrSections === 'number' && size % indicesOrSections !== 0)
      throw new ShapeError(
        `${op}: ${describe(indicesOrSections)} parts do not divide dimension ${dim} of size ${size}`,
      );
    return splitAt(op, self, indicesOrSections, dim);
  };
}

/**
 * {@link tensorSplit} by columns: along dimension 1, a vector along dimension 0. The parts must be equal.
 *
 * @example torch.hsplit(torch.tensor([[1, 2], [3, 4]]), 2) // [tensor([[1.], [3.]]), tensor([[2.], [4.]])]
 */
export const hsplit = splitter('hsplit', 1, (self) => (self.shape.length === 1 ? 0 : 1));
/**
 * {@link tensorSplit} by rows: along dimension 0. The parts must be equal.
 *
 * @example torch.vsplit(torch.tensor([[1, 2], [3, 4]]), 2) // [tensor([[1., 2.]]), tensor([[3., 4.]])]
 */
export const vsplit = splitter('vsplit', 2, () => 0);
/**
 * {@link tensorSplit} by depth: along dimension 2. The parts must be equal.
 *
 * @example torch.dsplit(torch.tensor([[[1, 2]]]), 2) // [tensor([[[1.]]]), tensor([[[2.]]])]
 */
export const dsplit = splitter('dsplit', 3, () => 2);

/**
 * The slices along a dimension, which is dropped: views. Throws {@link ShapeError} for zero-dimensional tensors.
 *
 * @example torch.unbind(torch.tensor([[1, 2], [3, 4]])) // [tensor([1., 2.]), tensor([3., 4.])]
 */
export function unbind(self: Tensor, dim?: number | SplitOptions): Tensor[] {
  const at = splitDim('unbind', self, dim);
  checkListLength('unbind', self.shape[at] as number);
  return viewPrimitives.unbind(self, at);
}
