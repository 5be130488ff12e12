import {
  cudaDevice,
  type Device,
  DeviceError,
  type DeviceLike,
  type DType,
  type DTypeInfo,
  describe,
  device as deviceOf,
  dtypeInfo,
  isDType,
  Storage,
  ValueError,
} from '@ts-torch/core';
import { allocate, viewOf } from '../allocation.js';
import { formatStrides, hasStrides, type MemoryFormat, type MemoryFormatOptions } from '../memory-format.js';
import {
  broadcastTo,
  castTo,
  checkTensor,
  copyInto,
  fillWith,
  type Operand,
  primitive,
  readOptions,
  runInPlace,
} from '../op.js';
import { isScalar } from '../promotion.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

const clonePrimitive = primitive('clone', ['self', 'strides'], (self: Tensor, strides?: Shape): Tensor => {
  const rowMajor = allocate(self.shape, self.dtypeInfo, self.device);
  const out = strides === undefined ? rowMajor : viewOf(rowMajor, self.shape, strides, 0);
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
  ['self', 'source', 'nonBlocking'],
  (self: Tensor, source: Tensor, nonBlocking: boolean): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    copyInto(out, source, nonBlocking);
    return out;
  },
  {
    into: (out: Tensor, _self: Tensor, source: Tensor, nonBlocking: boolean) => copyInto(out, source, nonBlocking),
    converts: true,
  },
);

const transferPrimitive = primitive(
  'transfer',
  ['self', 'device', 'nonBlocking'],
  (self: Tensor, device: Device, nonBlocking: boolean): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, device);
    copyInto(out, self, nonBlocking);
    return out;
  },
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
const copyPrimitives = {
  clone: clonePrimitive,
  cast: castPrimitive,
  copy: copyPrimitive,
  transfer: transferPrimitive,
  fill: fillPrimitive,
};
export default copyPrimitives;

function readFormat(op: string, options: MemoryFormatOptions | undefined, fallback: MemoryFormat): MemoryFormat {
  return readOptions<Required<MemoryFormatOptions>>(op, options, { memoryFormat: fallback })
    .memoryFormat as MemoryFormat;
}

/**
 * A copy of the tensor in new memory.
 *
 * @example torch.clone(torch.tensor([1, 2])) // tensor([1., 2.])
 */
export function clone(self: Tensor, options?: MemoryFormatOptions): Tensor {
  checkTensor('clone', self);
  if (options === undefined) return clonePrimitive(self);
  return clonePrimitive(self, formatStrides('clone', self.shape, readFormat('clone', options, 'preserveFormat')));
}

/**
 * The tensor itself if its elements lie in the memory format (row-major unless given) without gaps, else a copy of which that is true.
 *
 * @example torch.zeros([2, 3]).t().contiguous().stride() // [2, 1]
 */
export function contiguous(self: Tensor, options?: MemoryFormatOptions): Tensor {
  checkTensor('contiguous', self);
  if (options === undefined) return self.isContiguous() ? self : clonePrimitive(self);
  const format = readFormat('contiguous', options, 'contiguousFormat');
  if (format === 'preserveFormat') throw new ValueError('contiguous: preserveFormat names no order of elements');
  const strides = formatStrides('contiguous', self.shape, format);
  return hasStrides(self.shape, self.strides, strides) ? self : clonePrimitive(self, strides);
}

export interface CopyOptions {
  /** A copy between a GPU and pinned memory may still run when the call returns: on the current stream. */
  nonBlocking?: boolean | undefined;
}

/**
 * Writes `source`, of any device, into `self`, broadcast and converted to its dtype.
 *
 * @example torch.zeros([2, 2]).copy_(torch.tensor([1, 2])) // tensor([[1., 2.], [1., 2.]])
 */
export function copy_(self: Tensor, source: Tensor, options?: CopyOptions): Tensor {
  checkTensor('copy_', self);
  checkTensor('copy_', source, 'source');
  const { nonBlocking } = readOptions('copy_', options, { nonBlocking: false });
  broadcastTo('copy_', source, self.shape);
  return runInPlace(copyPrimitive.definition, self, [source, nonBlocking]);
}

/**
 * Every element replaced by `value`.
 *
 * @example torch.fill(torch.zeros([2]), 7) // tensor([7., 7.])
 */
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

/**
 * Every element set to 0.
 *
 * @example torch.tensor([1, 2]).zero_() // tensor([0., 0.])
 */
export function zero_(self: Tensor): Tensor {
  return fill_(self, 0);
}

export interface ToOptions extends MemoryFormatOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
  /** A copy even where nothing changes. */
  copy?: boolean | undefined;
  nonBlocking?: boolean | undefined;
}

/**
 * The tensor in another dtype, or on another device; itself where nothing changes. `x.to('float64')`, `x.to('cuda')`,
 * `x.to('cuda', 'float16')`, `x.to(other)`.
 *
 * @example torch.tensor([1.5, 0]).to('int64') // tensor([1, 0])
 */
export function to(
  self: Tensor,
  target: DType | DeviceLike | Tensor | ToOptions,
  dtypeOrOptions?: DType | ToOptions,
  options?: ToOptions,
): Tensor {
  checkTensor('to', self);
  const { dtype, device, copy, memoryFormat, nonBlocking } = readTo(target, dtypeOrOptions, options);
  const info = dtype === undefined ? self.dtypeInfo : dtypeInfo(dtype);
  const place = device === undefined ? self.device : deviceOf(device);
  const moved = place === self.device ? self : transferPrimitive(self, place, nonBlocking === true);
  const cast = moved.dtypeInfo === info ? moved : castPrimitive(moved, info);
  const result = memoryFormat === 'preserveFormat' ? cast : contiguous(cast, { memoryFormat });
  return copy && result === self ? clonePrimitive(self) : result;
}

