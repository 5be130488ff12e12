import { describe, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import type { Given, Optimizer } from '../optimizer.js';
import { checkRanges } from '../ranges.js';
import {
  checkOptimizer,
  checkPositiveInteger,
  LRScheduler,
  perGroup,
  SCHEDULER_DEFAULTS,
  type ScheduledGroup,
  type SchedulerOptions,
} from './scheduler.js';

export interface CyclicLROptions extends SchedulerOptions {
  /** Steps from the low rate to the high one. */
  stepSizeUp: number;
  /** And back; as many unless given. */
  stepSizeDown: number | null;
  /** How the height of the cycles changes: not at all, halved each time, or by `gamma` at each step. */
  mode: 'triangular' | 'triangular2' | 'exp_range';
  gamma: number;
  /** The height as a function of one's own, in place of `mode`. */
  scaleFn: ((x: number) => number) | null;
  /** Whether `scaleFn` gets the number of the cycle, from 1, or that of the step. */
  scaleMode: 'cycle' | 'iterations';
  /** Move the momentum against the rate. */
  cycleMomentum: boolean;
  baseMomentum: number | readonly number[];
  maxMomentum: number | readonly number[];
}

const CYCLIC_DEFAULTS: CyclicLROptions = {
  ...SCHEDULER_DEFAULTS,
  stepSizeUp: 2000,
  stepSizeDown: null,
  mode: 'triangular',
  gamma: 1,
  scaleFn: null,
  scaleMode: 'cycle',
  cycleMomentum: true,
  baseMomentum: 0.8,
  maxMomentum: 0.9,
};

/** Height of a cycle as a function of its number (`cycle`) or of the step's. */
const SCALES: Record<string, { scaleMode: 'cycle' | 'iterations'; scale: (x: number, gamma: number) => number }> = {
  triangular: { scaleMode: 'cycle', scale: () => 1 },
  triangular2: { scaleMode: 'cycle', scale: (cycle) => 1 / 2 ** (cycle - 1) },
  exp_range: { scaleMode: 'iterations', scale: (step, gamma) => gamma ** step },
};

/**
 * The rate goes up and down between `baseLr` and `maxLr`; one step a batch. Smith 2017, arXiv:1506.01186.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.CyclicLR(sgd, 1, 3, { stepSizeUp: 2, cycleMomentum: false });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates // [1, 2, 3, 2]
 */
export class CyclicLR extends LRScheduler {
  maxLrs: number[];
  totalSize: number;
  stepRatio: number;
  mode: string;
  gamma: number;
  scaleMode: 'cycle' | 'iterations';
  cycleMomentum: boolean;
  baseMomentums: number[];
  maxMomentums: number[];
  private readonly scaleFn: (x: number) => number;

  constructor(
    optimizer: Optimizer,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options?: Given<CyclicLROptions>,
  ) {
    const given = readOptions('CyclicLR', options, CYCLIC_DEFAULTS);
    checkOptimizer('CyclicLR', optimizer);
    const groups: ScheduledGroup[] = optimizer.paramGroups;
    const baseLrs = perGroup('CyclicLR', 'baseLr', baseLr, groups);
    const fresh = given.lastEpoch === -1;
    for (const [i, group] of groups.entries()) if (fresh) group.lr = baseLrs[i] as number;
    super(optimizer, given);
    this.maxLrs = perGroup('CyclicLR', 'maxLr', maxLr, groups);
    const down = given.stepSizeDown ?? given.stepSizeUp;
    this.totalSize = given.stepSizeUp + down;
    this.stepRatio = given.stepSizeUp / this.totalSize;
    const scale = SCALES[given.mode];
    if (scale === undefined && given.scaleFn === null)
      throw new ValueError(
        `CyclicLR: expected mode to be one of ${Object.keys(SCALES).join(', ')}, got ${describe(given.mode)}`,
      );
    this.mode = given.mode;
    this.gamma = given.gamma;
    this.scaleMode = given.scaleFn === null ? (scale?.scaleMode ?? 'cycle') : given.scaleMode;
    this.scaleFn = given.scaleFn ?? ((x) => scale?.scale(x, this.gamma) ?? 1);
    this.cycleMomentum = given.cycleMomentum;
    if (given.cycleMomentum && !('momentum' in optimizer.defaults))
      throw new ValueError('CyclicLR: cycleMomentum expects an optimizer with momentum; set it to false for others');
    this.baseMomentums = perGroup('CyclicLR', 'baseMomentum', given.baseMomentum, groups);
    this.maxMomentums = perGroup('CyclicLR', 'maxMomentum', given.maxMomentum, groups);
    for (const [i, group] of groups.entries())
      if (fresh && given.cycleMomentum) group.momentum = this.baseMomentums[i] as number;
    this.initialStep();
    this.baseLrs = baseLrs;
  }

  protected override getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const scale = height * this.scaleFn(this.scaleMode === 'cycle' ? cycle : lastEpoch);
    if (this.cycleMomentum)
      for (const [i, group] of this.groups.entries()) {
        const max = this.maxMomentums[i] as number;
        group.momentum = max - (max - (this.baseMomentums[i] as number)) * scale;
      }
    return this.baseLrs.map((lr, i) => lr + ((this.maxLrs[i] as number) - lr) * scale);
  }
}

