import { describe, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { checkWord } from '../options.js';

/** How the losses of the elements or samples become one. */
export type Reduction = 'none' | 'mean' | 'sum';

export function checkReduction(op: string, reduction: unknown): asserts reduction is Reduction {
  checkWord(op, 'reduction', reduction, ['none', 'mean', 'sum']);
}

export function reduce(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return loss;
  return reduction === 'mean' ? loss.mean() : loss.sum();
}

/** Checks the power of the margin losses. */
export function checkMarginPower(op: string, p: unknown): void {
  if (p !== 1 && p !== 2) throw new ValueError(`${op}: expected p to be 1 or 2, got ${describe(p)}`);
}
