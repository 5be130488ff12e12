import {
  type AnyTypedArray,
  type Device,
  type DeviceLike,
  type DType,
  DTypeError,
  type DTypeInfo,
  defaultDevice,
  describe,
  device as deviceOf,
  dtypeInfo,
  ShapeError,
  Storage,
  ValueError,
} from '@ts-torch/core';
import { allocate, viewOf } from './allocation.js';
import { castTo, checkTensor, copyInto, fillWith, prepareOut, readOptions } from './op.js';
import { defaultComplexDtype, defaultDtype, isComplexNumber, isScalar, type Scalar } from './promotion.js';
import { requireGrad } from './recording.js';
import { checkShape, contiguousStrides, numelOf, type Shape, show } from './shape.js';
import { Tensor } from './tensor.js';

export interface CreationOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
  requiresGrad?: boolean | undefined;
  /** A tensor that takes the result. */
  out?: Tensor | undefined;
}

export const CREATION_DEFAULTS: CreationOptions = {
  dtype: undefined,
  device: undefined,
  requiresGrad: false,
  out: undefined,
};

/** A new tensor of a shape, dtype and device that a user gave, filled by `write`; for the functions of this kind. */
export function create(
  op: string,
  shape: unknown,
  options: CreationOptions | undefined,
  write: ((out: Tensor) => void) | null,
  fallback: DTypeInfo = defaultDtype(),
): Tensor {
  checkShape(op, shape);
  const { dtype, device, requiresGrad, out } = readOptions(op, options, CREATION_DEFAULTS);
  const info = dtype === undefined ? (out?.dtypeInfo ?? fallback) : dtypeInfo(dtype);
  if (out !== undefined) {
    prepareOut(op, out, shape, info);
    write?.(out);
    out.storage.version++;
    return out;
  }
  const result = allocate([...shape], info, device === undefined ? defaultDevice() : deviceOf(device));
  write?.(result);
  return requiresGrad ? requireGrad(result) : result;
}

/**
 * A tensor of uninitialised memory.
 *
 * @example torch.empty([2, 3]).shape // [2, 3]
 */
export function empty(shape: Shape, options?: CreationOptions): Tensor {
  return create('empty', shape, options, null);
}

/**
 * A tensor of uninitialised memory with the strides given, in elements: just as much memory as they reach.
 *
 * @example torch.emptyStrided([2, 3], [1, 2]).stride() // [1, 2]
 */
export function emptyStrided(size: Shape, stride: Shape, options?: Omit<CreationOptions, 'out'>): Tensor {
  checkShape('emptyStrided', size);
  checkShape('emptyStrided', stride);
  if (size.length !== stride.length)
    throw new ShapeError(`emptyStrided: expected ${size.length} strides for size ${show(size)}, got ${show(stride)}`);
  const reach = size.reduce((last, n, d) => last + (n - 1) * (stride[d] as number), 0);
  const { requiresGrad, ...rest } = { ...options };
  const memory = create('emptyStrided', [size.includes(0) ? 0 : reach + 1], rest, null);
  const result = viewOf(memory, [...size], [...stride], 0);
  return requiresGrad ? requireGrad(result) : result;
}

/**
 * A tensor of zeros.
 *
 * @example torch.zeros([2, 3]) // tensor([[0., 0., 0.], [0., 0., 0.]])
 */
export function zeros(shape: Shape, options?: CreationOptions): Tensor {
  return create('zeros', shape, options, (out) => fillWith(out, 0));
}

/**
 * A tensor of ones.
 *
 * @example torch.ones([3]) // tensor([1., 1., 1.])
 */
export function ones(shape: Shape, options?: CreationOptions): Tensor {
  return create('ones', shape, options, (out) => fillWith(out, 1));
}

/**
 * A tensor of one value; numbers give the default dtype, bigints int64, booleans bool.
 *
 * @example torch.full([2], 7.5) // tensor([7.5000, 7.5000])
 */
