import { DTypeError, describe, ValueError } from '@ts-torch/core';
import { checkTensor, type Operand } from './op.js';
import elementwisePrimitives from './ops/elementwise.js';
import { isScalar } from './promotion.js';
import { Tensor } from './tensor.js';

/**
 * Elements of `self` where `condition` (bool) holds, else of `other`; all three broadcast, and the values promote. With the
 * condition alone: the indices at which it holds, a tensor for each dimension.
 *
 * @example
 * torch.where(torch.tensor([true, false]), torch.tensor([1, 2]), 0) // tensor([1., 0.])
 * torch.where(torch.tensor([0, 3, 5]).gt(1)) // [tensor([1, 2])]
 */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, self: Operand, other: Operand): Tensor;
export function where(condition: Tensor, self?: Operand, other?: Operand): Tensor | Tensor[] {
  checkTensor('where', condition, 'condition');
  if (self === undefined && other === undefined) return splitNonzero(condition);
  if (condition.dtype !== 'bool' && condition.dtype !== 'uint8')
    throw new DTypeError(`where: expected a condition of bool, got ${condition.dtype}`);
  for (const [name, value] of Object.entries({ self, other })) {
    if (!(value instanceof Tensor) && !isScalar(value))
      throw new ValueError(`where: expected ${name} to be a tensor or a number, got ${describe(value)}`);
  }
  return elementwisePrimitives.where(condition, self as Operand, other as Operand);
}

function splitNonzero(condition: Tensor): Tensor[] {
  const places = condition.nonzero();
  return Array.from({ length: condition.shape.length }, (_, d) => places.select(1, d));
}
