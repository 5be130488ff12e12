import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DeviceError, describe, ValueError } from './errors.js';
import { type CudaBackend, native, nativePath } from './native.js';

let opened: CudaBackend | DeviceError | undefined;
const loaded = (): CudaBackend | undefined => (opened instanceof DeviceError ? undefined : opened);

/** In the order of native/cuda/libraries.h. What programs choose is kept here until the backend is loaded. */
const options = {
  cublas: true,
  cudnn: true,
  cusolver: true,
  matmulTF32: false,
  cudnnTF32: true,
  cudnnBenchmark: false,
  cudnnDeterministic: false,
};
/** Which libraries the kernels of CUDA use, and how. */
export type CudaOption = keyof typeof options;
const optionNames = Object.keys(options) as CudaOption[];

export function cudaOption(name: CudaOption): boolean {
  return options[name];
}

export function setCudaOption(name: CudaOption, value: boolean): void {
  if (typeof value !== 'boolean') throw new ValueError(`${name}: expected true or false, got ${describe(value)}`);
  options[name] = value;
  loaded()?.setOption(optionNames.indexOf(name), Number(value));
}

/** The shared object that serves CUDA devices: that of NVIDIA's driver, or the emulator with `TS_TORCH_CUDA=emulated`. */
function objectPath(): string {
  const choice = process.env['TS_TORCH_CUDA'] ?? '';
  if (choice === 'off') throw new DeviceError('CUDA is switched off by TS_TORCH_CUDA=off');
  if (choice !== '' && choice !== 'emulated')
    throw new DeviceError(`TS_TORCH_CUDA: expected 'emulated' or 'off', got '${choice}'`);
  const name = choice === 'emulated' ? 'ts_torch_cuda_emulated.so' : 'ts_torch_cuda.so';
  const path = join(dirname(nativePath), name);
  if (!existsSync(path)) throw new DeviceError(`this build has no CUDA backend: there is no ${path}`);
  return path;
}

/** Loaded when it is first asked for, so that programs on the CPU pay nothing. */
function open(): CudaBackend | DeviceError {
  if (opened === undefined) {
    try {
      const backend = native.openCuda(objectPath());
      optionNames.forEach((name, which) => {
        backend.setOption(which, Number(options[name]));
      });
      opened = backend;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      opened = error;
    }
  }
  return opened;
}

/** The backend. Throws {@link DeviceError} with the reason where CUDA cannot be used. */
export function cudaBackend(): CudaBackend {
  const backend = open();
  // A new error, so that its stack is the caller's.
  if (backend instanceof DeviceError) throw new DeviceError(`cuda is not available: ${backend.message}`);
  return backend;
}

/** Whether the backend is loaded. */
export function isCudaOpen(): boolean {
  return loaded() !== undefined;
}

/** 0 where CUDA cannot be used. */
export function cudaDeviceCount(): number {
  const backend = open();
  return backend instanceof DeviceError ? 0 : backend.deviceCount;
}
