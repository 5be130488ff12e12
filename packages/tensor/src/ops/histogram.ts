import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { onesLike, zeros } from '../creation.js';
import { checkTensor, type NamedResult, namedResult, readOptions } from '../op.js';
import { linspace } from '../ranges.js';
import { withoutRecording } from '../recording.js';
import { checkListLength, sameShape, show } from '../shape.js';
import { Tensor } from '../tensor.js';
import { item } from './reading.js';
import { narrow, reshape } from './views.js';

export interface HistogramOptions {
  /** How many bins of equal width, or a vector of their edges; 100 where left out. */
  bins?: number | Tensor | undefined;
  /** The edges of the first and last bin; the smallest and largest element where left out. For a number of bins only. */
  range?: readonly [number, number] | null | undefined;
  /** What each element counts for; 1 where left out. */
  weight?: Tensor | null | undefined;
  /** Scale so that the integral over the bins is 1. */
  density?: boolean | undefined;
}

export type Histogram = NamedResult<['hist', 'binEdges']>;

/**
 * Counts the elements by bins: so many of equal width, or those between the edges in a vector. A bin holds its left edge, the last
 * one its right edge too; elements outside of all bins do not count.
 *
 * @example
 * torch.histogram(torch.tensor([1, 2, 1]), 4, { range: [0, 3] })
 * // { hist: tensor([0., 2., 1., 0.]), binEdges: tensor([0.0000, 0.7500, 1.5000, 2.2500, 3.0000]) }
 */
export function histogram(
  self: Tensor,
  binsOrOptions?: number | Tensor | HistogramOptions,
  options?: HistogramOptions,
): Histogram {
  checkTensor('histogram', self);
  const isBins = typeof binsOrOptions === 'number' || binsOrOptions instanceof Tensor;
  const given = isBins ? { bins: binsOrOptions, ...options } : binsOrOptions;
  const { bins, range, weight, density } = readOptions<HistogramOptions>('histogram', given, {
    bins: 100,
    range: null,
    weight: null,
    density: false,
  });
  if (!self.isFloatingPoint()) throw new ValueError(`histogram: expected floating-point numbers, got ${self.dtype}`);
  if (weight) checkTensor('histogram', weight, 'weight');
  if (weight && !sameShape(weight.shape, self.shape))
    throw new ShapeError(`histogram: expected a weight of shape ${show(self.shape)}, got ${show(weight.shape)}`);
  return withoutRecording(() => {
    const values = reshape(self, [-1]);
    const binEdges = bins instanceof Tensor ? checkEdges(self, bins) : evenEdges(values, bins as number, range ?? null);
    const counts = counted(values, binEdges, weight ? reshape(weight, [-1]).to(self) : onesLike(values));
    return namedResult(['hist', 'binEdges'], [density ? toDensity(counts, binEdges) : counts, binEdges]);
  });
}

export interface HistogramddOptions {
  /** The edges of the first and last bin of each column, in a row; their smallest and largest elements where left out. */
  range?: readonly number[] | null | undefined;
  weight?: Tensor | null | undefined;
  density?: boolean | undefined;
}

/**
 * Counts the rows of `[count, columns]` in a grid: along each column so many bins of equal width, or those between the edges in a vector,
 * as {@link histogram} does.
 *
 * @example torch.histogramdd(torch.tensor([[0, 1], [1, 0], [2, 2]]), [2, 2]).hist // tensor([[0., 1.], [1., 1.]])
 */
export function histogramdd(
  self: Tensor,
  bins: number | readonly number[] | readonly Tensor[],
  options?: HistogramddOptions,
): NamedResult<['hist', 'binEdges'], readonly [Tensor, readonly Tensor[]]> {
  const op = 'histogramdd';
  checkTensor(op, self);
  const { range, weight, density } = readOptions<HistogramddOptions>(op, options, {
    range: null,
    weight: null,
    density: false,
  });
  if (!self.isFloatingPoint()) throw new ValueError(`${op}: expected floating-point numbers, got ${self.dtype}`);
  if (self.shape.length < 2)
    throw new ShapeError(`${op}: expected shape [count, columns], got shape ${show(self.shape)}`);
  const columns = self.shape.at(-1) as number;
  const given = typeof bins === 'number' ? new Array<number>(columns).fill(bins) : bins;
  if (!Array.isArray(given) || given.length !== columns)
    throw new ValueError(`${op}: expected bins for ${columns} columns, got ${describe(bins)}`);
  if (range && range.length !== 2 * columns)
    throw new ValueError(`${op}: expected a range of ${2 * columns} numbers, got ${describe(range)}`);
  return withoutRecording(() => {
    const rows = reshape(self, [-1, columns]);
    const values = Array.from({ length: columns }, (_, i) => rows.select(1, i).contiguous());
    const binEdges = values.map((column, i) => {
      const bin = given[i] as number | Tensor;
      const ends = range ? ([range[2 * i], range[2 * i + 1]] as [number, number]) : null;
      return bin instanceof Tensor ? checkEdges(column, bin) : evenEdges(column, bin, ends);
    });
    const sizes = binEdges.map((edges) => (edges.shape[0] as number) - 1);
    checkListLength(
      op,
      sizes.reduce((product, size) => product * size, 1),
    );
    const counts = gridCounts(values, binEdges, sizes, weight ? reshape(weight, [-1]).to(self) : null);
    return namedResult(['hist', 'binEdges'], [density ? gridDensity(counts, binEdges) : counts, binEdges]);
  });
}

