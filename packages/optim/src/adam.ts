import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE, type Ranges } from './ranges.js';

export interface AdamOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the means of the gradient and of its square is kept. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty; {@link AdamW} decays the parameters themselves. */
  weightDecay: number;
  /** Divide by the largest second moment so far; Reddi et al. 2018, arXiv:1904.09237. */
  amsgrad: boolean;
  maximize: boolean;
}

interface AdamState {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor;
}

const ADAM_KERNEL = kernel('adam');
const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};
const RANGES: Ranges<AdamOptions> = { lr: NOT_NEGATIVE, betas: '[0, 1)', eps: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE };

/**
 * Adam; Kingma & Ba 2015, arXiv:1412.6980, algorithm 1.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.Adam([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9000])
 */
export class Adam extends Optimizer<AdamOptions, AdamState> {
  constructor(params: Params<AdamOptions>, options?: Given<AdamOptions>, defaults = DEFAULTS) {
    super(params, options, defaults, RANGES);
  }

  /** Whether weight decay shrinks the parameters rather than joining the gradient. */
  protected get decoupled(): boolean {
    return false;
  }

  protected override get tensorScalars() {
    return ['step'] as const;
  }

  protected override newState(param: Tensor, { amsgrad }: AdamOptions): AdamState {
    const state: AdamState = { step: 0, expAvg: zerosLike(param), expAvgSq: zerosLike(param) };
    return amsgrad ? { ...state, maxExpAvgSq: zerosLike(param) } : state;
  }

  protected override updateAll(updates: readonly Update<AdamState>[], options: AdamOptions): void {
    const { lr, betas, eps, amsgrad } = options;
    const [beta1, beta2] = betas;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      const own = [lr / (1 - beta1 ** state.step), Math.sqrt(1 - beta2 ** state.step)];
      if (!amsgrad) return { tensors: [param, grad, state.expAvg, state.expAvgSq], own };
      state.maxExpAvgSq ??= zerosLike(param);
      return { tensors: [param, grad, state.expAvg, state.expAvgSq, state.maxExpAvgSq], own };
    });
    const { weightDecay, maximize } = options;
    const shrink = this.decoupled ? 1 - lr * weightDecay : 1;
    stepAll(ADAM_KERNEL, entries, [amsgrad, beta1, beta2, eps, shrink], {
      weightDecay: this.decoupled ? 0 : weightDecay,
      maximize,
    });
  }
}

/**
 * Adam with weight decay apart from the gradient; Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.AdamW([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.8990])
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamOptions>, options?: Given<AdamOptions>) {
    super(params, options, { ...DEFAULTS, weightDecay: 1e-2 });
  }

  protected override get decoupled(): boolean {
    return true;
  }
}
