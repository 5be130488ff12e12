import { describe, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import { LRScheduler, perGroup, SCHEDULER_DEFAULTS, type SchedulerOptions } from './lr-scheduler/scheduler.js';
import type { Given, Optimizer } from './optimizer.js';

export interface SWALROptions extends SchedulerOptions {
  /** Epochs until the rate is `swaLr`. */
  annealEpochs: number;
  annealStrategy: 'cos' | 'linear';
}

const ANNEALING = {
  cos: (t: number): number => (1 - Math.cos(Math.PI * t)) / 2,
  linear: (t: number): number => t,
};

/** Goes from the last rate to `swaLr`, and stays there; for weights averaged as in Izmailov et al. 2018, arXiv:1803.05407. */
export class SWALR extends LRScheduler {
  swaLrs: number[];
  annealEpochs: number;
  private readonly anneal: (t: number) => number;

  constructor(optimizer: Optimizer, swaLr: number | readonly number[], options?: Given<SWALROptions>) {
    const defaults: SWALROptions = { ...SCHEDULER_DEFAULTS, annealEpochs: 10, annealStrategy: 'cos' };
    const { annealEpochs, annealStrategy, ...rest } = readOptions('SWALR', options, defaults);
    super(optimizer, rest);
    const anneal = ANNEALING[annealStrategy];
    if (anneal === undefined)
      throw new ValueError(`SWALR: expected annealStrategy to be 'cos' or 'linear', got ${describe(annealStrategy)}`);
    if (!Number.isSafeInteger(annealEpochs) || annealEpochs < 0)
      throw new ValueError(
        `SWALR: expected annealEpochs to be an integer of at least 0, got ${describe(annealEpochs)}`,
      );
    this.swaLrs = perGroup('SWALR', 'swaLr', swaLr, optimizer.paramGroups);
    this.annealEpochs = annealEpochs;
    this.anneal = anneal;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { annealEpochs } = this;
    const step = annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const shareAt = (epoch: number): number => this.anneal(Math.max(0, Math.min(1, epoch / Math.max(1, annealEpochs))));
    const before = shareAt(step - 1);
    const share = shareAt(step);
    return this.groups.map(({ lr }, i) => {
      const swaLr = this.swaLrs[i] as number;
      // What the rate would be without the share that it has of swaLr already.
      const start = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
      return swaLr * share + start * (1 - share);
    });
  }
}
