import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { empty, ones, type Tensor, tensor, zeros } from '@ts-torch/tensor';
import { readOptions, type Shape, show } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import * as init from './init.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { withFirst } from './options.js';
import { Buffer, Parameter } from './parameter.js';
import { fields, pythonFloat } from './printing.js';
import { checkCount } from './sizes.js';

export interface BatchNormLayerOptions extends FactoryOptions {
  eps?: number | undefined;
  /** How far the running statistics follow each batch; `null` averages over all batches so far. */
  momentum?: number | null | undefined;
  /** Whether a weight and a bias for each channel are learned. */
  affine?: boolean | undefined;
  trackRunningStats?: boolean | undefined;
}

/** What batch and instance normalization share: their options, weight, bias and running statistics. */
abstract class RunningNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Buffer | null;
  runningVar: Buffer | null;
  numBatchesTracked: Buffer | null;

  static override stateName = Module.snakeCase;

  constructor(numFeatures: number, options: BatchNormLayerOptions | undefined, defaults: BatchNormLayerOptions) {
    super();
    const op = new.target.name;
    checkCount(op, 'numFeatures', numFeatures);
    const given = readOptions<BatchNormLayerOptions>(op, options, defaults);
    // readOptions takes undefined, but not null, for an option that is left out.
    const { dtype, device } = given;
    const factory = { dtype, device };
    this.numFeatures = numFeatures;
    this.eps = given.eps as number;
    this.momentum = given.momentum as number | null;
    this.affine = given.affine as boolean;
    this.trackRunningStats = given.trackRunningStats as boolean;
    this.weight = this.affine ? new Parameter(empty([numFeatures], factory)) : null;
    this.bias = this.affine ? new Parameter(empty([numFeatures], factory)) : null;
    const tracked = this.trackRunningStats;
    this.runningMean = tracked ? new Buffer(zeros([numFeatures], factory)) : null;
    this.runningVar = tracked ? new Buffer(ones([numFeatures], factory)) : null;
    this.numBatchesTracked = tracked ? new Buffer(tensor(0n, { device })) : null;
    this.resetParameters();
  }

  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    return `${numFeatures}, ${fields({ eps, momentum, affine, track_running_stats: trackRunningStats })}`;
  }

  protected requireDims(input: Tensor, ...counts: number[]): void {
    if (!counts.includes(input.ndim))
      throw new ShapeError(
        `${this.constructor.name}: expected an input of ${counts.join(' or ')} dimensions, got shape ${show(input.shape)}`,
      );
  }
}

const BATCH_NORM: BatchNormLayerOptions = {
  eps: 1e-5,
  momentum: 0.1,
  affine: true,
  trackRunningStats: true,
  ...FACTORY,
};

abstract class BatchNorm extends RunningNorm {
  constructor(numFeatures: number, options?: BatchNormLayerOptions) {
    super(numFeatures, options, BATCH_NORM);
  }

  protected normalize(input: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, eps } = this;
    const follows = this.training && this.trackRunningStats;
    const momentum = follows ? this.nextMomentum() : 0;
    // Without running statistics the batch's own are used in evaluation, too.
    const training = this.training || runningMean === null;
    const statistics =
      !this.training || this.trackRunningStats ? ([runningMean, runningVar] as const) : ([null, null] as const);
    return F.batchNorm(input, ...statistics, { weight, bias, training, momentum, eps });
  }

  /** Counts the batch; a momentum of `null` makes the running statistics plain means over all batches. */
  private nextMomentum(): number {
    this.numBatchesTracked?.add_(1);
    return this.momentum ?? 1 / Number(this.numBatchesTracked?.item());
  }
}

/**
 * Batch normalization (Ioffe & Szegedy 2015, arXiv:1502.03167): `(x - E[x]) / sqrt(Var[x] + eps) * weight + bias`, by channel; mean and
 * variance are the batch's in training, running ones in evaluation.
 *
 * Shape: `[N, C]` or `[N, C, L]`, and the same out.
 *
 * @example new nn.BatchNorm1d(1, { eps: 0, affine: false })(torch.tensor([[1], [3]])) // tensor([[-1.], [1.]])
 */
