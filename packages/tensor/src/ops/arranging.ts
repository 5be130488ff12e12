import { describe, kernel, launch, launch1, ShapeError, ValueError } from '@ts-torch/core';
import { allocate, viewOf } from '../allocation.js';
import { tensor, zeros } from '../creation.js';
import { cat } from '../joining.js';
import { checkTensor, type OutOptions, primitive, readOptions, runInPlace, writeOut } from '../op.js';
import { checkListLength, normalizeDim, normalizeDims, range, type Shape, shapeArgument, show } from '../shape.js';
import { Tensor } from '../tensor.js';
import { clone, copy_ } from './copying.js';
import { tolist } from './reading.js';
import { sum } from './reductions.js';
import { subscriptPrimitives } from './subscripts.js';
import {
  asStrided,
  diagonal,
  expand,
  flatten,
  movedim,
  narrow,
  reshape,
  select,
  slice,
  transpose,
  unsqueeze,
} from './views.js';

const COPY = kernel('copy');
const TRIL = kernel('tril');
const TRIU = kernel('triu');

const flipPrimitive = primitive('flip', ['self', 'dims'], (self: Tensor, dims: readonly number[]): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  const strides = self.strides.map((stride, d) => (dims.includes(d) ? -stride : stride));
  const last = dims.reduce((at, d) => at + ((self.shape[d] as number) - 1) * (self.strides[d] as number), self.offset);
  launch1(COPY, out, viewOf(self, self.shape, strides, self.numel() === 0 ? self.offset : last));
  return out;
});

const trilPrimitive = primitive('tril', ['self', 'diagonal'], (self: Tensor, diagonal: number): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  launch(TRIL, [out, self], [diagonal]);
  return out;
});

const triuPrimitive = primitive('triu', ['self', 'diagonal'], (self: Tensor, diagonal: number): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  launch(TRIU, [out, self], [diagonal]);
  return out;
});

/** Rearrangements with their arguments normalised; for derivatives. */
const arrangingPrimitives = { flip: flipPrimitive, tril: trilPrimitive, triu: triuPrimitive };
export default arrangingPrimitives;

// --- Turning --------------------------------------------------------------------------------------------------------------

/**
 * The elements in reverse order along dimensions: a copy.
 *
 * @example torch.flip(torch.tensor([[1, 2], [3, 4]]), [0]) // tensor([[3., 4.], [1., 2.]])
 */
export function flip(self: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  checkTensor('flip', self);
  const given = dims.length === 1 && Array.isArray(dims[0]) ? dims[0] : (dims as number[]);
  if (given.length === 0) return clone(self);
  const normal = normalizeDims('flip', given, self.shape.length);
  return self.shape.length === 0 ? clone(self) : flipPrimitive(self, normal);
}

/**
 * {@link flip} of the columns: along dimension 1.
 *
 * @example torch.fliplr(torch.tensor([[1, 2], [3, 4]])) // tensor([[2., 1.], [4., 3.]])
 */
export function fliplr(self: Tensor): Tensor {
  checkTensor('fliplr', self);
  if (self.shape.length < 2)
    throw new ShapeError(`fliplr: expected at least 2 dimensions, got shape ${show(self.shape)}`);
  return flipPrimitive(self, [1]);
}

/**
 * {@link flip} of the rows: along dimension 0.
 *
 * @example torch.flipud(torch.tensor([[1, 2], [3, 4]])) // tensor([[3., 4.], [1., 2.]])
 */
export function flipud(self: Tensor): Tensor {
  checkTensor('flipud', self);
  if (self.shape.length < 1) throw new ShapeError('flipud: expected at least 1 dimension, got shape []');
  return flipPrimitive(self, [0]);
}

export interface RollOptions {
  /** The dimensions to roll along; where left out, the tensor is rolled as one vector. */
  dims?: number | readonly number[] | undefined;
}

