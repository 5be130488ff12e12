import { DTypeError, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import {
  type ConvolutionSettings,
  castable,
  checkTensor,
  convolutionPrimitives,
  interpolationPrimitives,
  readOptions,
  show,
} from '@ts-torch/tensor/internal';
import { checkCount, type Sizes, sizesOf } from '../sizes.js';

const { convolution, inputGrad } = convolutionPrimitives;

export interface ConvOptions {
  /** `[outChannels]`, added to the result. */
  bias?: Tensor | null | undefined;
  stride?: Sizes | undefined;
  /** Zeros added on both sides; 'same' keeps the size (with stride 1), 'valid' adds none. */
  padding?: Sizes | 'same' | 'valid' | undefined;
  dilation?: Sizes | undefined;
  /** Channels are convolved within groups of their own. */
  groups?: number | undefined;
}

export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  padding?: Sizes | undefined;
  /** Elements added on one side of the result, where several input sizes give one output size. */
  outputPadding?: Sizes | undefined;
}

/** Checks dtypes and dimensions; an input without a batch gets one. */
function batched(op: string, input: Tensor, weight: Tensor, bias: Tensor | null, dims: number): Tensor {
  checkTensor(op, input, 'input');
  checkTensor(op, weight, 'weight');
  if (bias !== null) checkTensor(op, bias, 'bias');
  if (weight.shape.length !== dims + 2)
    throw new ShapeError(`${op}: expected a weight of ${dims + 2} dimensions, got ${show(weight.shape)}`);
  if (input.shape.length !== dims + 1 && input.shape.length !== dims + 2)
    throw new ShapeError(`${op}: expected an input of ${dims + 1} or ${dims + 2} dimensions, got ${show(input.shape)}`);
  for (const [name, tensor] of [['weight', weight] as const, ['bias', bias] as const]) {
    if (tensor !== null && tensor.dtypeInfo !== input.dtypeInfo)
      throw new DTypeError(
        `${op}: expected tensors of one dtype, got an input of ${input.dtype} and a ${name} of ${tensor.dtype}`,
      );
  }
  return input.shape.length === dims + 1 ? input.unsqueeze(0) : input;
}

function checkChannels(op: string, channels: number, expected: number, input: Tensor, weight: Tensor): void {
  if (channels !== expected)
    throw new ShapeError(
      `${op}: an input of ${show(input.shape)} has ${channels} channels, a weight of ${show(weight.shape)} wants ${expected}`,
    );
}

function checkBias(op: string, bias: Tensor | null, channels: number): void {
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== channels))
    throw new ShapeError(`${op}: expected a bias of [${channels}], got ${show(bias.shape)}`);
}

function checkGroups(op: string, groups: unknown, weight: Tensor): asserts groups is number {
  checkCount(op, 'groups', groups, 1);
  if ((weight.shape[0] as number) % groups !== 0)
    throw new ShapeError(
      `${op}: expected the first size of the weight, ${show(weight.shape)}, to be divisible by ${groups} groups`,
    );
}

/**
 * The padding on both sides. With 'same', what the windows reach over is shared out, the odd element at the end; padding by the
 * larger half on both sides makes one output too many, at the start, which `dropped` counts.
 */
function paddingOf(
  op: string,
  padding: Sizes | 'same' | 'valid',
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): { padding: number[]; dropped: number[] } {
  const none = kernel.map(() => 0);
  if (padding === 'valid') return { padding: none, dropped: none };
  if (padding !== 'same') return { padding: sizesOf(op, 'padding', padding, kernel.length), dropped: none };
  if (stride.some((step) => step !== 1))
    throw new ValueError(`${op}: padding 'same' needs a stride of 1, got ${show(stride)}`);
  const reach = kernel.map((size, d) => (dilation[d] as number) * (size - 1));
  return { padding: reach.map((n) => Math.ceil(n / 2)), dropped: reach.map((n) => n % 2) };
}

function outputSizes(
  op: string,
  input: Tensor,
  weight: Tensor,
  { stride, padding, dilation }: ConvolutionSettings,
): number[] {
  const kernel = weight.shape.slice(2);
  return kernel.map((size, d) => {
    const padded = (input.shape[d + 2] as number) + 2 * (padding[d] as number);
    const reach = (dilation[d] as number) * (size - 1) + 1;
    if (size < 1) throw new ShapeError(`${op}: expected a kernel of at least 1, got ${show(kernel)}`);
    if (padded < reach)
      throw new ShapeError(
        `${op}: the padded input's size ${padded} in spatial dimension ${d} is smaller than the kernel's reach, ${reach}`,
      );
    return Math.floor((padded - reach) / (stride[d] as number)) + 1;
  });
}

