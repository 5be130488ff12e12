import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface AdadeltaOptions {
  /** What the paper's step is multiplied by. */
  lr: number;
  /** How much of the means of squares is kept. */
  rho: number;
  /** Added below the roots. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  maximize: boolean;
}

interface AdadeltaState {
  step: number;
  squareAvg: Tensor;
  accDelta: Tensor;
}

const ADADELTA_KERNEL = kernel('adadelta');
const DEFAULTS: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

/**
 * Adadelta; Zeiler 2012, arXiv:1212.5701, algorithm 1.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.Adadelta([w], { lr: 1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9968])
 */
export class Adadelta extends Optimizer<AdadeltaOptions, AdadeltaState> {
  constructor(params: Params<AdadeltaOptions>, options?: Given<AdadeltaOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      rho: '[0, 1]',
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
    });
  }

  protected override newState(param: Tensor): AdadeltaState {
    return { step: 0, squareAvg: zerosLike(param), accDelta: zerosLike(param) };
  }

  protected override updateAll(updates: readonly Update<AdadeltaState>[], options: AdadeltaOptions): void {
    const { lr, rho, eps } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      return { tensors: [param, grad, state.squareAvg, state.accDelta] };
    });
    stepAll(ADADELTA_KERNEL, entries, [lr, rho, eps], options);
  }
}
