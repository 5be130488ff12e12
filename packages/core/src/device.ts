import { cudaBackend } from './cuda-backend.js';
import { DeviceError, describe } from './errors.js';

export type DeviceType = 'cpu' | 'cuda';
/** How users name a device. */
export type DeviceLike = DeviceType | `cuda:${number}` | 'cpu:0' | Device;

/**
 * Where a tensor's memory is. One object for each device: they may be compared with `===`.
 *
 * @example
 * const { device } = torch.ones([2]);
 * [device.type, device.index] // ['cpu', 0]
 */
export class Device {
  readonly type: DeviceType;
  readonly index: number;

  /** @internal use {@link device} */
  constructor(type: DeviceType, index: number) {
    this.type = type;
    this.index = index;
    Object.freeze(this);
  }

  toString(): string {
    return this.type === 'cpu' ? 'cpu' : `cuda:${this.index}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `device('${this}')`;
  }
}

export const CPU = new Device('cpu', 0);

const cudaDevices: Device[] = [];
let currentCuda = 0;
let fallback: Device = CPU;

/**
 * The device of that name; 'cuda' alone is the current one. Throws {@link DeviceError} where there is none.
 *
 * @example torch.device('cpu').type // 'cpu'
 */
export function device(name: DeviceLike): Device {
  if (name instanceof Device) return name;
  if (name === 'cpu' || name === 'cpu:0') return CPU;
  const match = typeof name === 'string' ? /^cuda(?::(\d{1,3}))?$/.exec(name) : null;
  if (match !== null) return cudaDevice(match[1] === undefined ? currentCuda : Number(match[1]));
  throw new DeviceError(`device: expected 'cpu', 'cuda' or 'cuda:N', got ${describe(name)}`);
}

/** The CUDA device of that number. */
export function cudaDevice(index: number): Device {
  const { deviceCount } = cudaBackend();
  if (!Number.isInteger(index) || index < 0 || index >= deviceCount)
    throw new DeviceError(`device: there is no cuda:${index}; the number of CUDA devices is ${deviceCount}`);
  cudaDevices[index] ??= new Device('cuda', index);
  return cudaDevices[index];
}

/** The device that 'cuda' means. */
export function currentCudaDevice(): Device {
  return cudaDevice(currentCuda);
}

export function setCurrentCudaDevice(device: Device): void {
  currentCuda = device.index;
}

/**
 * Where tensors are made that are given no device: the CPU, unless {@link setDefaultDevice} chose another.
 *
 * @example String(torch.defaultDevice()) // 'cpu'
 */
export function defaultDevice(): Device {
  return fallback;
}

/**
 * Tensors are made on this device from now on, where they are given none.
 *
 * @example
 * torch.setDefaultDevice('cpu');
 * String(torch.zeros([1]).device) // 'cpu'
 */
export function setDefaultDevice(name: DeviceLike): void {
  fallback = device(name);
}
