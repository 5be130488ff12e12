import { checkTensor } from '../op.js';
import { runScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type CudaDeviceLike, device, getDeviceCapability } from './device.js';

export { OutOfMemoryError } from '@ts-torch/core';

/** Runs `body` with `'cuda'` meaning the device of a tensor; of one on the CPU nothing changes. */
export function deviceOf<T>(tensor: Tensor, body: () => T): T {
  checkTensor('cuda.deviceOf', tensor, 'tensor');
  return tensor.device.type === 'cuda' ? device(tensor.device, body) : runScope('cuda.deviceOf', body, () => undefined);
}

/** Whether a device multiplies bfloat16 matrices itself: from compute capability 8 on. */
export function isBf16Supported(device?: CudaDeviceLike): boolean {
  return getDeviceCapability(device)[0] >= 8;
}
