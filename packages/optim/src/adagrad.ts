import { fullLike, type Tensor } from '@ts-torch/tensor';
import { type Given, Optimizer, type Params } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface AdagradOptions {
  /** Learning rate. */
  lr: number;
  /** The learning rate of step t is `lr / (1 + (t - 1) * lrDecay)`. */
  lrDecay: number;
  /** Added to the denominator. */
  eps: number;
  /** L2 penalty. */
  weightDecay: number;
  /** What the sums of squares start from. */
  initialAccumulatorValue: number;
  maximize: boolean;
}

interface AdagradState {
  step: number;
  sum: Tensor;
}

const DEFAULTS: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  eps: 1e-10,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  maximize: false,
};

/** Adagrad: each element divided by the root of the sum of its squares so far; Duchi et al. 2011, JMLR 12. */
export class Adagrad extends Optimizer<AdagradOptions, AdagradState> {
  constructor(params: Params<AdagradOptions>, options?: Given<AdagradOptions>) {
    super(params, options, DEFAULTS, {
      lr: NOT_NEGATIVE,
      lrDecay: NOT_NEGATIVE,
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      initialAccumulatorValue: NOT_NEGATIVE,
    });
  }

  protected override get tensorScalars() {
    return ['step'] as const;
  }

  protected override newState(param: Tensor, { initialAccumulatorValue }: AdagradOptions): AdagradState {
    return { step: 0, sum: fullLike(param, initialAccumulatorValue) };
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    state: AdagradState,
    { lr, lrDecay, eps }: AdagradOptions,
  ): void {
    state.step += 1;
    state.sum.addcmul_(grad, grad);
    param.addcdiv_(grad, state.sum.sqrt().add_(eps), { value: -lr / (1 + (state.step - 1) * lrDecay) });
  }
}
