import { describe, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import { Module } from './module.js';
import { withFirst } from './options.js';
import { Buffer } from './parameter.js';
import { fields, pythonFloat } from './printing.js';
import { type Sizes, sizesOf } from './sizes.js';

/** What {@link MaxPool1d} and its like return, by their options. */
export type MaxPooled<O> = O extends { returnIndices: true } ? F.PoolResult : Tensor;

type MaxPoolFunction = (input: Tensor, kernelSize: Sizes, options: F.MaxPoolOptions) => Tensor | F.PoolResult;

const MAX_POOL: F.MaxPoolOptions = { stride: null, padding: 0, dilation: 1, ceilMode: false, returnIndices: false };

abstract class MaxPoolNd<const O extends F.MaxPoolOptions> extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly ceilMode: boolean;
  readonly returnIndices: boolean;

  constructor(kernelSize: Sizes, stride?: Sizes | O, options?: O) {
    super();
    const given = readOptions(new.target.name, withFirst('stride', stride, options), MAX_POOL);
    this.kernelSize = kernelSize;
    this.stride = given.stride ?? kernelSize;
    this.padding = given.padding as Sizes;
    this.dilation = given.dilation as Sizes;
    this.ceilMode = given.ceilMode as boolean;
    this.returnIndices = given.returnIndices as boolean;
  }

  protected pool(f: MaxPoolFunction, input: Tensor): MaxPooled<O> {
    const { kernelSize, stride, padding, dilation, ceilMode, returnIndices } = this;
    return f(input, kernelSize, { stride, padding, dilation, ceilMode, returnIndices }) as MaxPooled<O>;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return fields({ kernel_size: kernelSize, stride, padding, dilation, ceil_mode: ceilMode });
  }
}

/**
 * The maximum of each window: `new nn.MaxPool1d(3, { stride: 2 })`. With `returnIndices` the places of the maxima too.
 *
 * Shape: `[N, C, L]` or `[C, L]`; L becomes `floor((L + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`.
 *
 * @example new nn.MaxPool1d(2)(torch.tensor([[1, 3, 2, 4]])) // tensor([[3., 4.]])
 */
export class MaxPool1d<const O extends F.MaxPoolOptions = F.MaxPoolOptions> extends MaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.maxPool1d as MaxPoolFunction, input);
  }
}

/**
 * {@link MaxPool1d} over images: `new nn.MaxPool2d(2)`.
 *
 * @example new nn.MaxPool2d(2)(torch.tensor([[[1, 2], [3, 4]]])) // tensor([[[4.]]])
 */
export class MaxPool2d<const O extends F.MaxPoolOptions = F.MaxPoolOptions> extends MaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.maxPool2d as MaxPoolFunction, input);
  }
}

/**
 * {@link MaxPool1d} over volumes.
 *
 * @example new nn.MaxPool3d(2)(torch.ones([1, 2, 2, 2])) // tensor([[[[1.]]]])
 */
export class MaxPool3d<const O extends F.MaxPoolOptions = F.MaxPoolOptions> extends MaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.maxPool3d as MaxPoolFunction, input);
  }
}

const AVG_POOL: F.AvgPoolOptions = {
  stride: null,
  padding: 0,
  ceilMode: false,
  countIncludePad: true,
  divisorOverride: null,
};

