import { DTypeError, describe, dtypeInfo, kernel, launch, ValueError } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { castable } from '../castable.js';
import {
  binary,
  castTo,
  checkNumbers,
  checkTensor,
  commonDevice,
  elementwise,
  inPlace,
  isOptions,
  type NamedResult,
  namedResult,
  type Operand,
  type OutOptions,
  prepared,
  primitive,
  readOptions,
  runInPlace,
  unary,
  writeOut,
} from '../op.js';
import { isScalar, resultType, type Scalar, toFloat } from '../promotion.js';
import { withoutRecording } from '../recording.js';
import { broadcastShapes } from '../shape.js';
import { Tensor } from '../tensor.js';
import { clone } from './copying.js';

// --- Arithmetic -----------------------------------------------------------------------------------------------------------

export interface AlphaOptions extends OutOptions {
  /** A factor for `other`. */
  alpha?: number | undefined;
}

const addPrimitive = binary('add');
const subPrimitive = binary('sub');
const scaledPrimitive = elementwise('addScaled', ['self', 'other', 'alpha']);

function alphaOf(op: string, self: unknown, other: unknown, alpha: unknown): number {
  if (alpha === undefined || alpha === 1) return 1;
  if (typeof alpha !== 'number') throw new ValueError(`${op}: expected alpha to be a number, got ${describe(alpha)}`);
  const operands = [self, other].filter((operand) => operand instanceof Tensor || isScalar(operand)) as Operand[];
  if (!Number.isInteger(alpha) && resultType(operands).rank < 2)
    throw new ValueError(`${op}: alpha must be an integer where the operands are, got ${alpha}`);
  return alpha;
}

function addition(op: 'add' | 'sub', self: Tensor, other: Operand, options: AlphaOptions | undefined): Tensor {
  const plain = op === 'add' ? addPrimitive : subPrimitive;
  if (op === 'sub') checkSubtraction(self, other);
  if (options === undefined) return plain(self, other);
  checkTensor(op, self);
  const { alpha, out } = readOptions<AlphaOptions>(op, options, { alpha: 1, out: undefined });
  const factor = alphaOf(op, self, other, alpha);
  if (factor === 1) return plain(self, other, out === undefined ? undefined : { out });
  const result = scaledPrimitive(self, other, op === 'add' ? factor : -factor);
  return out === undefined ? result : writeOut(op, out, result);
}

const isBool = (operand: unknown): boolean =>
  operand instanceof Tensor ? operand.dtype === 'bool' : typeof operand === 'boolean';

function checkSubtraction(self: unknown, other: unknown): void {
  if (isBool(self) && isBool(other)) throw new DTypeError('sub: not supported for two bools; use logicalXor');
}

function additionInPlace(op: 'add' | 'sub', self: Tensor, other: Operand, options: AlphaOptions | undefined): Tensor {
  checkTensor(`${op}_`, self);
  if (op === 'sub') checkSubtraction(self, other);
  if (!(other instanceof Tensor) && !isScalar(other))
    throw new ValueError(`${op}_: expected other to be a tensor or a number, got ${describe(other)}`);
  const { alpha } = readOptions<AlphaOptions>(`${op}_`, options, { alpha: 1 });
  const factor = alphaOf(op, self, other, alpha);
  if (factor === 1) return runInPlace((op === 'add' ? addPrimitive : subPrimitive).definition, self, [other]);
  return runInPlace(scaledPrimitive.definition, self, [other, op === 'add' ? factor : -factor]);
}

/**
 * `self + alpha * other`.
 *
 * @example
 * torch.add(torch.tensor([1, 2]), 10) // tensor([11., 12.])
 * torch.add(torch.tensor([1, 2]), torch.tensor([10, 20]), { alpha: 2 }) // tensor([21., 42.])
 */
export function add(self: Tensor, other: Operand, options?: AlphaOptions): Tensor {
  return addition('add', self, other, options);
}
/** {@link add}, written into `self`. */
export function add_(self: Tensor, other: Operand, options?: Omit<AlphaOptions, 'out'>): Tensor {
  return additionInPlace('add', self, other, options);
}
/**
 * `self - alpha * other`.
 *
 * @example torch.sub(torch.tensor([1, 2]), torch.tensor([10, 20])) // tensor([-9., -18.])
 */
export function sub(self: Tensor, other: Operand, options?: AlphaOptions): Tensor {
  return addition('sub', self, other, options);
}
/** {@link sub}, written into `self`. */
export function sub_(self: Tensor, other: Operand, options?: Omit<AlphaOptions, 'out'>): Tensor {
  return additionInPlace('sub', self, other, options);
}
/** {@link sub} by its other name. */
export const subtract = sub;
/** {@link sub_} by its other name. */
export const subtract_ = sub_;
/**
 * `other - alpha * self`.
 *
 * @example torch.rsub(torch.tensor([1, 2]), 10) // tensor([9., 8.])
 */
export function rsub(self: Tensor, other: Operand, options?: AlphaOptions): Tensor {
  checkTensor('rsub', self);
  if (other instanceof Tensor) return sub(other, self, options);
  const { alpha } = readOptions<AlphaOptions>('rsub', options, { alpha: 1 });
  return add(mul(self, -alphaOf('rsub', self, other, alpha)), other);
}
/**
 * `self * other`.
 *
 * @example torch.mul(torch.tensor([[1], [2]]), torch.tensor([1, 2, 3])) // tensor([[1., 2., 3.], [2., 4., 6.]])
 */
export const mul = binary('mul');
/** {@link mul}, written into `self`. */
export const mul_ = inPlace(mul);
/** {@link mul} by its other name. */
export const multiply = mul;
/** {@link mul_} by its other name. */
export const multiply_ = mul_;

export interface DivOptions extends OutOptions {
  /** How the quotient is rounded: not at all, towards zero (as C), or down (as Python's `//`). */
  roundingMode?: 'trunc' | 'floor' | null | undefined;
}

const divPrimitive = binary('div', { dtype: 'float' });
const divTrunc = binary('divTrunc');
const divFloor = binary('divFloor');

function divisionOf(op: string, options: DivOptions | undefined) {
  const { roundingMode, out } = readOptions<DivOptions>(op, options, { roundingMode: null, out: undefined });
  if (roundingMode === null || roundingMode === undefined) return { division: divPrimitive, out };
  if (roundingMode === 'trunc') return { division: divTrunc, out };
  if (roundingMode === 'floor') return { division: divFloor, out };
  throw new ValueError(`${op}: expected roundingMode to be null, 'trunc' or 'floor', got ${describe(roundingMode)}`);
}

/**
 * `self / other`; integers give floating point unless `roundingMode` is given. Integers divided by 0 are an error.
 *
 * @example torch.div(torch.tensor([7, -7]), 2, { roundingMode: 'trunc' }) // tensor([3., -3.])
 */
export function div(self: Tensor, other: Operand, options?: DivOptions): Tensor {
  if (options === undefined) return divPrimitive(self, other);
  const { division, out } = divisionOf('div', options);
  return division(self, other, out === undefined ? undefined : { out });
}
/** {@link div}, written into `self`. */
export function div_(self: Tensor, other: Operand, options?: DivOptions): Tensor {
  checkTensor('div_', self);
  return runInPlace(divisionOf('div_', options).division.definition, self, [other]);
}
/** {@link div} by its other names. */
export const divide = div;
/** {@link div_} by its other name. */
export const divide_ = div_;
/**
 * {@link div} without rounding.
 *
 * @example torch.trueDivide(torch.tensor([7n, -7n]), 2) // tensor([3.5000, -3.5000])
 */
