import {
  cudaBackend,
  cudaDevice,
  cudaDeviceCount,
  currentCudaDevice,
  type Device,
  DeviceError,
  type DeviceLike,
  describe,
  device as deviceOf,
  isCudaOpen,
  setCurrentCudaDevice,
} from '@ts-torch/core';
import { runScope } from '../scope.js';

/** A CUDA device: its number, its name, or the object. */
export type CudaDeviceLike = number | DeviceLike;

/** The device that is meant; the current one where none is. Throws {@link DeviceError} for the CPU. */
export function cudaDeviceOf(op: string, device: CudaDeviceLike | null | undefined): Device {
  if (device === null || device === undefined) return currentCudaDevice();
  const found = typeof device === 'number' ? cudaDevice(device) : deviceOf(device);
  if (found.type !== 'cuda') throw new DeviceError(`${op}: expected a CUDA device, got ${describe(device)}`);
  return found;
}

/** Whether tensors can lie on an NVIDIA GPU. */
export function isAvailable(): boolean {
  return cudaDeviceCount() > 0;
}

/** The number of GPUs; 0 where CUDA cannot be used. */
export function deviceCount(): number {
  return cudaDeviceCount();
}

/** The number of the device that `'cuda'` means. Throws {@link DeviceError} where CUDA cannot be used, with the reason. */
export function currentDevice(): number {
  return currentCudaDevice().index;
}

/** From now on `'cuda'` means this device. */
export function setDevice(device: CudaDeviceLike): void {
  setCurrentCudaDevice(cudaDeviceOf('setDevice', device));
}

/** Runs `body` with `'cuda'` meaning this device. Refuses an async body, which would outlast the scope. */
export function device<T>(device: CudaDeviceLike, body: () => T): T {
  const before = currentCudaDevice();
  setCurrentCudaDevice(cudaDeviceOf('device', device));
  return runScope('cuda.device', body, () => setCurrentCudaDevice(before));
}

export interface DeviceProperties {
  readonly name: string;
  /** Compute capability: `major.minor`. */
  readonly major: number;
  readonly minor: number;
  /** Bytes. */
  readonly totalMemory: number;
  readonly multiProcessorCount: number;
  readonly warpSize: number;
  readonly maxThreadsPerBlock: number;
  readonly maxThreadsPerMultiProcessor: number;
  /** Bytes. */
  readonly sharedMemoryPerBlock: number;
  /** Bytes. */
  readonly l2CacheSize: number;
  readonly isIntegrated: boolean;
  /** Whether the device is the emulator's: its kernels run on the CPU. */
  readonly isEmulated: boolean;
}

/** Numbers of cudaDeviceAttr. */
const ATTRIBUTES = {
  maxThreadsPerBlock: 1,
  sharedMemoryPerBlock: 8,
  warpSize: 10,
  multiProcessorCount: 16,
  integrated: 18,
  l2CacheSize: 38,
  maxThreadsPerMultiProcessor: 39,
  major: 75,
  minor: 76,
} as const;

/** What the driver says of a device; the current one where none is given. */
export function getDeviceProperties(device?: CudaDeviceLike): DeviceProperties {
  const { index } = cudaDeviceOf('getDeviceProperties', device);
  const backend = cudaBackend();
  const read = (name: keyof typeof ATTRIBUTES): number => backend.attribute(index, ATTRIBUTES[name]);
  return {
    name: backend.deviceNames[index] as string,
    major: read('major'),
    minor: read('minor'),
    totalMemory: backend.deviceMemory(index, 1),
    multiProcessorCount: read('multiProcessorCount'),
    warpSize: read('warpSize'),
    maxThreadsPerBlock: read('maxThreadsPerBlock'),
    maxThreadsPerMultiProcessor: read('maxThreadsPerMultiProcessor'),
    sharedMemoryPerBlock: read('sharedMemoryPerBlock'),
    l2CacheSize: read('l2CacheSize'),
    isIntegrated: read('integrated') === 1,
    isEmulated: backend.emulated,
  };
}

export function getDeviceName(device?: CudaDeviceLike): string {
  return cudaBackend().deviceNames[cudaDeviceOf('getDeviceName', device).index] as string;
}

/** The compute capability. */
export function getDeviceCapability(device?: CudaDeviceLike): [major: number, minor: number] {
  const { major, minor } = getDeviceProperties(device);
  return [major, minor];
}

/** Whether CUDA is loaded, as it is when a program first asks for it. */
export function isInitialized(): boolean {
  return isCudaOpen();
}

/** Whether a device reads another's memory directly, so that copies between them do not pass through the host. */
export function canDeviceAccessPeer(device: CudaDeviceLike, peerDevice: CudaDeviceLike): boolean {
  const [{ index }, peer] = [device, peerDevice].map((it) => cudaDeviceOf('canDeviceAccessPeer', it)) as [
    Device,
    Device,
  ];
  return cudaBackend().canAccessPeer(index, peer.index) === 1;
}

/** Waits for all that the device was given to do. Throws what its kernels had to report, such as an index out of range. */
export function synchronize(device?: CudaDeviceLike): void {
  cudaBackend().synchronize(cudaDeviceOf('synchronize', device).index);
}

/**
 * The CUDA libraries that were found, and where: a line for each, or the reasons why one cannot be used. They are opened when they
 * are first needed, from `TS_TORCH_CUDA_LIB_DIR`, the dynamic linker's folders and CUDA's own; with `TS_TORCH_CUDA_PYTHON_LIBRARIES=1`
 * from Python's packages too. `TS_TORCH_CUDA_LIBRARIES` names those that may be used, such as `cublas,cudnn`; all where it is not set.
 */
export function libraries(): string {
  return cudaBackend().libraries();
}

/** The versions of the CUDA runtime that this build has, and of the newest that the driver serves, as `13000`. */
export function versions(): { runtime: number; driver: number } {
  return { runtime: cudaBackend().version(0), driver: cudaBackend().version(1) };
}