abstract class AvgPoolNd extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(kernelSize: Sizes, stride?: Sizes | F.AvgPoolOptions, options?: F.AvgPoolOptions) {
    super();
    const given = readOptions(new.target.name, withFirst('stride', stride, options), AVG_POOL);
    this.kernelSize = kernelSize;
    this.stride = given.stride ?? kernelSize;
    this.padding = given.padding as Sizes;
    this.ceilMode = given.ceilMode as boolean;
    this.countIncludePad = given.countIncludePad as boolean;
    this.divisorOverride = given.divisorOverride ?? null;
  }

  override extraRepr(): string {
    return fields({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

/**
 * The average of each window; shapes as in {@link MaxPool1d}, without dilation.
 *
 * @example new nn.AvgPool1d(2)(torch.tensor([[1, 2, 3, 4]])) // tensor([[1.5000, 3.5000]])
 */
export class AvgPool1d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return F.avgPool1d(input, kernelSize, { stride, padding, ceilMode, countIncludePad });
  }

  override extraRepr(): string {
    const tuple = (name: string, sizes: Sizes): number[] => sizesOf('AvgPool1d', name, sizes, 1);
    return fields({
      kernel_size: tuple('kernelSize', this.kernelSize),
      stride: tuple('stride', this.stride),
      padding: tuple('padding', this.padding),
    });
  }
}

/**
 * {@link AvgPool1d} over images.
 *
 * @example new nn.AvgPool2d(2)(torch.tensor([[[1, 2], [3, 4]]])) // tensor([[[2.5000]]])
 */
export class AvgPool2d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool2d(input, kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }
}

/**
 * {@link AvgPool1d} over volumes.
 *
 * @example new nn.AvgPool3d(2)(torch.ones([1, 2, 2, 2])) // tensor([[[[1.]]]])
 */
export class AvgPool3d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool3d(input, kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }
}

abstract class AdaptivePool extends Module {
  readonly outputSize: F.OutputSizes;

  constructor(outputSize: F.OutputSizes) {
    super();
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return fields({ output_size: this.outputSize });
  }
}

/**
 * Averages of as many windows as the result is to have. Shape: `[N, C, L]` or `[C, L]`.
 *
 * @example new nn.AdaptiveAvgPool1d(2)(torch.tensor([[1, 2, 3, 4]])) // tensor([[1.5000, 3.5000]])
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/**
 * {@link AdaptiveAvgPool1d} over images: `new nn.AdaptiveAvgPool2d(1)`.
 *
 * @example new nn.AdaptiveAvgPool2d([3, 2])(torch.ones([1, 2, 6, 4])).shape // [1, 2, 3, 2]
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/**
 * {@link AdaptiveAvgPool1d} over volumes.
 *
 * @example new nn.AdaptiveAvgPool3d(2)(torch.ones([1, 2, 4, 4, 4])).shape // [1, 2, 2, 2, 2]
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

type IndicesOptions = F.AdaptiveMaxPoolOptions;

abstract class AdaptiveMaxPoolNd<const O extends IndicesOptions> extends AdaptivePool {
  readonly returnIndices: boolean;

  constructor(outputSize: F.OutputSizes, options?: O) {
    super(outputSize);
    this.returnIndices = readOptions<IndicesOptions>(new.target.name, options, { returnIndices: false })
      .returnIndices as boolean;
  }

  protected pool(
    f: (input: Tensor, outputSize: F.OutputSizes, options: IndicesOptions) => Tensor | F.PoolResult,
    input: Tensor,
  ): MaxPooled<O> {
    return f(input, this.outputSize, { returnIndices: this.returnIndices }) as MaxPooled<O>;
  }
}

/**
 * Maxima of as many windows as the result is to have. Shape: `[N, C, L]` or `[C, L]`.
 *
 * @example new nn.AdaptiveMaxPool1d(2)(torch.tensor([[1, 2, 3, 4]])) // tensor([[2., 4.]])
 */
export class AdaptiveMaxPool1d<const O extends IndicesOptions = IndicesOptions> extends AdaptiveMaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.adaptiveMaxPool1d, input);
  }
}

/**
 * {@link AdaptiveMaxPool1d} over images.
 *
 * @example new nn.AdaptiveMaxPool2d([3, 2])(torch.ones([1, 2, 6, 4])).shape // [1, 2, 3, 2]
 */
export class AdaptiveMaxPool2d<const O extends IndicesOptions = IndicesOptions> extends AdaptiveMaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.adaptiveMaxPool2d, input);
  }
}

