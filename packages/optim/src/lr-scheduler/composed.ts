import { describe, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import type { Given, Optimizer } from '../optimizer.js';
import {
  checkOptimizer,
  type LRScheduler,
  loadPlainFields,
  SCHEDULER_DEFAULTS,
  type SchedulerOptions,
  savePlainFields,
} from './scheduler.js';

function checkSchedulers(op: string, schedulers: readonly LRScheduler[], optimizer?: Optimizer): void {
  if (!Array.isArray(schedulers) || schedulers.length === 0)
    throw new ValueError(`${op}: expected a list of schedulers, got ${describe(schedulers)}`);
  const expected = optimizer ?? schedulers[0].optimizer;
  const stranger = schedulers.findIndex((scheduler) => scheduler.optimizer !== expected);
  if (stranger !== -1)
    throw new ValueError(`${op}: expected schedulers of one optimizer, got another's at index ${stranger}`);
}

/** What schedulers made of others have in common. */
abstract class ComposedScheduler {
  readonly optimizer: Optimizer;
  protected readonly schedulers: readonly LRScheduler[];
  protected lastLr: number[];

  constructor(optimizer: Optimizer, schedulers: readonly LRScheduler[]) {
    this.optimizer = optimizer;
    this.schedulers = [...schedulers];
    this.lastLr = optimizer.paramGroups.map(({ lr }) => lr);
  }

  getLastLr(): number[] {
    return this.lastLr;
  }

  stateDict(): Record<string, unknown> {
    return { ...savePlainFields(this), _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  loadStateDict({ _schedulers, ...own }: Record<string, unknown>): void {
    if (!Array.isArray(_schedulers) || _schedulers.length !== this.schedulers.length)
      throw new ValueError(`${this.constructor.name}: expected the states of ${this.schedulers.length} schedulers`);
    loadPlainFields(this, own);
    this.schedulers.forEach((scheduler, i) => {
      scheduler.loadStateDict(_schedulers[i]);
    });
  }
}

/**
 * One scheduler after the other: each takes over at its milestone, and starts from its first epoch.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const { ConstantLR, ExponentialLR, SequentialLR } = optim.lrScheduler;
 * const schedule = new SequentialLR(sgd, [new ConstantLR(sgd, { factor: 0.1, totalIters: 2 }), new ExponentialLR(sgd, 0.5)], [2]);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [0.1, 0.1, 1, 0.5]
 */
export class SequentialLR extends ComposedScheduler {
  lastEpoch: number;
  private readonly milestones: number[];

  constructor(
    optimizer: Optimizer,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    options?: Given<SchedulerOptions>,
  ) {
    const { lastEpoch } = readOptions('SequentialLR', options, SCHEDULER_DEFAULTS);
    checkOptimizer('SequentialLR', optimizer);
    checkSchedulers('SequentialLR', schedulers, optimizer);
    if (milestones?.length !== schedulers.length - 1)
      throw new ValueError(`SequentialLR: expected ${schedulers.length - 1} milestones, got ${describe(milestones)}`);
    super(optimizer, schedulers);
    this.milestones = [...milestones];
    this.lastEpoch = lastEpoch + 1;
    // Each scheduler has made its first step when it was constructed: all but that of the first one are undone.
    for (const group of optimizer.paramGroups) if (group.initialLr !== undefined) group.lr = group.initialLr;
    for (const scheduler of schedulers) scheduler.lastEpoch -= 1;
    const first = schedulers[0] as LRScheduler;
    first.initialStep();
    this.lastLr = first.getLastLr();
  }

  step(): void {
    this.lastEpoch += 1;
    const passed = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[passed] as LRScheduler;
    if (passed > 0 && this.milestones[passed - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }
}

/**
 * Several schedulers at once: each goes on from the rate that the others have set.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const { ConstantLR, ExponentialLR, ChainedScheduler } = optim.lrScheduler;
 * const schedule = new ChainedScheduler([new ConstantLR(sgd, { factor: 0.5, totalIters: 2 }), new ExponentialLR(sgd, 0.5)]);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [0.5, 0.25, 0.25, 0.125]
 */
export class ChainedScheduler extends ComposedScheduler {
  constructor(schedulers: readonly LRScheduler[]) {
    checkSchedulers('ChainedScheduler', schedulers);
    super((schedulers[0] as LRScheduler).optimizer, schedulers);
  }

  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.optimizer.paramGroups.map(({ lr }) => lr);
  }
}
