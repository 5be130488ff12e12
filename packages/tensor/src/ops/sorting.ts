import { DTypeError, describe, dtypeInfo, kernel, launch, ShapeError, ValueError } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { zeros } from '../creation.js';
import { castTo, checkTensor, type OutOptions, primitive, readOptions, writeOut } from '../op.js';
import { isScalar, resultType, type Scalar } from '../promotion.js';
import { withoutRecording } from '../recording.js';
import { checkBoolean, requireReal, type ValuesIndices, valuesIndices, writeChoice } from '../reducing.js';
import { normalizeDim, numelOf, sameShape, show } from '../shape.js';
import { Tensor } from '../tensor.js';
import { gather, scatterAdd } from './indexing.js';

const INT64 = dtypeInfo('int64');
const KERNELS = {
  sort: kernel('sort'),
  topk: kernel('topk'),
  searchsorted: kernel('searchsorted'),
  histc: kernel('histc'),
};

const sortPrimitive = primitive(
  'sort',
  ['self', 'dim', 'descending'],
  (self: Tensor, dim: number, descending: boolean): [Tensor, Tensor] => {
    const values = allocate(self.shape, self.dtypeInfo, self.device);
    const indices = allocate(self.shape, INT64, self.device);
    if (self.numel() > 0) launch(KERNELS.sort, [values, indices, self], [dim, descending]);
    return [values, indices];
  },
);

const topkPrimitive = primitive(
  'topk',
  ['self', 'dim', 'k', 'largest'],
  (self: Tensor, dim: number, k: number, largest: boolean): [Tensor, Tensor] => {
    const shape = self.shape.length === 0 ? [] : self.shape.with(dim, k);
    const values = allocate(shape, self.dtypeInfo, self.device);
    const indices = allocate(shape, INT64, self.device);
    if (values.numel() > 0) launch(KERNELS.topk, [values, indices, self], [dim, largest, true]);
    return [values, indices];
  },
);

/** Sorting with its arguments normalised; for derivatives. */
const sortingPrimitives = { sort: sortPrimitive, topk: topkPrimitive };
export default sortingPrimitives;

// --- Order --------------------------------------------------------------------------------------------------------------

export interface SortOptions {
  dim?: number | undefined;
  descending?: boolean | undefined;
  /** Equal elements keep their order. They always do. */
  stable?: boolean | null | undefined;
  out?: readonly Tensor[] | undefined;
}

const SORT_DEFAULTS: SortOptions = { dim: -1, descending: false, stable: false, out: undefined };

function sortOptions(op: string, dim: number | SortOptions | undefined, options: SortOptions | undefined): SortOptions {
  return readOptions(op, typeof dim === 'object' ? dim : { ...options, dim }, SORT_DEFAULTS);
}

/**
 * The elements in ascending order along a dimension, the last where left out, and where they were. NaN counts as largest.
 *
 * @example torch.sort(torch.tensor([3, 1, 2])) // { values: tensor([1., 2., 3.]), indices: tensor([1, 2, 0]) }
 */
export function sort(self: Tensor, dim?: number | SortOptions, options?: SortOptions): ValuesIndices {
  checkTensor('sort', self);
  requireReal('sort', self);
  const given = sortOptions('sort', dim, options);
  const at = normalizeDim('sort', given.dim, self.shape.length);
  return writeChoice(
    'sort',
    valuesIndices(sortPrimitive(self, at, checkBoolean('sort', 'descending', given.descending))),
    given.out,
  );
}

/**
 * The indices that sort a tensor along a dimension, the last where left out.
 *
 * @example torch.argsort(torch.tensor([3, 1, 2])) // tensor([1, 2, 0])
 */
export function argsort(self: Tensor, dim?: number | SortOptions, options?: SortOptions): Tensor {
  checkTensor('argsort', self);
  requireReal('argsort', self);
  const given = sortOptions('argsort', dim, options);
  const at = normalizeDim('argsort', given.dim, self.shape.length);
  return withoutRecording(() => sortPrimitive(self, at, checkBoolean('sort', 'descending', given.descending))[1]);
}

/**
 * {@link sort} along the first dimension: the values alone.
 *
 * @example torch.msort(torch.tensor([3, 1, 2])) // tensor([1., 2., 3.])
 */
export function msort(self: Tensor, options?: OutOptions): Tensor {
  const { out } = readOptions<OutOptions>('msort', options, { out: undefined });
  const { values } = sort(self, 0);
  return out === undefined ? values : writeOut('msort', out, values);
}

export interface TopkOptions {
  dim?: number | undefined;
  /** The smallest where false. */
  largest?: boolean | undefined;
  /** In order. They always are. */
  sorted?: boolean | undefined;
  out?: readonly Tensor[] | undefined;
}