/**
 * {@link AdaptiveMaxPool1d} over volumes.
 *
 * @example new nn.AdaptiveMaxPool3d(2)(torch.ones([1, 2, 4, 4, 4])).shape // [1, 2, 2, 2, 2]
 */
export class AdaptiveMaxPool3d<const O extends IndicesOptions = IndicesOptions> extends AdaptiveMaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.adaptiveMaxPool3d, input);
  }
}

export interface MaxUnpoolLayerOptions {
  stride?: Sizes | null | undefined;
  padding?: Sizes | undefined;
}

interface OutputSizeOptions {
  outputSize?: readonly number[] | null | undefined;
}

type MaxUnpoolFunction = (input: Tensor, indices: Tensor, kernelSize: Sizes, options: F.MaxUnpoolOptions) => Tensor;

abstract class MaxUnpoolNd extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];

  constructor(
    dims: number,
    kernelSize: Sizes,
    stride?: Sizes | MaxUnpoolLayerOptions,
    options?: MaxUnpoolLayerOptions,
  ) {
    super();
    const op = new.target.name;
    const defaults: MaxUnpoolLayerOptions = { stride: null, padding: 0 };
    const given = readOptions(op, withFirst('stride', stride, options), defaults);
    this.kernelSize = sizesOf(op, 'kernelSize', kernelSize, dims, 1);
    this.stride = given.stride ? sizesOf(op, 'stride', given.stride, dims, 1) : this.kernelSize;
    this.padding = sizesOf(op, 'padding', given.padding as Sizes, dims);
  }

  protected unpool(
    f: MaxUnpoolFunction,
    input: Tensor,
    indices: Tensor,
    first: readonly number[] | OutputSizeOptions | null | undefined,
  ): Tensor {
    const { kernelSize, stride, padding } = this;
    const defaults: OutputSizeOptions = { outputSize: null };
    const { outputSize } = readOptions(this.constructor.name, withFirst('outputSize', first ?? undefined), defaults);
    return f(input, indices, kernelSize, { stride, padding, outputSize });
  }

  override extraRepr(): string {
    return fields({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

/**
 * Puts the maxima of {@link MaxPool1d} back to their places, among zeros.
 *
 * @example new nn.MaxUnpool1d(2)(torch.tensor([[3, 4]]), torch.tensor([[1n, 3n]])) // tensor([[0., 3., 0., 4.]])
 */
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(kernelSize: Sizes, stride?: Sizes | MaxUnpoolLayerOptions, options?: MaxUnpoolLayerOptions) {
    super(1, kernelSize, stride, options);
  }

  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.unpool(F.maxUnpool1d, input, indices, outputSize);
  }
}

/**
 * {@link MaxUnpool1d} for images.
 *
 * @example new nn.MaxUnpool2d(2)(torch.tensor([[[4]]]), torch.tensor([[[3n]]])) // tensor([[[0., 0.], [0., 4.]]])
 */
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(kernelSize: Sizes, stride?: Sizes | MaxUnpoolLayerOptions, options?: MaxUnpoolLayerOptions) {
    super(2, kernelSize, stride, options);
  }

  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.unpool(F.maxUnpool2d, input, indices, outputSize);
  }
}

/**
 * {@link MaxUnpool1d} for volumes.
 *
 * @example new nn.MaxUnpool3d(2)(torch.tensor([[[[4]]]]), torch.tensor([[[[7n]]]])).flatten() // tensor([0., 0., 0., 0., 0., 0., 0., 4.])
 */
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(kernelSize: Sizes, stride?: Sizes | MaxUnpoolLayerOptions, options?: MaxUnpoolLayerOptions) {
    super(3, kernelSize, stride, options);
  }

  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.unpool(F.maxUnpool3d, input, indices, outputSize);
  }
}

abstract class LPPoolNd extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly ceilMode: boolean;

  constructor(normType: number, kernelSize: Sizes, options?: F.LpPoolOptions) {
    super();
    const given = readOptions<F.LpPoolOptions>(new.target.name, options, { stride: null, ceilMode: false });
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = given.stride ?? null;
    this.ceilMode = given.ceilMode as boolean;
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    const norm = Number.isInteger(normType) ? normType : pythonFloat(normType);
    return fields({ norm_type: norm, kernel_size: kernelSize, stride, ceil_mode: ceilMode });
  }
}

