import { ValueError } from '@ts-torch/core';
import { checkTensor } from '../op.js';
import { mayNeedGrad, recorder, withoutRecording } from '../recording.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { asStrided, squeeze, t, transpose, unsqueeze } from './views.js';

/**
 * Gives a tensor the shape and strides of one of its views; the memory stays. Where gradients are recorded the graph knows the
 * tensor by its shape, so that there the view itself must be used.
 */
function become(op: string, self: Tensor, view: (self: Tensor) => Tensor): Tensor {
  checkTensor(op, self);
  if (recorder !== null && mayNeedGrad([self]))
    throw new ValueError(`${op}: the shape of a tensor that requires a gradient cannot be changed in place`);
  const { shape, strides, offset } = withoutRecording(() => view(self));
  self.shape = shape;
  self.strides = strides;
  self.offset = offset;
  // What was saved of this tensor no longer holds.
  self.storage.version++;
  return self;
}

/** {@link squeeze}, of `self` itself. */
export const squeeze_ = (self: Tensor, dim?: number | readonly number[]): Tensor =>
  become('squeeze_', self, (x) => squeeze(x, dim));
/** {@link unsqueeze}, of `self` itself. */
export const unsqueeze_ = (self: Tensor, dim: number): Tensor => become('unsqueeze_', self, (x) => unsqueeze(x, dim));
/** {@link transpose}, of `self` itself. */
export const transpose_ = (self: Tensor, dim0: number, dim1: number): Tensor =>
  become('transpose_', self, (x) => transpose(x, dim0, dim1));
/** {@link transpose_}, by NumPy's name. */
export const swapaxes_ = (self: Tensor, axis0: number, axis1: number): Tensor => transpose_(self, axis0, axis1);
/** {@link transpose_}, by another name. */
export const swapdims_ = (self: Tensor, dim0: number, dim1: number): Tensor => transpose_(self, dim0, dim1);
/** {@link t}, of `self` itself. */
export const t_ = (self: Tensor): Tensor => become('t_', self, t);
/** {@link asStrided}, of `self` itself. */
export const asStrided_ = (
  self: Tensor,
  size: Shape,
  stride: Shape,
  storageOffset?: number | { storageOffset?: number | null },
): Tensor => become('asStrided_', self, (x) => asStrided(x, size, stride, storageOffset));
