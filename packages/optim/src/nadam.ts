import { kernel } from '@ts-torch/core';
import { type Tensor, zerosLike } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface NAdamOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the means of the gradient and of its square is kept. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  /** How fast the momentum of step t, `beta1 * (1 - 0.96 ** (t * momentumDecay) / 2)`, reaches beta1. */
  momentumDecay: number;
}

interface NAdamState {
  step: number;
  /** The product of the momenta so far; in float32, as PyTorch keeps it. */
  muProduct: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const NADAM_KERNEL = kernel('nadam');
const DEFAULTS: NAdamOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3 };

/**
 * NAdam, Adam with Nesterov's momentum; Dozat 2016, "Incorporating Nesterov Momentum into Adam".
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.NAdam([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.8950])
 */
export class NAdam extends Optimizer<NAdamOptions, NAdamState> {
  constructor(params: Params<NAdamOptions>, options?: Given<NAdamOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      betas: '[0, 1)',
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      momentumDecay: NOT_NEGATIVE,
    });
  }

  protected override get tensorScalars() {
    return ['step', 'muProduct'] as const;
  }

  protected override newState(param: Tensor): NAdamState {
    return { step: 0, muProduct: 1, expAvg: zerosLike(param), expAvgSq: zerosLike(param) };
  }

  protected override updateAll(updates: readonly Update<NAdamState>[], options: NAdamOptions): void {
    const { lr, betas, eps, momentumDecay } = options;
    const [beta1, beta2] = betas;
    const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const entries = updates.map(({ param, grad, state }): FusedEntry => {
      const step = ++state.step;
      const mu = momentumAt(step);
      const muNext = momentumAt(step + 1);
      state.muProduct = timesFloat32(state.muProduct, mu);
      // `mu` is in the product already: PyTorch 1.13 has it twice, as here; the paper, and PyTorch with `foreach` or later, once.
      const productNext = timesFloat32(timesFloat32(state.muProduct, mu), muNext);
      const ofGrad = (lr * (1 - mu)) / (1 - state.muProduct);
      const ofMean = (lr * muNext) / (1 - productNext);
      return { tensors: [param, grad, state.expAvg, state.expAvgSq], own: [1 - beta2 ** step, ofGrad, ofMean] };
    });
    stepAll(NADAM_KERNEL, entries, [...betas, eps], options);
  }
}

function timesFloat32(a: number, b: number): number {
  return Math.fround(a * Math.fround(b));
}
