import { describe, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import type { Given, Optimizer } from '../optimizer.js';
import { checkOptimizer, loadPlainFields, perGroup, savePlainFields } from './scheduler.js';

export interface ReduceLROnPlateauOptions {
  /** Whether the metric shall become small or large. */
  mode: 'min' | 'max';
  /** What the rate is multiplied by, below 1. */
  factor: number;
  /** Epochs without improvement that are tolerated. */
  patience: number;
  /** What counts as an improvement. */
  threshold: number;
  /** Whether the threshold is a part of the best metric so far (`rel`), or a difference (`abs`). */
  thresholdMode: 'rel' | 'abs';
  /** Epochs after a reduction in which nothing is counted. */
  cooldown: number;
  /** The least rate, for all groups or for each. */
  minLr: number | readonly number[];
  /** Smaller reductions are not made. */
  eps: number;
  verbose: boolean;
}

const DEFAULTS: ReduceLROnPlateauOptions = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
  verbose: false,
};

/**
 * The rate times `factor` when a metric has stopped improving: `scheduler.step(validationLoss)`.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.ReduceLROnPlateau(sgd, { factor: 0.5, patience: 1 });
 * for (const loss of [3, 2, 2, 2]) {
 *   sgd.step();
 *   schedule.step(loss);
 * }
 * sgd.paramGroups[0]?.lr // 0.5
 */
export class ReduceLROnPlateau {
  readonly optimizer: Optimizer;
  mode: 'min' | 'max';
  factor: number;
  patience: number;
  threshold: number;
  thresholdMode: 'rel' | 'abs';
  cooldown: number;
  minLrs: number[];
  eps: number;
  verbose: boolean;
  best: number;
  numBadEpochs = 0;
  cooldownCounter = 0;
  lastEpoch = 0;
  protected lastLr: number[];

  constructor(optimizer: Optimizer, options?: Given<ReduceLROnPlateauOptions>) {
    const op = 'ReduceLROnPlateau';
    const given = readOptions(op, options, DEFAULTS);
    checkOptimizer(op, optimizer);
    const { mode, factor, thresholdMode } = given;
    if (!(factor < 1)) throw new ValueError(`${op}: expected a factor below 1, got ${describe(factor)}`);
    if (mode !== 'min' && mode !== 'max')
      throw new ValueError(`${op}: expected mode 'min' or 'max', got ${describe(mode)}`);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw new ValueError(`${op}: expected thresholdMode 'rel' or 'abs', got ${describe(thresholdMode)}`);
    this.optimizer = optimizer;
    this.mode = mode;
    this.factor = factor;
    this.patience = given.patience;
    this.threshold = given.threshold;
    this.thresholdMode = thresholdMode;
    this.cooldown = given.cooldown;
    this.minLrs = perGroup(op, 'minLr', given.minLr, optimizer.paramGroups);
    this.eps = given.eps;
    this.verbose = given.verbose;
    this.best = mode === 'min' ? Infinity : -Infinity;
    this.lastLr = optimizer.paramGroups.map(({ lr }) => lr);
  }

  get inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  isBetter(metric: number, best: number): boolean {
    const sign = this.mode === 'min' ? -1 : 1;
    const bar = this.thresholdMode === 'rel' ? best * (1 + sign * this.threshold) : best + sign * this.threshold;
    return this.mode === 'min' ? metric < bar : metric > bar;
  }

  /** Goes on to the next epoch, or to the given one, with the metric of the last. */
  step(metrics: number | Tensor, epoch = this.lastEpoch + 1): void {
    const current = typeof metrics === 'number' ? metrics : metrics.item();
    this.lastEpoch = epoch;
    const better = this.isBetter(current, this.best);
    if (better) this.best = current;
    this.numBadEpochs = better ? 0 : this.numBadEpochs + 1;
    if (this.inCooldown) {
      this.cooldownCounter -= 1;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  private reduce(): void {
    for (const [i, group] of this.optimizer.paramGroups.entries()) {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i] as number);
      if (group.lr - lr <= this.eps) continue;
      group.lr = lr;
      if (this.verbose)
        console.log(`Epoch ${this.lastEpoch}: learning rate of group ${i} reduced to ${lr.toExponential(4)}.`);
    }
  }

  getLastLr(): number[] {
    return this.lastLr;
  }

  stateDict(): Record<string, unknown> {
    return savePlainFields(this);
  }

  loadStateDict(stateDict: Record<string, unknown>): void {
    loadPlainFields(this, stateDict);
  }
}
