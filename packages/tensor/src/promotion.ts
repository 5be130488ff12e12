import { type ComplexNumber, DTYPES, type DType, DTypeError, type DTypeInfo, dtypeInfo } from '@ts-torch/core';
import type { Tensor } from './tensor.js';

export type Scalar = number | bigint | boolean | ComplexNumber;

let defaultFloat: DTypeInfo = dtypeInfo('float32');

/**
 * The dtype of floating-point results whose inputs have none: float32 unless changed.
 *
 * @example torch.getDefaultDtype() // 'float32'
 */
export function getDefaultDtype(): DType {
  return defaultFloat.name;
}

/**
 * The dtype that numbers give from now on. Throws {@link DTypeError} for any but floating-point dtypes.
 *
 * @example
 * torch.setDefaultDtype('float64');
 * torch.tensor([1]).dtype // 'float64'
 */
export function setDefaultDtype(dtype: DType): void {
  const info = dtypeInfo(dtype);
  if (info.category !== 'float') throw new DTypeError(`setDefaultDtype: expected a floating-point dtype, got ${dtype}`);
  defaultFloat = info;
}

export function defaultDtype(): DTypeInfo {
  return defaultFloat;
}

export function defaultComplexDtype(): DTypeInfo {
  return dtypeInfo(defaultFloat.name === 'float64' ? 'complex128' : 'complex64');
}

// Within a category the wider wins; float16 with bfloat16 gives float32, and uint8 with a signed type the next wider signed one.
function promote(a: DTypeInfo, b: DTypeInfo): DTypeInfo {
  if (a === b) return a;
  const [low, high] = a.rank <= b.rank ? [a, b] : [b, a];
  if (high.category === 'complex' && low.name === 'float64') return dtypeInfo('complex128');
  if (low.rank !== high.rank) return high;
  if (high.category === 'float' && a.itemSize === 2 && b.itemSize === 2) return dtypeInfo('float32');
  if (high.category === 'integer' && (a.name === 'uint8' || b.name === 'uint8')) {
    const signed = a.name === 'uint8' ? b : a;
    return signed.name === 'int8' ? dtypeInfo('int16') : signed;
  }
  return a.itemSize >= b.itemSize ? a : b;
}

const table: DTypeInfo[] = DTYPES.flatMap((a) => DTYPES.map((b) => promote(a, b)));

/** The dtype that holds the values of both. */
export function promoteInfo(a: DTypeInfo, b: DTypeInfo): DTypeInfo {
  return a === b ? a : (table[a.code * DTYPES.length + b.code] as DTypeInfo);
}

/**
 * The dtype that holds the values of both, by PyTorch's rules of promotion.
 *
 * @example torch.promoteTypes('int32', 'float16') // 'float16'
 */
export function promoteTypes(a: DType, b: DType): DType {
  return promoteInfo(dtypeInfo(a), dtypeInfo(b)).name;
}

export function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return true;
  return isComplexNumber(value);
}

export function isComplexNumber(value: unknown): value is ComplexNumber {
  if (typeof value !== 'object' || value === null) return false;
  const { re, im } = value as Partial<ComplexNumber>;
  return typeof re === 'number' && typeof im === 'number';
}

/** The dtype that a number has by itself: an integer promotes like Python's int, any other number like Python's float. */
export function scalarInfo(value: Scalar): DTypeInfo {
  if (typeof value === 'boolean') return dtypeInfo('bool');
  if (typeof value === 'bigint') return dtypeInfo('int64');
  if (typeof value === 'number') return Number.isInteger(value) ? dtypeInfo('int64') : defaultFloat;
  return defaultComplexDtype();
}

/** A number joins a tensor's dtype unless its category is higher. */
export function promoteWithScalar(info: DTypeInfo, value: Scalar): DTypeInfo {
  if (typeof value === 'number' && info.rank >= 2) return info;
  const scalar = scalarInfo(value);
  if (scalar.rank <= info.rank) return info;
  if (scalar.category === 'complex' && info.name === 'float64') return dtypeInfo('complex128');
  return scalar;
}

/**
 * PyTorch's rule for several operands: tensors with dimensions count first, then zero-dimensional ones, then numbers; each
 * later group matters only where its category is higher.
 */
export function resultType(operands: readonly (Tensor | Scalar)[]): DTypeInfo {
  let dimensioned: DTypeInfo | null = null;
  let zeroDim: DTypeInfo | null = null;
  let number: DTypeInfo | null = null;
  for (const operand of operands) {
    if (isScalar(operand)) {
      const info = scalarInfo(operand);
      number = number === null ? info : promoteInfo(number, info);
    } else if (operand.shape.length > 0) {
      dimensioned = dimensioned === null ? operand.dtypeInfo : promoteInfo(dimensioned, operand.dtypeInfo);
    } else {
      zeroDim = zeroDim === null ? operand.dtypeInfo : promoteInfo(zeroDim, operand.dtypeInfo);
    }
  }
  let result = dimensioned;
  for (const group of [zeroDim, number]) {
    if (group === null) continue;
    if (result === null) result = group;
    else if (group.rank > result.rank)
      result = group === number ? withNumber(result, group) : promoteInfo(result, group);
  }
  return result ?? defaultFloat;
}

function withNumber(info: DTypeInfo, number: DTypeInfo): DTypeInfo {
  return number.category === 'complex' && info.name === 'float64' ? dtypeInfo('complex128') : number;
}

/** Integers and booleans become the default floating-point dtype. */
export function toFloat(info: DTypeInfo): DTypeInfo {
  return info.rank >= 2 ? info : defaultFloat;
}
