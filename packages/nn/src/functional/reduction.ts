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
