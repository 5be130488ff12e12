import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface RAdamOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the means of the gradient and of its square is kept. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
}

interface RAdamState {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const RADAM_KERNEL = kernel('radam');
const DEFAULTS: RAdamOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 };

/**
 * Rectified Adam: adaptive steps only once their variance is tractable; Liu et al. 2020, arXiv:1908.03265, algorithm 2.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.RAdam([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.8000])
 */
export class RAdam extends Optimizer<RAdamOptions, RAdamState> {
  constructor(params: Params<RAdamOptions>, options?: Given<RAdamOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      betas: '[0, 1)',
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
    });
  }

  protected override get tensorScalars() {
    return ['step'] as const;
  }

  protected override newState(param: Tensor): RAdamState {
    return { step: 0, expAvg: zerosLike(param), expAvgSq: zerosLike(param) };
  }

  protected override updateAll(updates: readonly Update<RAdamState>[], options: RAdamOptions): void {
    const { lr, betas, eps } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      const size = lr / (1 - betas[0] ** state.step);
      const adaptive = size * rectification(state.step, betas[1]);
      return { tensors: [param, grad, state.expAvg, state.expAvgSq], own: [size, adaptive] };
    });
    stepAll(RADAM_KERNEL, entries, [...betas, eps], options);
  }
}

/** What an adaptive step is multiplied by, with the correction of the second moment; 0 while its variance is intractable. */
function rectification(step: number, beta2: number): number {
  const correction = 1 - beta2 ** step;
  const rhoInf = 2 / (1 - beta2) - 1;
  const rho = rhoInf - (2 * step * beta2 ** step) / correction;
  if (rho <= 5) return 0;
  return Math.sqrt(((rho - 4) * (rho - 2) * rhoInf * correction) / ((rhoInf - 4) * (rhoInf - 2) * rho));
}
