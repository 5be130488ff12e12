import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import {
  checkTensor,
  type NamedResult,
  namedResult,
  poolingPrimitives,
  range,
  readOptions,
  show,
} from '@ts-torch/tensor/internal';
import { type Sizes, sizesOf } from '../sizes.js';

/** What the pooling layers return when asked for indices too: places within the plane of the spatial dimensions. */
export type PoolResult = NamedResult<['output', 'indices']>;

export interface MaxPoolOptions {
  /** By default the kernel's size. */
  stride?: Sizes | null | undefined;
  /** Elements added on both sides that never are the maximum; at most half the kernel. */
  padding?: Sizes | undefined;
  dilation?: Sizes | undefined;
  /** Windows may also start within the input (or the padding before it) and reach over its end. */
  ceilMode?: boolean | undefined;
  returnIndices?: boolean | undefined;
}

/** Checks that a tensor has spatial dimensions, none of them empty. */
function checkInput(op: string, input: Tensor, dims: number, integers = false): void {
  checkTensor(op, input, 'input');
  const fits = input.shape.length === dims + 1 || input.shape.length === dims + 2;
  const start = input.shape.length - dims - 1;
  if (!fits || input.shape.slice(start).some((size) => size === 0))
    throw new ShapeError(
      `${op}: expected an input of ${dims + 1} or ${dims + 2} dimensions, only the batch empty, got ${show(input.shape)}`,
    );
  if (!input.isFloatingPoint() && !(integers && input.dtype === 'int64'))
    throw new DTypeError(`${op}: not supported for ${input.dtype}`);
}

interface Geometry {
  kernelSize: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
}

function geometryOf(
  op: string,
  dims: number,
  kernelSize: Sizes,
  options: { stride?: Sizes | null | undefined; padding?: Sizes | undefined; dilation?: Sizes | undefined },
): Geometry {
  const kernel = sizesOf(op, 'kernelSize', spread(kernelSize), dims, 1);
  const { stride } = options;
  const unset = stride === undefined || stride === null || (Array.isArray(stride) && stride.length === 0);
  const padding = sizesOf(op, 'padding', spread(options.padding ?? 0), dims);
  if (padding.some((size, d) => size > (kernel[d] as number) / 2))
    throw new ValueError(
      `${op}: expected padding of at most half the kernel, got ${show(padding)} and ${show(kernel)}`,
    );
  return {
    kernelSize: kernel,
    stride: unset ? kernel : sizesOf(op, 'stride', spread(stride as Sizes), dims, 1),
    padding,
    dilation: sizesOf(op, 'dilation', spread(options.dilation ?? 1), dims, 1),
  };
}

/** A list of one number stands for all dimensions. */
const spread = (sizes: Sizes): Sizes => (Array.isArray(sizes) && sizes.length === 1 ? (sizes[0] as number) : sizes);

function pooledShape(op: string, input: Tensor, geometry: Geometry, ceilMode: boolean): number[] {
  const leading = input.shape.length - geometry.kernelSize.length;
  const sizes = geometry.kernelSize.map((kernel, d) => {
    const size = input.shape[leading + d] as number;
    const [stride, padding] = [geometry.stride[d] as number, geometry.padding[d] as number];
    const reach = size + 2 * padding - (geometry.dilation[d] as number) * (kernel - 1) - 1;
    const steps = ceilMode ? Math.ceil(reach / stride) : Math.floor(reach / stride);
    // A window must not start in the padding after the input.
    const count = ceilMode && steps * stride >= size + padding ? steps : steps + 1;
    if (count < 1)
      throw new ShapeError(
        `${op}: windows of ${show(geometry.kernelSize)} do not fit an input of ${show(input.shape)}: the result would be empty`,
      );
    return count;
  });
  return [...input.shape.slice(0, leading), ...sizes];
}

function maxPoolNd(
  op: string,
  dims: number,
  input: Tensor,
  kernelSize: Sizes,
  options: MaxPoolOptions | undefined,
): Tensor & PoolResult {
  const given = readOptions<MaxPoolOptions>(op, options, {
    stride: undefined,
    padding: 0,
    dilation: 1,
    ceilMode: false,
    returnIndices: false,
  });
  checkInput(op, input, dims);
  const geometry = geometryOf(op, dims, kernelSize, given);
  const shape = pooledShape(op, input, geometry, given.ceilMode ?? false);
  return withIndices(poolingPrimitives.maxPool(input, shape, geometry), given.returnIndices);
}