/**
 * The elements moved along dimensions, those beyond the end coming in at the start: `x.roll(1, 0)`.
 *
 * @example torch.roll(torch.tensor([1, 2, 3, 4]), 1) // tensor([4., 1., 2., 3.])
 */
export function roll(
  self: Tensor,
  shifts: number | readonly number[],
  dims?: number | readonly number[] | RollOptions,
): Tensor {
  checkTensor('roll', self);
  const given = typeof dims === 'object' && !Array.isArray(dims) ? (dims as RollOptions) : { dims: dims as number };
  const { dims: along } = readOptions<RollOptions>('roll', given, { dims: undefined });
  const steps = typeof shifts === 'number' ? [shifts] : shifts;
  const none = along === undefined || (Array.isArray(along) && along.length === 0);
  if (!Array.isArray(steps) || !steps.every(Number.isSafeInteger) || steps.length === 0)
    throw new ValueError(`roll: expected integer shifts, got ${describe(shifts)}`);
  if (none && steps.length === 1) return reshape(rolled(reshape(self, [-1]), steps[0] as number, 0), self.shape);
  const list = none ? [] : typeof along === 'number' ? [along] : along;
  if (list.length !== steps.length)
    throw new ValueError(`roll: expected as many shifts as dims, got ${steps.length} and ${list.length}`);
  const moves = steps.map((step, i) => ({ step, dim: normalizeDim('roll', list[i], self.shape.length) }));
  if (self.shape.length === 0) return clone(self);
  return moves.reduce((result, { step, dim }) => rolled(result, step, dim), self);
}

function rolled(self: Tensor, shift: number, dim: number): Tensor {
  const size = self.shape[dim] as number;
  if (size === 0) return clone(self);
  const moved = ((shift % size) + size) % size;
  return cat([narrow(self, dim, size - moved, moved), narrow(self, dim, 0, size - moved)], dim);
}

export interface Rot90Options {
  /** How many quarter turns; negative ones from the second dimension to the first. */
  k?: number | undefined;
  dims?: readonly number[] | undefined;
}

/**
 * Turned by 90 degrees `k` times in the plane of two dimensions, from the first towards the second.
 *
 * @example torch.rot90(torch.tensor([[1, 2], [3, 4]])) // tensor([[2., 4.], [1., 3.]])
 */
export function rot90(self: Tensor, options?: Rot90Options): Tensor {
  checkTensor('rot90', self);
  const { k, dims } = readOptions<Rot90Options>('rot90', options, { k: 1, dims: [0, 1] });
  if (!Array.isArray(dims) || dims.length !== 2)
    throw new ValueError(`rot90: expected two dims, got ${describe(dims)}`);
  if (!Number.isSafeInteger(k)) throw new ValueError(`rot90: expected an integer k, got ${describe(k)}`);
  const [from, to] = normalizeDims('rot90', dims, self.shape.length) as [number, number];
  if (self.shape.length < 2)
    throw new ShapeError(`rot90: expected at least 2 dimensions, got shape ${show(self.shape)}`);
  switch ((((k as number) % 4) + 4) % 4) {
    case 1:
      return transpose(flip(self, to), from, to);
    case 2:
      return flip(self, from, to);
    case 3:
      return transpose(flip(self, from), from, to);
    default:
      return clone(self);
  }
}

/**
 * {@link transpose}, by NumPy's name.
 *
 * @example torch.swapaxes(torch.zeros([2, 3]), 0, 1).shape // [3, 2]
 */
export const swapaxes = (self: Tensor, axis0: number, axis1: number): Tensor => transpose(self, axis0, axis1);
/**
 * {@link transpose}, by another name.
 *
 * @example torch.swapdims(torch.zeros([2, 3]), 0, 1).shape // [3, 2]
 */
export const swapdims = (self: Tensor, dim0: number, dim1: number): Tensor => transpose(self, dim0, dim1);
/**
 * {@link movedim}, by NumPy's name.
 *
 * @example torch.moveaxis(torch.zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 */
