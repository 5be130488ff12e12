import { castTo } from './op.js';
import { mayNeedGrad } from './recording.js';
import { BOOL, type DimList, reductionPrimitives, requireFloating } from './reducing.js';
import type { Tensor } from './tensor.js';

/**
 * The vector norm `sum(|x|^p)^(1/p)` of a tensor's elements along dimensions: the number of nonzero elements for p = 0, the
 * largest and smallest magnitude for p = Infinity and -Infinity. Not an op of its own: `norm` and `linalg.vectorNorm` are.
 */
export function vectorNorm(op: string, self: Tensor, p: number, dims: DimList, keepdim: boolean): Tensor {
  if (self.isComplex()) return vectorNorm(op, self.abs(), p, dims, keepdim);
  requireFloating(op, self);
  if (p === Number.POSITIVE_INFINITY) return self.abs().amax(dims, { keepdim });
  if (p === Number.NEGATIVE_INFINITY) return self.abs().amin(dims, { keepdim });
  if (p === 0) {
    const count = castTo(self, BOOL).sum(dims, { keepdim }).to(self.dtype);
    // It has a gradient, which is 0 everywhere.
    return mayNeedGrad([self]) ? count.add(self.sign().mul(0).sum(dims, { keepdim })) : count;
  }
  return reductionPrimitives.norm(self, p, dims, keepdim);
}
