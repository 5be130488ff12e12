/**
 * `torch.special`: functions of mathematical physics and statistics. Integers and booleans give the default floating-point dtype.
 * Formulas are those of the Digital Library of Mathematical Functions, dlmf.nist.gov.
 */
import { binary, type Operand, type OutOptions, unary } from './op.js';
import { erf, erfc, exp2, expm1, log1p, logit, round, sigmoid, sinc, xlogy } from './ops/elementwise.js';
import { logsumexp } from './ops/reductions.js';
import { logSoftmax, softmax } from './ops/softmax.js';
import {
  polygamma as derivativeOfDigamma,
  digamma,
  erfinv,
  i0,
  igamma,
  igammac,
  lgamma,
  mvlgamma,
} from './ops/special.js';
import type { Tensor } from './tensor.js';

export {
  digamma,
  digamma as psi,
  erf,
  erfc,
  erfinv,
  exp2,
  expm1,
  i0,
  igamma as gammainc,
  igammac as gammaincc,
  lgamma as gammaln,
  log1p,
  logit,
  logSoftmax,
  logsumexp,
  mvlgamma as multigammaln,
  round,
  sigmoid as expit,
  sinc,
  softmax,
  xlogy,
};

/** The derivative number `n` of {@link digamma}. */
export const polygamma = (n: number, self: Tensor, options?: OutOptions): Tensor =>
  derivativeOfDigamma(self, n, options);

const float = { dtype: 'float' } as const;

// --- Statistics -----------------------------------------------------------------------------------------------------------

/** The entropy of each element: `-x log(x)`, 0 at 0, -Infinity below. */
export const entr = unary('entr', float);
/** The standard normal distribution's function: the area below its density up to x. */
export const ndtr = unary('ndtr', float);
/** The inverse of {@link ndtr}, on [0, 1]. */
export const ndtri = unary('ndtri', float);
/** The logarithm of {@link ndtr}, exact where that underflows. */
export const logNdtr = unary('logNdtr', float);
/** `exp(x^2) erfc(x)`. */
export const erfcx = unary('erfcx', float);
/** `self * log1p(other)`; 0 where `self` is 0, unless `other` is NaN. */
export const xlog1py = binary<Operand>('xlog1py', { ...float, numbers: 'either' });
/** Hurwitz's zeta function: the sum of (k + q)^-x over k = 0, 1 ... There is no gradient by x. */
export const zeta = binary<Operand>('zeta', { ...float, numbers: 'either' });

// --- Bessel functions -------------------------------------------------------------------------------------------------------

/** `exp(-|x|)` times the modified Bessel function {@link i0}. */
export const i0e = unary('i0e', float);
/** The modified Bessel function of the first kind of order 1. */
export const i1 = unary('i1', float);
/** `exp(-|x|)` times {@link i1}. */
export const i1e = unary('i1e', float);
/** The Bessel function of the first kind of order 0. Not differentiable. */
export const besselJ0 = unary('besselJ0', float);
/** The Bessel function of the first kind of order 1. Not differentiable. */
export const besselJ1 = unary('besselJ1', float);
/** The Bessel function of the second kind of order 0. Not differentiable. */
export const besselY0 = unary('besselY0', float);
/** The Bessel function of the second kind of order 1. Not differentiable. */
export const besselY1 = unary('besselY1', float);
/** The modified Bessel function of the first kind of order 0: {@link i0}. */
export const modifiedBesselI0 = i0;
/** The modified Bessel function of the first kind of order 1: {@link i1}. */
export const modifiedBesselI1 = i1;
/** The modified Bessel function of the second kind of order 0. Not differentiable. */
export const modifiedBesselK0 = unary('modifiedBesselK0', float);
/** The modified Bessel function of the second kind of order 1. Not differentiable. */
export const modifiedBesselK1 = unary('modifiedBesselK1', float);
/** `exp(x)` times {@link modifiedBesselK0}. */
export const scaledModifiedBesselK0 = unary('scaledModifiedBesselK0', float);
/** `exp(x)` times {@link modifiedBesselK1}. */
export const scaledModifiedBesselK1 = unary('scaledModifiedBesselK1', float);
/** The spherical Bessel function of the first kind of order 0: `sin(x) / x`. Not differentiable. */
export const sphericalBesselJ0 = unary('sphericalBesselJ0', float);
/** Airy's function Ai. Not differentiable. */
export const airyAi = unary('airyAi', float);

// --- Orthogonal polynomials of degree n at x: 0 for negative n. Not differentiable. -------------------------------------------

/** Chebyshev polynomial of the first kind. */
export const chebyshevPolynomialT = binary<Operand>('chebyshevPolynomialT', { ...float, numbers: 'either' });
/** Chebyshev polynomial of the second kind. */
export const chebyshevPolynomialU = binary<Operand>('chebyshevPolynomialU', { ...float, numbers: 'either' });
/** Chebyshev polynomial of the third kind. */
export const chebyshevPolynomialV = binary<Operand>('chebyshevPolynomialV', { ...float, numbers: 'either' });
/** Chebyshev polynomial of the fourth kind. */
export const chebyshevPolynomialW = binary<Operand>('chebyshevPolynomialW', { ...float, numbers: 'either' });
/** {@link chebyshevPolynomialT} at 2x - 1. */
export const shiftedChebyshevPolynomialT = binary<Operand>('shiftedChebyshevPolynomialT', {
  ...float,
  numbers: 'either',
});
/** {@link chebyshevPolynomialU} at 2x - 1. */
export const shiftedChebyshevPolynomialU = binary<Operand>('shiftedChebyshevPolynomialU', {
  ...float,
  numbers: 'either',
});
/** {@link chebyshevPolynomialV} at 2x - 1. */
export const shiftedChebyshevPolynomialV = binary<Operand>('shiftedChebyshevPolynomialV', {
  ...float,
  numbers: 'either',
});
/** {@link chebyshevPolynomialW} at 2x - 1. */
export const shiftedChebyshevPolynomialW = binary<Operand>('shiftedChebyshevPolynomialW', {
  ...float,
  numbers: 'either',
});
/** The physicists' Hermite polynomial. */
export const hermitePolynomialH = binary<Operand>('hermitePolynomialH', { ...float, numbers: 'either' });
/** The probabilists' Hermite polynomial. */
export const hermitePolynomialHe = binary<Operand>('hermitePolynomialHe', { ...float, numbers: 'either' });
/** Laguerre polynomial. */
export const laguerrePolynomialL = binary<Operand>('laguerrePolynomialL', { ...float, numbers: 'either' });
/** Legendre polynomial. */
export const legendrePolynomialP = binary<Operand>('legendrePolynomialP', { ...float, numbers: 'either' });
