import { type Device, describe, dtypeInfo, IndexError, kernel, launch, ShapeError, ValueError } from '@ts-torch/core';
import { allocate, viewOf } from '../allocation.js';
import { castable } from '../castable.js';
import { tensor } from '../creation.js';
import {
  broadcastTo,
  castTo,
  checkTensor,
  copyInto,
  type Operand,
  primitive,
  readOptions,
  runInPlace,
  scalarOperand,
} from '../op.js';
import { isScalar } from '../promotion.js';
import { withoutRecording } from '../recording.js';
import { broadcastShapes, MAX_DIMS, numelOf, range, type Shape, sameShape, show, viewStrides } from '../shape.js';
import { Tensor } from '../tensor.js';
import { copy_, fill_ } from './copying.js';
import { item } from './reading.js';
import { sum } from './reductions.js';
import viewPrimitives, { reshape } from './views.js';

type Bound = '' | `${number}`;
/** A slice as in Python, as a string: `':'`, `'1:5'`, `'::2'`, `'-3:'`. Bounds may be negative, steps not. */
export type Slice = `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`;
/** Integers, or booleans for a mask; nested for more dimensions. */
export type IndexList = readonly (number | bigint | boolean | IndexList)[];
/**
 * What picks from one dimension (a mask: from as many as it has): an integer drops it, a {@link Slice} keeps a part, a list or a
 * tensor of integers picks by number, a mask picks where it is true. `'...'` stands for all dimensions not named, `null` makes
 * a new one of size 1, `true` and `false` a new one of size 1 or 0.
 */
export type Subscript = number | bigint | Slice | '...' | null | boolean | Tensor | IndexList;

// --- The primitives: indices are int64, of one shape, for the first dimensions of self ------------------------------------

const INDEX = kernel('index');
const INDEX_PUT = kernel('indexPut');
const NONZERO = kernel('nonzero');
const BOOL = dtypeInfo('bool');
const INT64 = dtypeInfo('int64');

const indexPrimitive = primitive('index', ['self', 'indices'], (self: Tensor, indices: readonly Tensor[]): Tensor => {
  const out = allocate(pickedShape(self.shape, indices), self.dtypeInfo, self.device);
  launch(INDEX, [out, self, ...indices]);
  return out;
});

function pickedShape(shape: Shape, indices: readonly Tensor[]): Shape {
  return [...(indices[0] as Tensor).shape, ...shape.slice(indices.length)];
}

function putInto(self: Tensor, values: Operand, indices: readonly Tensor[], accumulate: boolean): void {
  const shape = pickedShape(self.shape, indices);
  const operand =
    values instanceof Tensor
      ? broadcastTo('indexPut', castTo(values, self.dtypeInfo), shape)
      : scalarOperand(values, self.dtypeInfo);
  launch(INDEX_PUT, [self, operand, ...indices], [accumulate]);
}

const indexPutPrimitive = primitive(
  'indexPut',
  ['self', 'values', 'indices', 'accumulate'],
  (self: Tensor, values: Operand, indices: readonly Tensor[], accumulate: boolean): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    copyInto(out, self);
    putInto(out, values, indices, accumulate);
    return out;
  },
  {
    into: (out: Tensor, _self: Tensor, values: Operand, indices: readonly Tensor[], accumulate: boolean) =>
      putInto(out, values, indices, accumulate),
    converts: true,
  },
);

/** Indexing with its arguments normalised; for derivatives. */
export const subscriptPrimitives = { index: indexPrimitive, indexPut: indexPutPrimitive };

// --- Reading subscripts -----------------------------------------------------------------------------------------------------

/** What is left of `self` after integers, slices and `null` were applied, and the indices for each of its dimensions. */
interface Selection {
  view: Tensor;
  readonly indices: (Tensor | null)[];
}

