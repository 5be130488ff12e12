import { CPU, type Device, type DTypeInfo, Storage } from '@ts-torch/core';
import { contiguousStrides, numelOf, type Shape } from './shape.js';
import { Tensor } from './tensor.js';

/** A new tensor of uninitialised memory; shape and dtype must be valid. */
export function allocate(shape: Shape, dtype: DTypeInfo, device: Device = CPU): Tensor {
  const numel = numelOf(shape);
  return new Tensor(Storage.allocate(numel * dtype.itemSize, device), shape, contiguousStrides(shape), 0, dtype);
}

/** Another view of a tensor's memory; not recorded. */
export function viewOf(self: Tensor, shape: Shape, strides: Shape, offset: number, dtype = self.dtypeInfo): Tensor {
  return new Tensor(self.storage, shape, strides, offset, dtype);
}
