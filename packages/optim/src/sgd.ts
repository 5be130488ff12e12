import { kernel, ValueError } from '@ts-torch/core';
import { emptyLike, type Tensor } from '@ts-torch/tensor';
import { type FusedEntry, stepAll } from './fused.js';
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
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.SGD([w], { lr: 0.1, momentum: 0.9 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.detach() // tensor([0.8000])
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
    const { lr, momentum, dampening, nesterov } = options;
    const step = (entries: readonly FusedEntry[], first: boolean) =>
      stepAll(SGD_KERNEL, entries, [momentum !== 0, lr, momentum, dampening, nesterov, first], options);
    if (momentum === 0) {
      step(
        updates.map(({ param, grad }) => ({ tensors: [param, grad] })),
        false,
      );
      return;
    }
    // Buffers that are new hold nothing to keep: they are filled by a call of their own.
    const [fresh, known]: [FusedEntry[], FusedEntry[]] = [[], []];
    for (const { param, grad, state } of updates) {
      const entries = state.momentumBuffer === null ? fresh : known;
      state.momentumBuffer ??= emptyLike(param);
      entries.push({ tensors: [param, grad, state.momentumBuffer] });
    }
    step(fresh, true);
    step(known, false);
  }
}