const SLICE = /^(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?$/;

function isIndex({ dtype }: Tensor): boolean {
  return dtype === 'int64' || dtype === 'int32';
}

/** uint8 counts as a mask, as in PyTorch. */
function isMask({ dtype }: Tensor): boolean {
  return dtype === 'bool' || dtype === 'uint8';
}

/** Lists become tensors, bigints numbers; throws for what is no subscript. */
function readSubscript(op: string, value: unknown, device: Device): Exclude<Subscript, IndexList | bigint> {
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (!Number.isSafeInteger(Number(value)))
      throw new IndexError(`${op}: expected an integer index, got ${describe(value)}`);
    return Number(value);
  }
  if (value === null || typeof value === 'boolean' || value === '...') return value;
  if (typeof value === 'string' && SLICE.test(value)) return value as Slice;
  if (value instanceof Tensor) {
    if (isIndex(value) || isMask(value)) return value;
    throw new IndexError(`${op}: expected an index tensor of int64, int32, bool or uint8, got ${value.dtype}`);
  }
  if (Array.isArray(value)) return listIndex(op, value, device);
  throw new IndexError(
    `${op}: expected an integer, a slice such as '1:5', '...', null, a boolean, a list or a tensor, got ${describe(value)}`,
  );
}

function listIndex(op: string, list: IndexList, device: Device): Tensor {
  const items: unknown[] = (list as unknown[]).flat(MAX_DIMS);
  const isBool = items.length > 0 && items.every((item) => typeof item === 'boolean');
  if (!isBool && !items.every((item) => typeof item === 'bigint' || Number.isSafeInteger(item)))
    throw new IndexError(`${op}: expected a list of integers or of booleans, got ${describe(list)}`);
  return tensor(list, { dtype: isBool ? 'bool' : 'int64', device });
}

/** The dimensions of self that a subscript takes up. */
function dimsOf(subscript: Exclude<Subscript, IndexList | bigint>): number {
  if (subscript === null || subscript === '...' || typeof subscript === 'boolean') return 0;
  return subscript instanceof Tensor && isMask(subscript) ? subscript.shape.length : 1;
}

function select(op: string, self: Tensor, subscripts: unknown): Selection {
  checkTensor(op, self);
  if (!Array.isArray(subscripts))
    throw new IndexError(`${op}: expected a list of subscripts, got ${describe(subscripts)}`);
  const read = subscripts.map((value) => readSubscript(op, value, self.device));
  const named = read.reduce<number>((total, subscript) => total + dimsOf(subscript), 0);
  if (named > self.shape.length)
    throw new IndexError(`${op}: ${named} dimensions are indexed in a tensor of shape ${show(self.shape)}`);
  if (read.indexOf('...') !== read.lastIndexOf('...')) throw new IndexError(`${op}: expected '...' at most once`);
  const selection: Selection = { view: self, indices: [] };
  for (const subscript of read) {
    if (subscript === '...') selection.indices.push(...range(self.shape.length - named).map(() => null));
    else if (typeof subscript === 'string') takeSlice(op, selection, subscript);
    else if (typeof subscript === 'number') takeOne(op, selection, subscript);
    else if (subscript === null) insertDim(selection, null);
    else if (typeof subscript === 'boolean')
      insertDim(selection, placesOf(tensor([subscript], { device: self.device }))[0] as Tensor);
    else takeMany(op, selection, subscript);
  }
  return selection;
}

// Each of these treats the next dimension of the view: that of number `indices.length`.

function insertDim(selection: Selection, index: Tensor | null): void {
  const { view, indices } = selection;
  selection.view = viewPrimitives.view(view, view.shape.toSpliced(indices.length, 0, 1));
  indices.push(index);
}

function takeOne(op: string, selection: Selection, index: number): void {
  const dim = selection.indices.length;
  const size = selection.view.shape[dim] as number;
  if (index < -size || index >= size)
    throw new IndexError(`${op}: index ${index} is out of range for dimension ${dim} of size ${size}`);
  selection.view = viewPrimitives.select(selection.view, dim, index < 0 ? index + size : index);
}

