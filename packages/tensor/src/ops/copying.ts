import {
  type Device,
  type DeviceLike,
  type DType,
  type DTypeInfo,
  describe,
  device as deviceOf,
  dtypeInfo,
  isDType,
  kernel,
  launch,
  ValueError,
} from '@ts-torch/core';
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
import { allocate, Tensor } from '../tensor.js';

const COPY = kernel('copy');

const clonePrimitive = primitive('clone', ['self'], (self: Tensor): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  copyInto(out, self);
  return out;
});

const castPrimitive = primitive(
  'cast',
  ['self', 'dtype'],
  (self: Tensor, dtype: DTypeInfo): Tensor => castTo(self, dtype),
);

const copyPrimitive = primitive(
  'copy',
  ['self', 'source'],
  (self: Tensor, source: Tensor): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    copyInto(out, source);
    return out;
  },
  { into: (out: Tensor, _self: Tensor, source: Tensor) => copyInto(out, source), converts: true },
);

const fillPrimitive = primitive(
  'fill',
  ['self', 'value'],
  (self: Tensor, value: Operand): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    fillWith(out, value);
    return out;
  },
  { into: (out: Tensor, _self: Tensor, value: Operand) => fillWith(out, value), converts: true },
);

/** Copies with their arguments normalised; for derivatives. */
export const copyPrimitives = { clone: clonePrimitive, cast: castPrimitive, copy: copyPrimitive, fill: fillPrimitive };

/** Writes one number everywhere; not recorded. */
export function fillWith(out: Tensor, value: Operand): void {
  if (value instanceof Tensor) copyInto(out, value);
  else launch(COPY, [out, scalarOperand(value, out.dtypeInfo)]);
}

/** A copy of the tensor in new memory. */
export function clone(self: Tensor): Tensor {
  checkTensor('clone', self);
  return clonePrimitive(self);
}

/** The tensor itself if its elements lie row-major without gaps, else a copy of which that is true. */
export function contiguous(self: Tensor): Tensor {
  checkTensor('contiguous', self);
  return self.isContiguous() ? self : clonePrimitive(self);
}

/** Writes `source` into `self`, broadcast and converted to its dtype. */
export function copy_(self: Tensor, source: Tensor): Tensor {
  checkTensor('copy_', self);
  checkTensor('copy_', source, 'source');
  broadcastTo('copy_', source, self.shape);
  return runInPlace(copyPrimitive.definition, self, [source]);
}

/** Every element replaced by `value`. */
export function fill(self: Tensor, value: Operand): Tensor {
  checkFill('fill', self, value);
  return fillPrimitive(self, value);
}

/** {@link fill}, written into `self`. */
export function fill_(self: Tensor, value: Operand): Tensor {
  checkFill('fill_', self, value);
  return runInPlace(fillPrimitive.definition, self, [value]);
}

function checkFill(op: string, self: Tensor, value: Operand): void {
  checkTensor(op, self);
  const single = isScalar(value) || (value instanceof Tensor && value.shape.length === 0);
  if (!single) throw new ValueError(`${op}: expected a number or a zero-dimensional tensor, got ${describe(value)}`);
}

/** Every element set to 0. */
export function zero_(self: Tensor): Tensor {
  return fill_(self, 0);
}

export interface ToOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
  /** A copy even where nothing changes. */
  copy?: boolean | undefined;
  nonBlocking?: boolean | undefined;
}

/** The tensor in another dtype, or on another device; itself where nothing changes. `x.to('float64')`, `x.to('cuda')`, `x.to(other)`. */
export function to(self: Tensor, target: DType | DeviceLike | Tensor | ToOptions, options?: ToOptions): Tensor {
  checkTensor('to', self);
  const { dtype, device, copy } = readTo(target, options);
  const info = dtype === undefined ? self.dtypeInfo : dtypeInfo(dtype);
  const moved = device === undefined ? self : toDevice(self, deviceOf(device));
  const result = moved.dtypeInfo === info ? moved : castPrimitive(moved, info);
  return copy && result === self ? clonePrimitive(self) : result;
}

function readTo(target: DType | DeviceLike | Tensor | ToOptions, options?: ToOptions): ToOptions {
  const given = readOptions<ToOptions>('to', options, {
    dtype: undefined,
    device: undefined,
    copy: false,
    nonBlocking: false,
  });
  if (target instanceof Tensor) return { ...given, dtype: target.dtype, device: target.device };
  if (isDType(target)) return { ...given, dtype: target };
  if (typeof target === 'object' && target !== null && !('type' in target))
    return readOptions<ToOptions>('to', target, {
      dtype: undefined,
      device: undefined,
      copy: false,
      nonBlocking: false,
    });
  return { ...given, device: target as DeviceLike };
}

function toDevice(self: Tensor, device: Device): Tensor {
  if (self.device === device) return self;
  const out = allocate(self.shape, self.dtypeInfo, device);
  copyInto(out, self);
  return out;
}

/** {@link to} the CPU. */
export function cpu(self: Tensor): Tensor {
  return to(self, 'cpu');
}

/** {@link to} the dtype and device of another tensor. */
export function typeAs(self: Tensor, other: Tensor): Tensor {
  checkTensor('typeAs', other, 'other');
  return to(self, other);
}

/** {@link to} float64. */
export const double = (self: Tensor): Tensor => to(self, 'float64');
/** {@link to} float32. */
export const float = (self: Tensor): Tensor => to(self, 'float32');
/** {@link to} float16. */
export const half = (self: Tensor): Tensor => to(self, 'float16');
/** {@link to} bfloat16. */
export const bfloat16 = (self: Tensor): Tensor => to(self, 'bfloat16');
/** {@link to} int64. */
export const long = (self: Tensor): Tensor => to(self, 'int64');
/** {@link to} int32. */
export const int = (self: Tensor): Tensor => to(self, 'int32');
/** {@link to} int16. */
export const short = (self: Tensor): Tensor => to(self, 'int16');
/** {@link to} int8. */
export const char = (self: Tensor): Tensor => to(self, 'int8');
/** {@link to} uint8. */
export const byte = (self: Tensor): Tensor => to(self, 'uint8');
/** {@link to} bool: whether each element differs from 0. */
export const bool = (self: Tensor): Tensor => to(self, 'bool');
