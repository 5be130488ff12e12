import { noGrad } from '@ts-torch/autograd';
import { type DeviceLike, describe, ValueError } from '@ts-torch/core';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, Buffer, Module } from '@ts-torch/nn';
import { Tensor, tensor } from '@ts-torch/tensor';
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

/**
 * Goes from the last rate to `swaLr`, and stays there; for weights averaged as in Izmailov et al. 2018, arXiv:1803.05407.
 *
 * @example
 * const optimizer = new optim.SGD([torch.ones([1])], { lr: 0.5 });
 * const scheduler = new optim.swaUtils.SWALR(optimizer, 0.1, { annealEpochs: 2, annealStrategy: 'linear' });
 * for (let epoch = 0; epoch < 3; epoch++) {
 *   optimizer.step();
 *   scheduler.step();
 * }
 * scheduler.getLastLr() // [0.1]
 */
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

export interface AveragedModelOptions {
  device: DeviceLike | null;
  /** The new average of a parameter from the old one, the parameter, and how many were averaged; their mean unless given. */
  avgFn: ((averaged: Tensor, current: Tensor, count: Tensor) => Tensor) | null;
  /** Average running statistics and the like, too. */
  useBuffers: boolean;
}

/**
 * A copy of a model whose parameters are the mean of those that the model had at each {@link updateParameters}: stochastic weight
 * averaging, Izmailov et al. 2018, arXiv:1803.05407.
 *
 * @example
 * const model = new nn.Linear(1, 1, { bias: false });
 * const averaged = new optim.swaUtils.AveragedModel(model);
 * for (const value of [1, 3]) {
 *   nn.init.constant_(model.weight, value);
 *   averaged.updateParameters(model);
 * }
 * averaged(torch.tensor([[10]])).item() // 20
 */
export class AveragedModel<M extends Module = Module> extends Module {
  static override stateName = Module.snakeCase;
  readonly module: M;
  readonly nAveraged: Buffer;
  private readonly avgFn: NonNullable<AveragedModelOptions['avgFn']>;
  private readonly useBuffers: boolean;

  constructor(model: M, options?: Given<AveragedModelOptions>) {
    super();
    const defaults: AveragedModelOptions = { device: null, avgFn: null, useBuffers: false };
    const { device, avgFn, useBuffers } = readOptions('AveragedModel', options, defaults);
    const copy = model.clone();
    this.module = device === null ? copy : copy.to(device);
    this.nAveraged = new Buffer(tensor(0n, { device: device ?? undefined }));
    this.avgFn = avgFn ?? ((averaged, current, count) => averaged.add(current.sub(averaged).div(count.add(1))));
    this.useBuffers = useBuffers;
  }

  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    return this.module.forward(...inputs) as ReturnType<M['forward']>;
  }

  /** Takes the model's parameters into the average. */
  updateParameters(model: M): void {
    const valuesOf = (module: Module): Tensor[] => [
      ...module.parameters(),
      ...(this.useBuffers ? module.buffers() : []),
    ];
    noGrad(() => {
      const current = valuesOf(model);
      for (const [i, averaged] of valuesOf(this.module).entries()) {
        const value = (current[i] as Tensor).detach().to(averaged.device);
        averaged.copy_(this.nAveraged.item() === 0 ? value : this.avgFn(averaged, value, this.nAveraged));
      }
      this.nAveraged.add_(1);
    });
  }
}

type BatchNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d;

/**
 * Computes the running statistics of a model's batch normalizations anew, as means over the batches.
 *
 * @example
 * const model = new nn.BatchNorm1d(1);
 * optim.swaUtils.updateBn([torch.tensor([[1], [3]]), torch.tensor([[5], [7]])], model);
 * model.runningMean // tensor([4.])
 */
export function updateBn(
  loader: Iterable<Tensor | readonly [Tensor, ...unknown[]]>,
  model: Module,
  options?: { device?: DeviceLike | null | undefined },
): void {
  const { device } = readOptions('updateBn', options, { device: null as DeviceLike | null | undefined });
  const norms = model
    .modules()
    .filter((module): module is BatchNorm =>
      [BatchNorm1d, BatchNorm2d, BatchNorm3d].some((kind) => module instanceof kind),
    );
  if (norms.length === 0) return;
  const before = norms.map(({ momentum }) => momentum);
  const wasTraining = model.training;
  model.train();
  try {
    for (const norm of norms) {
      norm.resetRunningStats();
      // Without a momentum the statistics are plain means.
      Object.assign(norm, { momentum: null });
    }
    noGrad(() => {
      for (const batch of loader) {
        const input = batch instanceof Tensor ? batch : batch[0];
        model.forward(device === null || device === undefined ? input : input.to(device));
      }
    });
  } finally {
    for (const [i, norm] of norms.entries()) Object.assign(norm, { momentum: before[i] });
    model.train(wasTraining);
  }
}