function withIndices([output, indices]: readonly Tensor[], returnIndices: boolean | undefined): Tensor & PoolResult {
  const result = returnIndices ? namedResult(['output', 'indices'], [output as Tensor, indices as Tensor]) : output;
  return result as Tensor & PoolResult;
}

export type WithIndices<Options> = Options & { returnIndices: true };

/** The type of pooling functions: with `returnIndices` two tensors, else one. */
interface MaxPool {
  (input: Tensor, kernelSize: Sizes, options: WithIndices<MaxPoolOptions>): PoolResult;
  (input: Tensor, kernelSize: Sizes, options?: MaxPoolOptions): Tensor;
}

/**
 * The maximum of each window. NaN is larger than any number.
 *
 * Shape: `[N, C, L]` or `[C, L]`; L becomes `floor((L + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`, or ceil.
 *
 * @example F.maxPool1d(torch.tensor([[1, 3, 2, 4]]), 2) // tensor([[3., 4.]])
 */
export const maxPool1d: MaxPool = (input: Tensor, kernelSize: Sizes, options?: MaxPoolOptions) =>
  maxPoolNd('maxPool1d', 1, input, kernelSize, options);
/**
 * {@link maxPool1d} over images.
 *
 * @example F.maxPool2d(torch.tensor([[[1, 2], [3, 4]]]), 2) // tensor([[[4.]]])
 */
export const maxPool2d: MaxPool = (input: Tensor, kernelSize: Sizes, options?: MaxPoolOptions) =>
  maxPoolNd('maxPool2d', 2, input, kernelSize, options);
/**
 * {@link maxPool1d} over volumes.
 *
 * @example F.maxPool3d(torch.ones([1, 2, 2, 2]), 2) // tensor([[[[1.]]]])
 */
export const maxPool3d: MaxPool = (input: Tensor, kernelSize: Sizes, options?: MaxPoolOptions) =>
  maxPoolNd('maxPool3d', 3, input, kernelSize, options);

// --- Average ----------------------------------------------------------------------------------------------------------------

export interface AvgPoolOptions {
  /** By default the kernel's size. */
  stride?: Sizes | null | undefined;
  /** Zeros added on both sides; at most half the kernel. */
  padding?: Sizes | undefined;
  ceilMode?: boolean | undefined;
  /** Whether those zeros count as elements. */
  countIncludePad?: boolean | undefined;
  /** What sums are divided by, in place of the number of elements. */
  divisorOverride?: number | null | undefined;
}

function avgPoolNd(
  op: string,
  dims: number,
  input: Tensor,
  kernelSize: Sizes,
  options: AvgPoolOptions | undefined,
): Tensor {
  const defaults: AvgPoolOptions = { stride: undefined, padding: 0, ceilMode: false, countIncludePad: true };
  // PyTorch's 1-d function has no divisor of its own.
  if (dims > 1) defaults.divisorOverride = undefined;
  const given = readOptions<AvgPoolOptions>(op, options, defaults);
  checkInput(op, input, dims, true);
  const { divisorOverride } = given;
  if (divisorOverride === 0) throw new ValueError(`${op}: expected divisorOverride not to be 0`);
  const { dilation: _, ...windows } = geometryOf(op, dims, kernelSize, given);
  const shape = pooledShape(
    op,
    input,
    { ...windows, dilation: windows.kernelSize.map(() => 1) },
    given.ceilMode ?? false,
  );
  return poolingPrimitives.avgPool(input, shape, {
    ...windows,
    countIncludePad: given.countIncludePad ?? true,
    divisorOverride: divisorOverride ?? 0,
  });
}

/**
 * The average of each window; shapes as in {@link maxPool1d}.
 *
 * @example F.avgPool1d(torch.tensor([[1, 2, 3, 4]]), 2) // tensor([[1.5000, 3.5000]])
 */
export function avgPool1d(input: Tensor, kernelSize: Sizes, options?: Omit<AvgPoolOptions, 'divisorOverride'>): Tensor {
  return avgPoolNd('avgPool1d', 1, input, kernelSize, options);
}
/**
 * {@link avgPool1d} over images.
 *
 * @example F.avgPool2d(torch.tensor([[[1, 2], [3, 4]]]), 2) // tensor([[[2.5000]]])
 */
