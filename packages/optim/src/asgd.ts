import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface ASGDOptions {
  /** The first learning rate. */
  lr: number;
  /** Decay term. */
  lambd: number;
  /** The learning rate after step t is `lr / (1 + lambd * lr * t) ** alpha`. */
  alpha: number;
  /** The step at which averaging starts. */
  t0: number;
  /** L2 penalty. */
  weightDecay: number;
  maximize: boolean;
}

interface ASGDState {
  step: number;
  /** The learning rate and the share of the newest parameters in the average; in float32, as PyTorch keeps them. */
  eta: number;
  mu: number;
  /** The average of the parameters. */
  ax: Tensor;
}

const ASGD_KERNEL = kernel('asgd');
const DEFAULTS: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false };

/**
 * Averaged stochastic gradient descent; Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging".
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.ASGD([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.8000])
 */
export class ASGD extends Optimizer<ASGDOptions, ASGDState> {
  constructor(params: Params<ASGDOptions>, options?: Given<ASGDOptions>) {
    super(params, options, DEFAULTS, { lr: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE });
  }

  protected override get tensorScalars() {
    return ['step', 'eta', 'mu'] as const;
  }

  protected override newState(param: Tensor, { lr }: ASGDOptions): ASGDState {
    return { step: 0, eta: Math.fround(lr), mu: 1, ax: zerosLike(param) };
  }

  protected override updateAll(updates: readonly Update<ASGDState>[], options: ASGDOptions): void {
    const { lr, lambd, alpha, t0 } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      const { eta, mu } = state;
      state.eta = Math.fround(lr / (1 + lambd * lr * state.step) ** alpha);
      state.mu = Math.fround(1 / Math.max(1, state.step - t0));
      return { tensors: [param, grad, state.ax], own: [eta, mu] };
    });
    stepAll(ASGD_KERNEL, entries, [lambd], options);
  }
}
