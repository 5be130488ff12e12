import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type Given, Optimizer, type Params } from './optimizer.js';
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

const DEFAULTS: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false };

/** Averaged stochastic gradient descent; Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging". */
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

  protected override update(
    param: Tensor,
    grad: Tensor,
    state: ASGDState,
    { lr, lambd, alpha, t0 }: ASGDOptions,
  ): void {
    state.step += 1;
    param.mul_(1 - lambd * state.eta).add_(grad, { alpha: -state.eta });
    state.ax.lerp_(param, state.mu);
    state.eta = Math.fround(lr / (1 + lambd * lr * state.step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, state.step - t0));
  }
}