export function avgPool2d(input: Tensor, kernelSize: Sizes, options?: AvgPoolOptions): Tensor {
  return avgPoolNd('avgPool2d', 2, input, kernelSize, options);
}
/**
 * {@link avgPool1d} over volumes.
 *
 * @example F.avgPool3d(torch.ones([1, 2, 2, 2]), 2) // tensor([[[[1.]]]])
 */
export function avgPool3d(input: Tensor, kernelSize: Sizes, options?: AvgPoolOptions): Tensor {
  return avgPoolNd('avgPool3d', 3, input, kernelSize, options);
}

// --- Adaptive ---------------------------------------------------------------------------------------------------------------

/** Sizes of the result; `null` keeps the input's. */
export type OutputSizes = number | readonly (number | null)[] | null;

function adaptiveShape(op: string, dims: number, input: Tensor, outputSize: OutputSizes): number[] {
  checkInput(op, input, dims);
  const leading = input.shape.length - dims;
  const wanted =
    Array.isArray(outputSize) && outputSize.length > 1 ? outputSize : new Array(dims).fill([outputSize].flat()[0]);
  const kept = wanted.map((size: number | null, d: number) => size ?? (input.shape[leading + d] as number));
  return [...input.shape.slice(0, leading), ...sizesOf(op, 'outputSize', kept, dims)];
}

function adaptiveAvgPoolNd(op: string, dims: number, input: Tensor, outputSize: OutputSizes): Tensor {
  const shape = adaptiveShape(op, dims, input, outputSize);
  // To one element it is a mean. An empty batch has none to give.
  const spatial = range(input.shape.length).slice(-dims);
  if (spatial.every((d) => shape[d] === 1) && input.isFloatingPoint()) return input.mean(spatial, { keepdim: true });
  return poolingPrimitives.adaptiveAvgPool(input, shape, dims);
}

/**
 * Averages of windows that share out the input so that the result has `outputSize`.
 *
 * @example F.adaptiveAvgPool1d(torch.tensor([[1, 2, 3, 4]]), 2) // tensor([[1.5000, 3.5000]])
 */
export function adaptiveAvgPool1d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPoolNd('adaptiveAvgPool1d', 1, input, outputSize);
}
/**
 * {@link adaptiveAvgPool1d} over images.
 *
 * @example F.adaptiveAvgPool2d(torch.ones([1, 2, 6, 4]), [3, 2]).shape // [1, 2, 3, 2]
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPoolNd('adaptiveAvgPool2d', 2, input, outputSize);
}
/**
 * {@link adaptiveAvgPool1d} over volumes.
 *
 * @example F.adaptiveAvgPool3d(torch.ones([1, 2, 4, 4, 4]), 2).shape // [1, 2, 2, 2, 2]
 */
export function adaptiveAvgPool3d(input: Tensor, outputSize: OutputSizes): Tensor {
  return adaptiveAvgPoolNd('adaptiveAvgPool3d', 3, input, outputSize);
}

export interface AdaptiveMaxPoolOptions {
  returnIndices?: boolean | undefined;
}
interface AdaptiveMaxPool {
  (input: Tensor, outputSize: OutputSizes, options: WithIndices<AdaptiveMaxPoolOptions>): PoolResult;
  (input: Tensor, outputSize: OutputSizes, options?: AdaptiveMaxPoolOptions): Tensor;
}

function adaptiveMaxPoolNd(
  op: string,
  dims: number,
  input: Tensor,
  outputSize: OutputSizes,
  options: AdaptiveMaxPoolOptions | undefined,
): Tensor & PoolResult {
  const { returnIndices } = readOptions<AdaptiveMaxPoolOptions>(op, options, { returnIndices: false });
  const shape = adaptiveShape(op, dims, input, outputSize);
  return withIndices(poolingPrimitives.adaptiveMaxPool(input, shape, dims), returnIndices);
}

/**
 * Maxima of windows that share out the input so that the result has `outputSize`.
 *
 * @example F.adaptiveMaxPool1d(torch.tensor([[1, 2, 3, 4]]), 2) // tensor([[2., 4.]])
 */
export const adaptiveMaxPool1d: AdaptiveMaxPool = (
  input: Tensor,
  outputSize: OutputSizes,
  options?: AdaptiveMaxPoolOptions,
) => adaptiveMaxPoolNd('adaptiveMaxPool1d', 1, input, outputSize, options);
/**
 * {@link adaptiveMaxPool1d} over images.
 *
 * @example F.adaptiveMaxPool2d(torch.ones([1, 2, 6, 4]), [3, 2]).shape // [1, 2, 3, 2]
 */
