import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { onesLike, zeros } from '../creation.js';
import { checkTensor, namedResult, readOptions } from '../op.js';
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

export interface Histogram extends Iterable<Tensor> {
  readonly hist: Tensor;
  readonly binEdges: Tensor;
}

/**
 * Counts the elements by bins: so many of equal width, or those between the edges in a vector. A bin holds its left edge, the last
 * one its right edge too; elements outside of all bins do not count.
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
  if (weight && !sameShape(weight.shape, self.shape))
    throw new ShapeError(`histogram: expected a weight of shape ${show(self.shape)}, got ${show(weight.shape)}`);
  return withoutRecording(() => {
    const values = reshape(self, [-1]);
    const binEdges = bins instanceof Tensor ? checkEdges(self, bins) : evenEdges(values, bins as number, range ?? null);
    const counts = counted(values, binEdges, weight ? reshape(weight, [-1]).to(self) : onesLike(values));
    return namedResult({ hist: density ? toDensity(counts, binEdges) : counts, binEdges });
  });
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
  const bins = (edges.shape[0] as number) - 1;
  const inside = values.ge(edges.select(0, 0)).logicalAnd(values.le(edges.select(0, bins)));
  const places = edges
    .searchsorted(values, { right: true })
    .sub(1)
    .clamp({ min: 0, max: bins - 1 });
  const counts = zeros([bins], { dtype: values.dtype, device: values.device });
  return counts.indexAdd(0, places, weights.maskedFill(inside.logicalNot(), 0));
}

function toDensity(counts: Tensor, edges: Tensor): Tensor {
  const bins = counts.shape[0] as number;
  const widths = narrow(edges, 0, 1, bins).sub(narrow(edges, 0, 0, bins));
  return counts.div(widths.mul(counts.sum()));
}