export class BatchNorm1d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.requireDims(input, 2, 3);
    return this.normalize(input);
  }
}

/**
 * {@link BatchNorm1d} of images: `[N, C, H, W]`.
 *
 * @example new nn.BatchNorm2d(3)(torch.ones([2, 3, 4, 4])).shape // [2, 3, 4, 4]
 */
export class BatchNorm2d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.requireDims(input, 4);
    return this.normalize(input);
  }
}

/**
 * {@link BatchNorm1d} of volumes: `[N, C, D, H, W]`.
 *
 * @example new nn.BatchNorm3d(3)(torch.ones([2, 3, 4, 4, 4])).shape // [2, 3, 4, 4, 4]
 */
export class BatchNorm3d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.requireDims(input, 5);
    return this.normalize(input);
  }
}

const INSTANCE_NORM: BatchNormLayerOptions = { ...BATCH_NORM, affine: false, trackRunningStats: false };

abstract class InstanceNorm extends RunningNorm {
  constructor(numFeatures: number, options?: BatchNormLayerOptions) {
    super(numFeatures, options, INSTANCE_NORM);
  }

  /** With a batch dimension or without. */
  protected normalize(input: Tensor, dims: number): Tensor {
    this.requireDims(input, dims + 1, dims + 2);
    const batched = input.ndim === dims + 2;
    const channels = input.shape[batched ? 1 : 0] as number;
    if (this.affine && channels !== this.numFeatures)
      throw new ShapeError(
        `${this.constructor.name}: expected ${this.numFeatures} channels, got shape ${show(input.shape)}`,
      );
    const { weight, bias, runningMean, runningVar, eps } = this;
    const result = F.instanceNorm(batched ? input : input.unsqueeze(0), {
      runningMean,
      runningVar,
      weight,
      bias,
      useInputStats: this.training || !this.trackRunningStats,
      momentum: this.momentum ?? 0,
      eps,
    });
    return batched ? result : result.squeeze(0);
  }
}

/**
 * Normalization of each channel of each sample (Ulyanov et al. 2016, arXiv:1607.08022). Shape: `[N, C, L]` or `[C, L]`.
 *
 * @example new nn.InstanceNorm1d(2, { eps: 0 })(torch.tensor([[[1, 3], [2, 6]]])) // tensor([[[-1., 1.], [-1., 1.]]])
 */
export class InstanceNorm1d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    return this.normalize(input, 1);
  }
}

/**
 * {@link InstanceNorm1d} of images: `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example new nn.InstanceNorm2d(3)(torch.ones([2, 3, 4, 4])).shape // [2, 3, 4, 4]
 */
export class InstanceNorm2d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    return this.normalize(input, 2);
  }
}

/**
 * {@link InstanceNorm1d} of volumes: `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @example new nn.InstanceNorm3d(3)(torch.ones([2, 3, 4, 4, 4])).shape // [2, 3, 4, 4, 4]
 */
export class InstanceNorm3d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    return this.normalize(input, 3);
  }
}

export interface LayerNormOptions extends FactoryOptions {
  eps?: number | undefined;
  /** Whether a weight and a bias for each element are learned. */
  elementwiseAffine?: boolean | undefined;
}

