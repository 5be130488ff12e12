import {
  type CreationOptions,
  empty,
  emptyStrided,
  full,
  ones,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
} from '../creation.js';
import { checkTensor } from '../op.js';
import type { Scalar } from '../promotion.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** The options of `x.newZeros` and its like: dtype and device are those of `x` unless given. */
function optionsOf<T extends CreationOptions | TensorOptions>(op: string, self: Tensor, options: T | undefined): T {
  checkTensor(op, self);
  return { ...options, dtype: options?.dtype ?? self.dtype, device: options?.device ?? self.device } as T;
}

/**
 * A tensor of uninitialised memory with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newEmpty([2, 3]).shape // [2, 3]
 */
export function newEmpty(self: Tensor, size: Shape, options?: CreationOptions): Tensor {
  return empty(size, optionsOf('newEmpty', self, options));
}

/**
 * {@link emptyStrided} with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newEmptyStrided([2, 3], [1, 2]).stride() // [1, 2]
 */
export function newEmptyStrided(self: Tensor, size: Shape, stride: Shape, options?: CreationOptions): Tensor {
  return emptyStrided(size, stride, optionsOf('newEmptyStrided', self, options));
}

/**
 * A tensor of zeros with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newZeros([2]) // tensor([0, 0])
 */
export function newZeros(self: Tensor, size: Shape, options?: CreationOptions): Tensor {
  return zeros(size, optionsOf('newZeros', self, options));
}

/**
 * A tensor of ones with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newOnes([2]) // tensor([1, 1])
 */
export function newOnes(self: Tensor, size: Shape, options?: CreationOptions): Tensor {
  return ones(size, optionsOf('newOnes', self, options));
}

/**
 * A tensor of one value with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newFull([2], 7) // tensor([7, 7])
 */
export function newFull(self: Tensor, size: Shape, fillValue: Scalar, options?: CreationOptions): Tensor {
  return full(size, fillValue, optionsOf('newFull', self, options));
}

/**
 * A copy of the data with the dtype and device of `self`.
 *
 * @example torch.tensor([1n]).newTensor([1.5, 2.5]) // tensor([1, 2])
 */
export function newTensor(self: Tensor, data: TensorData, options?: TensorOptions): Tensor {
  return tensor(data, optionsOf('newTensor', self, options));
}