export interface OneCycleLROptions extends SchedulerOptions {
  /** Steps of the cycle; or `epochs` times `stepsPerEpoch`. */
  totalSteps: number | null;
  epochs: number | null;
  stepsPerEpoch: number | null;
  /** The part of the cycle in which the rate rises. */
  pctStart: number;
  annealStrategy: 'cos' | 'linear';
  /** Move the momentum, or the first of `betas`, against the rate. */
  cycleMomentum: boolean;
  baseMomentum: number | readonly number[];
  maxMomentum: number | readonly number[];
  /** The first rate is the highest one divided by this. */
  divFactor: number;
  /** The last rate is the first one divided by this. */
  finalDivFactor: number;
  /** Come down to the first rate as slowly as the rise was, then go on to the last one. */
  threePhase: boolean;
}

const ONE_CYCLE_DEFAULTS: OneCycleLROptions = {
  ...SCHEDULER_DEFAULTS,
  totalSteps: null,
  epochs: null,
  stepsPerEpoch: null,
  pctStart: 0.3,
  annealStrategy: 'cos',
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
};

type Level = 'initial' | 'max' | 'min';

/** A part of the cycle: from one level of the rate to another; the momentum goes between `low` and `high`. */
interface Phase {
  readonly end: number;
  readonly lr: readonly [Level, Level];
  readonly momentum: readonly ['low' | 'high', 'low' | 'high'];
}

function phasesOf(totalSteps: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = { end: pctStart * totalSteps - 1, lr: ['initial', 'max'], momentum: ['high', 'low'] };
  if (!threePhase) return [rise, { end: totalSteps - 1, lr: ['max', 'min'], momentum: ['low', 'high'] }];
  return [
    rise,
    { end: 2 * pctStart * totalSteps - 2, lr: ['max', 'initial'], momentum: ['low', 'high'] },
    { end: totalSteps - 1, lr: ['initial', 'min'], momentum: ['high', 'high'] },
  ];
}

const ANNEALING = {
  cos: (from: number, to: number, progress: number): number =>
    to + ((from - to) / 2) * (Math.cos(Math.PI * progress) + 1),
  linear: (from: number, to: number, progress: number): number => (to - from) * progress + from,
};

function totalStepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== null && totalSteps !== undefined) {
    checkPositiveInteger('OneCycleLR', 'totalSteps', totalSteps);
    return totalSteps;
  }
  checkPositiveInteger('OneCycleLR', 'epochs (without totalSteps)', epochs);
  checkPositiveInteger('OneCycleLR', 'stepsPerEpoch (without totalSteps)', stepsPerEpoch);
  return (epochs as number) * (stepsPerEpoch as number);
}

