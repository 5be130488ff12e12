import { describe, ValueError } from '@ts-torch/core';
import {
  binary,
  checkTensor,
  inPlace,
  isOptions,
  type OutOptions,
  parametrised,
  readOptions,
  runInPlace,
  unary,
  writeOut,
} from '../op.js';
import type { Tensor } from '../tensor.js';

// Special functions that are methods of tensors. Integers and booleans give the default floating-point dtype.

/**
 * The logarithm of the absolute value of the gamma function.
 *
 * @example torch.lgamma(torch.tensor([1, 5])) // tensor([0.0000, 3.1781])
 */
export const lgamma = unary('lgamma', { dtype: 'float' });
/** {@link lgamma}, written into `self`. */
export const lgamma_ = inPlace(lgamma);
/**
 * The derivative of {@link lgamma}; NaN at the poles -1, -2 ...
 *
 * @example torch.digamma(torch.tensor([1, 0.5])) // tensor([-0.5772, -1.9635])
 */
export const digamma = unary('digamma', { dtype: 'float' });
/** {@link digamma}, written into `self`. */
export const digamma_ = inPlace(digamma);
/**
 * The inverse of the error function, on [-1, 1].
 *
 * @example torch.erfinv(torch.tensor([0, 0.5])) // tensor([0.0000, 0.4769])
 */
export const erfinv = unary('erfinv', { dtype: 'float' });
/** {@link erfinv}, written into `self`. */
export const erfinv_ = inPlace(erfinv);
/**
 * The modified Bessel function of the first kind of order 0.
 *
 * @example torch.i0(torch.tensor([0, 1])) // tensor([1.0000, 1.2661])
 */
export const i0 = unary('i0', { dtype: 'float' });
/** {@link i0}, written into `self`. */
export const i0_ = inPlace(i0);
/**
 * The regularized lower incomplete gamma function P(`self`, `other`). There is no gradient by `self`.
 *
 * @example torch.igamma(torch.tensor([1]), torch.tensor([2])) // tensor([0.8647])
 */
export const igamma = binary('igamma', { numbers: 'none', dtype: 'float' });
/** {@link igamma}, written into `self`. */
export const igamma_ = inPlace(igamma);
/**
 * The regularized upper incomplete gamma function Q(`self`, `other`) = 1 - P. There is no gradient by `self`.
 *
 * @example torch.igammac(torch.tensor([1]), torch.tensor([2])) // tensor([0.1353])
 */
export const igammac = binary('igammac', { numbers: 'none', dtype: 'float' });
/** {@link igammac}, written into `self`. */
export const igammac_ = inPlace(igammac);

const polygammaPrimitive = parametrised('polygamma', ['n']);

/** Special functions with their arguments normalised; for derivatives. */
const specialPrimitives = { polygamma: polygammaPrimitive };
export default specialPrimitives;

function checkOrder(op: string, n: unknown): asserts n is number {
  if (!Number.isSafeInteger(n) || (n as number) < 0)
    throw new ValueError(`${op}: expected n to be an integer of at least 0, got ${describe(n)}`);
}

/**
 * The derivative number `n` of {@link digamma}: `x.polygamma(1)`.
 *
 * @example torch.tensor([1, 0.5]).polygamma(1) // tensor([1.6449, 4.9348])
 */
export function polygamma(self: Tensor, n: number, options?: OutOptions): Tensor {
  checkTensor('polygamma', self);
  checkOrder('polygamma', n);
  const { out } = readOptions<OutOptions>('polygamma', options, { out: undefined });
  const result = polygammaPrimitive(self, n);
  return out === undefined ? result : writeOut('polygamma', out, result);
}

/** {@link polygamma}, written into `self`. */
export function polygamma_(self: Tensor, n: number): Tensor {
  checkTensor('polygamma_', self);
  checkOrder('polygamma_', n);
  return runInPlace(polygammaPrimitive.definition, self, [n]);
}

/**
 * The logarithm of the multivariate gamma function of dimension `p`. Elements must be above (p - 1) / 2.
 *
 * @example torch.mvlgamma(torch.tensor([2, 3]), 2) // tensor([0.4516, 1.5502])
 */
export function mvlgamma(self: Tensor, p: number, options?: OutOptions): Tensor {
  checkTensor('mvlgamma', self);
  if (!Number.isSafeInteger(p) || p < 1 || p > 4096)
    throw new ValueError(`mvlgamma: expected p to be an integer from 1 to 4096, got ${describe(p)}`);
  if (isOptions(options)) readOptions<OutOptions>('mvlgamma', options, { out: undefined });
  const least = (p - 1) / 2;
  if (self.le(least).any().item())
    throw new ValueError(`mvlgamma: expected all elements to be above (p - 1) / 2 = ${least}`);
  // log pi^(p (p - 1) / 4) + the sum over i < p of log gamma(self - i / 2)
  let result = lgamma(self);
  for (let i = 1; i < p; i++) result = result.add(lgamma(self.sub(i / 2)));
  result = result.add((p * (p - 1) * Math.log(Math.PI)) / 4);
  return options?.out === undefined ? result : writeOut('mvlgamma', options.out, result);
}

/** {@link mvlgamma}, written into `self`. */
export function mvlgamma_(self: Tensor, p: number): Tensor {
  checkTensor('mvlgamma_', self);
  return self.copy_(mvlgamma(self, p));
}