export const trueDivide = divPrimitive;
/** {@link trueDivide}, written into `self`. */
export const trueDivide_ = inPlace(divPrimitive);
/**
 * The quotient rounded down, as Python's `//`.
 *
 * @example torch.floorDivide(torch.tensor([7, -7]), 2) // tensor([3., -4.])
 */
export function floorDivide(self: Tensor, other: Operand, options?: OutOptions): Tensor {
  return divFloor(self, other, options);
}
/** {@link floorDivide}, written into `self`. */
export const floorDivide_ = inPlace(divFloor);
/**
 * The remainder with the sign of `other`, as Python's `%`.
 *
 * @example torch.remainder(torch.tensor([-3, 3]), 2) // tensor([1., 1.])
 */
export const remainder = binary<Operand>('remainder', { numbers: 'either' });
/** {@link remainder}, written into `self`. */
export const remainder_ = inPlace(remainder as typeof mul);
/**
 * The remainder with the sign of `self`, as C's.
 *
 * @example torch.fmod(torch.tensor([-3, 3]), 2) // tensor([-1., 1.])
 */
export const fmod = binary('fmod');
/** {@link fmod}, written into `self`. */
export const fmod_ = inPlace(fmod);

const powPrimitive = binary<Operand>('pow', { numbers: 'either' });

/**
 * `self` to the power of `exponent`. Integers to negative powers are an error.
 *
 * @example torch.pow(torch.tensor([1, 2, 3]), 2) // tensor([1., 4., 9.])
 */
export function pow(self: Operand, exponent: Operand, options?: OutOptions): Tensor {
  const integers = self instanceof Tensor && self.dtypeInfo.category === 'integer';
  if (integers && typeof exponent === 'number' && Number.isInteger(exponent) && exponent < 0)
    throw new ValueError(`pow: integers to negative powers are not integers; got exponent ${exponent}`);
  return powPrimitive(self, exponent, options);
}
/** {@link pow}, written into `self`. */
export function pow_(self: Tensor, exponent: Operand): Tensor {
  checkTensor('pow_', self);
  return runInPlace(powPrimitive.definition, self, [exponent]);
}
/**
 * {@link pow} in float64 (complex128 for complex numbers).
 *
 * @example torch.floatPower(torch.tensor([1n, 2n, 3n]), 2) // tensor([1., 4., 9.], dtype=torch.float64)
 */
export function floatPower(self: Operand, exponent: Operand): Tensor {
  const widen = (x: Operand): Operand => (x instanceof Tensor ? x.to(x.isComplex() ? 'complex128' : 'float64') : x);
  const complex = [self, exponent].some((x) => (x instanceof Tensor ? x.isComplex() : typeof x === 'object'));
  const result = powPrimitive(widen(self), widen(exponent));
  return complex ? result.to('complex128') : result;
}
/** {@link floatPower}, written into `self`, which must be float64 or complex128. */
export function floatPower_(self: Tensor, exponent: Operand): Tensor {
  checkTensor('floatPower_', self);
  if (self.dtype !== 'float64' && self.dtype !== 'complex128')
    throw new ValueError(`floatPower_: expected self to be float64 or complex128, got ${self.dtype}`);
  return runInPlace(powPrimitive.definition, self, [exponent]);
}

/**
 * `-self`. Throws for bool.
 *
 * @example torch.neg(torch.tensor([1, -2])) // tensor([-1., 2.])
 */
export const neg = unary('neg');
/** {@link neg}, written into `self`. */
export const neg_ = inPlace(neg);
/** {@link neg} by its other name. */
export const negative = neg;
/** {@link neg_} by its other name. */
export const negative_ = neg_;
/**
 * `self`. Throws for bool.
 *
 * @example torch.positive(torch.tensor([1, -2])) // tensor([1., -2.])
 */
export function positive(self: Tensor): Tensor {
  checkTensor('positive', self);
  if (self.dtype === 'bool') throw new DTypeError('positive: not supported for bool');
  return self;
}
/**
 * Absolute value; of complex numbers the modulus, which is real.
 *
 * @example torch.abs(torch.tensor([-1.5, 2])) // tensor([1.5000, 2.0000])
 */
export const abs = unary('abs', { complexToReal: true });
/** {@link abs}, written into `self`. */
export const abs_ = inPlace(abs);
/** {@link abs} by its other name. */
export const absolute = abs;
/** {@link abs_} by its other name. */
export const absolute_ = abs_;
/**
 * -1, 0 or 1.
 *
 * @example torch.sign(torch.tensor([-1.5, 0, 2])) // tensor([-1., 0., 1.])
 */
export const sign = unary('sign');
/** {@link sign}, written into `self`. */
export const sign_ = inPlace(sign);
const sgnPrimitive = unary('sgn');
/**
 * `x / |x|`, and 0 for 0: {@link sign} of real numbers.
 *
 * @example torch.sgn(torch.complex(torch.tensor([3, 0]), torch.tensor([4, 0]))) // tensor([0.6000+0.8000j, 0.0000+0.0000j])
 */
export function sgn(self: Tensor, options?: OutOptions): Tensor {
  checkTensor('sgn', self);
  return self.isComplex() ? sgnPrimitive(self, options) : sign(self, options);
}
/** {@link sgn}, written into `self`. */
export function sgn_(self: Tensor): Tensor {
  checkTensor('sgn_', self);
  return runInPlace((self.isComplex() ? sgnPrimitive : sign).definition, self, []);
}
const squarePrimitive = unary('square');

/**
 * `x * x`. Booleans give int64.
 *
 * @example torch.square(torch.tensor([-1, 2, 3])) // tensor([1., 4., 9.])
 */
export function square(self: Tensor, options?: OutOptions): Tensor {
  checkTensor('square', self);
  // As pow(2), where the number makes booleans integers.
  return squarePrimitive(self.dtype === 'bool' ? self.to('int64') : self, options);
}
/** {@link square}, written into `self`. */
export const square_ = inPlace(squarePrimitive);
/**
 * `1 / x`.
 *
 * @example torch.reciprocal(torch.tensor([2, 4])) // tensor([0.5000, 0.2500])
 */
export const reciprocal = unary('reciprocal', { dtype: 'float' });
/** {@link reciprocal}, written into `self`. */
export const reciprocal_ = inPlace(reciprocal);
/**
 * The square root; NaN for negative numbers.
 *
 * @example torch.sqrt(torch.tensor([4, 9, -1])) // tensor([2., 3., nan])
 */
export const sqrt = unary('sqrt', { dtype: 'float' });
/** {@link sqrt}, written into `self`. */
export const sqrt_ = inPlace(sqrt);
/**
 * `1 / sqrt(x)`.
 *
 * @example torch.rsqrt(torch.tensor([4, 16])) // tensor([0.5000, 0.2500])
 */
export const rsqrt = unary('rsqrt', { dtype: 'float' });
/** {@link rsqrt}, written into `self`. */
export const rsqrt_ = inPlace(rsqrt);

// --- Rounding ------------------------------------------------------------------------------------------------------------

/**
 * Rounded up.
 *
 * @example torch.ceil(torch.tensor([-0.5, 0.5])) // tensor([-0., 1.])
 */
export const ceil = unary('ceil', { integers: 'copy' });
/** {@link ceil}, written into `self`. */
export const ceil_ = inPlace(ceil);
/**
 * Rounded down.
 *
 * @example torch.floor(torch.tensor([-0.5, 0.5])) // tensor([-1., 0.])
 */