export const moveaxis = (
  self: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor => movedim(self, source, destination);

// --- Repeating ------------------------------------------------------------------------------------------------------------

/**
 * The whole tensor so many times along each dimension; further repeats stand for new dimensions in front.
 *
 * @example torch.tensor([1, 2]).repeat(2, 2) // tensor([[1., 2., 1., 2.], [1., 2., 1., 2.]])
 */
export function repeat(self: Tensor, ...repeats: (number | readonly number[])[]): Tensor {
  checkTensor('repeat', self);
  const counts = shapeArgument('repeat', repeats);
  const lead = counts.length - self.shape.length;
  if (lead < 0)
    throw new ShapeError(
      `repeat: expected at least ${self.shape.length} repeats for shape ${show(self.shape)}, got ${show(counts)}`,
    );
  const shape = [...new Array<number>(lead).fill(1), ...self.shape];
  const result = expand(
    reshape(
      self,
      shape.flatMap((size) => [1, size]),
    ),
    shape.flatMap((size, d) => [counts[d] as number, size]),
  );
  return reshape(
    clone(result),
    shape.map((size, d) => size * (counts[d] as number)),
  );
}

/**
 * {@link repeat}, where missing repeats in front are 1.
 *
 * @example torch.tile(torch.tensor([1, 2]), [2]) // tensor([1., 2., 1., 2.])
 */
export function tile(self: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  checkTensor('tile', self);
  const counts = shapeArgument('tile', dims);
  const missing = Math.max(self.shape.length - counts.length, 0);
  return repeat(self, [...new Array<number>(missing).fill(1), ...counts]);
}

export interface RepeatInterleaveOptions {
  /** The dimension along which to repeat; the tensor is flattened where left out. */
  dim?: number | null | undefined;
  /** The result's size along `dim`; it is found by adding up where left out. */
  outputSize?: number | null | undefined;
}

/**
 * Each element so many times in a row: one number for all, or a tensor of int64 with one for each.
 *
 * @example torch.repeatInterleave(torch.tensor([1, 2]), 2) // tensor([1., 1., 2., 2.])
 */
export function repeatInterleave(self: Tensor, repeats: number | Tensor, options?: RepeatInterleaveOptions): Tensor {
  checkTensor('repeatInterleave', self);
  const { dim } = readOptions<RepeatInterleaveOptions>('repeatInterleave', options, { dim: null, outputSize: null });
  const source = dim === null || dim === undefined || self.shape.length === 0 ? reshape(self, [-1]) : self;
  const at = normalizeDim('repeatInterleave', dim ?? 0, source.shape.length);
  const size = source.shape[at] as number;
  const counts = repeats instanceof Tensor ? (tolist(reshape(repeats, [-1])) as number[]) : [repeats];
  if (counts.length !== 1 && counts.length !== size)
    throw new ShapeError(`repeatInterleave: expected ${size} repeats for dimension ${at}, got ${counts.length}`);
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new ValueError(`repeatInterleave: expected repeats of at least 0, got ${describe(counts)}`);
  if (counts.length === 1) return repeatedAlong(source, at, counts[0] as number);
  checkListLength(
    'repeatInterleave',
    counts.reduce((sum, count) => sum + count, 0),
  );
  return picked(
    source,
    at,
    counts.flatMap((count, i) => new Array<number>(count).fill(i)),
  );
}

function repeatedAlong(self: Tensor, dim: number, count: number): Tensor {
  const shape = self.shape.toSpliced(dim + 1, 0, count);
  const copies = clone(expand(unsqueeze(self, dim + 1), shape));
  return reshape(copies, self.shape.with(dim, (self.shape[dim] as number) * count));
}

/** The slices of a dimension at the indices given. */
function picked(self: Tensor, dim: number, indices: readonly number[]): Tensor {
  const index = tensor(indices, { dtype: 'int64', device: self.device });
  return movedim(subscriptPrimitives.index(movedim(self, dim, 0), [index]), 0, dim);
}

export interface CombinationsOptions {
  /** How many elements to combine. */
  r?: number | undefined;
  withReplacement?: boolean | undefined;
}

/**
 * All combinations of `r` elements of a vector, as rows: shape `[number of combinations, r]`.
 *
 * @example torch.combinations(torch.tensor([1, 2, 3])) // tensor([[1., 2.], [1., 3.], [2., 3.]])
 */
export function combinations(self: Tensor, options?: CombinationsOptions): Tensor {
  checkTensor('combinations', self);
  const { r, withReplacement } = readOptions<CombinationsOptions>('combinations', options, {
    r: 2,
    withReplacement: false,
  });
  if (self.shape.length !== 1) throw new ShapeError(`combinations: expected a vector, got shape ${show(self.shape)}`);
  if (!Number.isSafeInteger(r) || (r as number) < 0)
    throw new ValueError(`combinations: expected r of at least 0, got ${describe(r)}`);
  if (r === 0) return zeros([0], { dtype: self.dtype, device: self.device });
  const size = self.shape[0] as number;
  checkListLength('combinations', r as number);
  checkListLength('combinations', countChoices(withReplacement ? size + (r as number) - 1 : size, r as number));
  const rows = choices(size, r as number, withReplacement ? 0 : 1);
  const index = tensor(rows.flat(), { dtype: 'int64', device: self.device });
  return reshape(subscriptPrimitives.index(self, [index]), [rows.length, r as number]);
}

/** How many numbers `r` of `n` things in every combination are. */
function countChoices(n: number, r: number): number {
  if (n < r) return 0;
  let count = r;
  for (let i = 0; i < Math.min(r, n - r) && Number.isSafeInteger(Math.round(count)); i++) count *= (n - i) / (i + 1);
  return count;
}

/** Index rows in lexicographic order, each index at least `step` beyond the one before. */
function choices(n: number, r: number, step: number): number[][] {
  let rows: number[][] = [[]];
  for (let i = 0; i < r && rows.length > 0; i++) {
    rows = rows.flatMap((row) => {
      const first = row.length === 0 ? 0 : (row.at(-1) as number) + step;
      return range(Math.max(n - first, 0)).map((k) => [...row, first + k]);
    });
  }
  return rows;
}

// --- Diagonals and triangles ------------------------------------------------------------------------------------------------

export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, above 0 those above it. */
  diagonal?: number | undefined;
}