export function full(shape: Shape, fillValue: Scalar, options?: CreationOptions): Tensor {
  if (!isScalar(fillValue)) throw new ValueError(`full: expected a number, got ${describe(fillValue)}`);
  return create('full', shape, options, (out) => fillWith(out, fillValue), dataDtype(fillValue));
}

function likeOptions(op: string, self: Tensor, options: CreationOptions | undefined): CreationOptions {
  checkTensor(op, self);
  const given = readOptions(op, options, CREATION_DEFAULTS);
  return { ...given, dtype: given.dtype ?? self.dtype, device: given.device ?? self.device };
}

/**
 * {@link empty} with the shape, dtype and device of another tensor.
 *
 * @example torch.emptyLike(torch.zeros([2, 3])).shape // [2, 3]
 */
export function emptyLike(self: Tensor, options?: CreationOptions): Tensor {
  const given = likeOptions('emptyLike', self, options);
  return create('emptyLike', self.shape, given, null);
}

/**
 * {@link zeros} with the shape, dtype and device of another tensor.
 *
 * @example torch.zerosLike(torch.tensor([1, 2])) // tensor([0., 0.])
 */
export function zerosLike(self: Tensor, options?: CreationOptions): Tensor {
  const given = likeOptions('zerosLike', self, options);
  return create('zerosLike', self.shape, given, (out) => fillWith(out, 0));
}

/**
 * {@link ones} with the shape, dtype and device of another tensor.
 *
 * @example torch.onesLike(torch.tensor([1n, 2n])) // tensor([1, 1])
 */
export function onesLike(self: Tensor, options?: CreationOptions): Tensor {
  const given = likeOptions('onesLike', self, options);
  return create('onesLike', self.shape, given, (out) => fillWith(out, 1));
}

/**
 * {@link full} with the shape, dtype and device of another tensor.
 *
 * @example torch.fullLike(torch.tensor([1, 2]), 7) // tensor([7., 7.])
 */
export function fullLike(self: Tensor, fillValue: Scalar, options?: CreationOptions): Tensor {
  const given = likeOptions('fullLike', self, options);
  if (!isScalar(fillValue)) throw new ValueError(`fullLike: expected a number, got ${describe(fillValue)}`);
  return create('fullLike', self.shape, given, (out) => fillWith(out, fillValue));
}

// --- From JavaScript's data -----------------------------------------------------------------------------------------------

/** What `torch.tensor` takes: a number, nested arrays of numbers, a typed array, or a tensor. */
export type TensorData = Scalar | Tensor | AnyTypedArray | readonly TensorData[];

export interface TensorOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
  requiresGrad?: boolean | undefined;
}

const TENSOR_DEFAULTS: TensorOptions = { dtype: undefined, device: undefined, requiresGrad: false };

function dataDtype(value: Scalar): DTypeInfo {
  if (typeof value === 'bigint') return dtypeInfo('int64');
  if (typeof value === 'boolean') return dtypeInfo('bool');
  return isComplexNumber(value) ? defaultComplexDtype() : defaultDtype();
}

/**
 * A new tensor that holds a copy of the data. Numbers give the default dtype (float32), bigints int64, booleans bool,
 * typed arrays their own. Throws {@link ShapeError} for arrays of uneven lengths.
 *
 * @example torch.tensor([[1, 2], [3, 4]]) // tensor([[1., 2.], [3., 4.]])
 */
export function tensor(data: TensorData, options?: TensorOptions): Tensor {
  const { dtype, device, requiresGrad } = readOptions('tensor', options, TENSOR_DEFAULTS);
  const wanted = dtype === undefined ? undefined : dtypeInfo(dtype);
  const loaded = loadData(data, wanted);
  const cast = wanted === undefined ? loaded : castTo(loaded, wanted);
  const target = device === undefined ? (data instanceof Tensor ? data.device : defaultDevice()) : deviceOf(device);
  const result = target === cast.device ? cast : copyTo(cast, target);
  return requiresGrad ? requireGrad(result) : result;
}

/**
 * {@link tensor}; but a tensor of the right dtype is returned as it is.
 *
 * @example torch.asTensor([1, 2, 3]) // tensor([1., 2., 3.])
 */
