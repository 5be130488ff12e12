import {
  type AnyTypedArray,
  type ComplexNumber,
  OutOfMemoryError,
  readElement,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { checkTensor } from '../op.js';
import { withoutRecording } from '../recording.js';
import { numelOf, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { contiguous } from './copying.js';

/** A nested list of the dtype's JavaScript values; a single one for a zero-dimensional tensor. */
// biome-ignore lint/suspicious/noExplicitAny: the depth is known at run time only, and users index into it
export type NestedList = any;

function toNumber(op: string, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new ValueError(`${op}: ${value} is beyond 2^53, where numbers are not exact; use toTypedArray()`);
  return number;
}

/**
 * The only element, as a number (a boolean for bool). Throws {@link ShapeError} unless there is exactly one element, and
 * for int64 beyond 2^53.
 *
 * @example torch.tensor([1.5]).item() // 1.5
 */
export function item(self: Tensor): number {
  checkTensor('item', self);
  if (self.numel() !== 1) throw new ShapeError(`item: expected one element, got shape ${show(self.shape)}`);
  const value = readElement(self.storage, self.dtypeInfo, self.offset);
  // Complex numbers and booleans come as what they are; the type says what nearly every caller gets.
  return (typeof value === 'bigint' ? toNumber('item', value) : value) as number;
}

/**
 * Whether the only element differs from 0. Throws {@link ShapeError} unless there is exactly one.
 *
 * @example torch.isNonzero(torch.tensor([2])) // true
 */
export function isNonzero(self: Tensor): boolean {
  checkTensor('isNonzero', self);
  const value = item(self) as number | boolean | { re: number; im: number };
  return typeof value === 'object' ? value.re !== 0 || value.im !== 0 : Boolean(value) || Number.isNaN(value);
}

const ARRAYS = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
} as const;

/**
 * A copy of the elements, row-major. bool comes as Uint8Array, float16 and bfloat16 as the bits in a Uint16Array, complex
 * numbers as pairs.
 *
 * @example torch.tensor([1, 2]).toTypedArray() // Float32Array(2) [1, 2]
 */
export function toTypedArray(self: Tensor): AnyTypedArray {
  checkTensor('toTypedArray', self);
  const source = withoutRecording(() => contiguous(self));
  const parts = self.isComplex() ? 2 : 1;
  const result = new ARRAYS[self.dtype](self.numel() * parts);
  source.storage.read(source.offset * self.elementSize(), result);
  return result;
}

/**
 * {@link toTypedArray} without blocking the event loop while a GPU works.
 *
 * @example await torch.tensor([1, 2]).toTypedArrayAsync() // Float32Array(2) [1, 2]
 */
export async function toTypedArrayAsync(self: Tensor): Promise<AnyTypedArray> {
  return toTypedArray(self);
}

function values(self: Tensor): ArrayLike<number | bigint | boolean | ComplexNumber> {
  if (self.dtype === 'float16' || self.dtype === 'bfloat16')
    return toTypedArray(withoutRecording(() => self.to('float32')));
  const array = toTypedArray(self);
  if (self.dtype === 'bool') return Array.from(array as Uint8Array, (value) => value !== 0);
  if (self.dtype === 'int64') return Array.from(array as BigInt64Array, (value) => toNumber('tolist', value));
  if (!self.isComplex()) return array;
  const pairs = array as Float64Array;
  return Array.from({ length: self.numel() }, (_, i) => ({
    re: pairs[2 * i] as number,
    im: pairs[2 * i + 1] as number,
  }));
}

/** Beyond it, lists of JavaScript's values could exhaust its heap, which would end the process. */
const MAX_LISTED = 2 ** 25;

/**
 * The elements as nested arrays; one value for a zero-dimensional tensor. Throws {@link ValueError} for int64 beyond 2^53.
 *
 * @example torch.tensor([[1, 2], [3, 4]]).tolist() // [[1, 2], [3, 4]]
 */
export function tolist(self: Tensor): NestedList {
  checkTensor('tolist', self);
  const empty = self.shape.indexOf(0);
  // Where there are no elements there may still be lists, one in another.
  const listed = numelOf(empty === -1 ? self.shape : self.shape.slice(0, empty));
  if (listed > MAX_LISTED)
    throw new OutOfMemoryError(
      `tolist: a list of shape ${show(self.shape)}: expected at most ${MAX_LISTED} entries; toTypedArray() has room for more`,
    );
  const flat = values(self);
  let next = 0;
  const nest = (depth: number): unknown => {
    const size = self.shape[depth];
    if (size === undefined) return flat[next++];
    return Array.from({ length: size }, () => nest(depth + 1));
  };
  return nest(0);
}
