import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { empty, type Tensor } from '@ts-torch/tensor';
import { readOptions, show } from '@ts-torch/tensor/internal';
import { fans } from './fans.js';
import * as F from './functional/index.js';
import * as init from './init.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { checkWord, withFirst } from './options.js';
import { Parameter } from './parameter.js';
import { fields } from './printing.js';
import { checkCount, type Sizes, sizesOf } from './sizes.js';

/** How the border is filled before a convolution. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';
const PADDING_MODES = ['zeros', 'reflect', 'replicate', 'circular'] as const;

export interface ConvOptions extends FactoryOptions {
  stride?: Sizes | undefined;
  /** Elements added on both sides; 'same' keeps the size, 'valid' adds none. */
  padding?: Sizes | 'same' | 'valid' | undefined;
  dilation?: Sizes | undefined;
  /** Channels are convolved within groups of their own. */
  groups?: number | undefined;
  bias?: boolean | undefined;
  paddingMode?: PaddingMode | undefined;
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  padding?: Sizes | undefined;
  /** Elements added on one side of the result, where several input sizes give one output size. */
  outputPadding?: Sizes | undefined;
}

const CONV: ConvOptions = {
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: 'zeros',
  ...FACTORY,
};

/** Options with their defaults filled in. */
type Settings = {
  [K in keyof ConvOptions]-?: Exclude<ConvOptions[K], K extends keyof FactoryOptions ? never : undefined>;
} & {
  readonly outputPadding?: Sizes;
};

/** What all convolutions share: their geometry, weight and bias. */
abstract class ConvNd extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | 'same' | 'valid';
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    dims: number,
    transposed: boolean,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: Settings,
  ) {
    super();
    const op = this.constructor.name;
    const { stride, padding, dilation, outputPadding = 0, groups, bias, paddingMode, dtype, device } = options;
    checkCount(op, 'groups', groups, 1);
    for (const [name, channels] of Object.entries({ inChannels, outChannels })) {
      checkCount(op, name, channels);
      if (channels % groups !== 0)
        throw new ValueError(`${op}: ${name} ${channels} cannot be divided into ${groups} groups`);
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = sizesOf(op, 'kernelSize', kernelSize, dims, 1);
    this.stride = sizesOf(op, 'stride', stride, dims, 1);
    this.padding = typeof padding === 'string' ? padding : sizesOf(op, 'padding', padding, dims);
    this.dilation = sizesOf(op, 'dilation', dilation, dims, 1);
    this.outputPadding = sizesOf(op, 'outputPadding', outputPadding, dims);
    this.groups = groups;
    checkWord(op, 'paddingMode', paddingMode, transposed ? ['zeros'] : PADDING_MODES);
    this.paddingMode = paddingMode;
    if (typeof this.padding === 'string') {
      checkWord(op, 'padding', this.padding, ['same', 'valid']);
      if (this.padding === 'same' && this.stride.some((s) => s !== 1))
        throw new ValueError(`${op}: padding 'same' needs a stride of 1, got ${describe(this.stride)}`);
    }
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = new Parameter(empty([...channels, ...this.kernelSize], { dtype, device }));
    this.bias = bias ? new Parameter(empty([outChannels], { dtype, device })) : null;
    this.resetParameters();
  }

  /** Uniform in [-k, k], k = 1 / sqrt(fan in), for weight and bias. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const { fanIn } = fans('resetParameters', this.weight);
    if (fanIn === 0) return;
    const bound = 1 / Math.sqrt(fanIn);
    init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, outputPadding, groups, bias, paddingMode } =
      this;
    const differs = (sizes: readonly number[], usual: number): boolean => sizes.some((size) => size !== usual);
    const shown: Record<string, unknown> = { kernel_size: kernelSize, stride };
    if (typeof padding === 'string' || differs(padding, 0)) shown['padding'] = padding;
    if (differs(dilation, 1)) shown['dilation'] = dilation;
    if (differs(outputPadding, 0)) shown['output_padding'] = outputPadding;
    if (groups !== 1) shown['groups'] = groups;
    if (bias === null) shown['bias'] = false;
    if (paddingMode !== 'zeros') shown['padding_mode'] = paddingMode;
    return `${inChannels}, ${outChannels}, ${fields(shown)}`;
  }
}

type ConvFunction = (input: Tensor, weight: Tensor, options: F.ConvOptions) => Tensor;

abstract class Convolution extends ConvNd {
  constructor(dims: number, inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    const given = readOptions<ConvOptions>(new.target.name, options, CONV) as Settings;
    super(dims, false, inChannels, outChannels, kernelSize, given);
  }

  protected convolve(conv: ConvFunction, input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === 'zeros') return conv(input, weight, { bias, stride, padding, dilation, groups });
    const padded = F.pad(input, this.border(), { mode: paddingMode });
    return conv(padded, weight, { bias, stride, padding: 0, dilation, groups });
  }

  /** Elements to add, from the last dimension on, before and after: the order of {@link F.pad}. */
  private border(): number[] {
    const { padding, kernelSize, dilation } = this;
    const sides = kernelSize.map((size, d) => {
      if (padding === 'valid') return [0, 0];
      if (padding !== 'same') return [padding[d] as number, padding[d] as number];
      const total = (dilation[d] as number) * (size - 1);
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
    return sides.reverse().flat();
  }
}

/**
 * Convolution over one dimension: out[n, c] = bias[c] + sum over k of weight[c, k] * in[n, k], `*` being cross-correlation.
 *
 * Shape: `[N, inChannels, L]` or `[inChannels, L]` to `[N, outChannels, Lout]`,
 * `Lout = floor((L + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`.
 * The weight is `[outChannels, inChannels / groups, kernelSize]`.
 *
 * @example new nn.Conv1d(2, 4, 3)(torch.ones([1, 2, 10])).shape // [1, 4, 8]
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv1d, input);
  }
}

/**
 * Convolution over two dimensions: `[N, inChannels, H, W]` or without N; sizes as in {@link Conv1d}, for each dimension.
 *
 * @example new nn.Conv2d(3, 8, 3, { padding: 1 })(torch.ones([1, 3, 28, 28])).shape // [1, 8, 28, 28]
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv2d, input);
  }
}

/**
 * Convolution over three dimensions: `[N, inChannels, D, H, W]` or without N; sizes as in {@link Conv1d}, for each dimension.
 *
 * @example new nn.Conv3d(1, 2, 3)(torch.ones([1, 1, 5, 5, 5])).shape // [1, 2, 3, 3, 3]
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv3d, input);
  }
}

interface OutputSizeOptions {
  /** The spatial sizes wanted, where several are possible. */
  outputSize?: readonly number[] | null | undefined;
}

type ConvTransposeFunction = (input: Tensor, weight: Tensor, options: F.ConvTransposeOptions) => Tensor;

abstract class TransposedConvolution extends ConvNd {
  constructor(
    dims: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options?: ConvTransposeOptions,
  ) {
    const given = readOptions<object>(new.target.name, options, { ...CONV, outputPadding: 0 }) as Settings;
    super(dims, true, inChannels, outChannels, kernelSize, given);
  }

  protected convolve(
    conv: ConvTransposeFunction,
    input: Tensor,
    first: readonly number[] | OutputSizeOptions | null | undefined,
  ): Tensor {
    const { outputSize } = readOptions<OutputSizeOptions>(
      this.constructor.name,
      withFirst('outputSize', first ?? undefined),
      { outputSize: null },
    );
    const { weight, bias, stride, dilation, groups } = this;
    const padding = this.padding as readonly number[];
    const outputPadding = outputSize ? this.outputPaddingFor(input, outputSize) : this.outputPadding;
    return conv(input, weight, { bias, stride, padding, outputPadding, groups, dilation });
  }

  private outputPaddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const { kernelSize, stride, dilation } = this;
    const padding = this.padding as readonly number[];
    const dims = kernelSize.length;
    const wanted = outputSize.length > dims ? outputSize.slice(-dims) : outputSize;
    const at = (list: readonly number[], d: number): number => list[d] as number;
    const least = kernelSize.map(
      (size, d) =>
        (at(input.shape.slice(-dims), d) - 1) * at(stride, d) - 2 * at(padding, d) + at(dilation, d) * (size - 1) + 1,
    );
    const most = least.map((size, d) => size + at(stride, d) - 1);
    if (wanted.length !== dims || wanted.some((size, d) => size < at(least, d) || size > at(most, d)))
      throw new ShapeError(
        `${this.constructor.name}: expected outputSize from ${show(least)} to ${show(most)}, got ${describe(outputSize)}`,
      );
    return wanted.map((size, d) => size - at(least, d));
  }
}

