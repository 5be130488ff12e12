import type { Tensor } from '@ts-torch/tensor';
import { checkNumbers, checkTensor, numelOf, readOptions } from '@ts-torch/tensor/internal';
import { type Sizes, sizesOf } from '../sizes.js';
import { avgPool1d, avgPool2d } from './pooling.js';

export interface LpPoolOptions {
  /** By default the kernel's size. */
  stride?: Sizes | null | undefined;
  ceilMode?: boolean | undefined;
}

function lpPool(dims: 1 | 2, input: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions): Tensor {
  const op = `lpPool${dims}d`;
  checkTensor(op, input, 'input');
  checkNumbers(op, { normType });
  const { stride, ceilMode } = readOptions<LpPoolOptions>(op, options, { stride: null, ceilMode: false });
  const kernel = sizesOf(op, 'kernelSize', kernelSize, dims, 1);
  const powers = input.pow(normType);
  const means = (dims === 1 ? avgPool1d : avgPool2d)(powers, kernel, { stride, ceilMode });
  // A window's sum is its mean times its size; the root of a negative sum keeps the sign, as PyTorch's.
  return means
    .sign()
    .mul(means.abs().clamp({ min: 0 }))
    .mul(numelOf(kernel))
    .pow(1 / normType);
}

/**
 * `(sum of x^p)^(1/p)` over windows. Shape: `[N, C, L]` or `[C, L]`.
 *
 * @example F.lpPool1d(torch.tensor([[3, 4, 6, 8]]), 2, 2) // tensor([[5., 10.]])
 */
export function lpPool1d(input: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions): Tensor {
  return lpPool(1, input, normType, kernelSize, options);
}

/**
 * `(sum of x^p)^(1/p)` over windows. Shape: `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example F.lpPool2d(torch.ones([1, 2, 2]), 2, 2) // tensor([[[2.]]])
 */
export function lpPool2d(input: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions): Tensor {
  return lpPool(2, input, normType, kernelSize, options);
}
