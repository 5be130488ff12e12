import { noGrad } from '@ts-torch/autograd';
import { type Device, describe, ValueError } from '@ts-torch/core';
import { full, stack, Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { Optimizer } from './optimizer.js';

export interface GradScalerOptions {
  /** The first scale. */
  initScale?: number | undefined;
  /** What the scale is multiplied by after `growthInterval` updates in a row without infinite gradients. */
  growthFactor?: number | undefined;
  /** What the scale is multiplied by after infinite gradients. */
  backoffFactor?: number | undefined;
  growthInterval?: number | undefined;
  /** `false` makes `step` call the optimizer's, and all else do nothing. */
  enabled?: boolean | undefined;
}

/** The state under PyTorch's names; without entries for a scaler that is not enabled. */
export interface GradScalerStateDict {
  scale?: number;
  growth_factor?: number;
  backoff_factor?: number;
  growth_interval?: number;
  _growth_tracker?: number;
}

/** A tensor, or lists of tensors within each other. */
type Outputs = Tensor | readonly Outputs[];

/** How far an optimizer is since the last update. */
interface Progress {
  readonly isFinite: () => boolean;
  hasStepped: boolean;
}

/**
 * Keeps gradients in the range of float16 (Micikevicius et al. 2018, arXiv:1710.03740): the loss is multiplied by a scale, and the gradients are divided by it before the
 * optimizer's step, which is left out where one of them is infinite or NaN. The scale shrinks then, and grows after many steps without. Only float16 needs
 * this: bfloat16 has the range of float32.
 *
 * Throws {@link ValueError} for options out of their range, and for calls that are missing or come twice between two updates.
 *
 * @example
 * const weight = torch.ones([2], { requiresGrad: true });
 * const optimizer = new optim.SGD([weight], { lr: 0.5 });
 * const scaler = new torch.amp.GradScaler();
 * scaler.scale(weight.sum()).backward();
 * scaler.step(optimizer);
 * scaler.update();
 * [weight.tolist(), scaler.getScale()] // [[0.5, 0.5], 65536]
 */
export class GradScaler {
  private currentScale: number;
  private growthFactor: number;
  private backoffFactor: number;
  private growthInterval: number;
  private growthTracker = 0;
  private hasScaled = false;
  private readonly enabled: boolean;
  private progress = new Map<Optimizer, Progress>();

  constructor(options?: GradScalerOptions) {
    const defaults = { initScale: 2 ** 16, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000, enabled: true };
    const given = readOptions('GradScaler', options, defaults);
    this.enabled = given.enabled;
    this.currentScale = checkScale('initScale', given.initScale);
    this.growthFactor = checkGrowthFactor(given.growthFactor);
    this.backoffFactor = checkBackoffFactor(given.backoffFactor);
    this.growthInterval = checkGrowthInterval(given.growthInterval);
  }

  /** A loss, or a list of them, times the scale; what is not float32 or float64 becomes float32. */
  scale<T extends Outputs>(outputs: T): T {
    if (!this.enabled) return outputs;
    const scaled = scaleAll(outputs, this.currentScale);
    this.hasScaled = true;
    return scaled as T;
  }

  /** Divides an optimizer's gradients by the scale: for clipping. `step` does it where this was not called. */
  unscale_(optimizer: Optimizer): void {
    if (!this.enabled) return;
    this.checkBefore('unscale_', optimizer);
    const progress = this.progress.get(optimizer);
    if (progress !== undefined)
      throw new ValueError(
        `GradScaler.unscale_: expected one call for each update, and before step; got ${progress.hasStepped ? 'one after step' : 'a second one'}`,
      );
    const isFinite = unscaleAll(parametersOf(optimizer), 1 / this.currentScale);
    this.progress.set(optimizer, { isFinite, hasStepped: false });
  }

  /** The optimizer's step by its gradients divided by the scale, unless one of them is infinite or NaN. */
  step(optimizer: Optimizer): undefined;
  step<Loss>(optimizer: Optimizer, closure: () => Loss): Loss | undefined;
  step<Loss>(optimizer: Optimizer, closure?: () => Loss): Loss | undefined {
    if (!this.enabled) return closure === undefined ? optimizer.step() : optimizer.step(closure);
    if (closure !== undefined)
      throw new ValueError('GradScaler.step: expected no closure: gradients that it computes would not be unscaled');
    this.checkBefore('step', optimizer);
    if (this.progress.get(optimizer)?.hasStepped)
      throw new ValueError('GradScaler.step: expected one step for each optimizer and update, got a second one');
    if (!this.progress.has(optimizer)) this.unscale_(optimizer);
    const progress = this.progress.get(optimizer) as Progress;
    progress.hasStepped = true;
    if (progress.isFinite()) optimizer.step();
    return undefined;
  }

  /** Changes the scale by what came of the steps, or to a number; to be called after the steps of all optimizers. */
  update(newScale?: number | Tensor | null): void {
    if (!this.enabled) return;
    if (newScale !== undefined && newScale !== null) {
      const value = newScale instanceof Tensor ? Number(newScale.item()) : newScale;
      this.currentScale = checkScale('newScale', value);
    } else this.follow();
    this.progress.clear();
  }

  private follow(): void {
    if (this.progress.size === 0)
      throw new ValueError('GradScaler.update: expected a step before it, or a new scale; got neither');
    const isFinite = [...this.progress.values()].every((progress) => progress.isFinite());
    this.growthTracker = isFinite ? this.growthTracker + 1 : 0;
    if (!isFinite) this.currentScale = Math.fround(this.currentScale * this.backoffFactor);
    if (this.growthTracker < this.growthInterval) return;
    const grown = Math.fround(this.currentScale * this.growthFactor);
    if (Number.isFinite(grown)) this.currentScale = grown;
    this.growthTracker = 0;
  }

  private checkBefore(method: string, optimizer: Optimizer): void {
    if (!(optimizer instanceof Optimizer))
      throw new ValueError(`GradScaler.${method}: expected an optimizer, got ${describe(optimizer)}`);
    if (!this.hasScaled)
      throw new ValueError(`GradScaler.${method}: expected gradients of a loss that went through scale, got none`);
  }

  /** The scale; 1 where the scaler is not enabled. */
  getScale(): number {
    return this.enabled ? this.currentScale : 1;
  }

  /** What the scale is multiplied by when it grows. */
  getGrowthFactor(): number {
    return this.growthFactor;
  }

  /** Changes what {@link GradScaler.getGrowthFactor} gives. */
  setGrowthFactor(newFactor: number): void {
    this.growthFactor = checkGrowthFactor(newFactor);
  }

  /** What the scale is multiplied by when it shrinks. */
  getBackoffFactor(): number {
    return this.backoffFactor;
  }

  /** Changes what {@link GradScaler.getBackoffFactor} gives. */
  setBackoffFactor(newFactor: number): void {
    this.backoffFactor = checkBackoffFactor(newFactor);
  }

  /** After how many updates in a row without infinite gradients the scale grows. */
  getGrowthInterval(): number {
    return this.growthInterval;
  }

  /** Changes what {@link GradScaler.getGrowthInterval} gives. */
  setGrowthInterval(newInterval: number): void {
    this.growthInterval = checkGrowthInterval(newInterval);
  }

  /** Whether it scales at all. */
  isEnabled(): boolean {
    return this.enabled;
  }

  /** The state under PyTorch's names; to be saved after `update`. */
  stateDict(): GradScalerStateDict {
    if (!this.enabled) return {};
    return {
      scale: this.currentScale,
      growth_factor: this.growthFactor,
      backoff_factor: this.backoffFactor,
      growth_interval: this.growthInterval,
      _growth_tracker: this.growthTracker,
    };
  }

  /** Takes over what {@link GradScaler.stateDict}, or PyTorch's `state_dict`, gave. */
  loadStateDict(stateDict: GradScalerStateDict): void {
    if (!this.enabled) return;
    if (typeof stateDict !== 'object' || stateDict === null || Object.keys(stateDict).length === 0)
      throw new ValueError(
        `GradScaler: expected the state of an enabled scaler { scale, ... }, got ${describe(stateDict)}`,
      );
    const tracker = stateDict._growth_tracker;
    if (!Number.isSafeInteger(tracker) || (tracker as number) < 0)
      throw new ValueError(`GradScaler: expected _growth_tracker to be an integer from 0, got ${describe(tracker)}`);
    const scale = checkScale('scale', stateDict.scale);
    const growthFactor = checkGrowthFactor(stateDict.growth_factor);
    const backoffFactor = checkBackoffFactor(stateDict.backoff_factor);
    const growthInterval = checkGrowthInterval(stateDict.growth_interval);
    Object.assign(this, { currentScale: scale, growthFactor, backoffFactor, growthInterval, growthTracker: tracker });
  }
}

function checkNumber(name: string, value: unknown, isRight: (n: number) => boolean, expected: string): number {
  if (typeof value !== 'number' || !isRight(value))
    throw new ValueError(`GradScaler: expected ${name} to be ${expected}, got ${describe(value)}`);
  return value;
}

const checkScale = (name: string, value: unknown): number =>
  checkNumber(name, value, (n) => n > 0 && Number.isFinite(n), 'a finite number above 0');
const checkGrowthFactor = (value: unknown): number =>
  checkNumber('growthFactor', value, (n) => n > 1 && Number.isFinite(n), 'a finite number above 1');
const checkBackoffFactor = (value: unknown): number =>
  checkNumber('backoffFactor', value, (n) => n > 0 && n < 1, 'between 0 and 1');
const checkGrowthInterval = (value: unknown): number =>
  checkNumber('growthInterval', value, (n) => Number.isSafeInteger(n) && n >= 1, 'an integer of at least 1');

function scaleAll(outputs: unknown, scale: number): unknown {
  if (outputs instanceof Tensor) {
    // Of as many dimensions as float32 needs to win in promotion: a scale of 2^16 has no float16.
    const shape = outputs.ndim === 0 ? [] : [1];
    return outputs.mul(full(shape, scale, { dtype: 'float32', device: outputs.device }));
  }
  if (Array.isArray(outputs)) return outputs.map((output) => scaleAll(output, scale));
  throw new ValueError(`GradScaler.scale: expected a tensor or a list of tensors, got ${describe(outputs)}`);
}

/** An optimizer's parameters that have a gradient. */
function parametersOf(optimizer: Optimizer): (Tensor & { grad: Tensor })[] {
  const all = optimizer.paramGroups.flatMap((group) => group.params);
  const parameters = all.filter((parameter): parameter is Tensor & { grad: Tensor } => parameter.grad !== null);
  if (parameters.length === 0)
    throw new ValueError('GradScaler: expected gradients of the optimizer, got none; call backward() first');
  if (parameters.some(({ grad }) => grad.dtype === 'float16'))
    throw new ValueError(
      'GradScaler: expected gradients of float32 or bfloat16, got float16: keep the parameters in float32, and use autocast',
    );
  return parameters;
}

/** Multiplies gradients. What it returns waits for the devices, and says whether all results are finite. */
function unscaleAll(parameters: readonly (Tensor & { grad: Tensor })[], factor: number): () => boolean {
  const flags = new Map<Device, Tensor[]>();
  noGrad(() => {
    for (const parameter of parameters) {
      parameter.grad.mul_(factor);
      const ofDevice = flags.get(parameter.device) ?? [];
      flags.set(parameter.device, [...ofDevice, parameter.grad.isfinite().all()]);
    }
  });
  let known: boolean | undefined;
  return () => {
    known ??= [...flags.values()].every((ofDevice) => Boolean(stack(ofDevice).all().item()));
    return known;
  };
}