export const floor = unary('floor', { integers: 'copy' });
/** {@link floor}, written into `self`. */
export const floor_ = inPlace(floor);
/**
 * Rounded towards zero.
 *
 * @example torch.trunc(torch.tensor([-1.5, 1.5])) // tensor([-1., 1.])
 */
export const trunc = unary('trunc', { integers: 'copy' });
/** {@link trunc}, written into `self`. */
export const trunc_ = inPlace(trunc);
/** {@link trunc} by its other name. */
export const fix = trunc;
/** {@link trunc_} by its other name. */
export const fix_ = trunc_;
/**
 * The part behind the point, with the sign of the number.
 *
 * @example torch.frac(torch.tensor([-1.5, 2.25])) // tensor([-0.5000, 0.2500])
 */
export const frac = unary('frac');
/** {@link frac}, written into `self`. */
export const frac_ = inPlace(frac);
const roundPrimitive = unary('round', { integers: 'copy' });
/**
 * Rounded to the nearest integer, halves to even; with `decimals` to that many places behind the point.
 *
 * @example torch.round(torch.tensor([0.5, 1.5, 2.7])) // tensor([0., 2., 3.])
 */
export function round(self: Tensor, options?: OutOptions & { decimals?: number }): Tensor {
  checkTensor('round', self);
  const { decimals, out } = readOptions('round', options, { decimals: 0, out: undefined as Tensor | undefined });
  if (!Number.isInteger(decimals))
    throw new ValueError(`round: expected decimals to be an integer, got ${describe(decimals)}`);
  if (decimals === 0) return roundPrimitive(self, out === undefined ? undefined : { out });
  if (!self.isFloatingPoint())
    throw new DTypeError(`round: decimals are for floating-point tensors, not ${self.dtype}`);
  const scale = 10 ** Math.abs(decimals);
  const result = decimals > 0 ? roundPrimitive(self.mul(scale)).div(scale) : roundPrimitive(self.div(scale)).mul(scale);
  return out === undefined ? result : writeOut('round', out, result);
}
/** {@link round}, written into `self`. */
export function round_(self: Tensor, options?: { decimals?: number }): Tensor {
  checkTensor('round_', self);
  if ((options?.decimals ?? 0) === 0) return runInPlace(roundPrimitive.definition, self, []);
  return self.copy_(round(self, options));
}

// --- Exponentials and logarithms -------------------------------------------------------------------------------------------

/**
 * e^x.
 *
 * @example torch.exp(torch.tensor([0, 1])) // tensor([1.0000, 2.7183])
 */
export const exp = unary('exp', { dtype: 'float' });
/** {@link exp}, written into `self`. */
export const exp_ = inPlace(exp);
/**
 * 2^x.
 *
 * @example torch.exp2(torch.tensor([0, 3])) // tensor([1., 8.])
 */
export const exp2 = unary('exp2', { dtype: 'float' });
/** {@link exp2}, written into `self`. */
export const exp2_ = inPlace(exp2);
/**
 * e^x - 1, exact near 0.
 *
 * @example torch.expm1(torch.tensor([0, 1])) // tensor([0.0000, 1.7183])
 */
export const expm1 = unary('expm1', { dtype: 'float' });
/** {@link expm1}, written into `self`. */
export const expm1_ = inPlace(expm1);
/**
 * The natural logarithm.
 *
 * @example torch.log(torch.tensor([1, Math.E])) // tensor([0.0000, 1.0000])
 */
export const log = unary('log', { dtype: 'float' });
/** {@link log}, written into `self`. */
export const log_ = inPlace(log);
/**
 * The logarithm to base 10.
 *
 * @example torch.log10(torch.tensor([1, 1000])) // tensor([0., 3.])
 */
export const log10 = unary('log10', { dtype: 'float' });
/** {@link log10}, written into `self`. */
export const log10_ = inPlace(log10);
/**
 * log(1 + x), exact near 0.
 *
 * @example torch.log1p(torch.tensor([0, 1])) // tensor([0.0000, 0.6931])
 */
export const log1p = unary('log1p', { dtype: 'float' });
/** {@link log1p}, written into `self`. */
export const log1p_ = inPlace(log1p);
/**
 * The logarithm to base 2.
 *
 * @example torch.log2(torch.tensor([1, 8])) // tensor([0., 3.])
 */
export const log2 = unary('log2', { dtype: 'float' });
/** {@link log2}, written into `self`. */
export const log2_ = inPlace(log2);
/**
 * log(e^self + e^other), without overflow.
 *
 * @example torch.logaddexp(torch.tensor([-1]), torch.tensor([-1])) // tensor([-0.3069])
 */
export const logaddexp = binary('logaddexp', { numbers: 'none', dtype: 'float' });
/**
 * log2(2^self + 2^other), without overflow.
 *
 * @example torch.logaddexp2(torch.tensor([3]), torch.tensor([3])) // tensor([4.])
 */
export const logaddexp2 = binary('logaddexp2', { numbers: 'none', dtype: 'float' });
/**
 * `self * log(other)`, 0 where `self` is 0.
 *
 * @example torch.xlogy(torch.tensor([0, 2]), torch.tensor([0, Math.E])) // tensor([0.0000, 2.0000])
 */
export const xlogy = binary<Operand>('xlogy', { numbers: 'either', dtype: 'float' });
/** {@link xlogy}, written into `self`. */
export const xlogy_ = inPlace(xlogy as typeof mul);
/**
 * `self * 2^other`.
 *
 * @example torch.ldexp(torch.tensor([1, 3]), torch.tensor([2, 4])) // tensor([4., 48.])
 */
export function ldexp(self: Tensor, other: Tensor): Tensor {
  checkTensor('ldexp', other, 'other');
  return mul(self, exp2(other.isFloatingPoint() ? other : other.to('float32')));
}
/** {@link ldexp}, written into `self`. */
export function ldexp_(self: Tensor, other: Tensor): Tensor {
  checkTensor('ldexp_', self);
  return self.copy_(ldexp(self, other));
}

// --- Trigonometric and hyperbolic --------------------------------------------------------------------------------------------

/**
 * The sine of an angle in radians.
 *
 * @example torch.sin(torch.tensor([0, Math.PI / 2])) // tensor([0., 1.])
 */
export const sin = unary('sin', { dtype: 'float' });
/** {@link sin}, written into `self`. */
export const sin_ = inPlace(sin);
/**
 * The cosine of an angle in radians.
 *
 * @example torch.cos(torch.tensor([0, Math.PI])) // tensor([1., -1.])
 */
export const cos = unary('cos', { dtype: 'float' });
/** {@link cos}, written into `self`. */
export const cos_ = inPlace(cos);
/**
 * The tangent of an angle in radians.
 *
 * @example torch.tan(torch.tensor([0, Math.PI / 4])) // tensor([0., 1.])
 */
export const tan = unary('tan', { dtype: 'float' });
/** {@link tan}, written into `self`. */
export const tan_ = inPlace(tan);
/**
 * The angle whose sine is x, in [-pi/2, pi/2]; NaN outside of [-1, 1].
 *
 * @example torch.asin(torch.tensor([0, 1])) // tensor([0.0000, 1.5708])
 */
export const asin = unary('asin', { dtype: 'float' });
/** {@link asin}, written into `self`. */
export const asin_ = inPlace(asin);
/** {@link asin} by its other name. */
export const arcsin = asin;
/** {@link asin_} by its other name. */
export const arcsin_ = asin_;
/**
 * The angle whose cosine is x, in [0, pi]; NaN outside of [-1, 1].
 *
 * @example torch.acos(torch.tensor([0, 1])) // tensor([1.5708, 0.0000])
 */