function takeSlice(op: string, selection: Selection, slice: Slice): void {
  const { view, indices } = selection;
  const dim = indices.length;
  const size = view.shape[dim] as number;
  indices.push(null);
  if (slice === ':') return;
  const [, first, end, by] = SLICE.exec(slice) as RegExpExecArray;
  const step = Number(by ?? 1);
  if (step < 1) throw new ValueError(`${op}: expected a step of at least 1, got '${slice}'`);
  const clamp = (text: string | undefined, fallback: number): number => {
    const bound = text === undefined ? fallback : Number(text);
    return Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
  };
  const start = clamp(first, 0);
  const length = Math.ceil(Math.max(clamp(end, size) - start, 0) / step);
  selection.view = viewPrimitives.slice(view, dim, start, length, length > 1 ? step : 1);
}

function takeMany(op: string, selection: Selection, index: Tensor): void {
  if (!isMask(index) && index.shape.length === 0) takeOne(op, selection, item(index));
  else if (!isMask(index)) selection.indices.push(index);
  else if (index.shape.length === 0) insertDim(selection, placesOf(viewOf(index, [1], [1], index.offset))[0] as Tensor);
  else takeMask(op, selection, index);
}

function takeMask(op: string, selection: Selection, mask: Tensor): void {
  const { view, indices } = selection;
  const dim = indices.length;
  const covered = view.shape.slice(dim, dim + mask.shape.length);
  if (!sameShape(mask.shape, covered))
    throw new IndexError(
      `${op}: a mask of shape ${show(mask.shape)} does not fit dimension ${dim} and on of shape ${show(view.shape)}`,
    );
  // Dimensions that lie as one need one index.
  const flat = view.shape.toSpliced(dim, covered.length, numelOf(covered));
  if (viewStrides(view.shape, view.strides, flat) === undefined) {
    indices.push(...placesOf(mask));
  } else {
    selection.view = viewPrimitives.view(view, flat);
    indices.push(...placesOf(reshape(mask, [-1])));
  }
}

/** Where a mask is true: for each of its dimensions the indices. */
function placesOf(mask: Tensor): Tensor[] {
  const set = castTo(mask, BOOL);
  const places = allocate([item(sum(set)), mask.shape.length], INT64, mask.device);
  launch(NONZERO, [places, set]);
  return mask.shape.map((_, d) => viewOf(places, [places.shape[0] as number], [mask.shape.length], d));
}

// --- Indices for some dimensions ------------------------------------------------------------------------------------------

/** The indexed dimensions first, as the primitives want them, and where the indices' own dimensions stand in the result. */
interface Arrangement {
  readonly permuted: Tensor;
  readonly indices: readonly Tensor[];
  /** How many dimensions of self come before those of the indices. */
  readonly lead: number;
}

/**
 * NumPy's rule: the dimensions of the indices stand where the indexed dimensions were if these are neighbours, else in front.
 * `null` where no dimension is indexed.
 */
function arrange(op: string, { view, indices }: Selection): Arrangement | null {
  const dims = range(view.shape.length);
  const indexed = dims.filter((d) => indices[d]);
  if (indexed.length === 0) return null;
  const first = indexed[0] as number;
  const neighbours = indexed.every((d, i) => d === first + i);
  const order = [...indexed, ...dims.filter((d) => !indices[d])];
  return {
    permuted: order.every((d, i) => d === i) ? view : viewPrimitives.permute(view, order),
    indices: alike(
      op,
      indexed.map((d) => indices[d] as Tensor),
    ),
    lead: neighbours ? first : 0,
  };
}

/** The indices in one shape and dtype. */
function alike(op: string, indices: readonly Tensor[]): Tensor[] {
  let shape: Shape = [];
  for (const index of indices) shape = broadcastIndices(op, shape, index.shape);
  return withoutRecording(() => indices.map((index) => broadcastTo(op, castTo(index, INT64), shape)));
}

function broadcastIndices(op: string, a: Shape, b: Shape): Shape {
  try {
    return broadcastShapes(op, a, b);
  } catch {
    throw new IndexError(`${op}: indices of shapes ${show(a)} and ${show(b)} do not broadcast`);
  }
}

