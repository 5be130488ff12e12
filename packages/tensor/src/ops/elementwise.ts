import { binary, inPlace, unary } from '../op.js';

/** `self + other`, elementwise. */
export const add = binary('add');
/** {@link add}, written into `self`. */
export const add_ = inPlace(add);
/** `self - other`, elementwise. */
export const sub = binary('sub');
/** {@link sub}, written into `self`. */
export const sub_ = inPlace(sub);
/** `self * other`, elementwise. */
export const mul = binary('mul');
/** {@link mul}, written into `self`. */
export const mul_ = inPlace(mul);
/** `self / other`, elementwise; integers give floating point. */
export const div = binary('div', { dtype: 'float' });
/** {@link div}, written into `self`. */
export const div_ = inPlace(div);
/** Whether `self` equals `other`, elementwise. */
export const eq = binary('eq', { dtype: 'bool' });
/** Whether `self` is greater than `other`, elementwise. */
export const gt = binary('gt', { dtype: 'bool' });
/** `-self`. */
export const neg = unary('neg');
/** e to the power of each element. */
export const exp = unary('exp', { dtype: 'float' });
/**
 * Hyperbolic tangent of each element, in (-1, 1).
 *
 * Shape: that of `self`. Integers and booleans give `float32`.
 */
export const tanh = unary('tanh', { dtype: 'float' });
/** {@link tanh}, written into `self`. */
export const tanh_ = inPlace(tanh);
