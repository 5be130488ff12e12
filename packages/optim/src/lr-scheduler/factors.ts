import { describe, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import type { Given, Optimizer } from '../optimizer.js';
import { checkRanges } from '../ranges.js';
import { checkPositiveInteger, LRScheduler, perGroup, SCHEDULER_DEFAULTS, type SchedulerOptions } from './scheduler.js';

type LrLambda = (epoch: number) => number;

function lambdasOf(op: string, optimizer: Optimizer, given: LrLambda | readonly LrLambda[]): LrLambda[] {
  const lambdas = perGroup(op, 'lrLambda', given, optimizer?.paramGroups ?? []);
  for (const lambda of lambdas)
    if (typeof lambda !== 'function')
      throw new ValueError(`${op}: expected lrLambda to be a function, got ${describe(lambda)}`);
  return lambdas;
}

/**
 * The initial rate times a function of the epoch; one function for all groups, or one for each.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.LambdaLR(sgd, (epoch) => 0.5 ** epoch);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.5, 0.25, 0.125]
 */
export class LambdaLR extends LRScheduler {
  readonly lrLambdas: LrLambda[];

  constructor(optimizer: Optimizer, lrLambda: LrLambda | readonly LrLambda[], options?: Given<SchedulerOptions>) {
    super(optimizer, readOptions('LambdaLR', options, SCHEDULER_DEFAULTS));
    this.lrLambdas = lambdasOf('LambdaLR', optimizer, lrLambda);
    this.initialStep();
  }

  protected override getLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * (this.lrLambdas[i] as LrLambda)(this.lastEpoch));
  }
}

/**
 * The last rate times a function of the epoch; one function for all groups, or one for each.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.MultiplicativeLR(sgd, () => 0.5);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.5, 0.25, 0.125]
 */
export class MultiplicativeLR extends LRScheduler {
  readonly lrLambdas: LrLambda[];

  constructor(optimizer: Optimizer, lrLambda: LrLambda | readonly LrLambda[], options?: Given<SchedulerOptions>) {
    super(optimizer, readOptions('MultiplicativeLR', options, SCHEDULER_DEFAULTS));
    this.lrLambdas = lambdasOf('MultiplicativeLR', optimizer, lrLambda);
    this.initialStep();
  }

  protected override getLr(): number[] {
    if (this.lastEpoch <= 0) return this.scaled();
    return this.groups.map(({ lr }, i) => lr * (this.lrLambdas[i] as LrLambda)(this.lastEpoch));
  }
}

export interface DecayOptions extends SchedulerOptions {
  /** What the rate is multiplied by. */
  gamma: number;
}

/**
 * The rate times `gamma` after each `stepSize` epochs.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.StepLR(sgd, 2, { gamma: 0.5 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 1, 0.5, 0.5]
 */
export class StepLR extends LRScheduler {
  stepSize: number;
  gamma: number;

  constructor(optimizer: Optimizer, stepSize: number, options?: Given<DecayOptions>) {
    const { gamma, ...rest } = readOptions('StepLR', options, { ...SCHEDULER_DEFAULTS, gamma: 0.1 });
    super(optimizer, rest);
    checkPositiveInteger('StepLR', 'stepSize', stepSize);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.initialStep();
  }

  protected override getLr(): number[] {
    return this.scaled(this.lastEpoch !== 0 && this.lastEpoch % this.stepSize === 0 ? this.gamma : 1);
  }

  protected override getClosedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

/**
 * The rate times `gamma` at each epoch among the `milestones`, as often as it is named.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.MultiStepLR(sgd, [1, 3], { gamma: 0.5 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.5, 0.5, 0.25]
 */
export class MultiStepLR extends LRScheduler {
  readonly milestones: ReadonlyMap<number, number>;
  gamma: number;

  constructor(optimizer: Optimizer, milestones: readonly number[], options?: Given<DecayOptions>) {
    const { gamma, ...rest } = readOptions('MultiStepLR', options, { ...SCHEDULER_DEFAULTS, gamma: 0.1 });
    super(optimizer, rest);
    if (!Array.isArray(milestones))
      throw new ValueError(`MultiStepLR: expected a list of milestones, got ${describe(milestones)}`);
    const counts = new Map<number, number>();
    for (const epoch of milestones) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
    this.milestones = counts;
    this.gamma = gamma;
    this.initialStep();
  }

  protected override getLr(): number[] {
    return this.scaled(this.gamma ** (this.milestones.get(this.lastEpoch) ?? 0));
  }

