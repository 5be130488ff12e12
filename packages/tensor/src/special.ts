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

/**
 * The derivative number `n` of {@link digamma}.
 *
 * @example torch.special.polygamma(1, torch.tensor([1, 0.5])) // tensor([1.6449, 4.9348])
 */
export const polygamma = (n: number, self: Tensor, options?: OutOptions): Tensor =>
  derivativeOfDigamma(self, n, options);

const float = { dtype: 'float' } as const;

// --- Statistics -----------------------------------------------------------------------------------------------------------

/**
 * The entropy of each element: `-x log(x)`, 0 at 0, -Infinity below.
 *
 * @example torch.special.entr(torch.tensor([0, 0.5, 2])) // tensor([0.0000, 0.3466, -1.3863])
 */
export const entr = unary('entr', float);
/**
 * The standard normal distribution's function: the area below its density up to x.
 *
 * @example torch.special.ndtr(torch.tensor([0, 1])) // tensor([0.5000, 0.8413])
 */
export const ndtr = unary('ndtr', float);
/**
 * The inverse of {@link ndtr}, on [0, 1].
 *
 * @example torch.special.ndtri(torch.tensor([0.5, 0.975])) // tensor([0.0000, 1.9600])
 */
export const ndtri = unary('ndtri', float);
/**
 * The logarithm of {@link ndtr}, exact where that underflows.
 *
 * @example torch.special.logNdtr(torch.tensor([0, 1])) // tensor([-0.6931, -0.1728])
 */
export const logNdtr = unary('logNdtr', float);
/**
 * `exp(x^2) erfc(x)`.
 *
 * @example torch.special.erfcx(torch.tensor([0, 1])) // tensor([1.0000, 0.4276])
 */
export const erfcx = unary('erfcx', float);
/**
 * `self * log1p(other)`; 0 where `self` is 0, unless `other` is NaN.
 *
 * @example torch.special.xlog1py(torch.tensor([0, 2]), torch.tensor([-1, 1])) // tensor([0.0000, 1.3863])
 */
export const xlog1py = binary<Operand>('xlog1py', { ...float, numbers: 'either' });
/**
 * Hurwitz's zeta function: the sum of (k + q)^-x over k = 0, 1 ... There is no gradient by x.
 *
 * @example torch.special.zeta(torch.tensor([2, 4]), torch.tensor([1, 1])) // tensor([1.6449, 1.0823])
 */
export const zeta = binary<Operand>('zeta', { ...float, numbers: 'either' });

// --- Bessel functions -------------------------------------------------------------------------------------------------------

/**
 * `exp(-|x|)` times the modified Bessel function {@link i0}.
 *
 * @example torch.special.i0e(torch.tensor([0, 1])) // tensor([1.0000, 0.4658])
 */
export const i0e = unary('i0e', float);
/**
 * The modified Bessel function of the first kind of order 1.
 *
 * @example torch.special.i1(torch.tensor([0, 1])) // tensor([0.0000, 0.5652])
 */
export const i1 = unary('i1', float);
/**
 * `exp(-|x|)` times {@link i1}.
 *
 * @example torch.special.i1e(torch.tensor([0, 1])) // tensor([0.0000, 0.2079])
 */
export const i1e = unary('i1e', float);
/**
 * The Bessel function of the first kind of order 0. Not differentiable.
 *
 * @example torch.special.besselJ0(torch.tensor([0, 1])) // tensor([1.0000, 0.7652])
 */
export const besselJ0 = unary('besselJ0', float);
/**
 * The Bessel function of the first kind of order 1. Not differentiable.
 *
 * @example torch.special.besselJ1(torch.tensor([0, 1])) // tensor([0.0000, 0.4401])
 */
export const besselJ1 = unary('besselJ1', float);
/**
 * The Bessel function of the second kind of order 0. Not differentiable.
 *
 * @example torch.special.besselY0(torch.tensor([1, 2])) // tensor([0.0883, 0.5104])
 */
export const besselY0 = unary('besselY0', float);
/**
 * The Bessel function of the second kind of order 1. Not differentiable.
 *
 * @example torch.special.besselY1(torch.tensor([1, 2])) // tensor([-0.7812, -0.1070])
 */
export const besselY1 = unary('besselY1', float);
/**
 * The modified Bessel function of the first kind of order 0: {@link i0}.
 *
 * @example torch.special.modifiedBesselI0(torch.tensor([0, 1])) // tensor([1.0000, 1.2661])
 */
export const modifiedBesselI0 = i0;
/**
 * The modified Bessel function of the first kind of order 1: {@link i1}.
 *
 * @example torch.special.modifiedBesselI1(torch.tensor([0, 1])) // tensor([0.0000, 0.5652])
 */
export const modifiedBesselI1 = i1;
/**
 * The modified Bessel function of the second kind of order 0. Not differentiable.
 *
 * @example torch.special.modifiedBesselK0(torch.tensor([1, 2])) // tensor([0.4210, 0.1139])
 */
export const modifiedBesselK0 = unary('modifiedBesselK0', float);
/**
 * The modified Bessel function of the second kind of order 1. Not differentiable.
 *
 * @example torch.special.modifiedBesselK1(torch.tensor([1, 2])) // tensor([0.6019, 0.1399])
 */
