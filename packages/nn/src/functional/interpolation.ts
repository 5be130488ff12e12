import { ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { checkTensor, type Interpolation, interpolationPrimitives, readOptions, show } from '@ts-torch/tensor/internal';
import { checkWord } from '../options.js';
import { type Sizes, sizesOf } from '../sizes.js';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './pooling.js';

export type InterpolationMode = 'nearest' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area' | 'nearest-exact';

export interface InterpolateOptions {
  /** The spatial sizes of the result. */
  size?: Sizes | null | undefined;
  /** Output size over input size: this or `size`. */
  scaleFactor?: number | readonly number[] | null | undefined;
  mode?: InterpolationMode | undefined;
  /** Whether the centers of the corner pixels fall together, rather than their outer edges. For the linear and cubic modes. */
  alignCorners?: boolean | null | undefined;
  /** Whether the scale is taken from the sizes even where `scaleFactor` is given. */
  recomputeScaleFactor?: boolean | null | undefined;
  /** Whether shrinking averages all inputs; for 'bilinear' and 'bicubic'. */
  antialias?: boolean | undefined;
}

/** Which spatial dimensions a mode is for, and by which kernel. */
const MODES: Record<InterpolationMode, { dims: readonly number[]; kernel: Interpolation['kernel'] }> = {
  nearest: { dims: [1, 2, 3], kernel: 'nearest' },
  'nearest-exact': { dims: [1, 2, 3], kernel: 'nearest-exact' },
  linear: { dims: [1], kernel: 'linear' },
  bilinear: { dims: [2], kernel: 'linear' },
  trilinear: { dims: [3], kernel: 'linear' },
  bicubic: { dims: [2], kernel: 'cubic' },
  area: { dims: [1, 2, 3], kernel: 'nearest' },
};

/**
 * Resizes the spatial dimensions of `[N, C, ...]`, by `size` or by `scaleFactor`.
 *
 * @example F.interpolate(torch.tensor([[[1, 2]]]), { scaleFactor: 2 }) // tensor([[[1., 1., 2., 2.]]])
 */
export function interpolate(input: Tensor, options?: InterpolateOptions): Tensor {
  const given = readOptions<InterpolateOptions>('interpolate', options, {
    size: undefined,
    scaleFactor: undefined,
    mode: 'nearest',
    alignCorners: undefined,
    recomputeScaleFactor: undefined,
    antialias: false,
  });
  checkTensor('interpolate', input, 'input');
  const { mode } = given;
  checkWord('interpolate', 'mode', mode, Object.keys(MODES) as InterpolationMode[]);
  const dims = input.shape.length - 2;
  const known = MODES[mode];
  if (!known.dims.includes(dims))
    throw new ShapeError(`interpolate: mode '${mode}' does not fit an input of ${show(input.shape)}`);
  checkSwitches(mode, given);
  const { sizes, scales } = targetOf(input, given);
  if (mode === 'area')
    return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][dims - 1]?.(input, sizes) as Tensor;
  if (input.shape.slice(1).some((size) => size === 0) || sizes.some((size) => size < 1))
    throw new ShapeError(`interpolate: cannot resize ${show(input.shape)} to ${show(sizes)}`);
  return interpolationPrimitives.interpolate(input, [...input.shape.slice(0, 2), ...sizes], {
    kernel: known.kernel,
    alignCorners: given.alignCorners ?? false,
    antialias: given.antialias ?? false,
    scales,
  });
}

function checkSwitches(mode: InterpolationMode, { alignCorners, antialias }: InterpolateOptions): void {
  const blends = mode.endsWith('linear') || mode === 'bicubic';
  if (!blends && alignCorners !== undefined && alignCorners !== null)
    throw new ValueError(`interpolate: alignCorners is for the linear and cubic modes, not '${mode}'`);
  if (antialias && mode !== 'bilinear' && mode !== 'bicubic')
    throw new ValueError(`interpolate: antialias is for 'bilinear' and 'bicubic', not '${mode}'`);
}

function targetOf(input: Tensor, { size, scaleFactor, recomputeScaleFactor }: InterpolateOptions) {
  const spatial = input.shape.slice(2);
  const hasSize = size !== undefined && size !== null;
  if (hasSize === (scaleFactor !== undefined && scaleFactor !== null))
    throw new ValueError('interpolate: expected either size or scaleFactor');
  if (hasSize) {
    if (recomputeScaleFactor)
      throw new ValueError('interpolate: recomputeScaleFactor is for scaleFactor, not for size');
    return { sizes: sizesOf('interpolate', 'size', size, spatial.length), scales: spatial.map(() => 0) };
  }
  const factors = typeof scaleFactor === 'number' ? spatial.map(() => scaleFactor) : (scaleFactor as readonly number[]);
  if (
    !Array.isArray(factors) ||
    factors.length !== spatial.length ||
    !factors.every((factor) => factor > 0 && Number.isFinite(factor))
  )
    throw new ValueError(`interpolate: expected scaleFactor to be one positive number or ${spatial.length}`);
  return {
    sizes: spatial.map((n, d) => Math.floor(n * (factors[d] as number))),
    scales: recomputeScaleFactor ? spatial.map(() => 0) : [...factors],
  };
}

export interface UpsampleOptions {
  size?: Sizes | null | undefined;
  scaleFactor?: number | readonly number[] | null | undefined;
}

/**
 * {@link interpolate} to the nearest input.
 *
 * @example F.upsampleNearest(torch.tensor([[[1, 2]]]), { scaleFactor: 2 }) // tensor([[[1., 1., 2., 2.]]])
 */
export function upsampleNearest(input: Tensor, options?: UpsampleOptions): Tensor {
  const given = readOptions<UpsampleOptions>('upsampleNearest', options, { size: undefined, scaleFactor: undefined });
  return interpolate(input, given);
}

/**
 * {@link interpolate} with 'bilinear' and aligned corners.
 *
 * @example F.upsampleBilinear(torch.tensor([[[[1, 3]]]]), { size: [1, 3] }) // tensor([[[[1., 2., 3.]]]])
 */
export function upsampleBilinear(input: Tensor, options?: UpsampleOptions): Tensor {
  const given = readOptions<UpsampleOptions>('upsampleBilinear', options, { size: undefined, scaleFactor: undefined });
  return interpolate(input, { ...given, mode: 'bilinear', alignCorners: true });
}
