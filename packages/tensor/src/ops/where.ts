import { where as choose } from '../choosing.js';
import { checkTensor, type Operand } from '../op.js';
import type { Tensor } from '../tensor.js';

/**
 * `self` where `condition` holds, else `other`.
 *
 * @example torch.tensor([1, 2]).where(torch.tensor([true, false]), 0) // tensor([1., 0.])
 */
export function where(self: Tensor, condition: Tensor, other: Operand): Tensor {
  checkTensor('where', self);
  return choose(condition, self, other);
}
