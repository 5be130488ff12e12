import { describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { castable, checkTensor, readOptions, show } from '@ts-torch/tensor/internal';
import { checkWord } from '../options.js';

// Spatial transformers: Jaderberg et al. 2015, arXiv:1506.02025.

/** `size` places from -1 to 1: those of the first and last pixel's centers, or of the centers where the edges are at -1 and 1. */
function places(size: number, alignCorners: boolean, like: Tensor): Tensor {
  const { dtype, device } = like;
  if (size === 1) return torch.zeros([1], { dtype, device });
  const whole = torch.linspace(-1, 1, size, { dtype, device });
  return alignCorners ? whole : whole.mul((size - 1) / size);
}

export interface AlignCornersOptions {
  /** Whether -1 and 1 are the centers of the corner pixels, rather than their outer edges. */
  alignCorners?: boolean | null | undefined;
}

/**
 * The grid of places in the input, for {@link gridSample}, that affine maps `[N, 2, 3]` (or `[N, 3, 4]`) take each pixel of an output of
 * shape `size`, `[N, C, H, W]` (or `[N, C, D, H, W]`), to: `[N, H, W, 2]` (or `[N, D, H, W, 3]`).
 *
 * @example
 * F.affineGrid(torch.tensor([[[1, 0, 0], [0, 1, 0]]]), [1, 1, 2, 2], { alignCorners: true })
 * // tensor([[[[-1., -1.], [1., -1.]], [[-1., 1.], [1., 1.]]]])
 */
export function affineGrid(theta: Tensor, size: torch.Shape, options?: AlignCornersOptions): Tensor {
  checkTensor('affineGrid', theta, 'theta');
  const { alignCorners } = readOptions<AlignCornersOptions>('affineGrid', options, { alignCorners: null });
  const dims = Array.isArray(size) ? size.length - 2 : 0;
  if ((dims !== 2 && dims !== 3) || size.some((n) => !Number.isSafeInteger(n) || n < 1))
    throw new ShapeError(`affineGrid: expected a size of 4 or 5 numbers above 0, got ${describe(size)}`);
  if (theta.shape.length !== 3 || `${theta.shape}` !== `${[size[0], dims, dims + 1]}`)
    throw new ShapeError(
      `affineGrid: expected theta of shape [${size[0]}, ${dims}, ${dims + 1}], got ${show(theta.shape)}`,
    );
  if (!theta.isFloatingPoint()) throw new ValueError(`affineGrid: expected floating-point theta, got ${theta.dtype}`);
  const spatial = size.slice(2);
  // The last coordinate, x, runs along the last dimension.
  const axes = spatial.map((n, d) =>
    places(n, alignCorners === true, theta)
      .reshape(spatial.map((_, k) => (k === d ? n : 1)))
      .expand(spatial),
  );
  const base = torch.stack([...axes.reverse(), torch.ones(spatial, { dtype: theta.dtype, device: theta.device })], {
    dim: -1,
  });
  const points = base.reshape([1, -1, dims + 1]).matmul(theta.transpose(1, 2));
  return points.reshape([size[0] as number, ...spatial, dims]);
}

export type GridMode = 'bilinear' | 'nearest' | 'bicubic';
export type GridPadding = 'zeros' | 'border' | 'reflection';

export interface GridSampleOptions extends AlignCornersOptions {
  mode?: GridMode | undefined;
  /** What lies outside of the input: zeros, its border, or its reflection. */
  paddingMode?: GridPadding | undefined;
}

/**
 * The values of `input`, `[N, C, H, W]` or `[N, C, D, H, W]`, at the places of a grid `[N, ..., 2]` or `[N, ..., 3]`, whose coordinates (x, y, z)
 * run from -1 to 1 over the input: `[N, C, ...]`.
 *
 * @example F.gridSample(torch.tensor([[[[1, 2], [3, 4]]]]), torch.zeros([1, 1, 1, 2]), { alignCorners: true }) // tensor([[[[2.5000]]]])
 */
export const gridSample = castable('gridSample', (input: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor => {
  const op = 'gridSample';
  checkTensor(op, input, 'input');
  checkTensor(op, grid, 'grid');
  const { mode, paddingMode, alignCorners } = readOptions<GridSampleOptions>(op, options, {
    mode: 'bilinear',
    paddingMode: 'zeros',
    alignCorners: null,
  });
  checkWord(op, 'mode', mode as GridMode, ['bilinear', 'nearest', 'bicubic']);
  checkWord(op, 'paddingMode', paddingMode as GridPadding, ['zeros', 'border', 'reflection']);
  checkGrid(op, input, grid, mode as GridMode);
  const spatial = input.shape.slice(2);
  const outside: Outside = { mode: paddingMode as GridPadding, alignCorners: alignCorners === true };
  const points = grid.reshape([grid.shape[0] as number, -1, spatial.length]);
  // One row of coordinates for each spatial dimension, in pixels.
  const coordinates = spatial.map((size, d) => {
    const x = points.select(-1, spatial.length - 1 - d);
    return alignCorners ? x.add(1).mul((size - 1) / 2) : x.add(1).mul(size).sub(1).div(2);
  });
  const sampled = SAMPLERS[mode as GridMode](new Image(input), coordinates, outside);
  return sampled.reshape([...input.shape.slice(0, 2), ...grid.shape.slice(1, -1)]);
});

function checkGrid(op: string, input: Tensor, grid: Tensor, mode: GridMode): void {
  const dims = input.shape.length - 2;
  const fits =
    (dims === 2 || (dims === 3 && mode !== 'bicubic')) &&
    grid.shape.length === input.shape.length &&
    grid.shape.at(-1) === dims &&
    grid.shape[0] === input.shape[0];
  if (!fits)
    throw new ShapeError(
      `${op}: a grid of ${show(grid.shape)} does not fit an input of ${show(input.shape)} in mode '${mode}'`,
    );
  if (!input.isFloatingPoint() || input.dtype !== grid.dtype)
    throw new ValueError(
      `${op}: expected input and grid of one floating-point dtype, got ${input.dtype} and ${grid.dtype}`,
    );
  if (input.shape.slice(1).some((size) => size === 0))
    throw new ShapeError(`${op}: expected an input whose batch alone may be empty, got ${show(input.shape)}`);
}

interface Outside {
  readonly mode: GridPadding;
  readonly alignCorners: boolean;
}

/** Brings coordinates into the input; at its border the gradient is 0. */
function clipped(x: Tensor, size: number): Tensor {
  const within = x.gt(0).logicalAnd(x.lt(size - 1));
  return torch.where(within, x, x.detach().clamp({ min: 0, max: size - 1 }));
}

/** Brings coordinates into the input by reflection at the centers of its corner pixels, or at their outer edges. */
function reflected(x: Tensor, size: number, alignCorners: boolean): Tensor {
  const least = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return x.mul(0);
  const distance = x.sub(least).abs();
  const extra = distance.fmod(span);
  const isEven = distance.detach().div(span).floor().remainder(2).eq(0);
  return clipped(torch.where(isEven, extra, extra.neg().add(span)).add(least), size);
}

function padded(x: Tensor, size: number, { mode, alignCorners }: Outside): Tensor {
  if (mode === 'border') return clipped(x, size);
  return mode === 'reflection' ? reflected(x, size, alignCorners) : x;
}

/** The input as a list of pixels. */
class Image {
  readonly spatial: readonly number[];
  private readonly flat: Tensor;

  constructor(input: Tensor) {
    this.spatial = input.shape.slice(2);
    this.flat = input.reshape([...input.shape.slice(0, 2), -1]);
  }

  /** The pixels at whole coordinates, `[N, P]` for each dimension; 0 outside: `[N, C, P]`. */
  at(coordinates: readonly Tensor[]): Tensor {
    const [n, p] = (coordinates[0] as Tensor).shape as [number, number];
    let place = torch.zeros([n, p], { dtype: 'int64', device: this.flat.device });
    let inside = torch.ones([n, p], { dtype: 'bool', device: this.flat.device });
    this.spatial.forEach((size, d) => {
      const x = (coordinates[d] as Tensor).detach();
      inside = inside.logicalAnd(x.ge(0).logicalAnd(x.le(size - 1)));
      place = place.mul(size).add(
        x
          .nanToNum()
          .clamp({ min: 0, max: size - 1 })
          .to('int64'),
      );
    });
    const channels = this.flat.shape[1] as number;
    const pixels = this.flat.gather(2, place.unsqueeze(1).expand([n, channels, p]));
    return pixels.maskedFill(inside.logicalNot().unsqueeze(1), 0);
  }
}

type Sampler = (image: Image, coordinates: readonly Tensor[], outside: Outside) => Tensor;

/** All combinations of one entry of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((sets, list) => sets.flatMap((set) => list.map((entry) => [...set, entry])), [[]]);
}

interface Tap {
  readonly at: Tensor;
  readonly weight: Tensor;
}

/** The sum over the pixels around each place of their values times the weights along each dimension. */
function weighted(image: Image, taps: readonly (readonly Tap[])[]): Tensor {
  const terms = combinations(taps).map((corner) => {
    const weight = corner.map((tap) => tap.weight).reduce((product, factor) => product.mul(factor));
    return image.at(corner.map(({ at }) => at)).mul(weight.unsqueeze(1));
  });
  return terms.reduce((sum, term) => sum.add(term));
}

const nearest: Sampler = (image, coordinates, outside) => {
  const found = image.at(coordinates.map((x, d) => padded(x, image.spatial[d] as number, outside).round()));
  // The grid has gradients, all of them 0.
  return found.add(
    coordinates
      .reduce((sum, x) => sum.add(x.mul(0)), (coordinates[0] as Tensor).mul(0))
      .nanToNum()
      .unsqueeze(1),
  );
};

const bilinear: Sampler = (image, coordinates, outside) =>
  weighted(
    image,
    coordinates.map((coordinate, d) => {
      const x = padded(coordinate, image.spatial[d] as number, outside);
      const low = x.detach().floor();
      const part = x.sub(low);
      return [
        { at: low, weight: part.neg().add(1) },
        { at: low.add(1), weight: part },
      ];
    }),
  );

/** Keys 1981, "Cubic convolution interpolation for digital image processing", with a = -3/4. */
const A = -0.75;
const inner = (x: Tensor): Tensor =>
  x
    .mul(A + 2)
    .sub(A + 3)
    .mul(x)
    .mul(x)
    .add(1);
const outer = (x: Tensor): Tensor =>
  x
    .mul(A)
    .sub(5 * A)
    .mul(x)
    .add(8 * A)
    .mul(x)
    .sub(4 * A);

const bicubic: Sampler = (image, coordinates, outside) =>
  weighted(
    image,
    coordinates.map((x, d) => {
      const low = x.detach().floor();
      const part = x.sub(low);
      const weights = [outer(part.add(1)), inner(part), inner(part.neg().add(1)), outer(part.neg().add(2))];
      return weights.map((weight, i) => ({
        at: padded(low.add(i - 1), image.spatial[d] as number, outside).round(),
        weight,
      }));
    }),
  );

const SAMPLERS: Record<GridMode, Sampler> = { nearest, bilinear, bicubic };