interface TriangleOptions extends DiagonalOptions, OutOptions {}

/** `diagonal` stands by position or in the options. */
function readDiagonal(
  op: string,
  given: number | TriangleOptions | undefined,
): { diagonal: number; out?: Tensor | undefined } {
  const options = typeof given === 'object' ? given : { diagonal: given };
  const { diagonal, out } = readOptions<TriangleOptions>(op, options, { diagonal: 0, out: undefined });
  if (!Number.isSafeInteger(diagonal))
    throw new ValueError(`${op}: expected an integer diagonal, got ${describe(diagonal)}`);
  return { diagonal: diagonal as number, out };
}

function checkMatrices(op: string, self: Tensor): void {
  checkTensor(op, self);
  if (self.shape.length < 2)
    throw new ShapeError(`${op}: expected at least 2 dimensions, got shape ${show(self.shape)}`);
}

/**
 * The matrices with zeros above a diagonal. Shape `[..., rows, columns]`.
 *
 * @example torch.tril(torch.ones([2, 3])) // tensor([[1., 0., 0.], [1., 1., 0.]])
 */
export function tril(self: Tensor, diagonal?: number | TriangleOptions): Tensor {
  checkMatrices('tril', self);
  const { diagonal: at, out } = readDiagonal('tril', diagonal);
  const result = trilPrimitive(self, at);
  return out === undefined ? result : writeOut('tril', out, result);
}

/** {@link tril}, written into `self`. */
export function tril_(self: Tensor, diagonal?: number | DiagonalOptions): Tensor {
  checkMatrices('tril_', self);
  return runInPlace(trilPrimitive.definition, self, [readDiagonal('tril_', diagonal).diagonal]);
}

