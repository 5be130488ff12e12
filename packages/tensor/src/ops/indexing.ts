import {
  DTypeError,
  describe,
  dtypeInfo,
  type Kernel,
  kernel,
  launch,
  type Param,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { allocate, viewOf } from '../allocation.js';
import { castable } from '../castable.js';
import { zeros } from '../creation.js';
import {
  broadcastTo,
  castTo,
  checkOutDtype,
  checkTensor,
  copyInto,
  type Operand,
  type OutOptions,
  type PrimitiveOptions,
  primitive,
  readOptions,
  runInPlace,
  scalarOperand,
  writeOut,
} from '../op.js';
import { isScalar, type Scalar, scalarInfo } from '../promotion.js';
import { checkBoolean, neutralExtreme } from '../reducing.js';
import { broadcastShapes, normalizeDim, numelOf, type Shape, sameShape, show } from '../shape.js';
import { Tensor } from '../tensor.js';

const INT64 = dtypeInfo('int64');
const BOOL = dtypeInfo('bool');

/** How values that meet at one place are combined: the native `Combine`. */
const COMBINE = { assign: 0, add: 1, multiply: 2, amax: 3, amin: 4 } as const;
type Combine = (typeof COMBINE)[keyof typeof COMBINE];

const KERNELS = {
  gather: kernel('gather'),
  scatter: kernel('scatter'),
  indexSelect: kernel('indexSelect'),
  indexAdd: kernel('indexAdd'),
  indexCopy: kernel('indexCopy'),
  indexFill: kernel('indexFill'),
  indexReduce: kernel('indexReduce'),
  maskedSelect: kernel('maskedSelect'),
  maskedScatter: kernel('maskedScatter'),
  nonzero: kernel('nonzero'),
  where: kernel('where'),
};

// --- Checks -------------------------------------------------------------------------------------------------------------

function checkIndex(op: string, index: unknown): asserts index is Tensor {
  checkTensor(op, index, 'index');
  if (index.dtype !== 'int64' && index.dtype !== 'int32')
    throw new DTypeError(`${op}: expected index to be int64 or int32, got ${index.dtype}`);
}

/** An index for each element; an empty one may be of any dtype, as in PyTorch. */
function checkElementIndex(op: string, index: unknown): asserts index is Tensor {
  checkTensor(op, index, 'index');
  if (index.dtype !== 'int64' && index.numel() > 0)
    throw new DTypeError(`${op}: expected index to be int64, got ${index.dtype}`);
}

/** Indices along one dimension: a list, or one number as a zero-dimensional tensor. */
function checkIndexList(op: string, index: unknown): asserts index is Tensor {
  checkIndex(op, index);
  if (index.shape.length > 1)
    throw new ShapeError(`${op}: expected index to have at most one dimension, got shape ${show(index.shape)}`);
}

function checkSameDtype(op: string, self: Tensor, other: Tensor, name: string): void {
  if (self.dtypeInfo !== other.dtypeInfo)
    throw new DTypeError(`${op}: expected self and ${name} of one dtype, got ${self.dtype} and ${other.dtype}`);
}

/** Sizes of an index beside those of what it picks from: no larger, but in the dimension that it goes along. */
function checkIndexFits(op: string, index: Tensor, shape: Shape, dim: number, name: string): void {
  const ndim = Math.max(index.shape.length, 1);
  const fits =
    ndim === Math.max(shape.length, 1) && index.shape.every((size, d) => d === dim || size <= (shape[d] ?? 1));
  if (!fits && index.numel() > 0)
    throw new ShapeError(`${op}: index of shape ${show(index.shape)} does not fit ${name} of shape ${show(shape)}`);
}

/** A copy that a kernel then changes. */
function copyOf(self: Tensor): Tensor {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  copyInto(out, self);
  return out;
}

/** A value for a kernel: a number of the dtype of `self`, or the tensor cast to it. */
function valueOperand(value: Operand, self: Tensor): Tensor | ReturnType<typeof scalarOperand> {
  return value instanceof Tensor ? castTo(value, self.dtypeInfo) : scalarOperand(value, self.dtypeInfo);
}

// --- gather and scatter -------------------------------------------------------------------------------------------------

const gatherPrimitive = primitive(
  'gather',
  ['self', 'dim', 'index'],
  (self: Tensor, dim: number, index: Tensor): Tensor => {
    const out = allocate(index.shape, self.dtypeInfo, self.device);
    if (index.numel() > 0) launch(KERNELS.gather, [out, self, castTo(index, INT64)], [dim]);
    return out;
  },
);

/**
 * `out[i][j] = self[index[i][j]][j]`, for dim 0: the elements along `dim` that `index` names.
 *
 * @example torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0n], [1n]])) // tensor([[1.], [4.]])
 */
export function gather(
  self: Tensor,
  dim: number,
  index: Tensor,
  options?: OutOptions & { sparseGrad?: boolean },
): Tensor {
  checkTensor('gather', self);
  checkElementIndex('gather', index);
  const { out } = readOptions('gather', options, { out: undefined as Tensor | undefined, sparseGrad: false });
  const at = normalizeDim('gather', dim, self.shape.length);
  checkIndexFits('gather', index, self.shape, at, 'self');
  if (out !== undefined) checkOutDtype('gather', out, self.dtypeInfo);
  const result = gatherPrimitive(self, at, index);
  return out === undefined ? result : writeOut('gather', out, result);
}

/** A primitive that changes a copy of its first argument, and in place the argument itself. */
function changing<A extends readonly unknown[]>(change: (out: Tensor, ...args: A) => void) {
  return {
    forward: (self: Tensor, ...args: A): Tensor => {
      const out = copyOf(self);
      change(out, ...args);
      return out;
    },
    options: {
      into: (out: Tensor, _self: Tensor, ...args: A) => change(out, ...args),
      converts: true,
    } as unknown as PrimitiveOptions,
  };
}

function launchScatter(out: Tensor, dim: number, index: Tensor, src: Operand, mode: Combine): void {
  if (index.numel() === 0) return;
  launch(KERNELS.scatter, [out, valueOperand(src, out), castTo(index, INT64)], [dim, mode]);
}

const scatterChange = changing((out, dim: number, index: Tensor, src: Operand) =>
  launchScatter(out, dim, index, src, COMBINE.assign),
);
const scatterPrimitive = primitive(
  'scatter',
  ['self', 'dim', 'index', 'src'],
  (self: Tensor, dim: number, index: Tensor, src: Operand): Tensor => scatterChange.forward(self, dim, index, src),
  scatterChange.options,
);

const scatterAddChange = changing((out, dim: number, index: Tensor, src: Operand) =>
  launchScatter(out, dim, index, src, COMBINE.add),
);
const scatterAddPrimitive = primitive(
  'scatterAdd',
  ['self', 'dim', 'index', 'src'],
  (self: Tensor, dim: number, index: Tensor, src: Operand): Tensor => scatterAddChange.forward(self, dim, index, src),
  scatterAddChange.options,
);

const scatterCombineChange = changing((out, dim: number, index: Tensor, src: Operand, mode: Combine) =>
  launchScatter(out, dim, index, src, mode),
);
const scatterCombinePrimitive = primitive(
  'scatterCombine',
  ['self', 'dim', 'index', 'src', 'mode'],
  (self: Tensor, dim: number, index: Tensor, src: Operand, mode: Combine): Tensor =>
    scatterCombineChange.forward(self, dim, index, src, mode),
  scatterCombineChange.options,
);

export interface ScatterOptions extends OutOptions {
  reduce?: 'add' | 'multiply' | undefined;
}

function scatterArguments(op: string, self: Tensor, dim: number, index: Tensor, src: Operand): number {
  checkTensor(op, self);
  checkElementIndex(op, index);
  const at = normalizeDim(op, dim, self.shape.length);
  checkIndexFits(op, index, self.shape, at, 'self');
  if (src instanceof Tensor) {
    checkSameDtype(op, self, src, 'src');
    checkIndexFits(op, index, src.shape, -1, 'src');
  } else if (!isScalar(src))
    throw new ValueError(`${op}: expected src to be a tensor or a number, got ${describe(src)}`);
  return at;
}

function scatterMode(op: string, options: ScatterOptions | undefined): { mode: Combine; out: Tensor | undefined } {
  const { reduce, out } = readOptions<ScatterOptions>(op, options, { reduce: undefined, out: undefined });
  if (reduce === undefined) return { mode: COMBINE.assign, out };
  if (reduce !== 'add' && reduce !== 'multiply')
    throw new ValueError(`${op}: expected reduce to be 'add' or 'multiply', got ${describe(reduce)}`);
  return { mode: COMBINE[reduce], out };
}

/**
 * `self` with `out[index[i][j]][j] = src[i][j]`, for dim 0. `src` may be a number. Where an index comes twice the last value
 * stays; `reduce` adds or multiplies instead.
 *
 * @example
 * torch.scatter(torch.zeros([2, 3]), 1, torch.tensor([[2n], [0n]]), torch.tensor([[5], [6]])) // tensor([[0., 0., 5.], [6., 0., 0.]])
 */
export function scatter(self: Tensor, dim: number, index: Tensor, src: Operand, options?: ScatterOptions): Tensor {
  const at = scatterArguments('scatter', self, dim, index, src);
  const { mode, out } = scatterMode('scatter', options);
  const result =
    mode === COMBINE.assign
      ? scatterPrimitive(self, at, index, src)
      : scatterCombinePrimitive(self, at, index, src, mode);
  return out === undefined ? result : writeOut('scatter', out, result);
}

/** {@link scatter}, written into `self`. */
export function scatter_(self: Tensor, dim: number, index: Tensor, src: Operand, options?: ScatterOptions): Tensor {
  const at = scatterArguments('scatter_', self, dim, index, src);
  const { mode } = scatterMode('scatter_', options);
  if (mode === COMBINE.assign) return runInPlace(scatterPrimitive.definition, self, [at, index, src]);
  return runInPlace(scatterCombinePrimitive.definition, self, [at, index, src, mode]);
}

/**
 * `self` with `out[index[i][j]][j] += src[i][j]`, for dim 0.
 *
 * @example torch.scatterAdd(torch.zeros([3]), 0, torch.tensor([0n, 2n, 0n]), torch.tensor([1, 2, 3])) // tensor([4., 0., 2.])
 */
export const scatterAdd = castable(
  'scatterAdd',
  (self: Tensor, dim: number, index: Tensor, src: Tensor, options?: OutOptions): Tensor => {
    checkTensor('scatterAdd', src, 'src');
    const { out } = readOptions<OutOptions>('scatterAdd', options, { out: undefined });
    const result = scatterAddPrimitive(self, scatterArguments('scatterAdd', self, dim, index, src), index, src);
    return out === undefined ? result : writeOut('scatterAdd', out, result);
  },
);

/** {@link scatterAdd}, written into `self`. */
export function scatterAdd_(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  checkTensor('scatterAdd_', src, 'src');
  const at = scatterArguments('scatterAdd_', self, dim, index, src);
  return runInPlace(scatterAddPrimitive.definition, self, [at, index, src]);
}

export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin';
export interface ScatterReduceOptions extends OutOptions {
  /** Whether the elements of `self` are reduced, too; else those that something is written to are replaced. */
  includeSelf?: boolean | undefined;
}

/** What a place has before anything is reduced into it. */
function neutral(reduce: ScatterReduction, self: Tensor): Scalar {
  if (reduce === 'prod') return 1;
  if (reduce === 'sum' || reduce === 'mean') return 0;
  return neutralExtreme(self, reduce);
}

const REDUCTION_MODES: Record<ScatterReduction, Combine> = {
  sum: COMBINE.add,
  mean: COMBINE.add,
  prod: COMBINE.multiply,
  amax: COMBINE.amax,
  amin: COMBINE.amin,
};

function reductionMode(op: string, reduce: ScatterReduction): Combine {
  const mode = REDUCTION_MODES[reduce];
  if (mode === undefined)
    throw new ValueError(`${op}: expected reduce to be sum, prod, mean, amax or amin, got ${describe(reduce)}`);
  return mode;
}

/** Sums divided by how many went into each; integers round down, as in PyTorch. */
function divideByCount(sums: Tensor, counts: Tensor): Tensor {
  const divisor = counts.maskedFill(counts.eq(0), 1);
  return sums.dtypeInfo.rank >= 2 ? sums.div(divisor) : sums.to('float64').div(divisor).floor().to(sums.dtype);
}

/**
 * `self` with the elements of `src` reduced into the places that `index` names: `sum`, `prod`, `mean`, `amax` or `amin`.
 *
 * @example torch.scatterReduce(torch.ones([2]), 0, torch.tensor([0n, 0n]), torch.tensor([2, 3]), 'prod') // tensor([6., 1.])
 */
export function scatterReduce(
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor {
  checkTensor('scatterReduce', src, 'src');
  const { includeSelf, out } = readOptions<ScatterReduceOptions>('scatterReduce', options, {
    includeSelf: true,
    out: undefined,
  });
  const at = scatterArguments('scatterReduce', self, dim, index, src);
  const mode = reductionMode('scatterReduce', reduce);
  const start = includeSelf ? self : scatterPrimitive(self, at, index, neutral(reduce, self));
  let result =
    mode === COMBINE.add
      ? scatterAddPrimitive(start, at, index, src)
      : scatterCombinePrimitive(start, at, index, src, mode);
  if (reduce === 'mean') {
    const counts = zeros(self.shape, { dtype: self.dtype, device: self.device });
    if (includeSelf) counts.fill_(1);
    launchScatter(counts, at, index, 1, COMBINE.add);
    result = divideByCount(result, counts);
  }
  return out === undefined ? result : writeOut('scatterReduce', out, result);
}

/** {@link scatterReduce}, written into `self`. */
export function scatterReduce_(
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor {
  checkTensor('scatterReduce_', self);
  return self.copy_(scatterReduce(self, dim, index, src, reduce, options));
}

// --- One index along a dimension ----------------------------------------------------------------------------------------

const indexSelectPrimitive = primitive(
  'indexSelect',
  ['self', 'dim', 'index'],
  (self: Tensor, dim: number, index: Tensor): Tensor => {
    const shape = self.shape.length === 0 ? [] : self.shape.with(dim, index.numel());
    const out = allocate(shape, self.dtypeInfo, self.device);
    launch(KERNELS.indexSelect, [out, self, castTo(index, INT64)], [dim]);
    return out;
  },
);

/**
 * The parts along `dim` that `index` names, in its order.
 *
 * @example torch.indexSelect(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([1n])) // tensor([[2.], [4.]])
 */
export function indexSelect(self: Tensor, dim: number, index: Tensor, options?: OutOptions): Tensor {
  checkTensor('indexSelect', self);
  checkIndexList('indexSelect', index);
  const { out } = readOptions<OutOptions>('indexSelect', options, { out: undefined });
  if (self.shape.length === 0 && index.numel() !== 1)
    throw new ShapeError(`indexSelect: expected one index for a zero-dimensional tensor, got ${index.numel()}`);
  const result = indexSelectPrimitive(self, normalizeDim('indexSelect', dim, self.shape.length), index);
  return out === undefined ? result : writeOut('indexSelect', out, result);
}

function launchIndexed(
  launched: Kernel,
  out: Tensor,
  dim: number,
  index: Tensor,
  source: Operand,
  params: readonly Param[] = [],
): void {
  if (index.numel() === 0) return;
  launch(launched, [out, valueOperand(source, out), castTo(index, INT64)], [dim, ...params]);
}

const indexAddChange = changing((out, dim: number, index: Tensor, source: Tensor) =>
  launchIndexed(KERNELS.indexAdd, out, dim, index, source),
);
const indexAddPrimitive = primitive(
  'indexAdd',
  ['self', 'dim', 'index', 'source'],
  (self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
    indexAddChange.forward(self, dim, index, source),
  indexAddChange.options,
);
const indexCopyChange = changing((out, dim: number, index: Tensor, source: Tensor) =>
  launchIndexed(KERNELS.indexCopy, out, dim, index, source),
);
const indexCopyPrimitive = primitive(
  'indexCopy',
  ['self', 'dim', 'index', 'source'],
  (self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
    indexCopyChange.forward(self, dim, index, source),
  indexCopyChange.options,
);
const indexFillChange = changing((out, dim: number, index: Tensor, value: Operand) => {
  if (!(value instanceof Tensor)) return launchIndexed(KERNELS.indexFill, out, dim, index, value);
  // A value in memory is spread over what it fills.
  const shape = out.shape.length === 0 ? [] : out.shape.with(dim, index.numel());
  launchIndexed(KERNELS.indexFill, out, dim, index, broadcastTo('indexFill', value, shape));
});
const indexFillPrimitive = primitive(
  'indexFill',
  ['self', 'dim', 'index', 'value'],
  (self: Tensor, dim: number, index: Tensor, value: Operand): Tensor =>
    indexFillChange.forward(self, dim, index, value),
  indexFillChange.options,
);
const indexCombineChange = changing((out, dim: number, index: Tensor, source: Operand, mode: Combine) =>
  launchIndexed(KERNELS.indexReduce, out, dim, index, source, [mode]),
);
const indexCombinePrimitive = primitive(
  'indexCombine',
  ['self', 'dim', 'index', 'source', 'mode'],
  (self: Tensor, dim: number, index: Tensor, source: Operand, mode: Combine): Tensor =>
    indexCombineChange.forward(self, dim, index, source, mode),
  indexCombineChange.options,
);

function indexedArguments(op: string, self: Tensor, dim: number, index: Tensor, source: Tensor): number {
  checkTensor(op, self);
  checkIndexList(op, index);
  checkTensor(op, source, 'source');
  checkSameDtype(op, self, source, 'source');
  const at = normalizeDim(op, dim, self.shape.length);
  const expected = self.shape.length === 0 ? [] : self.shape.with(at, index.numel());
  if (!sameShape(source.shape, expected) && !(numelOf(expected) === 1 && source.numel() === 1))
    throw new ShapeError(`${op}: expected source of shape ${show(expected)}, got ${show(source.shape)}`);
  return at;
}

export interface IndexAddOptions extends OutOptions {
  /** The factor of `source`. */
  alpha?: Scalar | undefined;
}

function scale(source: Tensor, alpha: Scalar | undefined): Tensor {
  if (!isScalar(alpha)) throw new ValueError(`indexAdd: expected alpha to be a number, got ${describe(alpha)}`);
  return alpha === 1 ? source : source.mul(alpha);
}

/** A source whose single element may come without dimensions, or with some, in the shape of what it is added to. */
function fitSource(self: Tensor, source: Tensor): Tensor {
  return source.shape.length === self.shape.length ? source : source.reshape(self.shape.map(() => 1));
}

/**
 * `self` with the parts of `source` times `alpha` added at the places along `dim` that `index` names.
 *
 * @example torch.indexAdd(torch.ones([3]), 0, torch.tensor([0n, 2n]), torch.tensor([1, 2])) // tensor([2., 1., 3.])
 */
export function indexAdd(self: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor {
  const at = indexedArguments('indexAdd', self, dim, index, source);
  const { alpha, out } = readOptions<IndexAddOptions>('indexAdd', options, { alpha: 1, out: undefined });
  const scaled = scale(source, alpha);
  const result = indexAddPrimitive(self, at, index, fitSource(self, scaled));
  return out === undefined ? result : writeOut('indexAdd', out, result);
}

/** {@link indexAdd}, written into `self`. */
export function indexAdd_(self: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor {
  const at = indexedArguments('indexAdd_', self, dim, index, source);
  const { alpha } = readOptions<IndexAddOptions>('indexAdd_', options, { alpha: 1, out: undefined });
  const scaled = scale(source, alpha);
  return runInPlace(indexAddPrimitive.definition, self, [at, index, fitSource(self, scaled)]);
}

/**
 * `self` with the parts of `source` in place of those along `dim` that `index` names.
 *
 * @example torch.indexCopy(torch.zeros([3]), 0, torch.tensor([2n, 0n]), torch.tensor([1, 2])) // tensor([2., 0., 1.])
 */
export function indexCopy(self: Tensor, dim: number, index: Tensor, source: Tensor, options?: OutOptions): Tensor {
  const at = indexedArguments('indexCopy', self, dim, index, source);
  const { out } = readOptions<OutOptions>('indexCopy', options, { out: undefined });
  const result = indexCopyPrimitive(self, at, index, fitSource(self, source));
  return out === undefined ? result : writeOut('indexCopy', out, result);
}

/** {@link indexCopy}, written into `self`. */
export function indexCopy_(self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const at = indexedArguments('indexCopy_', self, dim, index, source);
  return runInPlace(indexCopyPrimitive.definition, self, [at, index, fitSource(self, source)]);
}

function fillArguments(op: string, self: Tensor, dim: number, index: Tensor, value: Operand): number {
  checkTensor(op, self);
  checkIndexList(op, index);
  if (!isScalar(value) && !(value instanceof Tensor && value.shape.length === 0))
    throw new ValueError(`${op}: expected a number or a zero-dimensional tensor, got ${describe(value)}`);
  return normalizeDim(op, dim, self.shape.length);
}

/**
 * `self` with `value` in the places along `dim` that `index` names.
 *
 * @example torch.indexFill(torch.zeros([3]), 0, torch.tensor([0n, 2n]), 5) // tensor([5., 0., 5.])
 */
export function indexFill(self: Tensor, dim: number, index: Tensor, value: Operand): Tensor {
  return indexFillPrimitive(self, fillArguments('indexFill', self, dim, index, value), index, value);
}

/** {@link indexFill}, written into `self`. */
export function indexFill_(self: Tensor, dim: number, index: Tensor, value: Operand): Tensor {
  const at = fillArguments('indexFill_', self, dim, index, value);
  return runInPlace(indexFillPrimitive.definition, self, [at, index, value]);
}

export type IndexReduction = 'prod' | 'mean' | 'amax' | 'amin';

/**
 * `self` with the parts of `source` reduced into the places along `dim` that `index` names.
 *
 * @example torch.indexReduce(torch.tensor([1, 5]), 0, torch.tensor([0n, 1n]), torch.tensor([3, 3]), 'amax') // tensor([3., 5.])
 */
export function indexReduce(
  self: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: IndexReduction,
  options?: ScatterReduceOptions,
): Tensor {
  const at = indexedArguments('indexReduce', self, dim, index, source);
  const { includeSelf, out } = readOptions<ScatterReduceOptions>('indexReduce', options, {
    includeSelf: true,
    out: undefined,
  });
  const mode = reductionMode('indexReduce', reduce);
  const start = includeSelf ? self : indexFillPrimitive(self, at, index, neutral(reduce, self));
  const fitted = fitSource(self, source);
  let result =
    mode === COMBINE.add
      ? indexAddPrimitive(start, at, index, fitted)
      : indexCombinePrimitive(start, at, index, fitted, mode);
  if (reduce === 'mean') {
    const counts = zeros(self.shape, { dtype: self.dtype, device: self.device });
    if (includeSelf) counts.fill_(1);
    launchIndexed(KERNELS.indexReduce, counts, at, index, 1, [COMBINE.add]);
    result = divideByCount(result, counts);
  }
  return out === undefined ? result : writeOut('indexReduce', out, result);
}

/** {@link indexReduce}, written into `self`. */
export function indexReduce_(
  self: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: IndexReduction,
  options?: ScatterReduceOptions,
): Tensor {
  checkTensor('indexReduce_', self);
  return self.copy_(indexReduce(self, dim, index, source, reduce, options));
}

// --- The tensor as one line ---------------------------------------------------------------------------------------------

/**
 * The elements of the flattened tensor that `index` names, in its shape. Negative indices count from the end.
 *
 * @example torch.take(torch.tensor([[4, 3], [2, 1]]), torch.tensor([0n, 3n])) // tensor([4., 1.])
 */
export function take(self: Tensor, index: Tensor, options?: OutOptions): Tensor {
  checkTensor('take', self);
  checkIndex('take', index);
  const { out } = readOptions<OutOptions>('take', options, { out: undefined });
  const result = self.reshape([-1]).at(index.to('int64'));
  return out === undefined ? result : writeOut('take', out, result);
}

export interface PutOptions {
  accumulate?: boolean | undefined;
}

/**
 * `self` with the elements of `source` at the places of the flattened tensor that `index` names.
 *
 * @example torch.put(torch.zeros([2, 2]), torch.tensor([1n, 2n]), torch.tensor([9, 8])) // tensor([[0., 9.], [8., 0.]])
 */
export function put(self: Tensor, index: Tensor, source: Tensor, options?: PutOptions): Tensor {
  checkTensor('put', self);
  checkIndex('put', index);
  checkTensor('put', source, 'source');
  checkSameDtype('put', self, source, 'source');
  const { accumulate } = readOptions<PutOptions>('put', options, { accumulate: false });
  checkBoolean('put', 'accumulate', accumulate);
  if (index.numel() !== source.numel())
    throw new ShapeError(
      `put: expected as many indices as elements of source, got ${index.numel()} and ${source.numel()}`,
    );
  const line = self.reshape([-1]);
  const places = [index.to('int64').reshape([-1])];
  return line.indexPut(places, source.reshape([-1]), { accumulate }).reshape(self.shape);
}

export interface TakeAlongOptions extends OutOptions {
  dim?: number | null | undefined;
}

/**
 * {@link gather} with indices that broadcast against `self`; of the flattened tensor where `dim` is left out.
 *
 * @example torch.takeAlongDim(torch.tensor([[10, 30, 20]]), torch.tensor([[1n]]), 1) // tensor([[30.]])
 */
export function takeAlongDim(
  self: Tensor,
  indices: Tensor,
  dim?: number | null | TakeAlongOptions,
  options?: TakeAlongOptions,
): Tensor {
  checkTensor('takeAlongDim', self);
  checkIndex('takeAlongDim', indices);
  const given = typeof dim === 'object' && dim !== null ? dim : { ...options, dim };
  const { dim: along, out } = readOptions<TakeAlongOptions>('takeAlongDim', given, { dim: undefined, out: undefined });
  const result =
    along === undefined || along === null
      ? gather(self.reshape([-1]), 0, indices.reshape([-1]))
      : gatherBroadcast(self, indices, normalizeDim('takeAlongDim', along, self.shape.length));
  return out === undefined ? result : writeOut('takeAlongDim', out, result);
}

function gatherBroadcast(self: Tensor, indices: Tensor, dim: number): Tensor {
  if (self.shape.length !== indices.shape.length)
    throw new ShapeError(
      `takeAlongDim: expected self and indices of as many dimensions, got ${show(self.shape)} and ${show(indices.shape)}`,
    );
  const shape = broadcastShapes('takeAlongDim', self.shape.with(dim, 1), indices.shape.with(dim, 1));
  return gatherPrimitive(
    self.expand(shape.with(dim, self.shape[dim] as number)),
    dim,
    indices.expand(shape.with(dim, indices.shape[dim] as number)),
  );
}

// --- Masks --------------------------------------------------------------------------------------------------------------

function checkMask(op: string, mask: unknown): asserts mask is Tensor {
  checkTensor(op, mask, 'mask');
  if (mask.dtype !== 'bool' && mask.dtype !== 'uint8')
    throw new DTypeError(`${op}: expected mask to be bool, got ${mask.dtype}`);
}

function fillWhere(out: Tensor, self: Tensor, mask: Tensor, value: Operand): void {
  const spread =
    value instanceof Tensor
      ? broadcastTo('maskedFill', castTo(value, out.dtypeInfo), out.shape)
      : scalarOperand(value, out.dtypeInfo);
  launch(KERNELS.where, [out, broadcastTo('maskedFill', castTo(mask, BOOL), out.shape), spread, self]);
}

const maskedFillPrimitive = primitive(
  'maskedFill',
  ['self', 'mask', 'value'],
  (self: Tensor, mask: Tensor, value: Operand): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    fillWhere(out, self, mask, value);
    return out;
  },
  {
    into: (out: Tensor, _self: Tensor, mask: Tensor, value: Operand) => fillWhere(out, out, mask, value),
    converts: true,
  },
);

function checkMaskedFill(op: string, self: Tensor, mask: Tensor, value: Operand): void {
  checkTensor(op, self);
  checkMask(op, mask);
  if (!isScalar(value) && !(value instanceof Tensor && value.shape.length === 0))
    throw new ValueError(`${op}: expected a number or a zero-dimensional tensor, got ${describe(value)}`);
  const given = value instanceof Tensor ? value.dtypeInfo : scalarInfo(value);
  if (given.category === 'complex' && !self.isComplex())
    throw new DTypeError(`${op}: a complex value does not fit ${self.dtype}`);
}

/**
 * `self` with `value` where `mask` is true; the two broadcast.
 *
 * @example torch.maskedFill(torch.tensor([1, 2, 3]), torch.tensor([true, false, true]), 0) // tensor([0., 2., 0.])
 */
export function maskedFill(self: Tensor, mask: Tensor, value: Operand): Tensor {
  checkMaskedFill('maskedFill', self, mask, value);
  const shape = broadcastShapes('maskedFill', self.shape, mask.shape);
  return maskedFillPrimitive(self.expand(shape), mask, value);
}

/** {@link maskedFill}, written into `self`. */
export function maskedFill_(self: Tensor, mask: Tensor, value: Operand): Tensor {
  checkMaskedFill('maskedFill_', self, mask, value);
  broadcastTo('maskedFill_', mask, self.shape);
  return runInPlace(maskedFillPrimitive.definition, self, [mask, value]);
}

const maskedSelectPrimitive = primitive('maskedSelect', ['self', 'mask'], (self: Tensor, mask: Tensor): Tensor => {
  const truth = broadcastTo('maskedSelect', castTo(mask, BOOL), self.shape);
  const out = allocate([truth.sum().item()], self.dtypeInfo, self.device);
  launch(KERNELS.maskedSelect, [out, self, truth]);
  return out;
});

/**
 * The elements where `mask` is true, row-major, in one dimension; the two broadcast.
 *
 * @example torch.maskedSelect(torch.tensor([1, 2, 3]), torch.tensor([true, false, true])) // tensor([1., 3.])
 */
export function maskedSelect(self: Tensor, mask: Tensor, options?: OutOptions): Tensor {
  checkTensor('maskedSelect', self);
  checkMask('maskedSelect', mask);
  const { out } = readOptions<OutOptions>('maskedSelect', options, { out: undefined });
  const shape = broadcastShapes('maskedSelect', self.shape, mask.shape);
  const result = maskedSelectPrimitive(self.expand(shape), mask);
  return out === undefined ? result : writeOut('maskedSelect', out, result);
}

const maskedScatterChange = changing((out, mask: Tensor, source: Tensor) => {
  const line = castTo(source, out.dtypeInfo);
  const flat = viewOf(line, [line.numel()], [1], line.offset);
  launch(KERNELS.maskedScatter, [out, flat, broadcastTo('maskedScatter', castTo(mask, BOOL), out.shape)]);
});
const maskedScatterPrimitive = primitive(
  'maskedScatter',
  ['self', 'mask', 'source'],
  (self: Tensor, mask: Tensor, source: Tensor): Tensor => maskedScatterChange.forward(self, mask, source),
  maskedScatterChange.options,
);

function checkMaskedScatter(op: string, self: Tensor, mask: Tensor, source: Tensor): void {
  checkTensor(op, self);
  checkMask(op, mask);
  checkTensor(op, source, 'source');
  checkSameDtype(op, self, source, 'source');
}

/**
 * `self` with the elements of `source`, in order, where `mask` is true; self and mask broadcast.
 *
 * @example torch.maskedScatter(torch.zeros([3]), torch.tensor([true, false, true]), torch.tensor([1, 2])) // tensor([1., 0., 2.])
 */
export function maskedScatter(self: Tensor, mask: Tensor, source: Tensor): Tensor {
  checkMaskedScatter('maskedScatter', self, mask, source);
  const shape = broadcastShapes('maskedScatter', self.shape, mask.shape);
  return maskedScatterPrimitive(self.expand(shape), mask, source.contiguous());
}

/** {@link maskedScatter}, written into `self`. */
export function maskedScatter_(self: Tensor, mask: Tensor, source: Tensor): Tensor {
  checkMaskedScatter('maskedScatter_', self, mask, source);
  broadcastTo('maskedScatter_', mask, self.shape);
  return runInPlace(maskedScatterPrimitive.definition, self, [mask, source.contiguous()]);
}

const nonzeroPrimitive = primitive('nonzero', ['self'], (self: Tensor): Tensor => {
  const count = castTo(self, BOOL).sum().item();
  const out = allocate([count, self.shape.length], INT64, self.device);
  launch(KERNELS.nonzero, [out, self]);
  return out;
});

/**
 * The indices of the elements that differ from 0: `[count, ndim]`, row-major; with `asTuple` a list, one of each dimension.
 *
 * @example torch.nonzero(torch.tensor([0, 3, 0, 5])) // tensor([[1], [3]])
 */
export function nonzero(self: Tensor, options?: { asTuple?: false | undefined } & OutOptions): Tensor {
  checkTensor('nonzero', self);
  const { asTuple, out } = readOptions('nonzero', options, {
    asTuple: false as boolean | undefined,
    out: undefined as Tensor | undefined,
  });
  if (asTuple) {
    const line = self.shape.length === 0 ? self.reshape([1]) : self;
    const found = nonzeroPrimitive(line);
    return line.shape.map((_, d) => found.select(1, d)) as unknown as Tensor;
  }
  const result = nonzeroPrimitive(self);
  return out === undefined ? result : writeOut('nonzero', out, result);
}

/**
 * {@link nonzero}: `[count, ndim]`.
 *
 * @example torch.argwhere(torch.tensor([[1, 0], [0, 1]])) // tensor([[0, 0], [1, 1]])
 */
export function argwhere(self: Tensor): Tensor {
  checkTensor('argwhere', self);
  return nonzeroPrimitive(self);
}

/** Indexing with its arguments normalised; for derivatives. */
const indexingPrimitives = {
  gather: gatherPrimitive,
  scatter: scatterPrimitive,
  scatterAdd: scatterAddPrimitive,
  scatterCombine: scatterCombinePrimitive,
  indexSelect: indexSelectPrimitive,
  indexAdd: indexAddPrimitive,
  indexCopy: indexCopyPrimitive,
  indexFill: indexFillPrimitive,
  indexCombine: indexCombinePrimitive,
  maskedFill: maskedFillPrimitive,
  maskedSelect: maskedSelectPrimitive,
  maskedScatter: maskedScatterPrimitive,
  nonzero: nonzeroPrimitive,
};
export default indexingPrimitives;