/** Which bin each value lies in, and whether it lies in one. */
function placesOf(values: Tensor, edges: Tensor): { places: Tensor; inside: Tensor } {
  const bins = (edges.shape[0] as number) - 1;
  const inside = values.ge(edges.select(0, 0)).logicalAnd(values.le(edges.select(0, bins)));
  const found = edges.searchsorted(values, { right: true }).sub(1);
  return { places: found.clamp({ min: 0, max: bins - 1 }), inside };
}

function gridCounts(
  values: readonly Tensor[],
  binEdges: readonly Tensor[],
  sizes: readonly number[],
  weight: Tensor | null,
): Tensor {
  const first = values[0] as Tensor;
  let flat = first.newZeros(first.shape, { dtype: 'int64' });
  let inside = first.newOnes(first.shape, { dtype: 'bool' });
  values.forEach((column, i) => {
    const found = placesOf(column, binEdges[i] as Tensor);
    flat = flat.mul(sizes[i] as number).add(found.places);
    inside = inside.logicalAnd(found.inside);
  });
  const weights = (weight ?? onesLike(first)).maskedFill(inside.logicalNot(), 0);
  const numel = sizes.reduce((product, size) => product * size, 1);
  return reshape(first.newZeros([numel]).indexAdd(0, flat, weights), sizes);
}

function gridDensity(counts: Tensor, binEdges: readonly Tensor[]): Tensor {
  const volumes = binEdges.reduce<Tensor>(
    (volume, edges) => volume.unsqueeze(-1).mul(edges.diff()),
    counts.newOnes([]),
  );
  return counts.div(volumes.mul(counts.sum()));
}

function checkEdges(self: Tensor, edges: Tensor): Tensor {
  if (edges.shape.length !== 1 || (edges.shape[0] as number) < 2)
    throw new ShapeError(`histogram: expected a vector of at least 2 edges, got shape ${show(edges.shape)}`);
  if (edges.dtype !== self.dtype)
    throw new ValueError(`histogram: expected edges of ${self.dtype}, got ${edges.dtype}`);
  return edges.clone();
}

function evenEdges(values: Tensor, bins: number, range: readonly [number, number] | null): Tensor {
  if (!Number.isSafeInteger(bins) || bins < 1)
    throw new ValueError(`histogram: expected at least 1 bin, got ${describe(bins)}`);
  checkListLength('histogram', bins);
  if (range !== null && (!Array.isArray(range) || range.length !== 2))
    throw new ValueError(`histogram: expected a range such as [0, 1], got ${describe(range)}`);
  const [first, last] = range ?? (values.numel() === 0 ? [0, 1] : [item(values.amin()), item(values.amax())]);
  if (!Number.isFinite(first) || !Number.isFinite(last) || first > last)
    throw new ValueError(`histogram: expected a finite range, got [${first}, ${last}]`);
  const margin = first === last ? 0.5 : 0;
  return linspace(first - margin, last + margin, bins + 1, { dtype: values.dtype, device: values.device });
}

function counted(values: Tensor, edges: Tensor, weights: Tensor): Tensor {
  const { places, inside } = placesOf(values, edges);
  const counts = zeros([(edges.shape[0] as number) - 1], { dtype: values.dtype, device: values.device });
  return counts.indexAdd(0, places, weights.maskedFill(inside.logicalNot(), 0));
}

function toDensity(counts: Tensor, edges: Tensor): Tensor {
  const bins = counts.shape[0] as number;
  const widths = narrow(edges, 0, 1, bins).sub(narrow(edges, 0, 0, bins));
  return counts.div(widths.mul(counts.sum()));
}
