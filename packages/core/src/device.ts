import { DeviceError, describe } from './errors.js';

export type DeviceType = 'cpu' | 'cuda';
/** How users name a device. */
export type DeviceLike = DeviceType | `cuda:${number}` | 'cpu:0' | Device;

/** Where a tensor's memory is. One object for each device: they may be compared with `===`. */
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

/** The device of that name. Throws {@link DeviceError} where there is none. */
export function device(name: DeviceLike): Device {
  if (name instanceof Device) return name;
  if (name === 'cpu' || name === 'cpu:0') return CPU;
  if (typeof name === 'string' && /^cuda(:\d{1,3})?$/.test(name)) {
    throw new DeviceError(`device: '${name}' is not available: this build has no CUDA backend`);
  }
  throw new DeviceError(`device: expected 'cpu', 'cuda' or 'cuda:N', got ${describe(name)}`);
}
