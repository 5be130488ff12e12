/**
 * What ops are built on, `@ts-torch/core`: memory, devices, dtypes and the launching of kernels.
 *
 * @module core
 */
export * from './cuda-backend.js';
export * from './device.js';
export * from './dtype.js';
export * from './errors.js';
export * from './generator.js';
export * from './launch.js';
export type { AnyTypedArray, CudaBackend, MemoryStats } from './native.js';
export * from './storage.js';
export * from './threads.js';
