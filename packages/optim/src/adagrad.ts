import { kernel } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { type FusedEntry, filledState, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface AdagradOptions {
  /** Learning rate. */
  lr: number;
  /** The learning rate of step t is `lr / (1 + (t - 1) * lrDecay)`. */
  lrDecay: number;
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  /** What the sums of squares start from. */
  initialAccumulatorValue: number;
  maximize: boolean;
}

interface AdagradState {
  step: number;
  sum: Tensor;
}

const ADAGRAD_KERNEL = kernel('adagrad');
const DEFAULTS: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  eps: 1e-10,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  maximize: false,
};

/**
 * Adagrad: each element divided by the root of the sum of its squares so far; Duchi et al. 2011, JMLR 12.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.Adagrad([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9000])
 */
export class Adagrad extends Optimizer<AdagradOptions, AdagradState> {
  constructor(params: Params<AdagradOptions>, options?: Given<AdagradOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      lrDecay: NOT_NEGATIVE,
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      initialAccumulatorValue: NOT_NEGATIVE,
    });
  }

  protected override get tensorScalars() {
    return ['step'] as const;
  }

  protected override newState(param: Tensor, { initialAccumulatorValue }: AdagradOptions): AdagradState {
    return { step: 0, sum: filledState(param, initialAccumulatorValue) };
  }

  protected override updateAll(updates: readonly Update<AdagradState>[], options: AdagradOptions): void {
    const { lr, lrDecay, eps } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      return { tensors: [param, grad, state.sum], own: [lr / (1 + (state.step - 1) * lrDecay)] };
    });
    stepAll(ADAGRAD_KERNEL, entries, [eps], options);
  }
}