export const adaptiveMaxPool2d: AdaptiveMaxPool = (
  input: Tensor,
  outputSize: OutputSizes,
  options?: AdaptiveMaxPoolOptions,
) => adaptiveMaxPoolNd('adaptiveMaxPool2d', 2, input, outputSize, options);
/**
 * {@link adaptiveMaxPool1d} over volumes.
 *
 * @example F.adaptiveMaxPool3d(torch.ones([1, 2, 4, 4, 4]), 2).shape // [1, 2, 2, 2, 2]
 */
export const adaptiveMaxPool3d: AdaptiveMaxPool = (
  input: Tensor,
  outputSize: OutputSizes,
  options?: AdaptiveMaxPoolOptions,
) => adaptiveMaxPoolNd('adaptiveMaxPool3d', 3, input, outputSize, options);

// --- Back from maxima -------------------------------------------------------------------------------------------------------

export interface MaxUnpoolOptions {
  stride?: Sizes | null | undefined;
  padding?: Sizes | undefined;
  /** The shape of what was pooled, or its spatial sizes, where several give the same pooled size. */
  outputSize?: readonly number[] | null | undefined;
}

function maxUnpoolNd(
  op: string,
  dims: number,
  input: Tensor,
  indices: Tensor,
  kernelSize: Sizes,
  options: MaxUnpoolOptions | undefined,
): Tensor {
  const given = readOptions<MaxUnpoolOptions>(op, options, { stride: undefined, padding: 0, outputSize: undefined });
  checkInput(op, input, dims);
  checkTensor(op, indices, 'indices');
  if (indices.dtype !== 'int64') throw new DTypeError(`${op}: expected indices of int64, got ${indices.dtype}`);
  if (`${indices.shape}` !== `${input.shape}`)
    throw new ShapeError(
      `${op}: expected indices of the input's shape, ${show(input.shape)}, got ${show(indices.shape)}`,
    );
  const { kernelSize: kernel, stride, padding } = geometryOf(op, dims, kernelSize, given);
  const leading = input.shape.length - dims;
  const usual = kernel.map(
    (size, d) => ((input.shape[leading + d] as number) - 1) * (stride[d] as number) - 2 * (padding[d] as number) + size,
  );
  if (given.outputSize && !Array.isArray(given.outputSize))
    throw new ValueError(`${op}: expected outputSize to be a list of sizes, got ${describe(given.outputSize)}`);
  const sizes = given.outputSize ? given.outputSize.slice(-dims) : usual;
  const isNear =
    sizes.length === dims &&
    sizes.every(Number.isSafeInteger) &&
    sizes.every((size, d) => Math.abs(size - (usual[d] as number)) < (stride[d] as number));
  if (!isNear || sizes.some((size) => size < 1))
    throw new ValueError(`${op}: expected an outputSize within a stride of ${show(usual)}, got ${describe(sizes)}`);
  return poolingPrimitives.maxUnpool(input, indices, [...input.shape.slice(0, leading), ...sizes], dims);
}

/**
 * Puts maxima back where {@link maxPool1d} found them, among zeros.
 *
 * @example F.maxUnpool1d(torch.tensor([[3, 4]]), torch.tensor([[1n, 3n]]), 2) // tensor([[0., 3., 0., 4.]])
 */
export function maxUnpool1d(input: Tensor, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions): Tensor {
  return maxUnpoolNd('maxUnpool1d', 1, input, indices, kernelSize, options);
}
/**
 * {@link maxUnpool1d} for images.
 *
 * @example F.maxUnpool2d(torch.tensor([[[4]]]), torch.tensor([[[3n]]]), 2) // tensor([[[0., 0.], [0., 4.]]])
 */
export function maxUnpool2d(input: Tensor, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions): Tensor {
  return maxUnpoolNd('maxUnpool2d', 2, input, indices, kernelSize, options);
}
/**
 * {@link maxUnpool1d} for volumes.
 *
 * @example F.maxUnpool3d(torch.tensor([[[[4]]]]), torch.tensor([[[[7n]]]]), 2).flatten() // tensor([0., 0., 0., 0., 0., 0., 0., 4.])
 */
export function maxUnpool3d(input: Tensor, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions): Tensor {
  return maxUnpoolNd('maxUnpool3d', 3, input, indices, kernelSize, options);
}
