import { digamma, erfinv, i0, igamma, igammac, lgamma, special, Tensor, where } from '@ts-torch/tensor';
import { specialPrimitives } from '@ts-torch/tensor/internal';
import { derivative, notDifferentiable } from '../derivative.js';

const { polygamma } = specialPrimitives;

const asTensor = (x: unknown, like: Tensor): Tensor => (x instanceof Tensor ? x : like.newTensor(x as number));

// --- Gamma and its relatives ------------------------------------------------------------------------------------------------

derivative(lgamma, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.digamma()) });
derivative(digamma, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.polygamma(1)) });
derivative(polygamma, { saves: ['self'], self: ({ grad, self, n }) => grad.mul(self.polygamma(n + 1)) });
// x^(a - 1) exp(-x) / gamma(a), the density whose integral igamma is
const gammaDensity = (a: Tensor, x: Tensor): Tensor => a.sub(1).mul(x.log()).sub(x).sub(a.lgamma()).exp();
derivative(igamma, {
  saves: ['self', 'other'],
  other: ({ grad, self, other }) => grad.mul(gammaDensity(asTensor(self, grad), asTensor(other, grad))),
});
derivative(igammac, {
  saves: ['self', 'other'],
  other: ({ grad, self, other }) => grad.mul(gammaDensity(asTensor(self, grad), asTensor(other, grad))).neg(),
});
// d zeta(s, q) / dq = -s zeta(s + 1, q)
derivative(special.zeta, {
  saves: ['self', 'other'],
  other: ({ grad, self, other }) => {
    const s = asTensor(self, grad);
    return grad.mul(s.neg()).mul(special.zeta(s.add(1), other));
  },
});

// --- The error function's relatives -------------------------------------------------------------------------------------------

derivative(erfinv, {
  saves: ['result'],
  self: ({ grad, result }) => grad.mul(result.square().exp()).mul(Math.sqrt(Math.PI) / 2),
});
derivative(special.ndtr, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.square().mul(-0.5).exp()).mul(1 / Math.sqrt(2 * Math.PI)),
});
derivative(special.ndtri, {
  saves: ['result'],
  self: ({ grad, result }) => grad.mul(result.square().mul(0.5).exp()).mul(Math.sqrt(2 * Math.PI)),
});
// The density over the distribution: exp(-x^2 / 2) cancels within erfcx.
derivative(special.logNdtr, {
  saves: ['self'],
  self: ({ grad, self }) => grad.div(special.erfcx(self.mul(-Math.SQRT1_2))).mul(Math.sqrt(2 / Math.PI)),
});
derivative(special.erfcx, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) =>
    grad.mul(
      self
        .mul(result)
        .mul(2)
        .sub(2 / Math.sqrt(Math.PI)),
    ),
});
derivative(special.entr, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.log().add(1).neg()) });
derivative(special.xlog1py, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => {
    const log = asTensor(other, grad).log1p();
    // Where self is 0 the product is 0 on both sides.
    return grad.mul(where(asTensor(self, grad).eq(0).logicalAnd(asTensor(other, grad).le(-1)), 0, log));
  },
  other: ({ grad, self, other }) => grad.mul(self as never).div(asTensor(other, grad).add(1)),
});

// --- Bessel functions: DLMF 10.29.2 -----------------------------------------------------------------------------------------------

/** x itself, 1 where it is 0: for quotients that have a limit there. */
const divisor = (x: Tensor): { zero: Tensor; safe: Tensor } => {
  const zero = x.eq(0);
  return { zero, safe: where(zero, 1, x) };
};
derivative(i0, { saves: ['self'], self: ({ grad, self }) => grad.mul(special.i1(self)) });
derivative(special.i0e, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => grad.mul(special.i1e(self).sub(self.sgn().mul(result))),
});
derivative(special.i1, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    const { zero, safe } = divisor(self);
    return grad.mul(where(zero, 0.5, self.i0().sub(result.div(safe))));
  },
});
derivative(special.i1e, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    const { zero, safe } = divisor(self);
    return grad.mul(where(zero, 0.5, special.i0e(self).sub(result.mul(safe.sgn().add(safe.reciprocal())))));
  },
});

notDifferentiable(
  special.besselJ0,
  special.besselJ1,
  special.besselY0,
  special.besselY1,
  special.modifiedBesselK0,
  special.modifiedBesselK1,
  special.scaledModifiedBesselK0,
  special.scaledModifiedBesselK1,
  special.sphericalBesselJ0,
  special.airyAi,
  special.chebyshevPolynomialT,
  special.chebyshevPolynomialU,
  special.chebyshevPolynomialV,
  special.chebyshevPolynomialW,
  special.shiftedChebyshevPolynomialT,
  special.shiftedChebyshevPolynomialU,
  special.shiftedChebyshevPolynomialV,
  special.shiftedChebyshevPolynomialW,
  special.hermitePolynomialH,
  special.hermitePolynomialHe,
  special.laguerrePolynomialL,
  special.legendrePolynomialP,
);
