import { where as choose } from '../choosing.js';
import { checkTensor, type Operand } from '../op.js';
import type { Tensor } from '../tensor.js';

/** `self` where `condition` holds, else `other`. */
export function where(self: Tensor, condition: Tensor, other: Operand): Tensor {
  checkTensor('where', self);
  return choose(condition, self, other);
}