/**
 * Layer normalization (Ba et al. 2016, arXiv:1607.06450): `(x - E[x]) / sqrt(Var[x] + eps) * weight + bias`, mean and variance over
 * the last dimensions, those of `normalizedShape`.
 *
 * Shape: `[*, ...normalizedShape]`, and the same out. Throws {@link ShapeError} when the last dimensions differ.
 *
 * @example new nn.LayerNorm(2, { eps: 0, elementwiseAffine: false })(torch.tensor([[1, 3]])) // tensor([[-1., 1.]])
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | Shape, options?: LayerNormOptions) {
    super();
    const defaults: LayerNormOptions = { eps: 1e-5, elementwiseAffine: true, ...FACTORY };
    const { eps, elementwiseAffine, ...factory } = readOptions<LayerNormOptions>('LayerNorm', options, defaults);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps as number;
    this.elementwiseAffine = elementwiseAffine as boolean;
    this.weight = elementwiseAffine ? new Parameter(empty(this.normalizedShape, factory)) : null;
    this.bias = elementwiseAffine ? new Parameter(empty(this.normalizedShape, factory)) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return F.layerNorm(input, this.normalizedShape, { weight, bias, eps });
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `(${normalizedShape.join(', ')}${normalizedShape.length === 1 ? ',' : ''}), ${fields({ eps, elementwise_affine: elementwiseAffine })}`;
  }
}

export interface GroupNormOptions extends FactoryOptions {
  eps?: number | undefined;
  /** Whether a weight and a bias for each channel are learned. */
  affine?: boolean | undefined;
}

/**
 * Normalization of groups of channels of each sample (Wu & He 2018, arXiv:1803.08494). Shape: `[N, C, *]`, and the same out.
 *
 * @example new nn.GroupNorm(2, 4, { eps: 0, affine: false })(torch.tensor([[1, 3, 2, 6]])) // tensor([[-1., 1., -1., 1.]])
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, options?: GroupNormOptions) {
    super();
    checkCount('GroupNorm', 'numGroups', numGroups, 1);
    checkCount('GroupNorm', 'numChannels', numChannels);
    if (numChannels % numGroups !== 0)
      throw new ValueError(`GroupNorm: ${describe(numChannels)} channels cannot be divided into ${numGroups} groups`);
    const defaults: GroupNormOptions = { eps: 1e-5, affine: true, ...FACTORY };
    const { eps, affine, ...factory } = readOptions<GroupNormOptions>('GroupNorm', options, defaults);
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps as number;
    this.affine = affine as boolean;
    this.weight = affine ? new Parameter(empty([numChannels], factory)) : null;
    this.bias = affine ? new Parameter(empty([numChannels], factory)) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return F.groupNorm(input, this.numGroups, { weight, bias, eps });
  }

  override extraRepr(): string {
    const { numGroups, numChannels, eps, affine } = this;
    return `${numGroups}, ${numChannels}, ${fields({ eps, affine })}`;
  }
}

/**
 * {@link F.localResponseNorm} as a layer.
 *
 * @example new nn.LocalResponseNorm(2)(torch.ones([1, 2, 3])).shape // [1, 2, 3]
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, options?: F.LocalResponseNormOptions) {
    super();
    const { alpha, beta, k } = readOptions('LocalResponseNorm', options, { alpha: 1e-4, beta: 0.75, k: 1 });
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    const { size, alpha, beta, k } = this;
    return F.localResponseNorm(input, size, { alpha, beta, k });
  }

  override extraRepr(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, ${fields({ alpha, beta, k: pythonFloat(k) })}`;
  }
}

/**
 * {@link LocalResponseNorm} under its older name, for images only.
 *
 * @example new nn.CrossMapLRN2d(2)(torch.ones([1, 2, 3, 3])).shape // [1, 2, 3, 3]
 */
export class CrossMapLRN2d extends LocalResponseNorm {
  constructor(size: number, alpha?: number | F.LocalResponseNormOptions, options?: F.LocalResponseNormOptions) {
    super(size, withFirst('alpha', alpha, options) as F.LocalResponseNormOptions | undefined);
  }

  override forward(input: Tensor): Tensor {
    if (input.ndim !== 4) throw new ShapeError(`CrossMapLRN2d: expected [N, C, H, W], got shape ${show(input.shape)}`);
    return super.forward(input);
  }

  override extraRepr(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, ${fields({ alpha, beta, k })}`;
  }
}
