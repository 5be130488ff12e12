import { fullLike, onesLike, type Tensor, zerosLike } from '@ts-torch/tensor';
import { type Given, Optimizer, type Params } from './optimizer.js';
import { NOT_NEGATIVE } from './ranges.js';

export interface RpropOptions {
  /** The size of the first step. */
  lr: number;
  /** What a step's size is multiplied by when the gradient's sign has changed, and when it has not. */
  etas: readonly [number, number];
  /** The least and the largest step. */
  stepSizes: readonly [number, number];
  maximize: boolean;
}

interface RpropState {
  step: number;
  prev: Tensor;
  stepSize: Tensor;
}

const DEFAULTS: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false };

/** Rprop: steps whose size depends on the gradient's sign only; Riedmiller & Braun 1993. */
export class Rprop extends Optimizer<RpropOptions, RpropState> {
  constructor(params: Params<RpropOptions>, options?: Given<RpropOptions>) {
    super(params, options, DEFAULTS, { lr: NOT_NEGATIVE, etas: ['(0, 1)', '(1, Infinity)'] });
  }

  protected override newState(param: Tensor, { lr }: RpropOptions): RpropState {
    return { step: 0, prev: zerosLike(param), stepSize: fullLike(param, lr) };
  }

  protected override update(param: Tensor, grad: Tensor, state: RpropState, { etas, stepSizes }: RpropOptions): void {
    const [shrink, grow] = etas;
    const [min, max] = stepSizes;
    state.step += 1;
    const agreement = grad.mul(state.prev);
    const turned = agreement.lt(0);
    const factor = onesLike(agreement).maskedFill_(agreement.gt(0), grow).maskedFill_(turned, shrink);
    state.stepSize.mul_(factor).clamp_({ min, max });
    // Where the sign has changed, the last step went too far: no step now, and no verdict next time.
    const kept = grad.maskedFill(turned, 0);
    param.addcmul_(kept.sign(), state.stepSize, { value: -1 });
    state.prev.copy_(kept);
  }
}