export const acos = unary('acos', { dtype: 'float' });
/** {@link acos}, written into `self`. */
export const acos_ = inPlace(acos);
/** {@link acos} by its other name. */
export const arccos = acos;
/** {@link acos_} by its other name. */
export const arccos_ = acos_;
/**
 * The angle whose tangent is x, in (-pi/2, pi/2).
 *
 * @example torch.atan(torch.tensor([0, 1])) // tensor([0.0000, 0.7854])
 */
export const atan = unary('atan', { dtype: 'float' });
/** {@link atan}, written into `self`. */
export const atan_ = inPlace(atan);
/** {@link atan} by its other name. */
export const arctan = atan;
/** {@link atan_} by its other name. */
export const arctan_ = atan_;
/**
 * The angle of the point (other, self), in [-pi, pi].
 *
 * @example torch.atan2(torch.tensor([1, 1]), torch.tensor([1, -1])) // tensor([0.7854, 2.3562])
 */
export const atan2 = binary('atan2', { numbers: 'none', dtype: 'float' });
/** {@link atan2}, written into `self`. */
export const atan2_ = inPlace(atan2);
/** {@link atan2} by its other name. */
export const arctan2 = atan2;
/** {@link atan2_} by its other name. */
export const arctan2_ = atan2_;
/**
 * Hyperbolic sine.
 *
 * @example torch.sinh(torch.tensor([0, 1])) // tensor([0.0000, 1.1752])
 */
export const sinh = unary('sinh', { dtype: 'float' });
/** {@link sinh}, written into `self`. */
export const sinh_ = inPlace(sinh);
/**
 * Hyperbolic cosine.
 *
 * @example torch.cosh(torch.tensor([0, 1])) // tensor([1.0000, 1.5431])
 */
export const cosh = unary('cosh', { dtype: 'float' });
/** {@link cosh}, written into `self`. */
export const cosh_ = inPlace(cosh);
/**
 * Hyperbolic tangent of each element, in (-1, 1).
 *
 * Shape: that of `self`. Integers and booleans give `float32`.
 *
 * @example torch.tanh(torch.tensor([0, 1])) // tensor([0.0000, 0.7616])
 */
export const tanh = unary('tanh', { dtype: 'float' });
/** {@link tanh}, written into `self`. */
export const tanh_ = inPlace(tanh);
/**
 * Inverse hyperbolic sine.
 *
 * @example torch.asinh(torch.tensor([0, 1])) // tensor([0.0000, 0.8814])
 */
export const asinh = unary('asinh', { dtype: 'float' });
/** {@link asinh}, written into `self`. */
export const asinh_ = inPlace(asinh);
/** {@link asinh} by its other name. */
export const arcsinh = asinh;
/** {@link asinh_} by its other name. */
export const arcsinh_ = asinh_;
/**
 * Inverse hyperbolic cosine; NaN below 1.
 *
 * @example torch.acosh(torch.tensor([1, 2])) // tensor([0.0000, 1.3170])
 */
export const acosh = unary('acosh', { dtype: 'float' });
/** {@link acosh}, written into `self`. */
export const acosh_ = inPlace(acosh);
/** {@link acosh} by its other name. */
export const arccosh = acosh;
/** {@link acosh_} by its other name. */
export const arccosh_ = acosh_;
/**
 * Inverse hyperbolic tangent; NaN outside of [-1, 1].
 *
 * @example torch.atanh(torch.tensor([0, 0.5])) // tensor([0.0000, 0.5493])
 */
export const atanh = unary('atanh', { dtype: 'float' });
/** {@link atanh}, written into `self`. */
export const atanh_ = inPlace(atanh);
/** {@link atanh} by its other name. */
export const arctanh = atanh;
/** {@link atanh_} by its other name. */
export const arctanh_ = atanh_;
/**
 * The length of the vector (self, other).
 *
 * @example torch.hypot(torch.tensor([3, 5]), torch.tensor([4, 12])) // tensor([5., 13.])
 */
export const hypot = binary('hypot', { numbers: 'none', dtype: 'float' });
/** {@link hypot}, written into `self`. */
export const hypot_ = inPlace(hypot);
/**
 * sin(pi x) / (pi x), 1 at 0.
 *
 * @example torch.sinc(torch.tensor([0, 0.5])) // tensor([1.0000, 0.6366])
 */
export const sinc = unary('sinc', { dtype: 'float' });
/** {@link sinc}, written into `self`. */
export const sinc_ = inPlace(sinc);
/**
 * Degrees as radians.
 *
 * @example torch.deg2rad(torch.tensor([0, 180])) // tensor([0.0000, 3.1416])
 */
export function deg2rad(self: Tensor): Tensor {
  checkTensor('deg2rad', self);
  return mul(self, Math.PI / 180);
}
/** {@link deg2rad}, written into `self`. */
export const deg2rad_ = (self: Tensor): Tensor => mul_(self, Math.PI / 180);
/**
 * Radians as degrees.
 *
 * @example torch.rad2deg(torch.tensor([0, Math.PI])) // tensor([0., 180.])
 */
export function rad2deg(self: Tensor): Tensor {
  checkTensor('rad2deg', self);
  return mul(self, 180 / Math.PI);
}
/** {@link rad2deg}, written into `self`. */
export const rad2deg_ = (self: Tensor): Tensor => mul_(self, 180 / Math.PI);

// --- The error function and the logistic one -----------------------------------------------------------------------------------

/**
 * The error function: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
 *
 * @example torch.erf(torch.tensor([0, 0.5])) // tensor([0.0000, 0.5205])
 */
export const erf = unary('erf', { dtype: 'float' });
/** {@link erf}, written into `self`. */
export const erf_ = inPlace(erf);
/**
 * 1 - erf(x), exact for large x.
 *
 * @example torch.erfc(torch.tensor([0, 0.5])) // tensor([1.0000, 0.4795])
 */
export const erfc = unary('erfc', { dtype: 'float' });
/** {@link erfc}, written into `self`. */
export const erfc_ = inPlace(erfc);
/**
 * 1 / (1 + e^-x).
 *
 * @example torch.sigmoid(torch.tensor([0, 2])) // tensor([0.5000, 0.8808])
 */
export const sigmoid = unary('sigmoid', { dtype: 'float' });
/** {@link sigmoid}, written into `self`. */
export const sigmoid_ = inPlace(sigmoid);
/**
 * max(x, 0). NaN stays.
 *
 * @example torch.relu(torch.tensor([-1, 2])) // tensor([0., 2.])
 */
export const relu = unary('relu');
/** {@link relu}, written into `self`. */
export const relu_ = inPlace(relu);

const LOGIT = kernel('logit');
const logitPrimitive = primitive('logit', ['self', 'eps'], (self: Tensor, eps: number): Tensor => {
  const input = castTo(self, toFloat(self.dtypeInfo));
  const out = allocate(self.shape, input.dtypeInfo, self.device);
  launch(LOGIT, [out, input], [eps]);
  return out;
});
/**
 * log(x / (1 - x)); with `eps` x is first clamped to [eps, 1 - eps].
 *
 * @example torch.logit(torch.tensor([0.5, 0.75])) // tensor([0.0000, 1.0986])
 */
