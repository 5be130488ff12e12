import { type DType, DTypeError, describe, dtypeInfo, REAL_OF, ValueError } from '@ts-torch/core';
import { canCast as canCastInfo, type Operand } from './op.js';
import { defaultDtype, isScalar, resultType as resultInfo } from './promotion.js';
import { broadcastShapes as broadcastTwo, checkShape, type Shape } from './shape.js';
import { Tensor } from './tensor.js';

export const e = Math.E;
export const pi = Math.PI;
export const inf = Number.POSITIVE_INFINITY;
export const nan = Number.NaN;

/** The only layout: elements are found in memory by strides. */
export const strided = 'strided';

/** What a floating-point dtype can hold. */
export interface FloatInfo {
  readonly dtype: DType;
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number that is not subnormal. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** How many decimal digits are kept. */
  readonly resolution: number;
}

/** Bits of the fraction, and the largest exponent. */
const FORMATS = {
  float64: [52, 1023],
  float32: [23, 127],
  float16: [10, 15],
  bfloat16: [7, 127],
} as const;

/**
 * What a floating-point dtype can hold; of a complex one, its parts. The default dtype's where left out.
 *
 * @example torch.finfo('float32').eps // 1.1920928955078125e-7
 */
export function finfo(dtype: DType = defaultDtype().name): FloatInfo {
  const info = dtypeInfo(dtype);
  const real = info.category === 'complex' ? REAL_OF[info.name as keyof typeof REAL_OF] : info.name;
  const format = FORMATS[real as keyof typeof FORMATS];
  if (format === undefined) throw new DTypeError(`finfo: expected a floating-point dtype, got ${dtype}; see iinfo`);
  const [fraction, exponent] = format;
  const max = (2 - 2 ** -fraction) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  const digits = Math.floor(fraction * Math.log10(2));
  return {
    dtype: real,
    bits: 8 * dtypeInfo(real).itemSize,
    eps: 2 ** -fraction,
    max,
    min: -max,
    tiny,
    smallestNormal: tiny,
    resolution: 10 ** -digits,
  };
}

/** What an integer dtype can hold. Those of int64 are bigints. */
export interface IntegerInfo {
  readonly dtype: DType;
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
}

/**
 * What an integer dtype can hold.
 *
 * @example torch.iinfo('int8').max // 127
 */
export function iinfo(dtype: DType): IntegerInfo {
  const { category, itemSize, name } = dtypeInfo(dtype);
  if (category !== 'integer') throw new DTypeError(`iinfo: expected an integer dtype, got ${dtype}; see finfo`);
  const bits = 8 * itemSize;
  if (bits === 64) return { dtype: name, bits, max: 2n ** 63n - 1n, min: -(2n ** 63n) };
  const signed = name !== 'uint8';
  return { dtype: name, bits, max: 2 ** (signed ? bits - 1 : bits) - 1, min: signed ? -(2 ** (bits - 1)) : 0 };
}

/**
 * Whether a result of one dtype may be written into a tensor of another: not from a higher category into a lower.
 *
 * @example torch.canCast('float32', 'int64') // false
 */
export function canCast(from: DType, to: DType): boolean {
  return canCastInfo(dtypeInfo(from), dtypeInfo(to));
}

/**
 * The dtype of an op on both, by PyTorch's rules of promotion.
 *
 * @example torch.resultType(torch.tensor([1n]), 1.5) // 'float32'
 */
export function resultType(tensor1: Operand, tensor2: Operand): DType {
  for (const value of [tensor1, tensor2]) {
    if (!(value instanceof Tensor) && !isScalar(value))
      throw new ValueError(`resultType: expected tensors or numbers, got ${describe(value)}`);
  }
  return resultInfo([tensor1, tensor2]).name;
}

/**
 * The shape that shapes broadcast to: aligned at their last dimension, sizes are equal or 1. Throws {@link ShapeError}.
 *
 * @example torch.broadcastShapes([2, 1], [3]) // [2, 3]
 */
export function broadcastShapes(...shapes: Shape[]): Shape {
  for (const shape of shapes) checkShape('broadcastShapes', shape);
  return shapes.reduce((all, shape) => broadcastTwo('broadcastShapes', all, shape), []);
}
