import * as torch from '@ts-torch/tensor';
import { type Operand, Tensor, where } from '@ts-torch/tensor';
import {
  activationPrimitives,
  elementwisePrimitives,
  fusedBackwards,
  isComplexNumber,
  isGradEnabled,
  zerosLike,
} from '@ts-torch/tensor/internal';
import { derivative, notDifferentiable, zeroDerivative } from '../derivative.js';

// Gradients of complex numbers are dL/d(re) + i dL/d(im): factors come in conjugated.

function conj(x: Operand): Operand {
  if (x instanceof Tensor) return x.conj();
  return isComplexNumber(x) ? { re: x.re, im: -x.im } : x;
}

/** `grad` where the condition holds, else 0. */
function only(condition: Tensor, grad: Tensor): Tensor {
  return where(condition, grad, 0);
}

/** A number as a tensor like another, for formulas that need methods. */
function asTensor(x: Operand, like: Tensor): Tensor {
  return x instanceof Tensor ? x : torch.full([], x, { dtype: like.dtype, device: like.device });
}

/** Within a recorded backward the differentiable formula, else one kernel for all of it. */
function faster(kernel: () => Tensor, formula: () => Tensor): Tensor {
  return isGradEnabled() ? formula() : kernel();
}

const alike = (a: Tensor, b: Tensor): boolean => a.dtypeInfo === b.dtypeInfo && String(a.shape) === String(b.shape);

const p = elementwisePrimitives;

// --- Arithmetic

derivative(p.add, { saves: [], self: ({ grad }) => grad, other: ({ grad }) => grad });
derivative(p.sub, { saves: [], self: ({ grad }) => grad, other: ({ grad }) => grad.neg() });
derivative(p.addScaled, {
  saves: [],
  self: ({ grad }) => grad,
  other: ({ grad, alpha }) => grad.mul(alpha as number),
});
derivative(torch.mul, {
  saves: ['self', 'other'],
  self: ({ grad, other }) => grad.mul(conj(other)),
  other: ({ grad, self }) => grad.mul(conj(self)),
});
derivative(p.div, {
  saves: ['self', 'other'],
  self: ({ grad, other }) => grad.div(conj(other)),
  other: ({ grad, self, other }) => grad.mul(conj(asTensor(self, grad).div(other).div(other))).neg(),
});
for (const rounded of [p.divTrunc, p.divFloor])
  derivative(rounded, { saves: [], self: ({ grad }) => grad.mul(0), other: ({ grad }) => grad.mul(0) });
derivative(torch.remainder, {
  saves: ['self', 'other'],
  self: ({ grad }) => grad,
  other: ({ grad, self, other }) => grad.mul(asTensor(self, grad).div(other, { roundingMode: 'floor' })).neg(),
});
derivative(torch.fmod, {
  saves: ['self', 'other'],
  self: ({ grad }) => grad,
  other: ({ grad, self, other }) => grad.mul(asTensor(self, grad).div(other, { roundingMode: 'trunc' })).neg(),
});
// d a^b = b a^(b - 1), which is 0 for b = 0 whatever a is; and a^b log a, which is 0 for a = 0 and b >= 0.
derivative(p.pow, {
  saves: ['self', 'other', 'result'],
  self: ({ grad, self, other }) => {
    if (!(other instanceof Tensor)) {
      if (other === 0) return zerosLike(grad);
      const lower = isComplexNumber(other) ? { re: other.re - 1, im: other.im } : Number(other) - 1;
      return grad.mul(conj(asTensor(self, grad).pow(lower).mul(other)));
    }
    return where(other.eq(0), 0, grad.mul(conj(other.mul(asTensor(self, grad).pow(other.sub(1))))));
  },
  other: ({ grad, self, other, result }) => {
    const base = asTensor(self, grad);
    const exponent = asTensor(other, grad);
    const positive = exponent.isComplex() ? exponent.real().ge(0) : exponent.ge(0);
    return where(base.eq(0).logicalAnd(positive), 0, grad.mul(conj(result.mul(base.log()))));
  },
});
derivative(torch.neg, { saves: [], self: ({ grad }) => grad.neg() });
derivative(torch.abs, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.sgn()) });
derivative(p.square, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.conj()).mul(2) });
derivative(torch.reciprocal, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.square().conj()).neg() });
derivative(torch.sqrt, { saves: ['result'], self: ({ grad, result }) => grad.div(result.conj().mul(2)) });
derivative(torch.rsqrt, {
  saves: ['result'],
  self: ({ grad, result }) => grad.mul(result.pow(3).conj()).mul(-0.5),
});
// d (z / |z|): what of the gradient is at right angles to z, divided by |z|.
derivative(p.sgn, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    const along = grad.mul(result.conj()).real();
    const turned = grad.sub(result.mul(along)).div(self.abs());
    return where(self.eq(0), 0, turned);
  },
});
zeroDerivative(torch.sign, torch.ceil, torch.floor, torch.trunc, p.round);
derivative(torch.frac, { saves: [], self: ({ grad }) => grad });

