import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type Given, Optimizer, type Params } from './optimizer.js';
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

const DEFAULTS: RAdamOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 };

/** Rectified Adam: adaptive steps only once their variance is tractable; Liu et al. 2020, arXiv:1908.03265, algorithm 2. */
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

  protected override update(param: Tensor, grad: Tensor, state: RAdamState, { lr, betas, eps }: RAdamOptions): void {
    const [beta1, beta2] = betas;
    const step = ++state.step;
    state.expAvg.lerp_(grad, 1 - beta1);
    state.expAvgSq.mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 });

    const correction2 = 1 - beta2 ** step;
    const rhoInf = 2 / (1 - beta2) - 1;
    const rho = rhoInf - (2 * step * beta2 ** step) / correction2;
    const size = lr / (1 - beta1 ** step);
    if (rho <= 5) {
      param.add_(state.expAvg, { alpha: -size });
      return;
    }
    const rectification = Math.sqrt(((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho));
    const denominator = state.expAvgSq.sqrt().add_(eps);
    param.addcdiv_(state.expAvg, denominator, { value: -size * rectification * Math.sqrt(correction2) });
  }
}
