import { DTypeError, describe } from './errors.js';

export type FloatDType = 'float64' | 'float32' | 'float16' | 'bfloat16';
export type IntegerDType = 'int64' | 'int32' | 'int16' | 'int8' | 'uint8';
export type ComplexDType = 'complex64' | 'complex128';
/** The type of a tensor's elements. */
export type DType = FloatDType | IntegerDType | 'bool' | ComplexDType;

export type Category = 'bool' | 'integer' | 'float' | 'complex';

/** What the library knows of a dtype. */
export interface DTypeInfo {
  readonly name: DType;
  /** The number that native code knows it by. */
  readonly code: number;
  readonly itemSize: number;
  readonly category: Category;
  /** 0 bool, 1 integer, 2 float, 3 complex: the higher category wins in promotion. */
  readonly rank: number;
}

const RANKS: Record<Category, number> = { bool: 0, integer: 1, float: 2, complex: 3 };

function info(name: DType, code: number, itemSize: number, category: Category): DTypeInfo {
  return Object.freeze({ name, code, itemSize, category, rank: RANKS[category] });
}

/** In the order of the native `DType`. */
export const DTYPES: readonly DTypeInfo[] = [
  info('float64', 0, 8, 'float'),
  info('float32', 1, 4, 'float'),
  info('float16', 2, 2, 'float'),
  info('bfloat16', 3, 2, 'float'),
  info('int64', 4, 8, 'integer'),
  info('int32', 5, 4, 'integer'),
  info('int16', 6, 2, 'integer'),
  info('int8', 7, 1, 'integer'),
  info('uint8', 8, 1, 'integer'),
  info('bool', 9, 1, 'bool'),
  info('complex64', 10, 8, 'complex'),
  info('complex128', 11, 16, 'complex'),
];

const byName = new Map<unknown, DTypeInfo>(DTYPES.map((dtype) => [dtype.name, dtype]));

/** Looks a dtype up by its name; throws {@link DTypeError} for anything else. */
export function dtypeInfo(name: DType): DTypeInfo {
  const found = byName.get(name);
  if (found === undefined) {
    throw new DTypeError(`unknown dtype ${describe(name)}; expected one of ${DTYPES.map((d) => d.name).join(', ')}`);
  }
  return found;
}

export function isDType(value: unknown): value is DType {
  return byName.has(value);
}

/** The dtype of the real and imaginary parts, and back. */
export const REAL_OF: Record<ComplexDType, FloatDType> = { complex64: 'float32', complex128: 'float64' };
export const COMPLEX_OF: Record<FloatDType, ComplexDType> = {
  float64: 'complex128',
  float32: 'complex64',
  float16: 'complex64',
  bfloat16: 'complex64',
};
