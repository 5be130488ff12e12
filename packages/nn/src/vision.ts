import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import { Module } from './module.js';
import { withFirst } from './options.js';
import { fields, pythonFloat } from './printing.js';
import type { Sizes } from './sizes.js';

/**
 * {@link F.pixelShuffle} as a layer.
 *
 * @example new nn.PixelShuffle(2)(torch.arange(4).reshape(1, 4, 1, 1)) // tensor([[[[0, 1], [2, 3]]]])
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return F.pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return fields({ upscale_factor: this.upscaleFactor });
  }
}

/**
 * {@link F.pixelUnshuffle} as a layer.
 *
 * @example new nn.PixelUnshuffle(2)(torch.arange(4).reshape(1, 1, 2, 2)).shape // [1, 4, 1, 1]
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return F.pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return fields({ downscale_factor: this.downscaleFactor });
  }
}

/**
 * {@link F.channelShuffle} as a layer.
 *
 * @example new nn.ChannelShuffle(2)(torch.arange(4).reshape(1, 4, 1, 1)).flatten() // tensor([0, 2, 1, 3])
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return F.channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return fields({ groups: this.groups });
  }
}

export interface UpsampleLayerOptions {
  size?: Sizes | null | undefined;
  scaleFactor?: number | readonly number[] | null | undefined;
  mode?: F.InterpolationMode | undefined;
  alignCorners?: boolean | null | undefined;
  recomputeScaleFactor?: boolean | null | undefined;
}

const UPSAMPLE: UpsampleLayerOptions = {
  size: null,
  scaleFactor: null,
  mode: 'nearest',
  alignCorners: null,
  recomputeScaleFactor: null,
};

/**
 * {@link F.interpolate} as a layer: `new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })`.
 *
 * @example new nn.Upsample({ scaleFactor: 2 })(torch.tensor([[[1, 2]]])) // tensor([[[1., 1., 2., 2.]]])
 */
export class Upsample extends Module {
  readonly size: Sizes | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: F.InterpolationMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(size?: Sizes | null | UpsampleLayerOptions, options?: UpsampleLayerOptions) {
    super();
    const given = readOptions<UpsampleLayerOptions>(
      new.target.name,
      withFirst('size', size ?? undefined, options),
      UPSAMPLE,
    );
    this.size = given.size ?? null;
    this.scaleFactor = given.scaleFactor ?? null;
    this.mode = given.mode as F.InterpolationMode;
    this.alignCorners = given.alignCorners ?? null;
    this.recomputeScaleFactor = given.recomputeScaleFactor ?? null;
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return F.interpolate(input, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    if (scaleFactor === null) return fields({ size, mode });
    const shown =
      typeof scaleFactor === 'number' ? pythonFloat(scaleFactor) : `(${scaleFactor.map(pythonFloat).join(', ')})`;
    return fields({ scale_factor: shown, mode });
  }
}

export interface FixedUpsampleOptions {
  size?: Sizes | null | undefined;
  scaleFactor?: number | readonly number[] | null | undefined;
}

/**
 * {@link Upsample} of images to the nearest pixel.
 *
 * @example new nn.UpsamplingNearest2d({ scaleFactor: 2 })(torch.tensor([[[[1, 2]]]])).shape // [1, 1, 2, 4]
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(size?: Sizes | null | FixedUpsampleOptions, options?: FixedUpsampleOptions) {
    super({ ...fixedOptions('UpsamplingNearest2d', size, options), mode: 'nearest' });
  }
}

/**
 * {@link Upsample} of images by bilinear interpolation, corners kept.
 *
 * @example new nn.UpsamplingBilinear2d({ size: [1, 3] })(torch.tensor([[[[1, 3]]]])) // tensor([[[[1., 2., 3.]]]])
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(size?: Sizes | null | FixedUpsampleOptions, options?: FixedUpsampleOptions) {
    super({ ...fixedOptions('UpsamplingBilinear2d', size, options), mode: 'bilinear', alignCorners: true });
  }
}

function fixedOptions(
  op: string,
  size: Sizes | null | FixedUpsampleOptions | undefined,
  options: FixedUpsampleOptions | undefined,
): FixedUpsampleOptions {
  const defaults: FixedUpsampleOptions = { size: null, scaleFactor: null };
  return readOptions<FixedUpsampleOptions>(op, withFirst('size', size ?? undefined, options), defaults);
}

const UNFOLD = { dilation: 1, padding: 0, stride: 1 };

/**
 * {@link F.unfold} as a layer: the windows of images as columns.
 *
 * @example new nn.Unfold(2)(torch.ones([1, 1, 3, 3])).shape // [1, 4, 4]
 */
export class Unfold extends Module {
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(kernelSize: Sizes, options?: F.UnfoldOptions) {
    super();
    const given = readOptions<F.UnfoldOptions>('Unfold', options, UNFOLD);
    this.kernelSize = kernelSize;
    this.dilation = given.dilation as Sizes;
    this.padding = given.padding as Sizes;
    this.stride = given.stride as Sizes;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, dilation, padding, stride } = this;
    return F.unfold(input, kernelSize, { dilation, padding, stride });
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return fields({ kernel_size: kernelSize, dilation, padding, stride });
  }
}

/**
 * {@link F.fold} as a layer: columns added up in images.
 *
 * @example new nn.Fold([2, 2], [2, 2])(torch.ones([1, 4, 1])) // tensor([[[[1., 1.], [1., 1.]]]])
 */
export class Fold extends Module {
  readonly outputSize: Sizes;
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(outputSize: Sizes, kernelSize: Sizes, options?: F.UnfoldOptions) {
    super();
    const given = readOptions<F.UnfoldOptions>('Fold', options, UNFOLD);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.dilation = given.dilation as Sizes;
    this.padding = given.padding as Sizes;
    this.stride = given.stride as Sizes;
  }

  override forward(input: Tensor): Tensor {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return F.fold(input, outputSize, kernelSize, { dilation, padding, stride });
  }

  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return fields({ output_size: outputSize, kernel_size: kernelSize, dilation, padding, stride });
  }
}