export function logit(self: Tensor, eps?: number | null | { eps?: number | null; out?: Tensor }): Tensor {
  checkTensor('logit', self);
  const given = isOptions(eps) ? eps : { eps: eps ?? null };
  const { eps: bound, out } = readOptions('logit', given, {
    eps: null as number | null,
    out: undefined as Tensor | undefined,
  });
  checkNumbers('logit', { eps: bound ?? 0 });
  const result = logitPrimitive(self, bound ?? -1);
  return out === undefined ? result : writeOut('logit', out, result);
}
/** {@link logit}, written into `self`. */
export function logit_(self: Tensor, eps?: number | null | { eps?: number | null }): Tensor {
  checkTensor('logit_', self);
  const given = isOptions(eps) ? eps : { eps: eps ?? null };
  const { eps: bound } = readOptions('logit_', given, { eps: null as number | null });
  checkNumbers('logit_', { eps: bound ?? 0 });
  return runInPlace(logitPrimitive.definition, self, [bound ?? -1]);
}

// --- Extremes -----------------------------------------------------------------------------------------------------------------

/**
 * The larger one; NaN if either is.
 *
 * @example torch.maximum(torch.tensor([1, 5, NaN]), torch.tensor([3, 2, 0])) // tensor([3., 5., nan])
 */
export const maximum = binary('maximum', { numbers: 'none' });
/**
 * The smaller one; NaN if either is.
 *
 * @example torch.minimum(torch.tensor([1, 5, NaN]), torch.tensor([3, 2, 0])) // tensor([1., 2., nan])
 */
export const minimum = binary('minimum', { numbers: 'none' });
/**
 * The larger one; NaN only if both are.
 *
 * @example torch.fmax(torch.tensor([1, 5, NaN]), torch.tensor([3, 2, 0])) // tensor([3., 5., 0.])
 */
export const fmax = binary('fmax', { numbers: 'none' });
/**
 * The smaller one; NaN only if both are.
 *
 * @example torch.fmin(torch.tensor([1, 5, NaN]), torch.tensor([3, 2, 0])) // tensor([1., 2., 0.])
 */
export const fmin = binary('fmin', { numbers: 'none' });

const clampBoth = elementwise('clamp', ['self', 'min', 'max']);
const clampBelow = elementwise('clampMin', ['self', 'min'], { kernel: 'maximum' });
const clampAbove = elementwise('clampMax', ['self', 'max'], { kernel: 'minimum' });

export interface ClampOptions extends OutOptions {
  min?: Operand | null | undefined;
  max?: Operand | null | undefined;
}

function clampArguments(
  op: string,
  min: Operand | null | undefined | ClampOptions,
  max: Operand | null | undefined,
): ClampOptions {
  const given = isOptions(min) ? (min as ClampOptions) : { min: min as Operand, max };
  const read = readOptions<ClampOptions>(op, given, { min: null, max: null, out: undefined });
  if ((read.min ?? null) === null && (read.max ?? null) === null)
    throw new ValueError(`${op}: expected min, max or both`);
  return read;
}

/**
 * Each element raised to `min` and lowered to `max`: `x.clamp(0, 1)`, `x.clamp({ min: 0 })`. Where min exceeds max, max wins.
 *
 * @example torch.clamp(torch.tensor([-1, 0.5, 2]), 0, 1) // tensor([0.0000, 0.5000, 1.0000])
 */
export function clamp(self: Tensor, min?: Operand | null | ClampOptions, max?: Operand | null): Tensor {
  checkTensor('clamp', self);
  const { min: low, max: high, out } = clampArguments('clamp', min, max);
  const result =
    low === null || low === undefined
      ? clampAbove(self, high as Operand)
      : high === null || high === undefined
        ? clampBelow(self, low)
        : clampBoth(self, low, high);
  return out === undefined ? result : writeOut('clamp', out, result);
}
/** {@link clamp}, written into `self`. */
export function clamp_(self: Tensor, min?: Operand | null | ClampOptions, max?: Operand | null): Tensor {
  checkTensor('clamp_', self);
  const { min: low, max: high } = clampArguments('clamp_', min, max);
  if (low === null || low === undefined) return runInPlace(clampAbove.definition, self, [high]);
  if (high === null || high === undefined) return runInPlace(clampBelow.definition, self, [low]);
  return runInPlace(clampBoth.definition, self, [low, high]);
}
/** {@link clamp} by its other names. */
export const clip = clamp;
/** {@link clamp_} by its other name. */
export const clip_ = clamp_;
/**
 * Each element raised to `min`.
 *
 * @example torch.clampMin(torch.tensor([-1, 0.5, 2]), 0) // tensor([0.0000, 0.5000, 2.0000])
 */
export function clampMin(self: Tensor, min: Operand): Tensor {
  checkTensor('clampMin', self);
  return clampBelow(self, min);
}
/** {@link clampMin}, written into `self`. */
export const clampMin_ = (self: Tensor, min: Operand): Tensor => clamp_(self, min);
/**
 * Each element lowered to `max`.
 *
 * @example torch.clampMax(torch.tensor([-1, 0.5, 2]), 1) // tensor([-1.0000, 0.5000, 1.0000])
 */
export function clampMax(self: Tensor, max: Operand): Tensor {
  checkTensor('clampMax', self);
  return clampAbove(self, max);
}
/** {@link clampMax}, written into `self`. */
export const clampMax_ = (self: Tensor, max: Operand): Tensor => clamp_(self, null, max);

// --- Comparisons and logic -----------------------------------------------------------------------------------------------------

/**
 * Whether `self` equals `other`.
 *
 * @example torch.eq(torch.tensor([1, 2, 3]), 2) // tensor([False, True, False])
 */
export const eq = binary('eq', { dtype: 'bool' });
/** {@link eq}, written into `self`. */
export const eq_ = inPlace(eq);
/**
 * Whether they differ.
 *
 * @example torch.ne(torch.tensor([1, 2, 3]), 2) // tensor([True, False, True])
 */
export const ne = binary('ne', { dtype: 'bool' });
/** {@link ne}, written into `self`. */
export const ne_ = inPlace(ne);
/** {@link ne} by its other name. */
export const notEqual = ne;
/** {@link ne_} by its other name. */
export const notEqual_ = ne_;
/**
 * Whether `self` is less than `other`.
 *
 * @example torch.lt(torch.tensor([1, 2, 3]), 2) // tensor([True, False, False])
 */
export const lt = binary('lt', { dtype: 'bool' });
/** {@link lt}, written into `self`. */
export const lt_ = inPlace(lt);
/** {@link lt} by its other name. */
export const less = lt;
/** {@link lt_} by its other name. */
export const less_ = lt_;
/**
 * Whether `self` is at most `other`.
 *
 * @example torch.le(torch.tensor([1, 2, 3]), 2) // tensor([True, True, False])
 */
export const le = binary('le', { dtype: 'bool' });
/** {@link le}, written into `self`. */
export const le_ = inPlace(le);
/** {@link le} by its other name. */
export const lessEqual = le;
/** {@link le_} by its other name. */
export const lessEqual_ = le_;
/**
 * Whether `self` is greater than `other`.
 *
 * @example torch.gt(torch.tensor([1, 2, 3]), 2) // tensor([False, False, True])
 */
export const gt = binary('gt', { dtype: 'bool' });
/** {@link gt}, written into `self`. */
export const gt_ = inPlace(gt);
/** {@link gt} by its other name. */
export const greater = gt;
/** {@link gt_} by its other name. */
export const greater_ = gt_;
/**
 * Whether `self` is at least `other`.
 *
 * @example torch.ge(torch.tensor([1, 2, 3]), 2) // tensor([False, True, True])
 */
