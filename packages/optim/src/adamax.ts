import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type Given, Optimizer, type Params } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface AdamaxOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the mean of the gradient, and of its largest size, is kept. */
  betas: readonly [number, number];
  /** Added to the gradient's size. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  maximize: boolean;
}

interface AdamaxState {
  step: number;
  expAvg: Tensor;
  expInf: Tensor;
}

const DEFAULTS: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };

/** Adamax, Adam with the infinity norm; Kingma & Ba 2015, arXiv:1412.6980, algorithm 2. */
export class Adamax extends Optimizer<AdamaxOptions, AdamaxState> {
  constructor(params: Params<AdamaxOptions>, options?: Given<AdamaxOptions>) {
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

  protected override newState(param: Tensor): AdamaxState {
    return { step: 0, expAvg: zerosLike(param), expInf: zerosLike(param) };
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamaxState, options: AdamaxOptions): void {
    const [beta1, beta2] = options.betas;
    state.step += 1;
    state.expAvg.lerp_(grad, 1 - beta1);
    state.expInf.copy_(state.expInf.mul(beta2).maximum(grad.abs().add_(options.eps)));
    param.addcdiv_(state.expAvg, state.expInf, { value: -options.lr / (1 - beta1 ** state.step) });
  }
}