export function asTensor(data: TensorData, options?: TensorOptions): Tensor {
  if (data instanceof Tensor && options === undefined) return data;
  return tensor(data, options);
}

function loadData(data: TensorData, wanted: DTypeInfo | undefined): Tensor {
  if (data instanceof Tensor) return copyTo(data, data.device);
  if (isTypedArray(data)) return fromCopy(data, [data.length]);
  if (isScalar(data)) return loadFlat([data], [], wanted);
  if (!Array.isArray(data))
    throw new ValueError(`tensor: expected a number, nested arrays, a typed array or a tensor, got ${describe(data)}`);
  const shape = shapeOf(data);
  checkShape('tensor', shape);
  const flat: Scalar[] = [];
  flatten(data, shape, 0, flat);
  return loadFlat(flat, shape, wanted);
}

function copyTo(source: Tensor, device: Device): Tensor {
  const out = allocate(source.shape, source.dtypeInfo, device);
  copyInto(out, source);
  return out;
}

function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  let level: unknown = data;
  while (Array.isArray(level) || isTypedArray(level) || (level instanceof Tensor && level.shape.length > 0)) {
    if (level instanceof Tensor) return [...shape, ...level.shape];
    shape.push(level.length);
    if (level.length === 0 || shape.length > 64) break;
    level = level[0];
  }
  return shape;
}

function flatten(data: unknown, shape: Shape, depth: number, into: Scalar[]): void {
  const size = shape[depth];
  if (data instanceof Tensor) data = data.tolist();
  if (size === undefined) {
    if (!isScalar(data)) throw new ValueError(`tensor: expected a number, got ${describe(data)}`);
    into.push(data);
    return;
  }
  if (!(Array.isArray(data) || isTypedArray(data)) || data.length !== size) {
    const found = Array.isArray(data) || isTypedArray(data) ? `one of ${data.length}` : describe(data);
    throw new ShapeError(`tensor: expected a list of ${size} at depth ${depth}, as in ${show(shape)}, got ${found}`);
  }
  for (const item of data) flatten(item, shape, depth + 1, into);
}

/** The dtype of a list: complex if any is, else floating point if any is a number, else int64, else bool. */
function listDtype(values: readonly Scalar[]): DTypeInfo {
  let info: DTypeInfo | undefined;
  for (const value of values) {
    const own = dataDtype(value);
    if (info === undefined || own.rank > info.rank) info = own;
  }
  return info ?? defaultDtype();
}

function loadFlat(values: readonly Scalar[], shape: Shape, wanted: DTypeInfo | undefined): Tensor {
  const info = wanted ?? listDtype(values);
  if (info.category === 'complex') return loadComplex(values, shape, info);
  if (values.some(isComplexNumber)) throw new DTypeError(`tensor: complex numbers do not fit ${info.name}`);
  if (info.category === 'integer' || info.category === 'bool')
    return loadIntegers(values as (number | bigint | boolean)[], shape, info);
  const result = allocate(shape, dtypeInfo('float64'));
  result.storage.write(0, Float64Array.from(values as (number | bigint | boolean)[], Number));
  return castTo(result, info);
}

function loadIntegers(values: readonly (number | bigint | boolean)[], shape: Shape, info: DTypeInfo): Tensor {
  if (values.every((value) => typeof value === 'bigint' || typeof value === 'boolean' || Number.isSafeInteger(value))) {
    const result = allocate(shape, dtypeInfo('int64'));
    result.storage.write(
      0,
      BigInt64Array.from(values, (value) => BigInt(value)),
    );
    return castTo(result, info);
  }
  const result = allocate(shape, dtypeInfo('float64'));
  result.storage.write(0, Float64Array.from(values, Number));
  return castTo(result, info);
}

