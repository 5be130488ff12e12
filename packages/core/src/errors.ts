/**
 * Every error that ts-torch throws on purpose. Messages read `op: what is wrong, with the values: what was expected`.
 * Errors hold no tensors, so that catching one never keeps memory alive.
 */
export class TorchError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** An argument's value is out of its range, or its kind is wrong. */
export class ValueError extends TorchError {}
/** Shapes, ranks or sizes do not fit. */
export class ShapeError extends TorchError {}
/** A dtype is not supported by an op, or two do not fit. */
export class DTypeError extends TorchError {}
/** Tensors lie on different devices, or a device does not exist. */
export class DeviceError extends TorchError {}
/** An index or dimension lies outside of its range. */
export class IndexError extends TorchError {}
/** The device has no room for the bytes asked for. The program can go on with smaller tensors. */
export class OutOfMemoryError extends TorchError {}
/** A factorization or solution does not exist, or the input holds NaN or infinities. */
export class LinalgError extends TorchError {}
/** The tensor's memory was given back by `dispose`, or its ArrayBuffer was transferred. */
export class DisposedError extends TorchError {}
/** A defect of ts-torch itself: please report it. */
export class InternalError extends TorchError {}

/** In the order of the native `ErrorKind`. */
export const NATIVE_ERRORS = [
  ValueError,
  ShapeError,
  DTypeError,
  DeviceError,
  IndexError,
  OutOfMemoryError,
  LinalgError,
  DisposedError,
  InternalError,
];

/** A value as it reads in a message: short, never throwing, never printing data. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((item) => (Array.isArray(item) ? 'an array' : describe(item)));
    return `[${shown.join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  }
  const name = (value as object).constructor?.name ?? 'object';
  return /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`;
}
