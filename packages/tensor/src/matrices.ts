import { type DeviceLike, type DType, describe, dtypeInfo, ShapeError, ValueError } from '@ts-torch/core';
import { type CreationOptions, create, tensor } from './creation.js';
import { vander as vanderOf } from './linalg/index.js';
import { checkTensor, fillWith, readOptions } from './op.js';
import { diagonal } from './ops/views.js';
import { checkListLength, show } from './shape.js';
import type { Tensor } from './tensor.js';

function checkSize(op: string, name: string, size: unknown): void {
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw new ValueError(`${op}: expected ${name} of at least 0, got ${describe(size)}`);
}

export interface EyeOptions extends CreationOptions {
  /** The number of columns; as many as rows where left out. */
  m?: number | undefined;
}

/**
 * The matrix of `n` rows (and `m` columns) with ones on its diagonal and zeros elsewhere.
 *
 * @example torch.eye(2) // tensor([[1., 0.], [0., 1.]])
 */
export function eye(n: number, m?: number | EyeOptions, options?: EyeOptions): Tensor {
  const { m: columns = n, ...creation } = typeof m === 'object' && m !== null ? m : { m, ...options };
  checkSize('eye', 'n', n);
  checkSize('eye', 'm', columns);
  return create('eye', [n, columns], creation, (out) => {
    fillWith(out, 0);
    fillWith(diagonal(out), 1);
  });
}

export interface TriangleIndicesOptions {
  /** Which diagonal bounds the triangle: 0 the main one, above 0 those above it. */
  offset?: number | undefined;
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
}

/** Row and column indices of a part of a matrix, row by row: shape `[2, count]`. */
function triangleIndices(
  op: string,
  row: number,
  col: number,
  options: number | TriangleIndicesOptions | undefined,
  columnsOf: (diagonal: number) => [first: number, end: number],
): Tensor {
  checkSize(op, 'row', row);
  checkSize(op, 'col', col);
  const given = typeof options === 'number' ? { offset: options } : options;
  const read = readOptions<TriangleIndicesOptions>(op, given, { offset: 0, dtype: 'int64', device: 'cpu' });
  if (!Number.isSafeInteger(read.offset))
    throw new ValueError(`${op}: expected an integer offset, got ${describe(read.offset)}`);
  const info = dtypeInfo(read.dtype as DType);
  if (info.category !== 'integer') throw new ValueError(`${op}: expected an integer dtype, got ${info.name}`);
  checkListLength(op, row);
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < row; i++) {
    const [first, end] = columnsOf(i + (read.offset as number));
    checkListLength(op, rows.length + end - first);
    for (let j = first; j < end; j++) {
      rows.push(i);
      columns.push(j);
    }
  }
  return tensor([rows, columns], { dtype: info.name, device: read.device });
}

/**
 * The indices of the lower triangle of a `row` by `col` matrix, row by row: shape `[2, count]`, int64.
 *
 * @example torch.trilIndices(2, 2) // tensor([[0, 1, 1], [0, 0, 1]])
 */
export function trilIndices(row: number, col: number, options?: number | TriangleIndicesOptions): Tensor {
  return triangleIndices('trilIndices', row, col, options, (diagonal) => [0, Math.max(Math.min(diagonal + 1, col), 0)]);
}

/**
 * The indices of the upper triangle of a `row` by `col` matrix, row by row: shape `[2, count]`, int64.
 *
 * @example torch.triuIndices(2, 2) // tensor([[0, 0, 1], [0, 1, 1]])
 */
export function triuIndices(row: number, col: number, options?: number | TriangleIndicesOptions): Tensor {
  return triangleIndices('triuIndices', row, col, options, (diagonal) => [Math.min(Math.max(diagonal, 0), col), col]);
}

/**
 * The matrix whose columns are powers of a vector: `x^(N-1) ... x 1`, or `increasing` from 1 on. `N`: as many as x has elements.
 *
 * @example torch.vander(torch.tensor([1, 2, 3])) // tensor([[1., 1., 1.], [4., 2., 1.], [9., 3., 1.]])
 */
export function vander(x: Tensor, options?: { N?: number | null; increasing?: boolean }): Tensor {
  checkTensor('vander', x, 'x');
  const { N, increasing } = readOptions('vander', options, { N: null as number | null, increasing: false });
  if (x.shape.length !== 1) throw new ShapeError(`vander: expected a vector, got shape ${show(x.shape)}`);
  if (N === 0) return x.newEmpty([x.shape[0] as number, 0]);
  const powers = vanderOf(x, { N });
  return increasing ? powers : powers.flip(-1);
}
