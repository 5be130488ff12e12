import { cudaBackend, cudaDevice, defaultGeneratorOf, type Generator } from '@ts-torch/core';
import { type CudaDeviceLike, cudaDeviceOf } from './device.js';

/** Starts the sequence of this seed on the current device. A seed gives the same numbers as on the CPU. */
export function manualSeed(seed: number | bigint): void {
  defaultGeneratorOf(cudaDeviceOf('manualSeed', null)).manualSeed(seed);
}

/** {@link manualSeed} on every device. */
export function manualSeedAll(seed: number | bigint): void {
  for (let index = 0; index < cudaBackend().deviceCount; index++)
    defaultGeneratorOf(cudaDevice(index)).manualSeed(seed);
}

/** Seeds the current device from the system's entropy, and returns the seed. */
export function seed(): bigint {
  return defaultGeneratorOf(cudaDeviceOf('seed', null)).seed();
}

/** The seed of the current device. */
export function initialSeed(): bigint {
  return defaultGeneratorOf(cudaDeviceOf('initialSeed', null)).initialSeed();
}

/** Where the random numbers of a device stand, to go back to with {@link setRngState}. */
export function getRngState(device?: CudaDeviceLike): ReturnType<Generator['getState']> {
  return defaultGeneratorOf(cudaDeviceOf('getRngState', device)).getState();
}

export function setRngState(state: ReturnType<Generator['getState']>, device?: CudaDeviceLike): void {
  defaultGeneratorOf(cudaDeviceOf('setRngState', device)).setState(state);
}

/** Seeds every device from the system's entropy. */
export function seedAll(): void {
  manualSeedAll(seed());
}

/** {@link getRngState} of every device. */
export function getRngStateAll(): ReturnType<Generator['getState']>[] {
  return Array.from({ length: cudaBackend().deviceCount }, (_, index) => getRngState(index));
}

/** {@link setRngState} of every device. */
export function setRngStateAll(states: readonly ReturnType<Generator['getState']>[]): void {
  for (const [index, state] of states.entries()) setRngState(state, index);
}
