import { type DTypeInfo, dtypeInfo, kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { zeros } from '../creation.js';
import { cat } from '../joining.js';
import { checkTensor, readOptions } from '../op.js';
import { withoutRecording } from '../recording.js';
import { requireReal } from '../reducing.js';
import { normalizeDim, range } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { indexSelect, nonzero, scatter } from './indexing.js';
import { cumsum } from './scans.js';
import { argsort } from './sorting.js';

const INT64 = dtypeInfo('int64');
const UNIQUE = kernel('unique');

export interface UniqueOptions {
  /** Sorted results. They always are. */
  sorted?: boolean | undefined;
  returnInverse?: boolean | undefined;
  returnCounts?: boolean | undefined;
  /** Whole slices along a dimension rather than elements. */
  dim?: number | null | undefined;
}

interface Groups {
  /** The first element (or slice) of each group, as places in the sorted order. */
  starts: Tensor;
  /** The group of each. */
  groups: Tensor;
}

/** Numbers runs: `changes` is true where an element differs from the one before it. */
function groupRuns(changes: Tensor, count: number): Groups {
  const first = zeros([Math.min(count, 1)], { dtype: 'bool', device: changes.device }).fill_(true);
  const heads = cat([first, changes]);
  return { starts: nonzero(heads).reshape([-1]), groups: cumsum(heads, 0).sub(1) };
}

function countsOf(starts: Tensor, count: number): Tensor {
  const ends = cat([
    starts.narrow(0, Math.min(1, starts.numel()), Math.max(starts.numel() - 1, 0)),
    endOf(starts, count),
  ]);
  return ends.sub(starts);
}

function endOf(starts: Tensor, count: number): Tensor {
  return zeros([Math.min(starts.numel(), 1)], { dtype: 'int64', device: starts.device }).fill_(count);
}

/** Whether each row but the first differs from the one before it. NaN differs from itself. */
function rowChanges(rows: Tensor): Tensor {
  const count = rows.shape[0] as number;
  if (count === 0) return zeros([0], { dtype: 'bool', device: rows.device });
  const same = rows.narrow(0, 1, count - 1).eq(rows.narrow(0, 0, count - 1));
  const inner = range(same.shape.length).slice(1);
  return (inner.length > 0 ? same.all(inner) : same).eq(false);
}

/** Slices along `dim` as rows, in lexicographic order: the last column is sorted first, each time stably. */
function sortRows(rows: Tensor): Tensor {
  const count = rows.shape[0] as number;
  const flat = rows.reshape([count, count === 0 ? 0 : rows.numel() / count]);
  let order = cumsum(zeros([count], { dtype: 'int64', device: rows.device }).fill_(1), 0).sub(1);
  for (let column = (flat.shape[1] as number) - 1; column >= 0; column--) {
    const keys = indexSelect(flat.select(1, column), 0, order);
    order = indexSelect(order, 0, argsort(keys, 0));
  }
  return order;
}

interface Distinct {
  found: Tensor;
  /** Which of them each element is. */
  inverse: Tensor | null;
  counts: Tensor | null;
}

/** The different elements of a vector, in ascending order. */
function distinctElements(self: Tensor, { returnInverse, returnCounts }: UniqueOptions): Distinct {
  const vector = (dtype: DTypeInfo, length = self.numel()): Tensor => allocate([length], dtype, self.device);
  const values = vector(self.dtypeInfo);
  const inverse = returnInverse ? vector(INT64) : null;
  const counts = returnCounts ? vector(INT64) : null;
  const number = vector(INT64, 1);
  launch(UNIQUE, [values, inverse, counts, number, self]);
  const written = (part: Tensor): Tensor => part.narrow(0, 0, number.item()).clone();
  return { found: written(values), inverse, counts: counts && written(counts) };
}

/** The different rows: in lexicographic order, or of neighbours alike the first. */
function distinctRows(rows: Tensor, { returnInverse, returnCounts }: UniqueOptions, isSorted: boolean): Distinct {
  const count = rows.shape[0] as number;
  const order = isSorted ? sortRows(rows) : null;
  const ordered = order === null ? rows : indexSelect(rows, 0, order);
  const { starts, groups } = groupRuns(rowChanges(ordered), count);
  const inverse = () =>
    order === null ? groups : scatter(zeros([count], { dtype: 'int64', device: rows.device }), 0, order, groups);
  return {
    found: indexSelect(ordered, 0, starts),
    inverse: returnInverse ? inverse() : null,
    counts: returnCounts ? countsOf(starts, count) : null,
  };
}

/** The different elements, or slices along `dim`. One tensor, or a list of it, the inverse and the counts as asked for. */
function uniqueOf(op: string, self: Tensor, options: UniqueOptions, isSorted: boolean): Tensor | Tensor[] {
  const { dim } = options;
  return withoutRecording(() => {
    const along = dim === undefined || dim === null ? null : normalizeDim(op, dim, self.shape.length);
    const rows = along === null ? self.reshape([-1]) : self.transpose(0, along).contiguous();
    const isVector = isSorted && rows.shape.length === 1;
    const { found, inverse, counts } = isVector
      ? distinctElements(rows, options)
      : distinctRows(rows, options, isSorted);
    const results = [along === null ? found : found.transpose(0, along).contiguous()];
    if (inverse) results.push(along === null ? inverse.reshape(self.shape) : inverse);
    if (counts) results.push(counts);
    return results.length === 1 ? (results[0] as Tensor) : results;
  });
}

const UNIQUE_DEFAULTS: UniqueOptions = { returnInverse: false, returnCounts: false, dim: undefined };

/** One tensor, or the tuple that is asked for. */
interface Unique<Self extends readonly Tensor[], Options> {
  (
    ...args: [...Self, options: Options & { returnInverse: true; returnCounts: true }]
  ): [unique: Tensor, inverse: Tensor, counts: Tensor];
  (
    ...args: [...Self, options: Options & { returnInverse: true; returnCounts?: false | undefined }]
  ): [unique: Tensor, inverse: Tensor];
  (
    ...args: [...Self, options: Options & { returnInverse?: false | undefined; returnCounts: true }]
  ): [unique: Tensor, counts: Tensor];
  (
    ...args: [...Self, options?: Options & { returnInverse?: false | undefined; returnCounts?: false | undefined }]
  ): Tensor;
  (...args: [...Self, options?: Options]): Tensor | Tensor[];
}

type ConsecutiveOptions = Omit<UniqueOptions, 'sorted'>;

/**
 * The different elements in ascending order, or the different slices along `dim`. With `returnInverse` (where each element went) or
 * `returnCounts` a list.
 *
 * @example torch.unique(torch.tensor([3, 1, 3, 2])) // tensor([1., 2., 3.])
 */
export const unique = ((self: Tensor, options?: UniqueOptions) => {
  checkTensor('unique', self);
  requireReal('unique', self);
  const given = readOptions('unique', options, { ...UNIQUE_DEFAULTS, sorted: true });
  return uniqueOf('unique', self, given, true);
}) as Unique<[self: Tensor], UniqueOptions>;

/**
 * The elements without repetitions of their neighbours, or the slices along `dim`; with the inverse and the counts as {@link unique} has them.
 *
 * @example
 * const [values, counts] = torch.uniqueConsecutive(torch.tensor([1, 1, 2, 1]), { returnCounts: true });
 * [values, counts] // [tensor([1., 2., 1.]), tensor([2, 1, 1])]
 */
export const uniqueConsecutive = ((self: Tensor, options?: ConsecutiveOptions) => {
  checkTensor('uniqueConsecutive', self);
  return uniqueOf('uniqueConsecutive', self, readOptions('uniqueConsecutive', options, UNIQUE_DEFAULTS), false);
}) as Unique<[self: Tensor], ConsecutiveOptions>;

/** The methods of this module. */
export interface UniqueMethods {
  /** {@link unique} */
  unique: Unique<[], UniqueOptions>;
  /** {@link uniqueConsecutive} */
  uniqueConsecutive: Unique<[], ConsecutiveOptions>;
}
