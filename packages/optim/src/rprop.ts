import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, filledState, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface RpropOptions {
  /** The size of the first step. */
  lr: number;
  /** What a step's size is multiplied by when the gradient's sign has changed, and when it has not. */
  etas: readonly [number, number];
  /** The least and the largest step. */
  stepSizes: readonly [number, number];
  maximize: boolean;
}

interface RpropState {
  step: number;
  prev: Tensor;
  stepSize: Tensor;
}

const RPROP_KERNEL = kernel('rprop');
const DEFAULTS: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false };

/**
 * Rprop: steps whose size depends on the gradient's sign only; Riedmiller & Braun 1993.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.Rprop([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9000])
 */
export class Rprop extends Optimizer<RpropOptions, RpropState> {
  constructor(params: Params<RpropOptions>, options?: Given<RpropOptions>) {
    super(params, options, DEFAULTS, { lr: NOT_NEGATIVE, etas: ['(0, 1)', '(1, Infinity)'] });
  }

  protected override newState(param: Tensor, { lr }: RpropOptions): RpropState {
    return { step: 0, prev: zerosLike(param), stepSize: filledState(param, lr) };
  }

  protected override updateAll(updates: readonly Update<RpropState>[], options: RpropOptions): void {
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      return { tensors: [param, grad, state.prev, state.stepSize] };
    });
    stepAll(RPROP_KERNEL, entries, [...options.etas, ...options.stepSizes], options);
  }
}