  protected override getClosedFormLr(): number[] {
    let passed = 0;
    for (const [epoch, count] of this.milestones) if (epoch <= this.lastEpoch) passed += count;
    return this.baseLrs.map((lr) => lr * this.gamma ** passed);
  }
}

export interface ConstantLROptions extends SchedulerOptions {
  /** What the rate is multiplied by until then, from 0 to 1. */
  factor: number;
  /** The epoch at which the initial rate comes back. */
  totalIters: number;
}

/**
 * The initial rate times `factor` until epoch `totalIters`.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.ConstantLR(sgd, { factor: 0.5, totalIters: 2 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [0.5, 0.5, 1, 1]
 */
export class ConstantLR extends LRScheduler {
  factor: number;
  totalIters: number;

  constructor(optimizer: Optimizer, options?: Given<ConstantLROptions>) {
    const defaults = { ...SCHEDULER_DEFAULTS, factor: 1 / 3, totalIters: 5 };
    const { factor, totalIters, ...rest } = readOptions('ConstantLR', options, defaults);
    super(optimizer, rest);
    checkRanges('ConstantLR', { factor }, { factor: '[0, 1]' });
    this.factor = factor;
    this.totalIters = totalIters;
    this.initialStep();
  }

  protected override getLr(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.factor);
    if (this.lastEpoch !== this.totalIters) return this.scaled();
    return this.factor === 0 ? this.baseLrs : this.scaled(1 / this.factor);
  }

  protected override getClosedFormLr(): number[] {
    return this.baseLrs.map((lr) => (this.lastEpoch >= this.totalIters ? lr : lr * this.factor));
  }
}

export interface LinearLROptions extends SchedulerOptions {
  /** What the initial rate is multiplied by at first, above 0 and up to 1. */
  startFactor: number;
  /** And in the end, from 0 to 1. */
  endFactor: number;
  /** Epochs from the one to the other. */
  totalIters: number;
}

/**
 * The initial rate times a factor that goes from `startFactor` to `endFactor` in `totalIters` epochs.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.LinearLR(sgd, { startFactor: 0.5, totalIters: 4 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [0.5, 0.625, 0.75, 0.875]
 */
export class LinearLR extends LRScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(optimizer: Optimizer, options?: Given<LinearLROptions>) {
    const defaults = { ...SCHEDULER_DEFAULTS, startFactor: 1 / 3, endFactor: 1, totalIters: 5 };
    const { startFactor, endFactor, totalIters, ...rest } = readOptions('LinearLR', options, defaults);
    super(optimizer, rest);
    checkRanges('LinearLR', { startFactor, endFactor }, { startFactor: '(0, 1]', endFactor: '[0, 1]' });
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.scaled(startFactor);
    if (lastEpoch > totalIters) return this.scaled();
    const slope = endFactor - startFactor;
    return this.scaled(1 + slope / (totalIters * startFactor + (lastEpoch - 1) * slope));
  }

  protected override getClosedFormLr(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    const progress = Math.min(totalIters, lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * (startFactor + (endFactor - startFactor) * progress));
  }
}

/**
 * The rate times `gamma` after each epoch.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.ExponentialLR(sgd, 0.5);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.5, 0.25, 0.125]
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(optimizer: Optimizer, gamma: number, options?: Given<SchedulerOptions>) {
    super(optimizer, readOptions('ExponentialLR', options, SCHEDULER_DEFAULTS));
    this.gamma = gamma;
    this.initialStep();
  }

  protected override getLr(): number[] {
    return this.scaled(this.lastEpoch === 0 ? 1 : this.gamma);
  }

  protected override getClosedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

export interface PolynomialLROptions extends SchedulerOptions {
  /** Epochs until the rate is 0. */
  totalIters: number;
  power: number;
}

/**
 * The initial rate times `(1 - epoch / totalIters) ** power`.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.PolynomialLR(sgd, { totalIters: 4 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.75, 0.5, 0.25]
 */
export class PolynomialLR extends LRScheduler {
  totalIters: number;
  power: number;

  constructor(optimizer: Optimizer, options?: Given<PolynomialLROptions>) {
    const defaults = { ...SCHEDULER_DEFAULTS, totalIters: 5, power: 1 };
    const { totalIters, power, ...rest } = readOptions('PolynomialLR', options, defaults);
    super(optimizer, rest);
    this.totalIters = totalIters;
    this.power = power;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { totalIters, power, lastEpoch } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.scaled();
    return this.scaled(((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power);
  }

  protected override getClosedFormLr(): number[] {
    const left = 1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters;
    return this.baseLrs.map((lr) => lr * left ** this.power);
  }
}