/**
 * The transpose of a convolution over one dimension, by which gradients flow through {@link Conv1d}; also called fractionally-strided.
 *
 * Shape: `[N, inChannels, L]` or `[inChannels, L]` to `[N, outChannels, Lout]`,
 * `Lout = (L - 1) stride - 2 padding + dilation (kernelSize - 1) + outputPadding + 1`.
 * The weight is `[inChannels, outChannels / groups, kernelSize]`.
 *
 * @example new nn.ConvTranspose1d(2, 4, 2, { stride: 2 })(torch.ones([1, 2, 5])).shape // [1, 4, 10]
 */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.convolve(F.convTranspose1d, input, outputSize);
  }
}

/**
 * {@link ConvTranspose1d} over two dimensions: `[N, inChannels, H, W]` or without N.
 *
 * @example new nn.ConvTranspose2d(3, 8, 2, { stride: 2 })(torch.ones([1, 3, 7, 7])).shape // [1, 8, 14, 14]
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.convolve(F.convTranspose2d, input, outputSize);
  }
}

/**
 * {@link ConvTranspose1d} over three dimensions: `[N, inChannels, D, H, W]` or without N.
 *
 * @example new nn.ConvTranspose3d(1, 2, 2, { stride: 2 })(torch.ones([1, 1, 3, 3, 3])).shape // [1, 2, 6, 6, 6]
 */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[] | OutputSizeOptions | null): Tensor {
    return this.convolve(F.convTranspose3d, input, outputSize);
  }
}