const TO_DEFAULTS: ToOptions = {
  dtype: undefined,
  device: undefined,
  copy: false,
  nonBlocking: false,
  memoryFormat: 'preserveFormat',
};

function readTo(
  target: DType | DeviceLike | Tensor | ToOptions,
  dtypeOrOptions: DType | ToOptions | undefined,
  options: ToOptions | undefined,
): ToOptions {
  const isOptions = typeof target === 'object' && target !== null && !(target instanceof Tensor) && !('type' in target);
  if (isOptions) return readOptions('to', target, TO_DEFAULTS);
  const second = isDType(dtypeOrOptions) ? { dtype: dtypeOrOptions, ...options } : dtypeOrOptions;
  const given = readOptions('to', second, TO_DEFAULTS);
  if (target instanceof Tensor) return { ...given, dtype: target.dtype, device: target.device };
  return isDType(target) ? { ...given, dtype: target } : { ...given, device: target as DeviceLike };
}

/**
 * {@link to} the CPU.
 *
 * @example torch.tensor([1]).cpu().device // device('cpu')
 */
export function cpu(self: Tensor): Tensor {
  return to(self, 'cpu');
}

/** {@link to} a CUDA device: the current one, or that of the number. */
export function cuda(self: Tensor, device?: number | DeviceLike, options?: CopyOptions): Tensor {
  const target = device === undefined ? 'cuda' : typeof device === 'number' ? cudaDevice(device) : deviceOf(device);
  if (typeof target !== 'string' && target.type !== 'cuda')
    throw new DeviceError(`cuda: expected a CUDA device, got ${describe(device)}`);
  return to(self, target, options);
}

/**
 * A copy in host memory that CUDA devices read and write directly; itself where it lies there. Throws {@link DeviceError} without CUDA.
 */
export function pinMemory(self: Tensor): Tensor {
  checkTensor('pinMemory', self);
  if (self.device.type !== 'cpu')
    throw new DeviceError(`pinMemory: expected a tensor on the cpu, got one on ${self.device}`);
  if (self.storage.isPinned) return self;
  const out = allocate(self.shape, self.dtypeInfo);
  out.storage = Storage.allocatePinned(self.numel() * self.elementSize());
  copyInto(out, self);
  return out;
}

/**
 * Whether the tensor lies in pinned memory.
 *
 * @example torch.isPinned(torch.tensor([1])) // false
 */
export function isPinned(self: Tensor): boolean {
  checkTensor('isPinned', self);
  return self.storage.isPinned;
}

/**
 * The dtype's name, as `x.dtype`; with a dtype the tensor converted to it, as by {@link to}.
 *
 * @example torch.tensor([1]).type() // 'float32'
 */
export function type(self: Tensor, dtype?: DType): Tensor | DType {
  checkTensor('type', self);
  return dtype === undefined ? self.dtype : to(self, dtype);
}

/**
 * {@link to} the dtype and device of another tensor.
 *
 * @example torch.tensor([1.5]).typeAs(torch.tensor([1n])) // tensor([1])
 */
export function typeAs(self: Tensor, other: Tensor): Tensor {
  checkTensor('typeAs', other, 'other');
  return to(self, other);
}

/**
 * {@link to} float64.
 *
 * @example torch.tensor([1]).double().dtype // 'float64'
 */
export const double = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'float64', options);
/**
 * {@link to} float32.
 *
 * @example torch.tensor([1n]).float().dtype // 'float32'
 */
export const float = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'float32', options);
/**
 * {@link to} float16.
 *
 * @example torch.tensor([1]).half().dtype // 'float16'
 */
export const half = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'float16', options);
/**
 * {@link to} bfloat16.
 *
 * @example torch.tensor([1]).bfloat16().dtype // 'bfloat16'
 */
export const bfloat16 = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'bfloat16', options);
/**
 * {@link to} int64.
 *
 * @example torch.tensor([1.9, -1.9]).long() // tensor([1, -1])
 */
export const long = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'int64', options);
/**
 * {@link to} int32.
 *
 * @example torch.tensor([1.9]).int().dtype // 'int32'
 */
export const int = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'int32', options);
/**
 * {@link to} int16.
 *
 * @example torch.tensor([1.9]).short().dtype // 'int16'
 */
export const short = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'int16', options);
/**
 * {@link to} int8.
 *
 * @example torch.tensor([1.9]).char().dtype // 'int8'
 */
export const char = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'int8', options);
/**
 * {@link to} uint8.
 *
 * @example torch.tensor([1.9]).byte().dtype // 'uint8'
 */
export const byte = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'uint8', options);
/**
 * {@link to} bool: whether each element differs from 0.
 *
 * @example torch.tensor([0, 2]).bool() // tensor([False, True])
 */
export const bool = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'bool', options);
/**
 * {@link to} complex64.
 *
 * @example torch.tensor([1]).cfloat().dtype // 'complex64'
 */
export const cfloat = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'complex64', options);
/**
 * {@link to} complex128.
 *
 * @example torch.tensor([1]).cdouble().dtype // 'complex128'
 */
export const cdouble = (self: Tensor, options?: MemoryFormatOptions): Tensor => to(self, 'complex128', options);