function loadComplex(values: readonly Scalar[], shape: Shape, info: DTypeInfo): Tensor {
  const parts = new Float64Array(2 * values.length);
  values.forEach((value, i) => {
    const { re, im } = isComplexNumber(value) ? value : { re: Number(value), im: 0 };
    parts[2 * i] = re;
    parts[2 * i + 1] = im;
  });
  const result = allocate(shape, dtypeInfo('complex128'));
  result.storage.write(0, parts);
  return castTo(result, info);
}

const TYPED_ARRAYS = new Map<string, DType>([
  ['Float64Array', 'float64'],
  ['Float32Array', 'float32'],
  ['Float16Array', 'float16'],
  ['BigInt64Array', 'int64'],
  ['Int32Array', 'int32'],
  ['Int16Array', 'int16'],
  ['Int8Array', 'int8'],
  ['Uint8Array', 'uint8'],
  ['Uint8ClampedArray', 'uint8'],
  ['Buffer', 'uint8'],
]);

function isTypedArray(value: unknown): value is AnyTypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function typedArrayDtype(op: string, array: AnyTypedArray): DTypeInfo {
  const name = TYPED_ARRAYS.get(array.constructor.name);
  if (name === undefined) throw new DTypeError(`${op}: no dtype holds the elements of ${describe(array)}`);
  return dtypeInfo(name);
}

function fromCopy(array: AnyTypedArray, shape: Shape): Tensor {
  const result = allocate(shape, typedArrayDtype('tensor', array));
  result.storage.write(0, array);
  return result;
}

/**
 * A tensor that shares the memory of a typed array: what one side writes, the other sees.
 *
 * @example torch.fromTypedArray(new Int32Array([1, 2, 3, 4]), [2, 2]) // tensor([[1, 2], [3, 4]], dtype=torch.int32)
 */
export function fromTypedArray(array: AnyTypedArray, shape?: Shape): Tensor {
  if (!isTypedArray(array)) throw new ValueError(`fromTypedArray: expected a typed array, got ${describe(array)}`);
  const info = typedArrayDtype('fromTypedArray', array);
  const target = shape ?? [array.length];
  checkShape('fromTypedArray', target);
  if (numelOf(target) !== array.length)
    throw new ShapeError(`fromTypedArray: shape ${show(target)} does not fit an array of ${array.length} elements`);
  return sharing(array.buffer as ArrayBuffer, array.byteOffset, target, info);
}

function sharing(buffer: ArrayBuffer, byteOffset: number, shape: Shape, info: DTypeInfo): Tensor {
  return new Tensor(Storage.share(buffer), [...shape], contiguousStrides(shape), byteOffset / info.itemSize, info);
}

/**
 * A tensor of one dimension that shares an ArrayBuffer's memory: `count` elements (-1: all) from byte `offset` on.
 *
 * @example torch.frombuffer(new Uint8Array([1, 2, 3]).buffer, { dtype: 'uint8', offset: 1 }) // tensor([2, 3], dtype=torch.uint8)
 */
export function frombuffer(
  buffer: ArrayBuffer,
  options: { dtype: DType; count?: number; offset?: number; requiresGrad?: boolean },
): Tensor {
  if (!(buffer instanceof ArrayBuffer))
    throw new ValueError(`frombuffer: expected an ArrayBuffer, got ${describe(buffer)}`);
  const { dtype, count, offset, requiresGrad } = readOptions('frombuffer', options, {
    dtype: defaultDtype().name,
    count: -1,
    offset: 0,
    requiresGrad: false,
  });
  const info = dtypeInfo(dtype);
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % info.itemSize !== 0)
    throw new ValueError(
      `frombuffer: expected an offset that is a multiple of ${info.itemSize} bytes, got ${describe(offset)}`,
    );
  const room = (buffer.byteLength - offset) / info.itemSize;
  const length = count === -1 ? Math.floor(room) : count;
  if (!Number.isSafeInteger(length) || length < 0 || length > room)
    throw new ValueError(
      `frombuffer: ${describe(count)} elements at byte ${offset} do not fit ${buffer.byteLength} bytes`,
    );
  const result = sharing(buffer, offset, [length], info);
  return requiresGrad ? requireGrad(result) : result;
}