// --- Exponentials and logarithms

const LN2 = Math.LN2;
derivative(torch.exp, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.conj()) });
derivative(torch.exp2, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.conj()).mul(LN2) });
derivative(torch.expm1, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.conj().add(1)) });
derivative(torch.log, { saves: ['self'], self: ({ grad, self }) => grad.div(self.conj()) });
derivative(torch.log10, { saves: ['self'], self: ({ grad, self }) => grad.div(self.conj().mul(Math.LN10)) });
derivative(torch.log1p, { saves: ['self'], self: ({ grad, self }) => grad.div(self.conj().add(1)) });
derivative(torch.log2, { saves: ['self'], self: ({ grad, self }) => grad.div(self.conj().mul(LN2)) });
derivative(torch.logaddexp, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => grad.div(asTensor(other, grad).sub(self).exp().add(1)),
  other: ({ grad, self, other }) => grad.div(asTensor(self, grad).sub(other).exp().add(1)),
});
derivative(torch.logaddexp2, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => grad.div(asTensor(other, grad).sub(self).exp2().add(1)),
  other: ({ grad, self, other }) => grad.div(asTensor(self, grad).sub(other).exp2().add(1)),
});
derivative(torch.xlogy, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => {
    const y = asTensor(other, grad);
    return where(asTensor(self, grad).eq(0).logicalAnd(y.le(0)), 0, grad.mul(y.log()));
  },
  other: ({ grad, self, other }) => grad.mul(asTensor(self, grad).div(other)),
});

// --- Trigonometric and hyperbolic

derivative(torch.sin, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.cos().conj()) });
derivative(torch.cos, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.sin().conj()).neg() });
derivative(torch.tan, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.square().add(1).conj()) });
derivative(torch.asin, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.square().neg().add(1).rsqrt().conj()),
});
derivative(torch.acos, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.square().neg().add(1).rsqrt().conj()).neg(),
});
derivative(torch.atan, { saves: ['self'], self: ({ grad, self }) => grad.div(self.square().add(1).conj()) });
derivative(torch.atan2, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => {
    const [y, x] = [asTensor(self, grad), asTensor(other, grad)];
    return grad.mul(x).div(x.square().add(y.square()));
  },
  other: ({ grad, self, other }) => {
    const [y, x] = [asTensor(self, grad), asTensor(other, grad)];
    return grad.mul(y).div(x.square().add(y.square())).neg();
  },
});
derivative(torch.sinh, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.cosh().conj()) });
derivative(torch.cosh, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.sinh().conj()) });
// From the result, so the input is not kept.
derivative(torch.tanh, {
  saves: ['result'],
  self: ({ grad, result }) =>
    result.isComplex() || !alike(grad, result)
      ? grad.mul(result.square().neg().add(1).conj())
      : faster(
          () => fusedBackwards.tanh(grad, result),
          () => grad.mul(result.square().neg().add(1)),
        ),
});
derivative(torch.asinh, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.square().add(1).rsqrt().conj()) });
derivative(torch.acosh, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.sub(1).rsqrt().mul(self.add(1).rsqrt()).conj()),
});
derivative(torch.atanh, { saves: ['self'], self: ({ grad, self }) => grad.div(self.square().neg().add(1).conj()) });
derivative(torch.hypot, {
  saves: ['self', 'other', 'result'],
  self: ({ grad, self, result }) => grad.mul(asTensor(self, grad).div(result)),
  other: ({ grad, other, result }) => grad.mul(asTensor(other, grad).div(result)),
});
// sinc' = (cos(pi x) - sinc(x)) / x, and 0 at 0.
derivative(torch.sinc, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    const scaled = self.mul(Math.PI);
    return where(self.eq(0), 0, grad.mul(scaled.cos().sub(result).div(self).conj()));
  },
});

// --- The error function, the logistic one, activations

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
derivative(torch.erf, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.square().neg().exp()).mul(TWO_OVER_ROOT_PI),
});
derivative(torch.erfc, {
  saves: ['self'],
  self: ({ grad, self }) => grad.mul(self.square().neg().exp()).mul(-TWO_OVER_ROOT_PI),
});
derivative(torch.sigmoid, {
  saves: ['result'],
  self: ({ grad, result }) =>
    result.isComplex() || !alike(grad, result)
      ? grad.mul(result.neg().add(1).mul(result).conj())
      : faster(
          () => fusedBackwards.sigmoid(grad, result),
          () => grad.mul(result.neg().add(1).mul(result)),
        ),
});
derivative(torch.relu, {
  saves: ['result'],
  self: ({ grad, result }) =>
    faster(
      () => fusedBackwards.relu(grad, result),
      () => only(result.gt(0), grad),
    ),
});
// 1 / (x (1 - x)) within the bounds.
derivative(p.logit, {
  saves: ['self'],
  self: ({ grad, self, eps }) => {
    const slope = grad.div(self.mul(self.neg().add(1)));
    const inside = eps < 0 ? self.ge(0).logicalAnd(self.le(1)) : self.ge(eps).logicalAnd(self.le(1 - eps));
    return where(inside, slope, eps < 0 ? Number.NaN : 0);
  },
});