/**
 * The matrices with zeros below a diagonal. Shape `[..., rows, columns]`.
 *
 * @example torch.triu(torch.ones([2, 3])) // tensor([[1., 1., 1.], [0., 1., 1.]])
 */
export function triu(self: Tensor, diagonal?: number | TriangleOptions): Tensor {
  checkMatrices('triu', self);
  const { diagonal: at, out } = readDiagonal('triu', diagonal);
  const result = triuPrimitive(self, at);
  return out === undefined ? result : writeOut('triu', out, result);
}

/** {@link triu}, written into `self`. */
export function triu_(self: Tensor, diagonal?: number | DiagonalOptions): Tensor {
  checkMatrices('triu_', self);
  return runInPlace(triuPrimitive.definition, self, [readDiagonal('triu_', diagonal).diagonal]);
}

/**
 * A matrix's diagonal as a vector; a vector as the diagonal of a matrix that is zero elsewhere.
 *
 * @example torch.diag(torch.tensor([1, 2])) // tensor([[1., 0.], [0., 2.]])
 */
export function diag(self: Tensor, diagonalOf?: number | DiagonalOptions): Tensor {
  checkTensor('diag', self);
  const { diagonal: offset } = readDiagonal('diag', diagonalOf);
  if (self.shape.length === 1) return diagEmbed(self, { offset });
  if (self.shape.length !== 2)
    throw new ShapeError(`diag: expected a vector or a matrix, got shape ${show(self.shape)}`);
  return clone(diagonal(self, { offset }));
}

export interface DiagEmbedOptions {
  offset?: number | undefined;
  dim1?: number | undefined;
  dim2?: number | undefined;
}

/**
 * The last dimension as a diagonal of matrices that are zero elsewhere; `dim1` and `dim2` are the matrices' dimensions.
 *
 * @example torch.diagEmbed(torch.tensor([[1, 2], [3, 4]])).shape // [2, 2, 2]
 */
export function diagEmbed(self: Tensor, options?: DiagEmbedOptions): Tensor {
  checkTensor('diagEmbed', self);
  const { offset, dim1, dim2 } = readOptions<DiagEmbedOptions>('diagEmbed', options, { offset: 0, dim1: -2, dim2: -1 });
  if (!Number.isSafeInteger(offset))
    throw new ValueError(`diagEmbed: expected an integer offset, got ${describe(offset)}`);
  if (self.shape.length === 0) throw new ShapeError('diagEmbed: expected at least 1 dimension, got shape []');
  const [first, second] = normalizeDims('diagEmbed', [dim1 as number, dim2 as number], self.shape.length + 1) as [
    number,
    number,
  ];
  const size = (self.shape.at(-1) as number) + Math.abs(offset as number);
  const shape: number[] = [];
  const batch = [...self.shape.slice(0, -1)];
  for (let d = 0; d <= self.shape.length; d++)
    shape.push(d === first || d === second ? size : (batch.shift() as number));
  const result = zeros(shape, { dtype: self.dtype, device: self.device });
  copy_(diagonal(result, { offset: offset as number, dim1: first, dim2: second }), self);
  return result;
}

export interface DiagflatOptions {
  offset?: number | undefined;
}

/**
 * All elements as the diagonal of a matrix that is zero elsewhere.
 *
 * @example torch.diagflat(torch.tensor([1, 2]), 1) // tensor([[0., 1., 0.], [0., 0., 2.], [0., 0., 0.]])
 */
export function diagflat(self: Tensor, offset?: number | DiagflatOptions): Tensor {
  checkTensor('diagflat', self);
  const given = typeof offset === 'object' ? offset : { offset };
  return diagEmbed(flatten(self), readOptions<DiagflatOptions>('diagflat', given, { offset: 0 }));
}

/**
 * The sum of a matrix's diagonal.
 *
 * @example torch.trace(torch.tensor([[1, 2], [3, 4]])) // tensor(5.)
 */
