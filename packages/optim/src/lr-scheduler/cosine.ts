import { describe, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import type { Given, Optimizer } from '../optimizer.js';
import { checkPositiveInteger, LRScheduler, SCHEDULER_DEFAULTS, type SchedulerOptions } from './scheduler.js';

export interface CosineAnnealingLROptions extends SchedulerOptions {
  /** The least rate. */
  etaMin: number;
}

/**
 * Half a cosine from the initial rate down to `etaMin` in `TMax` epochs, and up again in as many; Loshchilov & Hutter 2017,
 * arXiv:1608.03983, without its restarts.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingLR(sgd, 2);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates.map((rate = 0) => rate.toFixed(2)) // ['1.00', '0.50', '0.00', '0.50']
 */
export class CosineAnnealingLR extends LRScheduler {
  TMax: number;
  etaMin: number;

  constructor(optimizer: Optimizer, TMax: number, options?: Given<CosineAnnealingLROptions>) {
    const { etaMin, ...rest } = readOptions('CosineAnnealingLR', options, { ...SCHEDULER_DEFAULTS, etaMin: 0 });
    super(optimizer, rest);
    this.TMax = TMax;
    this.etaMin = etaMin;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return this.scaled();
    if (this.stepCount === 1) return this.getClosedFormLr();
    // The ratio below has no value where the last rate was etaMin: the first step up.
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      const rise = (1 - Math.cos(Math.PI / TMax)) / 2;
      return this.groups.map(({ lr }, i) => lr + ((this.baseLrs[i] as number) - etaMin) * rise);
    }
    const height = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / TMax);
    const ratio = height(lastEpoch) / height(lastEpoch - 1);
    return this.groups.map(({ lr }) => ratio * (lr - etaMin) + etaMin);
  }

  protected override getClosedFormLr(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / TMax))) / 2);
  }
}

export interface CosineAnnealingWarmRestartsOptions extends CosineAnnealingLROptions {
  /** How many times longer each cycle is than the one before. */
  TMult: number;
}

/**
 * Half a cosine from the initial rate down to `etaMin`, again and again; the first in `T0` epochs. `step(epoch)` also takes fractions of
 * epochs. Loshchilov & Hutter 2017, arXiv:1608.03983, (5).
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingWarmRestarts(sgd, 2);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 0.5, 1, 0.5]
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  T0: number;
  TMult: number;
  etaMin: number;
  /** The length of this cycle, and the epochs of it that have passed. */
  TI: number;
  TCur: number;

  constructor(optimizer: Optimizer, T0: number, options?: Given<CosineAnnealingWarmRestartsOptions>) {
    const op = 'CosineAnnealingWarmRestarts';
    const { TMult, etaMin, ...rest } = readOptions(op, options, { ...SCHEDULER_DEFAULTS, TMult: 1, etaMin: 0 });
    super(optimizer, rest);
    checkPositiveInteger(op, 'T0', T0);
    checkPositiveInteger(op, 'TMult', TMult);
    this.T0 = T0;
    this.TMult = TMult;
    this.etaMin = etaMin;
    this.TI = T0;
    this.TCur = this.lastEpoch;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { etaMin } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * this.TCur) / this.TI))) / 2);
  }

  override step(epoch?: number): void {
    const target = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (target !== undefined) this.goTo(target);
    else this.goOn();
    this.stepCount++;
    this.setLr(this.getLr());
  }

  private goOn(): void {
    this.lastEpoch += 1;
    this.TCur += 1;
    if (this.TCur < this.TI) return;
    this.TCur -= this.TI;
    this.TI *= this.TMult;
  }

  private goTo(epoch: number): void {
    if (!(epoch >= 0))
      throw new ValueError(`CosineAnnealingWarmRestarts: expected an epoch of at least 0, got ${describe(epoch)}`);
    const { T0, TMult } = this;
    // After n cycles, T0 * (1 + TMult + ... + TMult^(n - 1)) epochs have passed.
    const cycles = TMult === 1 ? Math.floor(epoch / T0) : Math.floor(logarithm((epoch / T0) * (TMult - 1) + 1, TMult));
    const passed = TMult === 1 ? cycles * T0 : (T0 * (TMult ** cycles - 1)) / (TMult - 1);
    this.TI = T0 * TMult ** cycles;
    this.TCur = epoch - passed;
    this.lastEpoch = Math.floor(epoch);
  }
}

/** The rounding error of a quotient of logarithms must not lose a cycle that is just complete. */
function logarithm(x: number, base: number): number {
  const value = Math.log(x) / Math.log(base);
  const rounded = Math.round(value);
  return base ** rounded === x ? rounded : value;
}