const a = activationPrimitives;
const density = (x: Tensor): Tensor =>
  x
    .square()
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI));
const distribution = (x: Tensor): Tensor => x.mul(-Math.SQRT1_2).erfc().mul(0.5);
derivative(a.gelu, {
  saves: ['self'],
  self: ({ grad, self }) =>
    faster(
      () => fusedBackwards.gelu(grad, self),
      () => grad.mul(distribution(self).add(self.mul(density(self)))),
    ),
});
derivative(a.geluTanh, {
  saves: ['self'],
  self: ({ grad, self }) =>
    faster(
      () => fusedBackwards.geluTanh(grad, self),
      () => {
        const root = Math.sqrt(2 / Math.PI);
        const t = self.add(self.pow(3).mul(0.044715)).mul(root).tanh();
        const inner = self
          .square()
          .mul(3 * 0.044715)
          .add(1)
          .mul(root);
        return grad.mul(
          t
            .add(1)
            .add(self.mul(t.square().neg().add(1)).mul(inner))
            .mul(0.5),
        );
      },
    ),
});
derivative(a.silu, {
  saves: ['self'],
  self: ({ grad, self }) =>
    faster(
      () => fusedBackwards.silu(grad, self),
      () => {
        const s = self.sigmoid();
        return grad.mul(s).mul(self.mul(s.neg().add(1)).add(1));
      },
    ),
});
derivative(a.mish, {
  saves: ['self'],
  self: ({ grad, self }) => {
    const t = a.softplus(self, 1, 20).tanh();
    return grad.mul(t.add(self.mul(self.sigmoid()).mul(t.square().neg().add(1))));
  },
});
derivative(a.logSigmoid, { saves: ['self'], self: ({ grad, self }) => grad.mul(self.neg().sigmoid()) });
derivative(a.hardsigmoid, {
  saves: ['self'],
  self: ({ grad, self }) => only(self.gt(-3).logicalAnd(self.lt(3)), grad.div(6)),
});
derivative(a.hardswish, {
  saves: ['self'],
  self: ({ grad, self }) => where(self.lt(-3), 0, where(self.le(3), grad.mul(self.div(3).add(0.5)), grad)),
});
derivative(a.elu, {
  saves: ['self'],
  self: ({ grad, self, alpha, scale, inputScale }) =>
    where(
      self.gt(0),
      grad.mul(scale),
      grad.mul(
        self
          .mul(inputScale)
          .exp()
          .mul(scale * alpha * inputScale),
      ),
    ),
});
derivative(a.leakyRelu, {
  saves: ['self'],
  self: ({ grad, self, negativeSlope }) => where(self.gt(0), grad, grad.mul(negativeSlope)),
});
derivative(a.softplus, {
  saves: ['self'],
  self: ({ grad, self, beta, threshold }) => {
    const scaled = self.mul(beta);
    return where(scaled.gt(threshold), grad, grad.mul(scaled.sigmoid()));
  },
});
derivative(a.hardtanh, {
  saves: ['self'],
  self: ({ grad, self, minVal, maxVal }) => only(self.gt(minVal).logicalAnd(self.lt(maxVal)), grad),
});
derivative(a.softshrink, {
  saves: ['result'],
  self: ({ grad, result }) => only(result.ne(0), grad),
});
derivative(a.hardshrink, {
  saves: ['self'],
  self: ({ grad, self, lambd }) => only(self.abs().gt(lambd), grad),
});
derivative(a.threshold, {
  saves: ['self'],
  self: ({ grad, self, threshold }) => only(self.gt(threshold), grad),
});

// --- Extremes: equal operands share the gradient