function convNd(op: string, dims: number, input: Tensor, weight: Tensor, options: ConvOptions | undefined): Tensor {
  const given = readOptions<ConvOptions>(op, options, { bias: null, stride: 1, padding: 0, dilation: 1, groups: 1 });
  const bias = given.bias ?? null;
  const images = batched(op, input, weight, bias, dims);
  const groups = given.groups ?? 1;
  checkGroups(op, groups, weight);
  checkChannels(op, images.shape[1] as number, (weight.shape[1] as number) * groups, input, weight);
  checkBias(op, bias, weight.shape[0] as number);
  const stride = sizesOf(op, 'stride', given.stride ?? 1, dims, 1);
  const dilation = sizesOf(op, 'dilation', given.dilation ?? 1, dims, 1);
  const { padding, dropped } = paddingOf(op, given.padding ?? 0, weight.shape.slice(2), stride, dilation);
  const settings = { stride, padding, dilation, groups };
  let result = convolution(images, weight, bias, outputSizes(op, images, weight, settings), settings);
  dropped.forEach((count, d) => {
    if (count > 0) result = result.narrow(d + 2, count, (result.shape[d + 2] as number) - count);
  });
  return images === input ? result : result.squeeze(0);
}

/**
 * Convolution over signals (cross-correlation, strictly: the kernel is not flipped).
 *
 * Shape: input `[N, C, L]` or `[C, L]`, weight `[out, C / groups, K]`; result `[N, out, floor((L + 2 padding - dilation (K - 1) - 1) / stride) + 1]`.
 *
 * @example F.conv1d(torch.tensor([[[1, 2, 3, 4]]]), torch.tensor([[[1, -1]]])) // tensor([[[-1., -1., -1.]]])
 */
export const conv1d = castable('conv1d', (input: Tensor, weight: Tensor, options?: ConvOptions): Tensor => {
  return convNd('conv1d', 1, input, weight, options);
});
/**
 * {@link conv1d} over images: input `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example F.conv2d(torch.ones([1, 1, 3, 3]), torch.ones([1, 1, 2, 2]), { padding: 1 }).shape // [1, 1, 4, 4]
 */
export const conv2d = castable('conv2d', (input: Tensor, weight: Tensor, options?: ConvOptions): Tensor => {
  return convNd('conv2d', 2, input, weight, options);
});
/**
 * {@link conv1d} over volumes: input `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @example F.conv3d(torch.ones([1, 1, 3, 3, 3]), torch.ones([2, 1, 2, 2, 2])).shape // [1, 2, 2, 2, 2]
 */
export const conv3d = castable('conv3d', (input: Tensor, weight: Tensor, options?: ConvOptions): Tensor => {
  return convNd('conv3d', 3, input, weight, options);
});

function convTransposeNd(
  op: string,
  dims: number,
  input: Tensor,
  weight: Tensor,
  options: ConvTransposeOptions | undefined,
): Tensor {
  const given = readOptions<ConvTransposeOptions>(op, options, {
    bias: null,
    stride: 1,
    padding: 0,
    outputPadding: 0,
    groups: 1,
    dilation: 1,
  });
  const bias = given.bias ?? null;
  const images = batched(op, input, weight, bias, dims);
  const groups = given.groups ?? 1;
  checkGroups(op, groups, weight);
  checkChannels(op, images.shape[1] as number, weight.shape[0] as number, input, weight);
  const channels = (weight.shape[1] as number) * groups;
  checkBias(op, bias, channels);
  const stride = sizesOf(op, 'stride', given.stride ?? 1, dims, 1);
  const dilation = sizesOf(op, 'dilation', given.dilation ?? 1, dims, 1);
  const padding = sizesOf(op, 'padding', given.padding ?? 0, dims);
  const outputPadding = sizesOf(op, 'outputPadding', given.outputPadding ?? 0, dims);
  const sizes = stride.map((step, d) => {
    const extra = outputPadding[d] as number;
    if (extra >= Math.max(step, dilation[d] as number))
      throw new ValueError(`${op}: expected outputPadding below stride or dilation, got ${show(outputPadding)}`);
    const reach = (dilation[d] as number) * ((weight.shape[d + 2] as number) - 1);
    const size = ((images.shape[d + 2] as number) - 1) * step - 2 * (padding[d] as number) + reach + extra + 1;
    if (size < 1) throw new ShapeError(`${op}: the result would have size ${size} in spatial dimension ${d}`);
    return size;
  });
  const result = inputGrad(images, weight, [images.shape[0] as number, channels, ...sizes], {
    stride,
    padding,
    dilation,
    groups,
  });
  const shifted = bias === null ? result : result.add(bias.reshape([channels, ...sizes.map(() => 1)]));
  return images === input ? shifted : shifted.squeeze(0);
}

/**
 * The transpose of a convolution (its gradient by the input) over signals.
 *
 * Shape: input `[N, C, L]` or `[C, L]`, weight `[C, out / groups, K]`; result
 * `[N, out, (L - 1) stride - 2 padding + dilation (K - 1) + outputPadding + 1]`.
 *
 * @example F.convTranspose1d(torch.tensor([[[1, 2]]]), torch.tensor([[[1, 1]]]), { stride: 2 }) // tensor([[[1., 1., 2., 2.]]])
 */