export const modifiedBesselK1 = unary('modifiedBesselK1', float);
/**
 * `exp(x)` times {@link modifiedBesselK0}.
 *
 * @example torch.special.scaledModifiedBesselK0(torch.tensor([1, 2])) // tensor([1.1445, 0.8416])
 */
export const scaledModifiedBesselK0 = unary('scaledModifiedBesselK0', float);
/**
 * `exp(x)` times {@link modifiedBesselK1}.
 *
 * @example torch.special.scaledModifiedBesselK1(torch.tensor([1, 2])) // tensor([1.6362, 1.0335])
 */
export const scaledModifiedBesselK1 = unary('scaledModifiedBesselK1', float);
/**
 * The spherical Bessel function of the first kind of order 0: `sin(x) / x`. Not differentiable.
 *
 * @example torch.special.sphericalBesselJ0(torch.tensor([0, 1])) // tensor([1.0000, 0.8415])
 */
export const sphericalBesselJ0 = unary('sphericalBesselJ0', float);
/**
 * Airy's function Ai. Not differentiable.
 *
 * @example torch.special.airyAi(torch.tensor([0, 1])) // tensor([0.3550, 0.1353])
 */
export const airyAi = unary('airyAi', float);

// --- Orthogonal polynomials of degree n at x: 0 for negative n. Not differentiable. -------------------------------------------

/**
 * Chebyshev polynomial of the first kind.
 *
 * @example torch.special.chebyshevPolynomialT(torch.tensor([0.5, 2]), 2) // tensor([-0.5000, 7.0000])
 */
export const chebyshevPolynomialT = binary<Operand>('chebyshevPolynomialT', { ...float, numbers: 'either' });
/**
 * Chebyshev polynomial of the second kind.
 *
 * @example torch.special.chebyshevPolynomialU(torch.tensor([0.5, 2]), 2) // tensor([0., 15.])
 */
export const chebyshevPolynomialU = binary<Operand>('chebyshevPolynomialU', { ...float, numbers: 'either' });
/**
 * Chebyshev polynomial of the third kind.
 *
 * @example torch.special.chebyshevPolynomialV(torch.tensor([0.5, 2]), 2) // tensor([-1., 11.])
 */
export const chebyshevPolynomialV = binary<Operand>('chebyshevPolynomialV', { ...float, numbers: 'either' });
/**
 * Chebyshev polynomial of the fourth kind.
 *
 * @example torch.special.chebyshevPolynomialW(torch.tensor([0.5, 2]), 2) // tensor([1., 19.])
 */
export const chebyshevPolynomialW = binary<Operand>('chebyshevPolynomialW', { ...float, numbers: 'either' });
/**
 * {@link chebyshevPolynomialT} at 2x - 1.
 *
 * @example torch.special.shiftedChebyshevPolynomialT(torch.tensor([0.5, 2]), 2) // tensor([-1., 17.])
 */
export const shiftedChebyshevPolynomialT = binary<Operand>('shiftedChebyshevPolynomialT', {
  ...float,
  numbers: 'either',
});
/**
 * {@link chebyshevPolynomialU} at 2x - 1.
 *
 * @example torch.special.shiftedChebyshevPolynomialU(torch.tensor([0.5, 2]), 2) // tensor([-1., 35.])
 */
export const shiftedChebyshevPolynomialU = binary<Operand>('shiftedChebyshevPolynomialU', {
  ...float,
  numbers: 'either',
});
/**
 * {@link chebyshevPolynomialV} at 2x - 1.
 *
 * @example torch.special.shiftedChebyshevPolynomialV(torch.tensor([0.5, 2]), 2) // tensor([-1., 29.])
 */
export const shiftedChebyshevPolynomialV = binary<Operand>('shiftedChebyshevPolynomialV', {
  ...float,
  numbers: 'either',
});
/**
 * {@link chebyshevPolynomialW} at 2x - 1.
 *
 * @example torch.special.shiftedChebyshevPolynomialW(torch.tensor([0.5, 2]), 2) // tensor([-1., 41.])
 */
export const shiftedChebyshevPolynomialW = binary<Operand>('shiftedChebyshevPolynomialW', {
  ...float,
  numbers: 'either',
});
/**
 * The physicists' Hermite polynomial.
 *
 * @example torch.special.hermitePolynomialH(torch.tensor([0.5, 2]), 2) // tensor([-1., 14.])
 */
export const hermitePolynomialH = binary<Operand>('hermitePolynomialH', { ...float, numbers: 'either' });
/**
 * The probabilists' Hermite polynomial.
 *
 * @example torch.special.hermitePolynomialHe(torch.tensor([0.5, 2]), 2) // tensor([-0.7500, 3.0000])
 */
export const hermitePolynomialHe = binary<Operand>('hermitePolynomialHe', { ...float, numbers: 'either' });
/**
 * Laguerre polynomial.
 *
 * @example torch.special.laguerrePolynomialL(torch.tensor([0.5, 2]), 2) // tensor([0.1250, -1.0000])
 */
export const laguerrePolynomialL = binary<Operand>('laguerrePolynomialL', { ...float, numbers: 'either' });
/**
 * Legendre polynomial.
 *
 * @example torch.special.legendrePolynomialP(torch.tensor([0.5, 2]), 2) // tensor([-0.1250, 5.5000])
 */
export const legendrePolynomialP = binary<Operand>('legendrePolynomialP', { ...float, numbers: 'either' });