/** The order that takes `count` dimensions from the front to behind `lead` others. */
function moveBack(count: number, lead: number, ndim: number): number[] {
  return [
    ...range(lead).map((d) => count + d),
    ...range(count),
    ...range(ndim - count - lead).map((d) => count + lead + d),
  ];
}

/** Its inverse. */
function moveFront(count: number, lead: number, ndim: number): number[] {
  return [
    ...range(count).map((d) => lead + d),
    ...range(lead),
    ...range(ndim - count - lead).map((d) => count + lead + d),
  ];
}

function pick(op: string, selection: Selection): Tensor {
  const arranged = arrange(op, selection);
  if (arranged === null) return viewPrimitives.alias(selection.view);
  const { permuted, indices, lead } = arranged;
  const picked = indexPrimitive(permuted, indices);
  if (lead === 0) return picked;
  const count = (indices[0] as Tensor).shape.length;
  return viewPrimitives.permute(picked, moveBack(count, lead, picked.shape.length));
}

function putAt(op: string, selection: Selection, values: Operand, accumulate: boolean): void {
  const arranged = arrange(op, selection);
  if (arranged === null) putView(selection.view, values, accumulate);
  else putPlaces(op, arranged, values, accumulate);
}

function putPlaces(op: string, { permuted, indices, lead }: Arrangement, values: Operand, accumulate: boolean): void {
  const arranged = arrangeValues(op, permuted.shape, indices, lead, values);
  runInPlace(indexPutPrimitive.definition, permuted, [arranged, indices, accumulate]);
}

/** Values stand in the shape that `at` would give: here they get the order of the primitive. */
function arrangeValues(op: string, shape: Shape, indices: readonly Tensor[], lead: number, values: Operand): Operand {
  if (!(values instanceof Tensor)) return values;
  const target = pickedShape(shape, indices);
  const trimmed = withoutLeadingOnes(values, target.length);
  const count = (indices[0] as Tensor).shape.length;
  const result = lead === 0 ? target : moveBack(count, lead, target.length).map((d) => target[d] as number);
  broadcastTo(op, trimmed, result);
  if (lead === 0 || trimmed.shape.length === 0) return trimmed;
  return viewPrimitives.permute(viewPrimitives.expand(trimmed, result), moveFront(count, lead, target.length));
}

/** A value may have more dimensions than its place, as long as they are of size 1. */
function withoutLeadingOnes(values: Tensor, ndim: number): Tensor {
  const extra = values.shape.length - ndim;
  if (extra <= 0 || !values.shape.slice(0, extra).every((size) => size === 1)) return values;
  return viewPrimitives.view(values, values.shape.slice(extra));
}

function putView(view: Tensor, values: Operand, accumulate: boolean): void {
  if (accumulate) view.add_(values instanceof Tensor ? withoutLeadingOnes(values, view.shape.length) : values);
  else if (values instanceof Tensor) copy_(view, withoutLeadingOnes(values, view.shape.length));
  else fill_(view, values);
}

// --- For users -----------------------------------------------------------------------------------------------------------

/**
 * Python's `x[...]`: `x.at(0, ':', '1:5', '...', null, mask, [0, 2])`. Integers, slices, `'...'` and `null` give views; lists,
 * index tensors and masks give copies, NumPy's rules deciding where their dimensions stand: where the indexed ones were if
 * these are neighbours, else in front. Zero-dimensional index tensors count as integers.
 *
 * Throws {@link IndexError} for indices out of range, too many subscripts, masks and indices whose shapes do not fit.
 *
 * @example torch.tensor([[1, 2], [3, 4]]).at(0, '1:') // tensor([2.])
 */
export function at(self: Tensor, ...subscripts: Subscript[]): Tensor {
  return pick('at', select('at', self, subscripts));
}

/** What assignments may add. */
export interface PutOptions {
  /** Add to what is there, instead of overwriting it; indices that occur twice count twice. */
  accumulate?: boolean | undefined;
}