export const ge = binary('ge', { dtype: 'bool' });
/** {@link ge}, written into `self`. */
export const ge_ = inPlace(ge);
/** {@link ge} by its other name. */
export const greaterEqual = ge;
/** {@link ge_} by its other name. */
export const greaterEqual_ = ge_;
/**
 * Whether both differ from 0.
 *
 * @example torch.logicalAnd(torch.tensor([true, true]), torch.tensor([true, false])) // tensor([True, False])
 */
export const logicalAnd = binary('logicalAnd', { numbers: 'none', dtype: 'logical', kernel: 'mul' });
/** {@link logicalAnd}, written into `self`. */
export const logicalAnd_ = inPlace(logicalAnd);
/**
 * Whether either differs from 0.
 *
 * @example torch.logicalOr(torch.tensor([true, false]), torch.tensor([false, false])) // tensor([True, False])
 */
export const logicalOr = binary('logicalOr', { numbers: 'none', dtype: 'logical', kernel: 'add' });
/** {@link logicalOr}, written into `self`. */
export const logicalOr_ = inPlace(logicalOr);
/**
 * Whether exactly one differs from 0.
 *
 * @example torch.logicalXor(torch.tensor([true, true]), torch.tensor([true, false])) // tensor([False, True])
 */
export const logicalXor = binary('logicalXor', { numbers: 'none', dtype: 'logical', kernel: 'ne' });
/** {@link logicalXor}, written into `self`. */
export const logicalXor_ = inPlace(logicalXor);
/**
 * Whether an element is 0.
 *
 * @example torch.logicalNot(torch.tensor([0, 2])) // tensor([True, False])
 */
export const logicalNot = unary('logicalNot', { dtype: 'bool' });
/** {@link logicalNot}, written into `self`. */
export const logicalNot_ = inPlace(logicalNot);
/**
 * Bits set in both. Of integers and booleans.
 *
 * @example torch.bitwiseAnd(torch.tensor([12n]), torch.tensor([10n])) // tensor([8])
 */
export const bitwiseAnd = binary<Operand>('bitwiseAnd', { numbers: 'either' });
/** {@link bitwiseAnd}, written into `self`. */
export const bitwiseAnd_ = inPlace(bitwiseAnd as typeof mul);
/**
 * Bits set in either.
 *
 * @example torch.bitwiseOr(torch.tensor([12n]), torch.tensor([10n])) // tensor([14])
 */
export const bitwiseOr = binary<Operand>('bitwiseOr', { numbers: 'either' });
/** {@link bitwiseOr}, written into `self`. */
export const bitwiseOr_ = inPlace(bitwiseOr as typeof mul);
/**
 * Bits set in exactly one.
 *
 * @example torch.bitwiseXor(torch.tensor([12n]), torch.tensor([10n])) // tensor([6])
 */
export const bitwiseXor = binary<Operand>('bitwiseXor', { numbers: 'either' });
/** {@link bitwiseXor}, written into `self`. */
export const bitwiseXor_ = inPlace(bitwiseXor as typeof mul);
/**
 * Every bit turned.
 *
 * @example torch.bitwiseNot(torch.tensor([0n, 5n])) // tensor([-1, -6])
 */
export const bitwiseNot = unary('bitwiseNot');
/** {@link bitwiseNot}, written into `self`. */
export const bitwiseNot_ = inPlace(bitwiseNot);
/**
 * Bits moved up by `other` places.
 *
 * @example torch.bitwiseLeftShift(torch.tensor([1n, 3n]), 2) // tensor([4, 12])
 */
export const bitwiseLeftShift = binary<Operand>('bitwiseLeftShift', { numbers: 'either' });
/** {@link bitwiseLeftShift}, written into `self`. */
export const bitwiseLeftShift_ = inPlace(bitwiseLeftShift as typeof mul);
/**
 * Bits moved down by `other` places; the sign stays.
 *
 * @example torch.bitwiseRightShift(torch.tensor([16n, -8n]), 2) // tensor([4, -2])
 */
export const bitwiseRightShift = binary<Operand>('bitwiseRightShift', { numbers: 'either' });
/** {@link bitwiseRightShift}, written into `self`. */
export const bitwiseRightShift_ = inPlace(bitwiseRightShift as typeof mul);

/** A predicate of floating-point numbers; integers have one answer. */
function predicate(op: string, ofIntegers: boolean, test: (self: Tensor) => Tensor) {
  return (self: Tensor): Tensor => {
    checkTensor(op, self);
    if (self.dtypeInfo.rank >= 2) return test(self);
    const answer = allocate(self.shape, dtypeInfo('bool'), self.device);
    return answer.fill_(ofIntegers);
  };
}
/**
 * Whether an element is not a number.
 *
 * @example torch.isnan(torch.tensor([1, NaN])) // tensor([False, True])
 */
export const isnan = predicate('isnan', false, (self) => ne(self, self));
/**
 * Whether an element is infinite.
 *
 * @example torch.isinf(torch.tensor([1, -Infinity, NaN])) // tensor([False, True, False])
 */
export const isinf = predicate('isinf', false, (self) =>
  self.isComplex() ? logicalOr(isinf(self.real()), isinf(self.imag())) : eq(abs(self), Infinity),
);
/**
 * Whether an element is neither infinite nor NaN.
 *
 * @example torch.isfinite(torch.tensor([1, Infinity, NaN])) // tensor([True, False, False])
 */
export const isfinite = predicate('isfinite', true, (self) =>
  self.isComplex() ? logicalAnd(isfinite(self.real()), isfinite(self.imag())) : lt(abs(self), Infinity),
);
const isInfinityOf = (op: string, value: number) =>
  predicate(op, false, (self) => {
    if (self.isComplex()) throw new DTypeError(`${op}: not supported for ${self.dtype}`);
    return eq(self, value);
  });
/**
 * Whether an element is positive infinity.
 *
 * @example torch.isposinf(torch.tensor([Infinity, -Infinity])) // tensor([True, False])
 */
export const isposinf = isInfinityOf('isposinf', Infinity);
/**
 * Whether an element is negative infinity.
 *
 * @example torch.isneginf(torch.tensor([Infinity, -Infinity])) // tensor([False, True])
 */
export const isneginf = isInfinityOf('isneginf', -Infinity);
/**
 * Whether an element has no imaginary part.
 *
 * @example torch.isreal(torch.complex(torch.tensor([1, 1]), torch.tensor([0, 2]))) // tensor([True, False])
 */
export const isreal = (self: Tensor): Tensor => {
  checkTensor('isreal', self);
  return self.isComplex() ? eq(self.imag(), 0) : eq(self, self).fill_(true);
};
/**
 * Whether the sign is negative, that of -0 too.
 *
 * @example torch.signbit(torch.tensor([1, -1, -0])) // tensor([False, True, True])
 */
export const signbit = unary('signbit', { dtype: 'bool' });

export interface CloseOptions {
  rtol?: number | undefined;
  atol?: number | undefined;
  /** NaN counts as close to NaN. */
  equalNan?: boolean | undefined;
}

/**
 * Whether |self - other| <= atol + rtol |other|.
 *
 * @example torch.isclose(torch.tensor([1, 2]), torch.tensor([1.000001, 2.1])) // tensor([True, False])
 */