derivative(torch.maximum, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => share(grad, asTensor(self, grad), asTensor(other, grad)),
  other: ({ grad, self, other }) => share(grad, asTensor(other, grad), asTensor(self, grad)),
});
derivative(torch.minimum, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => share(grad, asTensor(other, grad), asTensor(self, grad), true),
  other: ({ grad, self, other }) => share(grad, asTensor(self, grad), asTensor(other, grad), true),
});
/** The gradient of the larger of two (`smaller`: of the second, which is then the smaller). */
function share(grad: Tensor, larger: Tensor, rest: Tensor, smaller = false): Tensor {
  const mine = smaller ? rest : larger;
  const wins = larger.gt(rest).logicalOr(mine.ne(mine));
  return where(larger.eq(rest), grad.div(2), only(wins, grad));
}
derivative(torch.fmax, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => only(wins(asTensor(self, grad), asTensor(other, grad)), grad),
  other: ({ grad, self, other }) => only(wins(asTensor(self, grad), asTensor(other, grad)).logicalNot(), grad),
});
derivative(torch.fmin, {
  saves: ['self', 'other'],
  self: ({ grad, self, other }) => only(wins(asTensor(self, grad).neg(), asTensor(other, grad).neg()), grad),
  other: ({ grad, self, other }) =>
    only(wins(asTensor(self, grad).neg(), asTensor(other, grad).neg()).logicalNot(), grad),
});
function wins(mine: Tensor, other: Tensor): Tensor {
  return mine.ge(other).logicalOr(other.ne(other));
}
derivative(p.clampMin, {
  saves: ['self', 'min'],
  self: ({ grad, self, min }) => only(asTensor(self, grad).ge(min), grad),
  min: ({ grad, self, min }) => only(asTensor(self, grad).lt(min), grad),
});
derivative(p.clampMax, {
  saves: ['self', 'max'],
  self: ({ grad, self, max }) => only(asTensor(self, grad).le(max), grad),
  max: ({ grad, self, max }) => only(asTensor(self, grad).gt(max), grad),
});
derivative(p.clamp, {
  saves: ['self', 'min', 'max'],
  self: ({ grad, self, min, max }) => {
    const x = asTensor(self, grad);
    return only(x.ge(min).logicalAnd(x.le(max)), grad);
  },
  min: ({ grad, self, min, max }) => only(asTensor(self, grad).lt(min).logicalAnd(asTensor(min, grad).lt(max)), grad),
  max: ({ grad, self, min, max }) => only(asTensor(self, grad).gt(max).logicalOr(asTensor(max, grad).lt(min)), grad),
});

// --- Several operands

derivative(p.lerp, {
  saves: ['self', 'end', 'weight'],
  self: ({ grad, weight }) => grad.mul(conj(asTensor(weight, grad).neg().add(1))),
  end: ({ grad, weight }) => grad.mul(conj(weight)),
  weight: ({ grad, self, end }) => grad.mul(conj(asTensor(end, grad).sub(self))),
});
derivative(p.addcmul, {
  saves: ['tensor1', 'tensor2'],
  self: ({ grad }) => grad,
  tensor1: ({ grad, tensor2, value }) => grad.mul(conj(asTensor(tensor2, grad).mul(value as number))),
  tensor2: ({ grad, tensor1, value }) => grad.mul(conj(asTensor(tensor1, grad).mul(value as number))),
});
derivative(p.addcdiv, {
  saves: ['tensor1', 'tensor2'],
  self: ({ grad }) => grad,
  tensor1: ({ grad, tensor2, value }) => grad.mul(conj(asTensor(value as number, grad).div(tensor2))),
  tensor2: ({ grad, tensor1, tensor2, value }) => {
    const [numerator, denominator] = [asTensor(tensor1, grad), asTensor(tensor2, grad)];
    return grad.mul(conj(numerator.mul(value as number).div(denominator.square()))).neg();
  },
});
derivative(p.where, {
  saves: ['condition'],
  self: ({ grad, condition }) => where(condition, grad, 0),
  other: ({ grad, condition }) => where(condition, 0, grad),
});

// --- Complex numbers, signs

derivative(p.conj, { saves: [], self: ({ grad }) => grad.conj() });
// d angle = (-im, re) / |z|^2; real numbers have a constant one.
derivative(torch.angle, {
  saves: ['self'],
  self: ({ grad, self }) => {
    if (!self.isComplex()) return zerosLike(grad);
    const turned = self.mul({ re: 0, im: 1 }).div(self.abs().square());
    return where(self.eq(0), 0, turned.mul(grad));
  },
});
derivative(torch.copysign, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    const x = asTensor(self, grad);
    return where(x.eq(0), 0, grad.mul(result.div(x)));
  },
  other: ({ grad }) => zerosLike(grad),
});
derivative(p.nanToNum, {
  saves: ['self'],
  self: ({ grad, self }) => only(self.isfinite(), grad),
});

notDifferentiable(
  torch.eq,
  torch.ne,
  torch.lt,
  torch.le,
  torch.gt,
  torch.ge,
  torch.logicalAnd,
  torch.logicalOr,
  torch.logicalXor,
  torch.logicalNot,
  torch.bitwiseAnd,
  torch.bitwiseOr,
  torch.bitwiseXor,
  torch.bitwiseNot,
  torch.bitwiseLeftShift,
  torch.bitwiseRightShift,
  torch.signbit,
  torch.nextafter,
  torch.heaviside,
  torch.gcd,
  torch.lcm,
);