function readPut(op: string, options: PutOptions | undefined): boolean {
  const { accumulate } = readOptions<PutOptions>(op, options, { accumulate: false });
  if (typeof accumulate !== 'boolean')
    throw new ValueError(`${op}: expected accumulate to be a boolean, got ${describe(accumulate)}`);
  return accumulate;
}

function checkValues(op: string, value: unknown): asserts value is Operand {
  if (!(value instanceof Tensor) && !isScalar(value))
    throw new ValueError(`${op}: expected a tensor or a number, got ${describe(value)}`);
}

/**
 * Python's `x[...] = value`: `x.put_([0, '1:5'], value)`, with the subscripts of {@link at}; the value broadcasts, and is
 * converted to the dtype of `self`. Given an index tensor instead of a list, PyTorch's `put_`: the index counts the elements
 * of `self`, row-major.
 *
 * Throws {@link ShapeError} where the value does not broadcast to the place, and as {@link at}.
 */
export function put_(
  self: Tensor,
  subscripts: readonly Subscript[] | Tensor,
  value: Operand,
  options?: PutOptions,
): Tensor {
  checkTensor('put_', self);
  checkValues('put_', value);
  const accumulate = readPut('put_', options);
  if (subscripts instanceof Tensor) putFlat(self, subscripts, value, accumulate);
  else putAt('put_', select('put_', self, subscripts), value, accumulate);
  return self;
}

function putFlat(self: Tensor, places: Tensor, value: Operand, accumulate: boolean): void {
  if (!isIndex(places)) throw new IndexError(`put_: expected an index of int64, got ${places.dtype}`);
  if (value instanceof Tensor && value.numel() !== places.numel())
    throw new ShapeError(`put_: ${value.numel()} values do not fit ${places.numel()} indices`);
  const flat = reshape(self, [self.numel()]);
  const values = value instanceof Tensor ? reshape(value, places.shape) : value;
  putAt('put_', { view: flat, indices: [places] }, values, accumulate);
  // Elements that do not lie in a row were copied.
  if (flat.storage !== self.storage) copy_(self, reshape(flat, self.shape));
}

/** An index for each of the first dimensions of self; `null` for one that is kept whole. Masks take up as many as they have. */
type Indices = readonly (Tensor | IndexList | null)[];

function selectIndices(op: string, self: Tensor, indices: Indices): Selection {
  checkTensor(op, self);
  if (!Array.isArray(indices))
    throw new IndexError(`${op}: expected a list of index tensors, got ${describe(indices)}`);
  const subscripts = indices.map((index) => {
    if (index === null) return ':';
    if (index instanceof Tensor || Array.isArray(index)) return index;
    throw new IndexError(`${op}: expected a list of index tensors, got ${describe(index)} in it`);
  });
  return select(op, self, subscripts);
}

function checkPut(op: string, self: Tensor, values: unknown): asserts values is Tensor {
  checkTensor(op, self);
  checkTensor(op, values, 'values');
  if (values.dtype !== self.dtype)
    throw new ValueError(`${op}: expected values of ${self.dtype}, the dtype of self, got ${values.dtype}`);
}

/** Writes `values` where the index tensors point; PyTorch's `index_put_`. For subscripts of all kinds: {@link put_}. */
export function indexPut_(self: Tensor, indices: Indices, values: Tensor, options?: PutOptions): Tensor {
  checkPut('indexPut_', self, values);
  const accumulate = readPut('indexPut_', options);
  putAt('indexPut_', selectIndices('indexPut_', self, indices), values, accumulate);
  return self;
}

/**
 * {@link indexPut_} into a copy.
 *
 * @example torch.indexPut(torch.zeros([3]), [torch.tensor([0n, 2n])], torch.tensor([1, 2])) // tensor([1., 0., 2.])
 */
export const indexPut = castable(
  'indexPut',
  (self: Tensor, indices: Indices, values: Tensor, options?: PutOptions): Tensor => {
    checkPut('indexPut', self, values);
    return indexPut_(self.clone(), indices, values, options);
  },
);