export const convTranspose1d = castable(
  'convTranspose1d',
  (input: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor => {
    return convTransposeNd('convTranspose1d', 1, input, weight, options);
  },
);
/**
 * {@link convTranspose1d} over images.
 *
 * @example F.convTranspose2d(torch.ones([1, 1, 2, 2]), torch.ones([1, 3, 2, 2]), { stride: 2 }).shape // [1, 3, 4, 4]
 */
export const convTranspose2d = castable(
  'convTranspose2d',
  (input: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor => {
    return convTransposeNd('convTranspose2d', 2, input, weight, options);
  },
);
/**
 * {@link convTranspose1d} over volumes.
 *
 * @example F.convTranspose3d(torch.ones([1, 1, 2, 2, 2]), torch.ones([1, 3, 2, 2, 2])).shape // [1, 3, 3, 3, 3]
 */
export const convTranspose3d = castable(
  'convTranspose3d',
  (input: Tensor, weight: Tensor, options?: ConvTransposeOptions): Tensor => {
    return convTransposeNd('convTranspose3d', 3, input, weight, options);
  },
);

export interface UnfoldOptions {
  dilation?: Sizes | undefined;
  padding?: Sizes | undefined;
  stride?: Sizes | undefined;
}

function imageWindows(op: string, kernelSize: Sizes, options: UnfoldOptions | undefined) {
  const given = readOptions<UnfoldOptions>(op, options, { dilation: 1, padding: 0, stride: 1 });
  return {
    kernelSize: sizesOf(op, 'kernelSize', kernelSize, 2, 1),
    dilation: sizesOf(op, 'dilation', given.dilation ?? 1, 2, 1),
    padding: sizesOf(op, 'padding', given.padding ?? 0, 2),
    stride: sizesOf(op, 'stride', given.stride ?? 1, 2, 1),
  };
}

function windowCount(op: string, size: readonly number[], windows: ReturnType<typeof imageWindows>): number {
  const { kernelSize, dilation, padding, stride } = windows;
  const counts = kernelSize.map((kernel, d) => {
    const reach = (dilation[d] as number) * (kernel - 1) + 1;
    return Math.floor(((size[d] as number) + 2 * (padding[d] as number) - reach) / (stride[d] as number)) + 1;
  });
  if (counts.some((count) => count < 1))
    throw new ShapeError(`${op}: windows of ${show(kernelSize)} do not fit images of ${show(size)}`);
  return counts.reduce((product, count) => product * count, 1);
}

/**
 * The sliding windows of images as columns: `[N, C, H, W]` to `[N, C * kernel, windows]`.
 *
 * @example F.unfold(torch.ones([1, 1, 3, 3]), 2).shape // [1, 4, 4]
 */
export function unfold(input: Tensor, kernelSize: Sizes, options?: UnfoldOptions): Tensor {
  checkTensor('unfold', input, 'input');
  if (input.shape.length !== 3 && input.shape.length !== 4)
    throw new ShapeError(`unfold: expected images of 3 or 4 dimensions, got ${show(input.shape)}`);
  const images = input.shape.length === 3 ? input.unsqueeze(0) : input;
  const windows = imageWindows('unfold', kernelSize, options);
  const [batch, channels, ...size] = images.shape as [number, number, number, number];
  const depth = channels * (windows.kernelSize[0] as number) * (windows.kernelSize[1] as number);
  const shape = [batch, depth, windowCount('unfold', size, windows)];
  const result = interpolationPrimitives.im2col(images, shape, windows);
  return images === input ? result : result.squeeze(0);
}

/**
 * Columns of {@link unfold} back into images of `outputSize`; where windows overlap they add up.
 *
 * @example F.fold(torch.ones([1, 4, 1]), [2, 2], [2, 2]) // tensor([[[[1., 1.], [1., 1.]]]])
 */
export function fold(input: Tensor, outputSize: Sizes, kernelSize: Sizes, options?: UnfoldOptions): Tensor {
  checkTensor('fold', input, 'input');
  if (input.shape.length !== 2 && input.shape.length !== 3)
    throw new ShapeError(`fold: expected columns of 2 or 3 dimensions, got ${show(input.shape)}`);
  const columns = input.shape.length === 2 ? input.unsqueeze(0) : input;
  const windows = imageWindows('fold', kernelSize, options);
  const size = sizesOf('fold', 'outputSize', outputSize, 2, 1);
  const kernel = (windows.kernelSize[0] as number) * (windows.kernelSize[1] as number);
  const [batch, depth, count] = columns.shape as [number, number, number];
  if (depth % kernel !== 0 || count !== windowCount('fold', size, windows))
    throw new ShapeError(
      `fold: columns of ${show(input.shape)} do not fit images of ${show(size)} and windows of ${show(windows.kernelSize)}`,
    );
  const result = interpolationPrimitives.col2im(columns, [batch, depth / kernel, ...size], windows);
  return columns === input ? result : result.squeeze(0);
}