/**
 * The `k` largest elements along a dimension, the last where left out, in order, and their places.
 *
 * @example torch.topk(torch.tensor([1, 4, 2, 3]), 2) // { values: tensor([4., 3.]), indices: tensor([1, 3]) }
 */
export function topk(self: Tensor, k: number, dim?: number | TopkOptions, options?: TopkOptions): ValuesIndices {
  checkTensor('topk', self);
  requireReal('topk', self);
  const given = readOptions<TopkOptions>('topk', typeof dim === 'object' ? dim : { ...options, dim }, {
    dim: -1,
    largest: true,
    sorted: true,
    out: undefined,
  });
  const at = normalizeDim('topk', given.dim, self.shape.length);
  const size = self.shape[at] ?? 1;
  if (!Number.isInteger(k) || k < 0 || k > size)
    throw new ValueError(`topk: expected k from 0 to ${size}, got ${describe(k)}`);
  return writeChoice(
    'topk',
    valuesIndices(topkPrimitive(self, at, k, checkBoolean('topk', 'largest', given.largest))),
    given.out,
  );
}

// --- Search -------------------------------------------------------------------------------------------------------------

export interface SearchOptions extends OutOptions {
  /** int32 indices rather than int64. */
  outInt32?: boolean | undefined;
  /** The first place beyond equal elements rather than before them. */
  right?: boolean | undefined;
}
export interface SearchSortedOptions extends SearchOptions {
  side?: 'left' | 'right' | null | undefined;
  /** The indices that sort `sortedSequence`, where it is not sorted itself. */
  sorter?: Tensor | null | undefined;
}

function search(op: string, sequence: Tensor, values: Tensor | Scalar, right: boolean, options: SearchOptions): Tensor {
  const found = withoutRecording(() => {
    const needles = values instanceof Tensor ? values : sequence.newFull([], values);
    const dtype = resultType([sequence, needles]);
    if (dtype.category === 'complex') throw new DTypeError(`${op}: complex numbers have no order`);
    const length = sequence.shape.at(-1) ?? 1;
    const rows = sequence.shape.length <= 1 ? 1 : numelOf(sequence.shape.slice(0, -1));
    const columns = rows === 1 && sequence.shape.length <= 1 ? needles.numel() : (needles.shape.at(-1) ?? 1);
    const sorted = castTo(sequence, dtype).reshape([rows, length]);
    const wanted = castTo(needles, dtype).reshape([rows, columns]);
    const out = allocate([rows, columns], INT64, sequence.device);
    if (out.numel() > 0) launch(KERNELS.searchsorted, [out, sorted, wanted], [right]);
    return out.reshape(needles.shape).to(options.outInt32 ? 'int32' : 'int64');
  });
  return options.out === undefined ? found : writeOut(op, options.out, found);
}

/**
 * Where values would be inserted into the sorted last dimension of `sortedSequence`, which has one dimension or the leading
 * dimensions of `self`.
 *
 * @example torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([0, 3, 4])) // tensor([0, 1, 2])
 */
export function searchsorted(sortedSequence: Tensor, self: Tensor | Scalar, options?: SearchSortedOptions): Tensor {
  checkTensor('searchsorted', sortedSequence, 'sortedSequence');
  const given = readOptions<SearchSortedOptions>('searchsorted', options, {
    outInt32: false,
    right: false,
    side: undefined,
    sorter: undefined,
    out: undefined,
  });
  const leading = sortedSequence.shape.slice(0, -1);
  if (leading.length > 0 && !(self instanceof Tensor && sameShape(leading, self.shape.slice(0, -1))))
    throw new ShapeError(
      `searchsorted: expected values with the leading dimensions ${show(leading)}, got ${self instanceof Tensor ? show(self.shape) : 'a number'}`,
    );
  if (!(self instanceof Tensor) && !isScalar(self))
    throw new ValueError(`searchsorted: expected self to be a tensor or a number, got ${describe(self)}`);
  if (given.side !== undefined && given.side !== null && given.side !== 'left' && given.side !== 'right')
    throw new ValueError(`searchsorted: expected side to be 'left' or 'right', got ${describe(given.side)}`);
  if (given.side === 'left' && given.right) throw new ValueError("searchsorted: side 'left' contradicts `right: true`");
  if (given.sorter) checkTensor('searchsorted', given.sorter, 'sorter');
  const sequence = given.sorter ? sorted(sortedSequence, given.sorter) : sortedSequence;
  return search(
    'searchsorted',
    sequence,
    self,
    checkBoolean('searchsorted', 'right', given.right) || given.side === 'right',
    given,
  );
}