export function isclose(self: Tensor, other: Tensor, options?: CloseOptions): Tensor {
  checkTensor('isclose', self);
  checkTensor('isclose', other, 'other');
  const {
    rtol = 1e-5,
    atol = 1e-8,
    equalNan = false,
  } = readOptions<CloseOptions>('isclose', options, { rtol: 1e-5, atol: 1e-8, equalNan: false });
  if (self.dtypeInfo !== other.dtypeInfo)
    throw new DTypeError(`isclose: expected one dtype, got ${self.dtype} and ${other.dtype}`);
  checkNumbers('isclose', { rtol, atol });
  if (rtol < 0 || atol < 0)
    throw new ValueError(`isclose: expected tolerances of at least 0, got rtol ${rtol} and atol ${atol}`);
  const [a, b] = [self, other];
  let close = eq(a, b);
  if (equalNan && a.dtypeInfo.rank >= 2) close = logicalOr(close, logicalAnd(ne(a, a), ne(b, b)));
  if (rtol === 0 && atol === 0) return close;
  const wide = (x: Tensor): Tensor => (x.dtypeInfo.rank < 2 ? x.to('float64') : x);
  const difference = abs(sub(wide(a), wide(b)));
  const allowed = add(mul(abs(wide(b)), rtol), atol);
  return logicalOr(close, logicalAnd(isfinite(difference), le(difference, allowed)));
}

/**
 * {@link isclose} of all elements.
 *
 * @example torch.allclose(torch.tensor([1, 2]), torch.tensor([1.000001, 2])) // true
 */
export function allclose(self: Tensor, other: Tensor, options?: CloseOptions): boolean {
  return isclose(self, other, options).all().item() as unknown as boolean;
}

/**
 * Whether shapes and all elements are equal.
 *
 * @example torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2])) // true
 */
export function equal(self: Tensor, other: Tensor): boolean {
  checkTensor('equal', self);
  checkTensor('equal', other, 'other');
  if (self.dtypeInfo !== other.dtypeInfo)
    throw new DTypeError(`equal: expected one dtype, got ${self.dtype} and ${other.dtype}`);
  if (String(self.shape) !== String(other.shape)) return false;
  return eq(self, other).all().item() as unknown as boolean;
}

// --- Signs, integers ------------------------------------------------------------------------------------------------------------

/**
 * `self` with the sign of `other`.
 *
 * @example torch.copysign(torch.tensor([1, 2]), torch.tensor([-1, 1])) // tensor([-1., 2.])
 */
export const copysign = binary('copysign', { dtype: 'float' });
/** {@link copysign}, written into `self`. */
export const copysign_ = inPlace(copysign);
/**
 * The next number that the dtype has after `self`, towards `other`.
 *
 * @example torch.nextafter(torch.tensor([0]), torch.tensor([1])).gt(0) // tensor([True])
 */
export const nextafter = binary('nextafter', { numbers: 'none' });
/** {@link nextafter}, written into `self`. */
export const nextafter_ = inPlace(nextafter);
/**
 * 0 below zero, 1 above; `values` at zero.
 *
 * @example torch.heaviside(torch.tensor([-1, 0, 1]), torch.tensor([0.5])) // tensor([0.0000, 0.5000, 1.0000])
 */
export const heaviside = binary('heaviside', { numbers: 'none' });
/** {@link heaviside}, written into `self`. */
export const heaviside_ = inPlace(heaviside);
/**
 * The greatest common divisor.
 *
 * @example torch.gcd(torch.tensor([12n, 10n]), torch.tensor([18n, 15n])) // tensor([6, 5])
 */
export const gcd = binary('gcd', { numbers: 'none' });
/** {@link gcd}, written into `self`. */
export const gcd_ = inPlace(gcd);
/**
 * The least common multiple.
 *
 * @example torch.lcm(torch.tensor([12n, 10n]), torch.tensor([18n, 15n])) // tensor([36, 30])
 */
export const lcm = binary('lcm', { numbers: 'none' });
/** {@link lcm}, written into `self`. */
export const lcm_ = inPlace(lcm);

// --- Several operands -----------------------------------------------------------------------------------------------------------

const lerpPrimitive = elementwise('lerp', ['self', 'end', 'weight']);

/**
 * `self + weight (end - self)`, exact at both ends.
 *
 * @example torch.lerp(torch.tensor([1, 2]), torch.tensor([3, 10]), 0.5) // tensor([2., 6.])
 */
export function lerp(self: Tensor, end: Tensor, weight: Operand): Tensor {
  checkTensor('lerp', self);
  return lerpPrimitive(self, end, weight);
}
/** {@link lerp}, written into `self`. */
export function lerp_(self: Tensor, end: Tensor, weight: Operand): Tensor {
  checkTensor('lerp_', self);
  return runInPlace(lerpPrimitive.definition, self, [end, weight]);
}

export interface ValueOptions extends OutOptions {
  /** A factor for the product or quotient. */
  value?: Scalar | undefined;
}

const addcmulPrimitive = elementwise('addcmul', ['self', 'tensor1', 'tensor2', 'value']);
const addcdivPrimitive = elementwise('addcdiv', ['self', 'tensor1', 'tensor2', 'value']);

function valueOf(op: string, options: ValueOptions | undefined): ValueOptions {
  return readOptions<ValueOptions>(op, options, { value: 1, out: undefined });
}

/**
 * `self + value * tensor1 * tensor2`.
 *
 * @example torch.addcmul(torch.tensor([1, 1]), torch.tensor([2, 3]), torch.tensor([4, 5]), { value: 0.5 }) // tensor([5.0000, 8.5000])
 */
export const addcmul = castable(
  'addcmul',
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor => {
    checkTensor('addcmul', self);
    const { value, out } = valueOf('addcmul', options);
    const result = addcmulPrimitive(self, tensor1, tensor2, factorFor([self, tensor1, tensor2], value));
    return out === undefined ? result : writeOut('addcmul', out, result);
  },
);
/** {@link addcmul}, written into `self`. */
export function addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor {
  checkTensor('addcmul_', self);
  const factor = factorFor([self, tensor1, tensor2], valueOf('addcmul_', options).value);
  return runInPlace(addcmulPrimitive.definition, self, [tensor1, tensor2, factor]);
}
/** Between integers only the whole part of a factor counts. */
function factorFor(tensors: readonly Tensor[], value: Scalar | undefined): Scalar {
  const given = value ?? 1;
  const whole = typeof given === 'number' && tensors.every((x) => x instanceof Tensor && x.dtypeInfo.rank < 2);
  return whole ? Math.trunc(given) : given;
}
/**
 * `self + value * tensor1 / tensor2`.
 *
 * @example torch.addcdiv(torch.tensor([1, 1]), torch.tensor([2, 3]), torch.tensor([4, 6]), { value: 10 }) // tensor([6., 6.])
 */
export const addcdiv = castable(
  'addcdiv',
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor => {
    checkTensor('addcdiv', self);
    checkFloatDivision('addcdiv', tensor1, tensor2);
    const { value, out } = valueOf('addcdiv', options);
    const result = addcdivPrimitive(self, tensor1, tensor2, value ?? 1);
    return out === undefined ? result : writeOut('addcdiv', out, result);
  },
);
/** {@link addcdiv}, written into `self`. */
export function addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor {
  checkTensor('addcdiv_', self);
  checkFloatDivision('addcdiv_', tensor1, tensor2);
  return runInPlace(addcdivPrimitive.definition, self, [tensor1, tensor2, valueOf('addcdiv_', options).value]);
}
function checkFloatDivision(op: string, a: unknown, b: unknown): void {
  checkTensor(op, a, 'tensor1');
  checkTensor(op, b, 'tensor2');
  if (a.dtypeInfo.rank < 2 && b.dtypeInfo.rank < 2)
    throw new DTypeError(`${op}: integers cannot be divided; convert them first`);
}

// --- Complex numbers -----------------------------------------------------------------------------------------------------------

const conjPrimitive = unary('conj');