/**
 * `(sum of x^p)^(1/p)` of each window: `new nn.LPPool1d(2, 3)`.
 *
 * @example new nn.LPPool1d(2, 2)(torch.tensor([[3, 4, 6, 8]])) // tensor([[5., 10.]])
 */
export class LPPool1d extends LPPoolNd {
  override forward(input: Tensor): Tensor {
    return F.lpPool1d(input, this.normType, this.kernelSize, { stride: this.stride, ceilMode: this.ceilMode });
  }
}

/**
 * {@link LPPool1d} over images.
 *
 * @example new nn.LPPool2d(2, 2)(torch.ones([1, 2, 2])) // tensor([[[2.]]])
 */
export class LPPool2d extends LPPoolNd {
  override forward(input: Tensor): Tensor {
    return F.lpPool2d(input, this.normType, this.kernelSize, { stride: this.stride, ceilMode: this.ceilMode });
  }
}

abstract class FractionalMaxPoolNd<const O extends F.FractionalMaxPoolOptions> extends Module {
  readonly kernelSize: Sizes;
  readonly outputSize: Sizes | null;
  readonly outputRatio: number | readonly number[] | null;
  readonly returnIndices: boolean;
  readonly _randomSamples: Tensor | null;

  constructor(kernelSize: Sizes, options?: O) {
    super();
    const op = new.target.name;
    const given = readOptions<F.FractionalMaxPoolOptions>(op, options, {
      outputSize: null,
      outputRatio: null,
      returnIndices: false,
      _randomSamples: null,
    });
    const { outputSize = null, outputRatio = null } = given;
    if ((outputSize === null) === (outputRatio === null))
      throw new ValueError(`${op}: expected either outputSize or outputRatio`);
    const ratios = outputRatio === null ? [] : [outputRatio].flat();
    if (!ratios.every((ratio) => ratio > 0 && ratio < 1))
      throw new ValueError(`${op}: expected outputRatio between 0 and 1, got ${describe(outputRatio)}`);
    this.kernelSize = kernelSize;
    this.outputSize = outputSize;
    this.outputRatio = outputRatio;
    this.returnIndices = given.returnIndices === true;
    this._randomSamples = given._randomSamples ? new Buffer(given._randomSamples) : null;
  }

  protected pool(f: typeof F.fractionalMaxPool2d, input: Tensor): MaxPooled<O> {
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return f(input, kernelSize, { outputSize, outputRatio, returnIndices, _randomSamples }) as MaxPooled<O>;
  }

  static override stateName(property: string): string {
    return property === '_randomSamples' ? '_random_samples' : property;
  }
}

/**
 * {@link F.fractionalMaxPool2d} as a layer: `new nn.FractionalMaxPool2d(2, { outputRatio: 0.7 })`.
 *
 * @example new nn.FractionalMaxPool2d(2, { outputSize: 3 })(torch.ones([1, 6, 6])).shape // [1, 3, 3]
 */
export class FractionalMaxPool2d<
  const O extends F.FractionalMaxPoolOptions = F.FractionalMaxPoolOptions,
> extends FractionalMaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.fractionalMaxPool2d, input);
  }
}

/**
 * {@link F.fractionalMaxPool3d} as a layer.
 *
 * @example new nn.FractionalMaxPool3d(2, { outputSize: 3 })(torch.ones([1, 6, 6, 6])).shape // [1, 3, 3, 3]
 */
export class FractionalMaxPool3d<
  const O extends F.FractionalMaxPoolOptions = F.FractionalMaxPoolOptions,
> extends FractionalMaxPoolNd<O> {
  override forward(input: Tensor): MaxPooled<O> {
    return this.pool(F.fractionalMaxPool3d, input);
  }
}
