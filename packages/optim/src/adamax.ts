import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
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

const ADAMAX_KERNEL = kernel('adamax');
const DEFAULTS: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };

/**
 * Adamax, Adam with the infinity norm; Kingma & Ba 2015, arXiv:1412.6980, algorithm 2.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.Adamax([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.9000])
 */
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

  protected override updateAll(updates: readonly Update<AdamaxState>[], options: AdamaxOptions): void {
    const { lr, betas, eps } = options;
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      state.step += 1;
      return { tensors: [param, grad, state.expAvg, state.expInf], own: [lr / (1 - betas[0] ** state.step)] };
    });
    stepAll(ADAMAX_KERNEL, entries, [...betas, eps], options);
  }
}
