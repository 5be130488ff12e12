import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { checkTensor, namedResult, readOptions, show } from '@ts-torch/tensor/internal';
import { type Sizes, sizesOf } from '../sizes.js';
import type { PoolResult, WithIndices } from './pooling.js';

// Windows at random, evenly spread places: Graham 2014, arXiv:1412.6071.

export interface FractionalMaxPoolOptions {
  /** The spatial sizes of the result: these or `outputRatio`. */
  outputSize?: Sizes | null | undefined;
  /** Output size over input size, between 0 and 1. */
  outputRatio?: number | readonly number[] | null | undefined;
  returnIndices?: boolean | undefined;
  /** The random numbers in [0, 1) that decide about the windows: one for each sample, channel and dimension. */
  _randomSamples?: Tensor | null | undefined;
}

function targetOf(
  op: string,
  spatial: readonly number[],
  { outputSize, outputRatio }: FractionalMaxPoolOptions,
): number[] {
  const dims = spatial.length;
  if ((outputSize ?? null) !== null) return sizesOf(op, 'outputSize', outputSize as Sizes, dims, 1);
  const ratios = typeof outputRatio === 'number' ? spatial.map(() => outputRatio) : outputRatio;
  if (!Array.isArray(ratios) || ratios.length !== dims || !ratios.every((ratio) => ratio > 0 && ratio < 1))
    throw new ValueError(`${op}: expected outputSize, or outputRatio between 0 and 1, got ${describe(outputRatio)}`);
  return spatial.map((size, d) => Math.max(Math.floor(size * (ratios[d] as number)), 1));
}

/** Where the windows begin along a dimension, `[N, C, count]`: evenly spread from a random start, the last one at the end. */
function startsOf(samples: Tensor, size: number, kernel: number, count: number): Tensor {
  const last = torch.full([...samples.shape, 1], size - kernel, { dtype: 'int64', device: samples.device });
  if (count === 1) return last;
  const step = (size - kernel) / (count - 1);
  const u = samples.unsqueeze(-1).to('float64');
  const steps = torch.arange(count - 1, { device: samples.device }).to('float64');
  const starts = steps.add(u).mul(step).floor().sub(u.mul(step).floor()).to('int64');
  return torch.cat([starts, last], -1);
}

interface FractionalMaxPool {
  (input: Tensor, kernelSize: Sizes, options: WithIndices<FractionalMaxPoolOptions>): PoolResult;
  (input: Tensor, kernelSize: Sizes, options?: FractionalMaxPoolOptions): Tensor;
}

function fractionalMaxPool(
  op: string,
  dims: number,
  input: Tensor,
  kernelSize: Sizes,
  options: FractionalMaxPoolOptions | undefined,
): Tensor & PoolResult {
  checkTensor(op, input, 'input');
  const given = readOptions<FractionalMaxPoolOptions>(op, options, {
    outputSize: null,
    outputRatio: null,
    returnIndices: false,
    _randomSamples: null,
  });
  if (input.shape.length !== dims + 1 && input.shape.length !== dims + 2)
    throw new ShapeError(`${op}: expected ${dims + 1} or ${dims + 2} dimensions, got ${show(input.shape)}`);
  if (!input.isFloatingPoint()) throw new DTypeError(`${op}: not supported for ${input.dtype}`);
  const batched = input.shape.length === dims + 2 ? input : input.unsqueeze(0);
  const spatial = batched.shape.slice(2);
  const kernel = sizesOf(op, 'kernelSize', kernelSize, dims, 1);
  const sizes = targetOf(op, spatial, given);
  if (spatial.some((size, d) => (sizes[d] as number) + (kernel[d] as number) - 1 > size))
    throw new ShapeError(
      `${op}: ${show(sizes)} windows of ${show(kernel)} do not fit an input of ${show(input.shape)}`,
    );
  const [n, c] = batched.shape as [number, number];
  const samples = given._randomSamples ?? torch.rand([n, c, dims], { dtype: input.dtype, device: input.device });
  if (`${samples.shape}` !== `${[n, c, dims]}`)
    throw new ShapeError(`${op}: expected _randomSamples of shape [${n}, ${c}, ${dims}], got ${show(samples.shape)}`);
  // PyTorch's order: of images the first number is for the width.
  const sampleOf = (d: number): Tensor => samples.select(-1, dims === 2 ? 1 - d : d);
  let places = torch.zeros([n, c, ...new Array<number>(2 * dims).fill(1)], { dtype: 'int64', device: input.device });
  spatial.forEach((size, d) => {
    const starts = startsOf(sampleOf(d), size, kernel[d] as number, sizes[d] as number);
    const steps = torch.arange(kernel[d] as number, { device: input.device });
    const windows = starts.unsqueeze(-1).add(steps);
    const shape = new Array<number>(2 * dims).fill(1);
    shape[d] = sizes[d] as number;
    shape[dims + d] = kernel[d] as number;
    places = places.mul(size).add(windows.reshape([n, c, ...shape]));
  });
  const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const flat = batched.reshape([n, c, product(spatial)]);
  const windows = places.reshape([n, c, product(sizes), product(kernel)]);
  const values = flat
    .detach()
    .gather(2, windows.flatten({ startDim: 2 }))
    .reshape(windows.shape);
  const indices = windows.gather(3, values.argmax({ dim: 3, keepdim: true })).squeeze(3);
  const shape = [...input.shape.slice(0, -dims), ...sizes];
  const output = flat.gather(2, indices).reshape(shape);
  const result = given.returnIndices ? namedResult(['output', 'indices'], [output, indices.reshape(shape)]) : output;
  return result as Tensor & PoolResult;
}

/**
 * The maximum of each of the windows that cover `[N, C, H, W]` or `[C, H, W]` at random places, for sizes that no stride gives.
 *
 * @example F.fractionalMaxPool2d(torch.ones([1, 6, 6]), 2, { outputSize: 3 }).shape // [1, 3, 3]
 */
export const fractionalMaxPool2d: FractionalMaxPool = (
  input: Tensor,
  kernelSize: Sizes,
  options?: FractionalMaxPoolOptions,
) => fractionalMaxPool('fractionalMaxPool2d', 2, input, kernelSize, options);
/**
 * {@link fractionalMaxPool2d} over volumes.
 *
 * @example F.fractionalMaxPool3d(torch.ones([1, 6, 6, 6]), 2, { outputSize: 3 }).shape // [1, 3, 3, 3]
 */
export const fractionalMaxPool3d: FractionalMaxPool = (
  input: Tensor,
  kernelSize: Sizes,
  options?: FractionalMaxPoolOptions,
) => fractionalMaxPool('fractionalMaxPool3d', 3, input, kernelSize, options);
