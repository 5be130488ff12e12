import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { tensor } from '../creation.js';
import { Stream } from '../cuda/streams.js';
import { checkTensor, copyInto, readOptions } from '../op.js';
import { isScalar, type Scalar } from '../promotion.js';
import { mayNeedGrad, recorder, withoutRecording } from '../recording.js';
import { checkShape, contiguousStrides, numelOf, type Shape, sameShape, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { tolist } from './reading.js';

function checkUnrecorded(op: string, self: Tensor): void {
  checkTensor(op, self);
  if (recorder !== null && mayNeedGrad([self]))
    throw new ValueError(`${op}: the memory of a tensor that requires a gradient cannot be exchanged`);
}

/** The memory of a CUDA tensor is used on this stream too: it is not given to other tensors before what runs there now is done. */
export function recordStream(self: Tensor, stream: Stream): void {
  checkTensor('recordStream', self);
  if (!(stream instanceof Stream)) throw new ValueError(`recordStream: expected a Stream, got ${describe(stream)}`);
  self.storage.recordStream(stream.number);
}

/**
 * Makes `self` another view of the memory of `source`, with its shape and strides.
 *
 * @example torch.zeros([1]).set_(torch.tensor([1, 2])) // tensor([1., 2.])
 */
export function set_(self: Tensor, source: Tensor): Tensor {
  checkUnrecorded('set_', self);
  checkTensor('set_', source, 'source');
  if (source.dtype !== self.dtype)
    throw new DTypeError(`set_: expected a source of ${self.dtype}, got ${source.dtype}`);
  self.storage = source.storage;
  self.shape = source.shape;
  self.strides = source.strides;
  self.offset = source.offset;
  return self;
}

/**
 * Gives `self` another shape, row-major: over the memory that it has where this suffices, else over new memory that begins with a copy.
 *
 * @example torch.tensor([1, 2, 3, 4]).resize_([2, 2]) // tensor([[1., 2.], [3., 4.]])
 */
export function resize_(self: Tensor, shape: Shape): Tensor {
  checkUnrecorded('resize_', self);
  checkShape('resize_', shape);
  if (sameShape(shape, self.shape)) return self;
  const { itemSize } = self.dtypeInfo;
  if ((self.offset + numelOf(shape)) * itemSize > self.storage.byteLength) {
    const grown = allocate([numelOf(shape)], self.dtypeInfo, self.device);
    const count = Math.floor(self.storage.byteLength / itemSize) - self.offset;
    if (count > 0) copyInto(grown.narrow(0, 0, count), self.asStrided([count], [1]));
    self.storage = grown.storage;
    self.offset = 0;
  }
  self.shape = [...shape];
  self.strides = contiguousStrides(shape);
  self.storage.version++;
  return self;
}

/**
 * {@link resize_} to the shape of another tensor.
 *
 * @example torch.tensor([1, 2, 3, 4]).resizeAs_(torch.zeros([2, 2])) // tensor([[1., 2.], [3., 4.]])
 */
export function resizeAs_(self: Tensor, other: Tensor): Tensor {
  checkTensor('resizeAs_', other, 'other');
  return resize_(self, other.shape);
}

/**
 * Overwrites the main diagonal; of more than two dimensions, which must be of one size, the places `[i, i, i, ...]`. `wrap`: of a tall matrix, again every `columns + 1` rows.
 *
 * @example torch.zeros([2, 2]).fillDiagonal_(5) // tensor([[5., 0.], [0., 5.]])
 */
export function fillDiagonal_(self: Tensor, fillValue: Scalar, options?: boolean | { wrap?: boolean }): Tensor {
  checkTensor('fillDiagonal_', self);
  const given = typeof options === 'boolean' ? { wrap: options } : options;
  const { wrap } = readOptions('fillDiagonal_', given, { wrap: false });
  if (!isScalar(fillValue)) throw new ValueError(`fillDiagonal_: expected a number, got ${describe(fillValue)}`);
  const ndim = self.shape.length;
  if (ndim < 2) throw new ShapeError(`fillDiagonal_: expected at least 2 dimensions, got shape ${show(self.shape)}`);
  if (ndim > 2 && self.shape.some((size) => size !== self.shape[0]))
    throw new ShapeError(`fillDiagonal_: expected dimensions of one size, got shape ${show(self.shape)}`);
  const step = self.strides.reduce((sum, stride) => sum + stride, 0);
  const fill = (from: Tensor, count: number) => from.asStrided([count], [step], from.offset).fill_(fillValue);
  const [rows, columns] = self.shape as [number, number];
  if (rows === 0 || columns === 0) return self;
  fill(self, Math.min(...self.shape));
  if (!wrap || ndim > 2) return self;
  for (let first = columns + 1; first < rows; first += columns + 1)
    fill(self.narrow(0, first, rows - first), Math.min(rows - first, columns));
  return self;
}

/**
 * Replaces each element by what a function of it returns. Slow: one call for each element; ops are much faster.
 *
 * @example torch.tensor([1, 2]).apply_((x) => x * 10) // tensor([10., 20.])
 */
export function apply_(self: Tensor, callable: (value: number) => number): Tensor {
  checkTensor('apply_', self);
  return replaced('apply_', self, callable, [self]);
}

/**
 * Replaces each element by what a function of it and of the element of another tensor there returns. Slow, as {@link apply_}.
 *
 * @example torch.tensor([1, 2]).map_(torch.tensor([10, 20]), (a, b) => a + b) // tensor([11., 22.])
 */
export function map_(self: Tensor, other: Tensor, callable: (value: number, other: number) => number): Tensor {
  checkTensor('map_', self);
  checkTensor('map_', other, 'other');
  return replaced('map_', self, callable, [self, other.expand(self.shape)]);
}

function replaced(op: string, self: Tensor, callable: (...values: never[]) => number, from: readonly Tensor[]): Tensor {
  if (typeof callable !== 'function') throw new ValueError(`${op}: expected a function, got ${describe(callable)}`);
  checkUnrecorded(op, self);
  return withoutRecording(() => {
    const lists = from.map((values) => tolist(values.reshape([-1])) as never[]);
    const results = (lists[0] as never[]).map((_, i) => callable(...lists.map((list) => list[i] as never)));
    return self.copy_(tensor(results, { dtype: self.dtype, device: self.device }).reshape(self.shape));
  });
}
