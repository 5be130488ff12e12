import type { Tensor } from '@ts-torch/tensor';

/** A point of the line: its place, the loss, the gradient and the slope along the line there. */
export interface LinePoint {
  readonly t: number;
  readonly loss: number;
  readonly grad: Tensor;
  readonly slope: number;
}

export interface LineSearchOptions {
  /** Sufficient decrease: Nocedal & Wright 2006, (3.7a). */
  c1?: number;
  /** Curvature: (3.7b). */
  c2?: number;
  /** Brackets that move no parameter by more than this are not refined. */
  toleranceChange: number;
  /** The largest element of the direction. */
  reach: number;
  maxEvaluations?: number;
}

/** The minimum of the cubic through two points with their slopes, within bounds; Nocedal & Wright 2006, (3.59). */
function cubicMinimum(a: LinePoint, b: LinePoint, bounds: readonly [number, number]): number {
  const [low, high] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = low.slope + high.slope - (3 * (low.loss - high.loss)) / (low.t - high.t);
  const square = d1 * d1 - low.slope * high.slope;
  if (!(square >= 0)) return (bounds[0] + bounds[1]) / 2;
  const d2 = Math.sqrt(square);
  const minimum = high.t - (high.t - low.t) * ((high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2));
  return Math.min(Math.max(minimum, bounds[0]), bounds[1]);
}

/**
 * A point along a line that satisfies the strong Wolfe conditions; Nocedal & Wright 2006, algorithms 3.5 and 3.6, as Torch's
 * `lswolfe` has them. `evaluate` computes a point, `first` is the one to begin with.
 */
export function strongWolfe(
  evaluate: (t: number) => LinePoint,
  start: LinePoint,
  first: number,
  { c1 = 1e-4, c2 = 0.9, toleranceChange, reach, maxEvaluations = 25 }: LineSearchOptions,
): LinePoint {
  const tooHigh = ({ t, loss }: LinePoint): boolean => loss > start.loss + c1 * t * start.slope;
  const flat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -c2 * start.slope;

  // Bracketing: go on until a point is good, or a minimum must lie between two.
  let previous = start;
  let point = evaluate(first);
  let rounds = 0;
  let bracketed = false;
  while (rounds < maxEvaluations) {
    if (tooHigh(point) || (rounds > 1 && point.loss >= previous.loss)) {
      bracketed = true;
      break;
    }
    if (flat(point)) return point;
    if (point.slope >= 0) {
      bracketed = true;
      break;
    }
    const next = cubicMinimum(previous, point, [point.t + 0.01 * (point.t - previous.t), point.t * 10]);
    previous = point;
    point = evaluate(next);
    rounds++;
  }
  let low = bracketed ? previous : start;
  let high = point;
  // Equal losses keep the order of the bracket.
  if (low.loss > high.loss) [low, high] = [high, low];

  // Zooming: a point between the two takes the place of one of them.
  let stalled = false;
  while (rounds < maxEvaluations) {
    const min = Math.min(low.t, high.t);
    const max = Math.max(low.t, high.t);
    if ((max - min) * reach < toleranceChange) break;
    let t = cubicMinimum(low, high, [min, max]);
    // Too near to an end twice in a row, or on it: a tenth of the bracket away from it instead.
    const margin = 0.1 * (max - min);
    const near = Math.min(max - t, t - min) < margin;
    const retreat: boolean = near && (stalled || t >= max || t <= min);
    if (retreat) t = Math.abs(t - max) < Math.abs(t - min) ? max - margin : min + margin;
    stalled = near && !retreat;

    point = evaluate(t);
    rounds++;
    if (tooHigh(point) || point.loss >= low.loss) {
      high = point;
      if (low.loss > high.loss) [low, high] = [high, low];
      continue;
    }
    if (flat(point)) return point;
    if (point.slope * (high.t - low.t) >= 0) high = low;
    low = point;
  }
  return low;
}
