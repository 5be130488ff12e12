import { type Device, type DType, type DTypeInfo, IndexError, type Storage } from '@ts-torch/core';
import type { AutogradMeta } from './recording.js';
import { normalizeDim, numelOf, type Shape, sameShape } from './shape.js';

/**
 * An n-dimensional array: a view of a storage by shape, strides and offset. Views share their storage; ops are methods,
 * attached in index.ts, and functions of the same name.
 *
 * @example
 * const x = torch.tensor([[1, 2], [3, 4]]);
 * [x.shape, x.dtype, x.stride(), x.numel()] // [[2, 2], 'float32', [2, 1], 4]
 */
export class Tensor {
  /** @internal */
  storage: Storage;
  /** Elements from the storage's start to this tensor's first. */
  offset: number;
  /** @internal */
  dtypeInfo: DTypeInfo;
  /** The size of each dimension. */
  shape: Shape;
  /** Elements to skip from one index of a dimension to the next. */
  strides: Shape;
  /** The tensor that this one is a view of, as far as autograd is concerned. */
  base: Tensor | null = null;
  /** @internal what autograd knows; null where nothing is recorded */
  autograd: AutogradMeta | null = null;

  /** @internal use `torch.tensor`, `torch.empty` and their like */
  constructor(storage: Storage, shape: Shape, strides: Shape, offset: number, dtype: DTypeInfo) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.dtypeInfo = dtype;
  }

  get dtype(): DType {
    return this.dtypeInfo.name;
  }

  get device(): Device {
    return this.storage.device;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** {@link dim}, by its long name. */
  ndimension(): number {
    return this.shape.length;
  }

  /** Whether the memory is the host's. */
  get isCpu(): boolean {
    return this.device.type === 'cpu';
  }

  /** Whether the memory is an NVIDIA GPU's. */
  get isCuda(): boolean {
    return this.device.type === 'cuda';
  }

  /** The number of the GPU; -1 on the CPU. */
  getDevice(): number {
    return this.isCpu ? -1 : this.device.index;
  }

  /** How elements are found in memory: by strides, always. */
  get layout(): 'strided' {
    return 'strided';
  }

  /** The shape, or the size of one dimension; negative ones count from the back. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : (this.shape[dimension('size', this.shape, dim)] as number);
  }

  /** The strides, or that of one dimension; negative ones count from the back. */
  stride(): Shape;
  stride(dim: number): number;
  stride(dim?: number): Shape | number {
    return dim === undefined ? this.strides : (this.strides[dimension('stride', this.shape, dim)] as number);
  }

  /** The number of elements. */
  numel(): number {
    return numelOf(this.shape);
  }

  /** {@link numel}, by its long name. */
  nelement(): number {
    return this.numel();
  }

  /** Bytes of one element. */
  elementSize(): number {
    return this.dtypeInfo.itemSize;
  }

  storageOffset(): number {
    return this.offset;
  }

  /** Whether the elements lie row-major, without gaps. */
  isContiguous(): boolean {
    let step = 1;
    for (let d = this.shape.length - 1; d >= 0; d--) {
      const size = this.shape[d] as number;
      if (size === 0) return true;
      if (size !== 1 && this.strides[d] !== step) return sameShape(this.shape, []) || this.numel() === 0;
      step *= size;
    }
    return true;
  }

  isFloatingPoint(): boolean {
    return this.dtypeInfo.category === 'float';
  }

  isComplex(): boolean {
    return this.dtypeInfo.category === 'complex';
  }

  /** Whether the dtype has negative numbers. */
  isSigned(): boolean {
    return this.dtype !== 'uint8' && this.dtype !== 'bool';
  }

  /** How many times this tensor, or a view of the same memory, was changed in place. */
  get version(): number {
    return this.storage.version;
  }

  /** Gives the memory back now rather than at some collection. The tensor and all its views are unusable from then on. */
  dispose(): void {
    this.storage.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** `a + b` would silently concatenate strings: it throws instead. */
  valueOf(): never {
    throw new TypeError('a tensor is not a number: use a.add(b) and its like, or a.item()');
  }
}

/** A dimension that the shape has: a zero-dimensional one has none. */
function dimension(op: string, shape: Shape, dim: number): number {
  if (shape.length === 0) throw new IndexError(`${op}: a zero-dimensional tensor has no dimension ${dim}`);
  return normalizeDim(op, dim, shape.length);
}