export function trace(self: Tensor): Tensor {
  checkTensor('trace', self);
  if (self.shape.length !== 2) throw new ShapeError(`trace: expected a matrix, got shape ${show(self.shape)}`);
  return sum(diagonal(self));
}

// --- A copy of which a part is replaced ---------------------------------------------------------------------------------------

function replaced(op: string, self: Tensor, src: Tensor, part: (whole: Tensor) => Tensor): Tensor {
  checkTensor(op, self);
  checkTensor(op, src, 'src');
  const result = clone(self);
  const target = part(result);
  if (`${target.shape}` !== `${src.shape}`)
    throw new ShapeError(`${op}: expected src of shape ${show(target.shape)}, got ${show(src.shape)}`);
  copy_(target, src);
  return result;
}

/**
 * A copy of `self` with `src` in the place of a {@link diagonal}.
 *
 * @example torch.diagonalScatter(torch.zeros([2, 2]), torch.tensor([1, 2])) // tensor([[1., 0.], [0., 2.]])
 */
export function diagonalScatter(
  self: Tensor,
  src: Tensor,
  options?: { offset?: number; dim1?: number; dim2?: number },
): Tensor {
  return replaced('diagonalScatter', self, src, (whole) => diagonal(whole, options));
}

/**
 * A copy of `self` with `src` in the place of the slice at an index of a dimension ({@link select}).
 *
 * @example torch.selectScatter(torch.zeros([2, 2]), torch.tensor([1, 2]), 0, 1) // tensor([[0., 0.], [1., 2.]])
 */
export function selectScatter(self: Tensor, src: Tensor, dim: number, index: number): Tensor {
  return replaced('selectScatter', self, src, (whole) => select(whole, dim, index));
}

/**
 * A copy of `self` with `src` in the place of a {@link slice}.
 *
 * @example torch.sliceScatter(torch.zeros([4]), torch.tensor([1, 2]), { start: 1, end: 3 }) // tensor([0., 1., 2., 0.])
 */
export function sliceScatter(
  self: Tensor,
  src: Tensor,
  options?: { dim?: number; start?: number | null; end?: number | null; step?: number },
): Tensor {
  return replaced('sliceScatter', self, src, (whole) => slice(whole, options));
}

/**
 * A copy of `self` with `src` in the place of what {@link asStrided} would give.
 *
 * @example torch.asStridedScatter(torch.zeros([2, 2]), torch.tensor([1, 2]), [2], [3]) // tensor([[1., 0.], [0., 2.]])
 */
export function asStridedScatter(
  self: Tensor,
  src: Tensor,
  size: Shape,
  stride: Shape,
  options?: { storageOffset?: number | null },
): Tensor {
  return replaced('asStridedScatter', self, src, (whole) => asStrided(whole, size, stride, options));
}

/**
 * {@link narrow}, copied.
 *
 * @example torch.narrowCopy(torch.tensor([1, 2, 3, 4]), 0, 1, 2) // tensor([2., 3.])
 */
export const narrowCopy = (self: Tensor, dim: number, start: number, length: number): Tensor =>
  clone(narrow(self, dim, start, length));

/**
 * Summed over the dimensions that {@link expand} would have repeated, down to a shape. Throws {@link ShapeError}.
 *
 * @example torch.ones([2, 3]).sumToSize(1, 3) // tensor([[2., 2., 2.]])
 */
export function sumToSize(self: Tensor, ...size: (number | Shape)[]): Tensor {
  checkTensor('sumToSize', self);
  const target = shapeArgument('sumToSize', size);
  const lead = self.shape.length - target.length;
  if (lead < 0 || !target.every((n, d) => n === 1 || n === self.shape[lead + d]))
    throw new ShapeError(`sumToSize: ${show(target)} does not expand to ${show(self.shape)}`);
  const dims = range(self.shape.length).filter((d) => d < lead || (target[d - lead] === 1 && self.shape[d] !== 1));
  if (target.length === 0) return sum(self);
  return dims.length === 0 ? self : reshape(sum(self, dims), target);
}
