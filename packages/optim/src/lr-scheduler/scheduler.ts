import { describe, ValueError } from '@ts-torch/core';
import { Optimizer } from '../optimizer.js';
import { toCamelCase, toSnakeCase } from '../state-dict.js';

/** What every scheduler's options may have. */
export interface SchedulerOptions {
  /** The epoch that training resumes after: -1 starts anew, and makes the groups' rates their `initialLr`. */
  lastEpoch: number;
  /** Print each new rate. */
  verbose: boolean;
}

export const SCHEDULER_DEFAULTS: SchedulerOptions = { lastEpoch: -1, verbose: false };

/** A group of parameters, as schedulers see it. */
export interface ScheduledGroup {
  lr: number;
  initialLr?: number;
  momentum?: number;
  betas?: readonly [number, number];
}

export function checkOptimizer(op: string, optimizer: unknown): asserts optimizer is Optimizer {
  if (!(optimizer instanceof Optimizer))
    throw new ValueError(`${op}: expected an optimizer, got ${describe(optimizer)}`);
}

/** One value for each group: a list of that length, or one for all. */
export function perGroup<T>(op: string, name: string, value: T | readonly T[], groups: readonly unknown[]): T[] {
  if (!Array.isArray(value)) return groups.map(() => value as T);
  if (value.length !== groups.length)
    throw new ValueError(`${op}: expected ${name} for ${groups.length} groups, got ${value.length}`);
  return [...value];
}

export function checkPositiveInteger(op: string, name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new ValueError(`${op}: expected ${name} to be an integer of at least 1, got ${describe(value)}`);
}

/** PyTorch's names, where they are not the snake case of ours. */
const PRIVATE_NAMES: Record<string, string> = { stepCount: '_step_count', lastLr: '_last_lr', T0: 'T_0' };
const OWN_NAMES = new Map(Object.entries(PRIVATE_NAMES).map(([own, saved]) => [saved, own]));

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['number', 'string', 'boolean'].includes(typeof value);
}

/** The numbers, flags and lists among an object's fields, under PyTorch's names. */
export function savePlainFields(self: object): Record<string, unknown> {
  const plain = Object.entries(self).filter(([, value]) => isPlain(value));
  return Object.fromEntries(
    plain.map(([name, value]) => [PRIVATE_NAMES[name] ?? toSnakeCase(name), Array.isArray(value) ? [...value] : value]),
  );
}

/** Takes over what {@link savePlainFields}, or PyTorch, saved; what the object has no field for is left out. */
export function loadPlainFields(self: object, saved: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(saved)) {
    const name = OWN_NAMES.get(key) ?? toCamelCase(key);
    if (name in self && isPlain(value) && isPlain(self[name as keyof object]))
      Object.assign(self, { [name]: Array.isArray(value) ? [...value] : value });
  }
}

/**
 * The base of the schedulers: each `step` sets the groups' learning rates to what {@link getLr} says. A subclass sets its
 * fields in its constructor, and ends it with `this.initialStep()`.
 */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  baseLrs: number[];
  lastEpoch: number;
  verbose: boolean;
  protected stepCount = 0;
  protected lastLr: number[] = [];

  constructor(optimizer: Optimizer, { lastEpoch, verbose }: SchedulerOptions = SCHEDULER_DEFAULTS) {
    const op = this.constructor.name;
    checkOptimizer(op, optimizer);
    this.optimizer = optimizer;
    this.baseLrs = this.groups.map((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      if (group.initialLr === undefined)
        throw new ValueError(`${op}: expected group ${i} to have an initialLr to resume from epoch ${lastEpoch}`);
      return group.initialLr;
    });
    this.lastEpoch = lastEpoch;
    this.verbose = verbose;
  }

  protected get groups(): ScheduledGroup[] {
    return this.optimizer.paramGroups;
  }

  /** The groups' learning rates now, each multiplied by a factor. */
  protected scaled(factor = 1): number[] {
    return this.groups.map(({ lr }) => lr * factor);
  }

  /** @internal sets the rates of the first epoch; SequentialLR starts its first scheduler again */
  initialStep(): void {
    this.optimizer.stepCount = 0;
    this.stepCount = 0;
    this.step();
  }

  /** The groups' learning rates for epoch `lastEpoch`, usually computed from the last ones, so that schedulers can be chained. */
  protected abstract getLr(): number[];

  /** The same from the epoch alone, for `step(epoch)`. */
  protected getClosedFormLr(): number[] {
    return this.getLr();
  }

  /** Goes on to the next epoch, or to the given one. To be called after the optimizer's `step`. */
  step(epoch?: number): void {
    if (this.stepCount === 1 && this.optimizer.stepCount < 1)
      process.emitWarning(
        `${this.constructor.name}: step() was called before the optimizer's step(): the first learning rate is skipped`,
      );
    this.stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setLr(epoch === undefined ? this.getLr() : this.getClosedFormLr());
  }

  protected setLr(lrs: readonly number[]): void {
    for (const [i, group] of this.groups.entries()) {
      group.lr = lrs[i] as number;
      if (this.verbose)
        console.log(`Epoch ${this.lastEpoch}: learning rate of group ${i} set to ${group.lr.toExponential(4)}.`);
    }
    this.lastLr = this.scaled();
  }

  /** The learning rates that the last step set. */
  getLastLr(): number[] {
    return this.lastLr;
  }

  /** What is needed to go on from here, in PyTorch's structure. Functions are not saved. */
  stateDict(): Record<string, unknown> {
    return savePlainFields(this);
  }

  loadStateDict(stateDict: Record<string, unknown>): void {
    loadPlainFields(this, stateDict);
  }
}
