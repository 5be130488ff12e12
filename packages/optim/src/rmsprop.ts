import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface RMSpropOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the mean of squares is kept. */
  alpha: number;
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  /** How much of the buffer of past steps is kept. */
  momentum: number;
  /** Divide by the estimated standard deviation; Graves 2013, arXiv:1308.0850. */
  centered: boolean;
  maximize: boolean;
}

interface RMSpropState {
  step: number;
  squareAvg: Tensor;
  momentumBuffer?: Tensor;
  gradAvg?: Tensor;
}

const RMSPROP_KERNEL = kernel('rmsprop');
const DEFAULTS: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

/**
 * RMSprop: each element divided by the root of the mean of its recent squares; Tieleman & Hinton 2012, lecture 6.5.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.RMSprop([w], { lr: 0.01 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9000])
 */
export class RMSprop extends Optimizer<RMSpropOptions, RMSpropState> {
  constructor(params: Params<RMSpropOptions>, options?: Given<RMSpropOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      alpha: NOT_NEGATIVE,
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      momentum: NOT_NEGATIVE,
    });
  }

  protected override newState(param: Tensor, { momentum, centered }: RMSpropOptions): RMSpropState {
    const state: RMSpropState = { step: 0, squareAvg: zerosLike(param) };
    if (momentum > 0) state.momentumBuffer = zerosLike(param);
    if (centered) state.gradAvg = zerosLike(param);
    return state;
  }

  protected override updateAll(updates: readonly Update<RMSpropState>[], options: RMSpropOptions): void {
    const { lr, alpha, eps, momentum, centered } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      if (centered) state.gradAvg ??= zerosLike(param);
      if (momentum > 0) state.momentumBuffer ??= zerosLike(param);
      const more = [centered ? state.gradAvg : undefined, momentum > 0 ? state.momentumBuffer : undefined];
      return { tensors: [param, grad, state.squareAvg, ...more.filter((tensor) => tensor !== undefined)] };
    });
    stepAll(RMSPROP_KERNEL, entries, [centered, momentum > 0, lr, alpha, eps, momentum], options);
  }
}
