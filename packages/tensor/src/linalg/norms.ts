import { type DType, describe, ShapeError, ValueError } from '@ts-torch/core';
import { castable } from '../castable.js';
import { checkTensor, type OutOptions, readOptions, writeOut } from '../op.js';
import { cross as crossProduct } from '../ops/cross.js';
import { normalizeDim, normalizeDims, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { vectorNorm as normOfVectors } from '../vector-norm.js';
import { inv, svdvals } from './index.js';

/** The order of a norm: of vectors a number, of matrices also Frobenius' or the nuclear norm. */
export type NormOrder = number | 'fro' | 'nuc';

export interface LinalgNormOptions extends OutOptions {
  ord?: NormOrder | null | undefined;
  dim?: number | readonly number[] | null | undefined;
  /** Reduced dimensions stay, with size 1. */
  keepdim?: boolean | undefined;
  dtype?: DType | null | undefined;
}

function readNorm(op: string, first: unknown, options: LinalgNormOptions | undefined, ord?: NormOrder) {
  const isOptions = typeof first === 'object' && first !== null;
  const given = isOptions
    ? (first as LinalgNormOptions)
    : { ...options, ...(first === undefined ? {} : { ord: first }) };
  return readOptions<LinalgNormOptions>(op, given as LinalgNormOptions, {
    ord,
    dim: undefined,
    keepdim: false,
    dtype: undefined,
    out: undefined,
  });
}

const finish = (op: string, result: Tensor, out: Tensor | undefined): Tensor =>
  out === undefined ? result : writeOut(op, out, result);
const cast = (self: Tensor, dtype: DType | null | undefined): Tensor => (dtype ? self.to(dtype) : self);

/**
 * `sum(|x|^ord)^(1/ord)` (2 where left out) of all elements or along dimensions; infinity is the largest, 0 counts what is not zero.
 *
 * @example torch.linalg.vectorNorm(torch.tensor([3, -4]), { ord: 1 }) // tensor(7.)
 */
export const vectorNorm = castable(
  'linalg.vectorNorm',
  (self: Tensor, ord?: number | LinalgNormOptions, options?: LinalgNormOptions): Tensor => {
    const op = 'linalg.vectorNorm';
    checkTensor(op, self);
    const given = readNorm(op, ord, options, 2);
    if (typeof given.ord !== 'number')
      throw new ValueError(`${op}: expected ord to be a number, got ${describe(given.ord)}`);
    const dims = normalizeDims(op, given.dim, self.shape.length);
    return finish(op, normOfVectors(op, cast(self, given.dtype), given.ord, dims, given.keepdim ?? false), given.out);
  },
);

/**
 * Norms of matrices, those of two dimensions (the last where left out): 'fro', 'nuc' (the sum of the singular values), 2 and -2 (the largest
 * and the smallest), 1 and -1 (of the columns' sums), infinity and -infinity (of the rows').
 *
 * @example torch.linalg.matrixNorm(torch.tensor([[1, 2], [2, 4]])) // tensor(5.)
 */
export const matrixNorm = castable(
  'linalg.matrixNorm',
  (self: Tensor, ord?: NormOrder | LinalgNormOptions, options?: LinalgNormOptions): Tensor => {
    const op = 'linalg.matrixNorm';
    checkTensor(op, self);
    const given = readNorm(op, ord, options, 'fro');
    const dims = given.dim ?? [-2, -1];
    if (!Array.isArray(dims) || dims.length !== 2)
      throw new ValueError(`${op}: expected dim to name two dimensions, got ${describe(given.dim)}`);
    if (self.shape.length < 2) throw new ShapeError(`${op}: expected matrices, got ${show(self.shape)}`);
    const [row, column] = dims.map((d) => normalizeDim(op, d, self.shape.length)) as [number, number];
    if (row === column) throw new ValueError(`${op}: dim names dimension ${row} twice`);
    const matrices = cast(self, given.dtype).movedim([row, column], [-2, -1]);
    const result = normOfMatrices(op, matrices, given.ord as NormOrder);
    const kept = given.keepdim ? [row, column].sort((a, b) => a - b).reduce((x, d) => x.unsqueeze(d), result) : result;
    return finish(op, kept, given.out);
  },
);

function normOfMatrices(op: string, matrices: Tensor, ord: NormOrder): Tensor {
  const ndim = matrices.shape.length;
  if (ord === 'fro') return normOfVectors(op, matrices, 2, [ndim - 2, ndim - 1], false);
  if (ord === 'nuc') return svdvals(matrices).sum(-1);
  const size = typeof ord === 'number' ? Math.abs(ord) : Number.NaN;
  if (size !== 1 && size !== 2 && size !== Number.POSITIVE_INFINITY)
    throw new ValueError(
      `${op}: expected ord to be 'fro', 'nuc', 1, 2, Infinity or their negatives, got ${describe(ord)}`,
    );
  const values =
    size === 2 ? svdvals(matrices) : normOfVectors(op, matrices, 1, [size === 1 ? ndim - 2 : ndim - 1], false);
  return ord > 0 ? values.amax(-1) : values.amin(-1);
}

/**
 * {@link vectorNorm} where one dimension is meant, or `ord` is left out; {@link matrixNorm} where two are.
 *
 * @example torch.linalg.norm(torch.tensor([3, 4])) // tensor(5.)
 */
export function norm(self: Tensor, ord?: NormOrder | LinalgNormOptions | null, options?: LinalgNormOptions): Tensor {
  const op = 'linalg.norm';
  checkTensor(op, self);
  const given = readNorm(op, ord ?? undefined, options);
  const { ord: order, dim, ...rest } = given;
  if (order === undefined || order === null) {
    const flat = dim === undefined || dim === null ? normalizeDims(op, dim, self.shape.length) : dim;
    return vectorNorm(self, { ...rest, ord: 2, dim: flat });
  }
  const dims = dim ?? (self.shape.length === 1 ? 0 : [0, 1]);
  if (dim === undefined && self.shape.length > 2)
    throw new ShapeError(`${op}: with ord, expected one or two dimensions or dim, got ${show(self.shape)}`);
  const single = typeof dims === 'number' || dims.length === 1;
  return single
    ? vectorNorm(self, { ...rest, ord: order as number, dim: dims })
    : matrixNorm(self, { ...rest, ord: order, dim: dims });
}

/**
 * The condition number: `norm(A) norm(inverse of A)` of that order; of order 2 for matrices of any shape.
 *
 * @example torch.linalg.cond(torch.tensor([[1, 0], [0, 2]])) // tensor(2.)
 */
export function cond(self: Tensor, p?: NormOrder | null | (OutOptions & { p?: NormOrder | null })): Tensor {
  const op = 'linalg.cond';
  checkTensor(op, self);
  const given = readOptions<OutOptions & { p?: NormOrder | null | undefined }>(
    op,
    typeof p === 'object' && p !== null ? p : { p },
    { p: undefined, out: undefined },
  );
  const order = given.p ?? 2;
  if (order !== 2 && order !== -2)
    return finish(op, matrixNorm(self, order).mul(matrixNorm(inv(self), order)), given.out);
  const values = svdvals(self);
  const last = values.narrow(-1, (values.shape.at(-1) as number) - 1, 1).squeeze(-1);
  const first = values.narrow(-1, 0, 1).squeeze(-1);
  return finish(op, order === 2 ? first.div(last) : last.div(first), given.out);
}

/**
 * The cross products of vectors of three elements along a dimension, the last where left out.
 *
 * @example torch.linalg.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0])) // tensor([0., 0., 1.])
 */
export function cross(self: Tensor, other: Tensor, options?: { dim?: number }): Tensor {
  checkTensor('linalg.cross', self);
  checkTensor('linalg.cross', other, 'other');
  const { dim } = readOptions('linalg.cross', options, { dim: -1 });
  if (self.shape.length !== other.shape.length)
    throw new ShapeError(
      `linalg.cross: expected as many dimensions in both, got ${show(self.shape)} and ${show(other.shape)}`,
    );
  for (const [name, tensor] of Object.entries({ self, other })) {
    if (tensor.shape[normalizeDim('linalg.cross', dim, tensor.shape.length)] !== 3)
      throw new ShapeError(
        `linalg.cross: expected size 3 of dimension ${dim} of ${name}, got shape ${show(tensor.shape)}`,
      );
  }
  return crossProduct(self, other, { dim });
}