/**
 * The complex conjugate; real tensors are returned as they are.
 *
 * @example torch.conj(torch.complex(torch.tensor([1]), torch.tensor([2]))) // tensor([1.-2.j])
 */
export function conj(self: Tensor): Tensor {
  checkTensor('conj', self);
  return self.isComplex() ? conjPrimitive(self) : self;
}
/**
 * {@link conj}, as a new tensor.
 *
 * @example torch.conjPhysical(torch.complex(torch.tensor([1]), torch.tensor([2]))) // tensor([1.-2.j])
 */
export function conjPhysical(self: Tensor): Tensor {
  checkTensor('conjPhysical', self);
  return self.isComplex() ? conjPrimitive(self) : self;
}
/** {@link conjPhysical}, written into `self`. */
export function conjPhysical_(self: Tensor): Tensor {
  checkTensor('conjPhysical_', self);
  return self.isComplex() ? runInPlace(conjPrimitive.definition, self, []) : self;
}
/**
 * The tensor: conjugates are never lazy here.
 *
 * @example torch.resolveConj(torch.complex(torch.tensor([1]), torch.tensor([2])).conj()) // tensor([1.-2.j])
 */
export const resolveConj = (self: Tensor): Tensor => positiveOrSelf('resolveConj', self);
/**
 * The tensor: negations are never lazy here.
 *
 * @example torch.resolveNeg(torch.tensor([-1, 2])) // tensor([-1., 2.])
 */
export const resolveNeg = (self: Tensor): Tensor => positiveOrSelf('resolveNeg', self);
function positiveOrSelf(op: string, self: Tensor): Tensor {
  checkTensor(op, self);
  return self;
}
/**
 * The angle of a complex number; of real ones 0, or pi for negative ones.
 *
 * @example torch.angle(torch.complex(torch.tensor([1, -1]), torch.tensor([1, 0]))) // tensor([0.7854, 3.1416])
 */
export const angle = unary('angle', { dtype: 'float', complexToReal: true });

const NAN_TO_NUM = kernel('nanToNum');
const nanToNumPrimitive = primitive(
  'nanToNum',
  ['self', 'nan', 'posinf', 'neginf'],
  (self: Tensor, nan: number, posinf: number, neginf: number): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    launch(NAN_TO_NUM, [out, self], [nan, posinf, neginf]);
    return out;
  },
);
const LARGEST = {
  float64: Number.MAX_VALUE,
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};

/**
 * NaN replaced by `nan` (0), infinities by `posinf` and `neginf` (the dtype's largest numbers).
 *
 * @example torch.nanToNum(torch.tensor([NaN, 1, Infinity]), { nan: 0, posinf: 9 }) // tensor([0., 1., 9.])
 */
export function nanToNum(self: Tensor, options?: OutOptions & NanToNumOptions): Tensor {
  checkTensor('nanToNum', self);
  const { out, ...given } = options ?? {};
  const values = replacements('nanToNum', self, given);
  const result = self.isFloatingPoint() ? nanToNumPrimitive(self, ...values) : clone(self);
  return out === undefined ? result : writeOut('nanToNum', out, result);
}
/** {@link nanToNum}, written into `self`. */
export function nanToNum_(self: Tensor, options?: NanToNumOptions): Tensor {
  checkTensor('nanToNum_', self);
  const values = replacements('nanToNum_', self, options);
  return self.isFloatingPoint() ? runInPlace(nanToNumPrimitive.definition, self, values) : self;
}

export interface NanToNumOptions {
  /** What takes the place of NaN; 0 where left out. */
  nan?: number | null | undefined;
  /** What takes the place of infinity; the largest number of the dtype where left out. */
  posinf?: number | null | undefined;
  /** What takes the place of -infinity; the lowest number of the dtype where left out. */
  neginf?: number | null | undefined;
}

function replacements(op: string, self: Tensor, options: NanToNumOptions | undefined): [number, number, number] {
  const given = readOptions<NanToNumOptions>(op, options, { nan: null, posinf: null, neginf: null });
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && typeof value !== 'number')
      throw new ValueError(`${op}: expected ${name} to be a number, got ${describe(value)}`);
  }
  const largest = LARGEST[self.dtype as keyof typeof LARGEST];
  return [given.nan ?? 0, given.posinf ?? largest, given.neginf ?? -largest];
}

// --- Choosing ------------------------------------------------------------------------------------------------------------------

const WHERE = kernel('where');
const wherePrimitive = primitive(
  'where',
  ['condition', 'self', 'other'],
  (condition: Tensor, self: Operand, other: Operand): Tensor => {
    const info = resultType([self, other]);
    const shapes = [condition, self, other].map((x) => (x instanceof Tensor ? x.shape : []));
    const shape = shapes.reduce((a, b) => broadcastShapes('where', a, b));
    const out = allocate(shape, info, commonDevice('where', [condition, self, other]));
    const spread = (x: Operand, dtype = info) => prepared('where', x, dtype, out);
    launch(WHERE, [out, spread(condition, dtypeInfo('bool')), spread(self), spread(other)]);
    return out;
  },
);
/** Primitives with all operands given; for derivatives and other families. */
const elementwisePrimitives = {
  add: addPrimitive,
  sub: subPrimitive,
  addScaled: scaledPrimitive,
  div: divPrimitive,
  divTrunc,
  divFloor,
  pow: powPrimitive,
  square: squarePrimitive,
  sgn: sgnPrimitive,
  round: roundPrimitive,
  logit: logitPrimitive,
  clamp: clampBoth,
  clampMin: clampBelow,
  clampMax: clampAbove,
  lerp: lerpPrimitive,
  addcmul: addcmulPrimitive,
  addcdiv: addcdivPrimitive,
  conj: conjPrimitive,
  nanToNum: nanToNumPrimitive,
  where: wherePrimitive,
};
export default elementwisePrimitives;

/**
 * `self = mantissa * 2^exponent` with a mantissa of modulus in [0.5, 1) and an int32 exponent; 0, infinities and NaN have exponent 0.
 *
 * @example torch.frexp(torch.tensor([1, 6])) // { mantissa: tensor([0.5000, 0.7500]), exponent: tensor([1, 3], dtype=torch.int32) }
 */
export function frexp(self: Tensor): NamedResult<['mantissa', 'exponent']> {
  checkTensor('frexp', self);
  if (!self.isFloatingPoint()) throw new DTypeError(`frexp: expected floating-point numbers, got ${self.dtype}`);
  const exponent = withoutRecording(() => exponentOf(self.to('float64').abs()));
  // In two steps, since 2^1074 is no number.
  const half = withoutRecording(() => exponent.div(2, { roundingMode: 'floor' }));
  const wide = self
    .to('float64')
    .mul(exp2(half.neg().to('float64')))
    .mul(exp2(half.sub(exponent).to('float64')));
  return namedResult(['mantissa', 'exponent'], [wide.to(self.dtype), exponent.to('int32')]);
}

/** The power of 2 just above each number; 0 where there is none. The logarithm is off by one next to powers of 2. */
function exponentOf(modulus: Tensor): Tensor {
  const usable = modulus.gt(0).logicalAnd(modulus.lt(Number.POSITIVE_INFINITY));
  const safe = modulus.where(usable, modulus.newOnes([]));
  const guess = floor(log2(safe)).add(1);
  const half = floor(guess.div(2));
  const mantissa = safe.mul(exp2(half.neg())).mul(exp2(half.sub(guess)));
  return guess.add(mantissa.ge(1)).sub(mantissa.lt(0.5)).mul(usable);
}