/**
 * The rate goes up to `maxLr` once, then down to almost nothing; one step a batch. Smith & Topin 2018, arXiv:1708.07120.
 *
 * @example
 * const sgd = new optim.SGD([new nn.Parameter(torch.ones([1]))], { lr: 1 });
 * const schedule = new optim.lrScheduler.OneCycleLR(sgd, 1, { totalSteps: 5, cycleMomentum: false, annealStrategy: 'linear' });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   sgd.step();
 *   rates.push(schedule.getLastLr()[0]);
 *   schedule.step();
 * }
 * rates.map((rate = 0) => rate.toFixed(2)) // ['0.04', '0.86', '0.57', '0.29']
 */
export class OneCycleLR extends LRScheduler {
  totalSteps: number;
  cycleMomentum: boolean;
  private readonly phases: Phase[];
  private readonly anneal: (from: number, to: number, progress: number) => number;
  private readonly levels: Record<Level, number>[];
  private readonly momenta: Record<'low' | 'high', number>[];

  constructor(optimizer: Optimizer, maxLr: number | readonly number[], options?: Given<OneCycleLROptions>) {
    const given = readOptions('OneCycleLR', options, ONE_CYCLE_DEFAULTS);
    checkOptimizer('OneCycleLR', optimizer);
    const groups: ScheduledGroup[] = optimizer.paramGroups;
    const totalSteps = totalStepsOf(given);
    checkRanges('OneCycleLR', given as { pctStart: number }, { pctStart: '[0, 1]' });
    const anneal = ANNEALING[given.annealStrategy];
    if (anneal === undefined)
      throw new ValueError(
        `OneCycleLR: expected annealStrategy to be 'cos' or 'linear', got ${describe(given.annealStrategy)}`,
      );
    if (given.cycleMomentum && !('momentum' in optimizer.defaults) && !('betas' in optimizer.defaults))
      throw new ValueError(
        'OneCycleLR: cycleMomentum expects an optimizer with momentum or betas; set it to false for others',
      );
    const levels = perGroup('OneCycleLR', 'maxLr', maxLr, groups).map((max): Record<Level, number> => {
      const initial = max / given.divFactor;
      return { initial, max, min: initial / given.finalDivFactor };
    });
    if (given.lastEpoch === -1)
      for (const [i, group] of groups.entries()) group.initialLr = levels[i]?.initial as number;
    super(optimizer, given);
    const low = perGroup('OneCycleLR', 'baseMomentum', given.baseMomentum, groups);
    const high = perGroup('OneCycleLR', 'maxMomentum', given.maxMomentum, groups);
    this.momenta = low.map((value, i) => ({ low: value, high: high[i] as number }));
    this.totalSteps = totalSteps;
    this.cycleMomentum = given.cycleMomentum;
    this.phases = phasesOf(totalSteps, given.pctStart, given.threePhase);
    this.anneal = anneal;
    this.levels = levels;
    this.initialStep();
  }

  protected override getLr(): number[] {
    const { lastEpoch, totalSteps, phases, anneal } = this;
    if (lastEpoch > totalSteps)
      throw new ValueError(`OneCycleLR: expected at most ${totalSteps} steps, got step ${lastEpoch + 1}`);
    const found = phases.findIndex(({ end }) => lastEpoch <= end);
    const at = found === -1 ? phases.length - 1 : found;
    const { end, lr, momentum } = phases[at] as Phase;
    const start = phases[at - 1]?.end ?? 0;
    const progress = (lastEpoch - start) / (end - start);
    if (this.cycleMomentum)
      for (const [i, group] of this.groups.entries()) {
        const ends = this.momenta[i] as Record<'low' | 'high', number>;
        setMomentum(group, anneal(ends[momentum[0]], ends[momentum[1]], progress));
      }
    return this.levels.map((level) => anneal(level[lr[0]], level[lr[1]], progress));
  }
}

function setMomentum(group: ScheduledGroup, value: number): void {
  if (group.betas === undefined) group.momentum = value;
  else group.betas = [value, group.betas[1]];
}