function sorted(sequence: Tensor, sorter: Tensor): Tensor {
  if (!sameShape(sequence.shape, sorter.shape))
    throw new ShapeError(`searchsorted: expected a sorter of shape ${show(sequence.shape)}, got ${show(sorter.shape)}`);
  return withoutRecording(() => gather(sequence, -1, sorter));
}

/**
 * The bucket of each element among sorted one-dimensional `boundaries`.
 *
 * @example torch.bucketize(torch.tensor([0, 3, 4]), torch.tensor([1, 3, 5])) // tensor([0, 1, 2])
 */
export function bucketize(self: Tensor | Scalar, boundaries: Tensor, options?: SearchOptions): Tensor {
  checkTensor('bucketize', boundaries, 'boundaries');
  if (boundaries.shape.length !== 1)
    throw new ShapeError(`bucketize: expected boundaries of one dimension, got shape ${show(boundaries.shape)}`);
  const given = readOptions<SearchOptions>('bucketize', options, { outInt32: false, right: false, out: undefined });
  return search('bucketize', boundaries, self, checkBoolean('bucketize', 'right', given.right), given);
}

// --- Counting -----------------------------------------------------------------------------------------------------------

export interface BincountOptions {
  weights?: Tensor | null | undefined;
  minlength?: number | undefined;
}

/**
 * How often each number from 0 occurs in a one-dimensional tensor of integers of at least 0, or the sums of their weights.
 *
 * @example torch.bincount(torch.tensor([0n, 1n, 1n, 3n])) // tensor([1, 2, 0, 1])
 */
export function bincount(self: Tensor, options?: BincountOptions): Tensor {
  checkTensor('bincount', self);
  const { weights, minlength } = readOptions<BincountOptions>('bincount', options, {
    weights: undefined,
    minlength: 0,
  });
  if (self.shape.length !== 1 || self.dtypeInfo.category !== 'integer')
    throw new ValueError(
      `bincount: expected one dimension of integers, got ${self.dtype} of shape ${show(self.shape)}`,
    );
  if (!Number.isInteger(minlength) || (minlength as number) < 0)
    throw new ValueError(`bincount: expected minlength of at least 0, got ${describe(minlength)}`);
  return withoutRecording(() => {
    const index = self.to('int64');
    if (index.numel() > 0 && index.amin().item() < 0) throw new ValueError('bincount: expected numbers of at least 0');
    const bins = Math.max(minlength as number, index.numel() > 0 ? index.amax().item() + 1 : 0);
    if (weights) checkTensor('bincount', weights, 'weights');
    if (weights && !sameShape(weights.shape, self.shape))
      throw new ShapeError(`bincount: expected weights of shape ${show(self.shape)}, got ${show(weights.shape)}`);
    const dtype = weights ? (weights.dtype === 'float32' ? 'float32' : 'float64') : 'int64';
    const source = weights ? weights.to(dtype) : zeros(self.shape, { dtype, device: self.device }).fill_(1);
    return scatterAdd(zeros([bins], { dtype, device: self.device }), 0, index, source);
  });
}

export interface HistcOptions extends OutOptions {
  bins?: number | undefined;
  min?: number | undefined;
  max?: number | undefined;
}

/**
 * How many elements lie in each of `bins` even parts of [min, max]; of the elements' own range where both are 0.
 *
 * @example torch.histc(torch.tensor([1, 2, 1]), { bins: 4, min: 0, max: 3 }) // tensor([0., 2., 1., 0.])
 */
export function histc(self: Tensor, options?: HistcOptions): Tensor {
  checkTensor('histc', self);
  const { bins, min, max, out } = readOptions<HistcOptions>('histc', options, {
    bins: 100,
    min: 0,
    max: 0,
    out: undefined,
  });
  if (self.dtypeInfo.category !== 'float')
    throw new DTypeError(`histc: expected a floating-point dtype, got ${self.dtype}`);
  for (const [name, bound] of Object.entries({ min, max })) {
    if (!Number.isFinite(bound))
      throw new ValueError(`histc: expected ${name} to be a finite number, got ${describe(bound)}`);
  }
  if (!Number.isInteger(bins) || (bins as number) < 1)
    throw new ValueError(`histc: expected bins of at least 1, got ${describe(bins)}`);
  const result = withoutRecording(() => {
    let [low, high] = [min as number, max as number];
    if (low === high && self.numel() > 0) [low, high] = [self.amin().item(), self.amax().item()];
    if (low === high) [low, high] = [low - 1, high + 1];
    const counts = allocate([bins as number], self.dtypeInfo, self.device);
    launch(KERNELS.histc, [counts, self], [low, high]);
    return counts;
  });
  return out === undefined ? result : writeOut('histc', out, result);
}
