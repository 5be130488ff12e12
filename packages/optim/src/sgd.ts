import { kernel, ValueError } from '@ts-torch/core';
import { emptyLike, type Tensor } from '@ts-torch/tensor';
import { type FusedEntry, launchForAll } from './fused.js';
import { type Given, Optimizer, type Params, type Update } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface SGDOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the buffer of past gradients is kept. */
  momentum: number;
  /** How much of the gradient is kept out of that buffer. */
  dampening: number;
  /** L2 penalty. */
  weightDecay: number;
  /** Look ahead along the momentum. */
  nesterov: boolean;
  maximize: boolean;
}

interface SGDState {
  momentumBuffer: Tensor | null;
}

const SGD_KERNEL = kernel('sgd');
const DEFAULTS: SGDOptions = {
  lr: Number.NaN,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

/**
 * Stochastic gradient descent, with momentum as in Sutskever et al. 2013, "On the importance of initialization and momentum in
 * deep learning": `buffer = momentum * buffer + (1 - dampening) * grad` (the gradient itself at first), `param -= lr * buffer`.
 */
export class SGD extends Optimizer<SGDOptions, SGDState> {
  constructor(params: Params<SGDOptions>, options: Given<SGDOptions> & { lr: number }) {
    super(params, options, DEFAULTS, { lr: NOT_NEGATIVE, momentum: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE });
  }

  protected override check(options: SGDOptions): void {
    super.check(options);
    if (options.nesterov && (options.momentum <= 0 || options.dampening !== 0))
      throw new ValueError(
        `SGD: nesterov expects momentum > 0 and dampening 0, got ${options.momentum} and ${options.dampening}`,
      );
  }

  protected override newState(): SGDState {
    return { momentumBuffer: null };
  }

  protected override updateAll(updates: readonly Update<SGDState>[], options: SGDOptions): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = options;
    const entries = updates.map(({ param, grad, state }): { tensors: FusedEntry; first: boolean } => {
      if (momentum === 0) return { tensors: [param, grad], first: false };
      const first = state.momentumBuffer === null;
      state.momentumBuffer ??= emptyLike(param);
      return { tensors: [param, grad, state.momentumBuffer], first };
    });
    for (const first of [true, false])
      launchForAll(
        SGD_KERNEL,
        entries.filter((entry) => entry.first === first),
        () => [lr, momentum, dampening, weightDecay, nesterov, maximize, first],
      );
  }
}
