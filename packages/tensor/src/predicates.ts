import { Storage } from '@ts-torch/core';
import { checkTensor } from './op.js';
import { Tensor } from './tensor.js';

/**
 * Whether a value is a tensor.
 *
 * @example torch.isTensor([1]) // false
 */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/**
 * Whether a value is a tensor's memory.
 *
 * @example torch.isStorage(torch.tensor([1]).storage) // true
 */
export function isStorage(value: unknown): value is Storage {
  return value instanceof Storage;
}

/**
 * Whether the dtype is a floating-point one.
 *
 * @example torch.isFloatingPoint(torch.tensor([1])) // true
 */
export function isFloatingPoint(input: Tensor): boolean {
  checkTensor('isFloatingPoint', input, 'input');
  return input.isFloatingPoint();
}

/**
 * Whether the dtype is a complex one.
 *
 * @example torch.isComplex(torch.tensor([1])) // false
 */
export function isComplex(input: Tensor): boolean {
  checkTensor('isComplex', input, 'input');
  return input.isComplex();
}

/**
 * The number of elements.
 *
 * @example torch.numel(torch.zeros([2, 3])) // 6
 */
export function numel(input: Tensor): number {
  checkTensor('numel', input, 'input');
  return input.numel();
}
