import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import { castable } from '../castable.js';
import { full, tensor as tensorOf } from '../creation.js';
import { cat } from '../joining.js';
import { checkTensor, type OutOptions, readOptions, writeOut } from '../op.js';
import { checkBoolean } from '../reducing.js';
import { normalizeDim, range, show } from '../shape.js';
import { Tensor } from '../tensor.js';

// --- Quantiles ----------------------------------------------------------------------------------------------------------

export type QuantileInterpolation = 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';

export interface QuantileOptions extends OutOptions {
  dim?: number | null | undefined;
  keepdim?: boolean | undefined;
  interpolation?: QuantileInterpolation | undefined;
}

const INTERPOLATIONS = ['linear', 'lower', 'higher', 'nearest', 'midpoint'];

function quantileOf(
  op: string,
  self: Tensor,
  q: number | Tensor,
  options: QuantileOptions | undefined,
  ignoreNan: boolean,
): Tensor {
  checkTensor(op, self);
  const { dim, keepdim, interpolation, out } = readOptions<QuantileOptions>(op, options, {
    dim: undefined,
    keepdim: false,
    interpolation: 'linear',
    out: undefined,
  });
  if (self.dtype !== 'float32' && self.dtype !== 'float64')
    throw new DTypeError(`${op}: expected float32 or float64, got ${self.dtype}`);
  if (!INTERPOLATIONS.includes(interpolation as string))
    throw new ValueError(
      `${op}: expected interpolation to be ${INTERPOLATIONS.join(', ')}, got ${describe(interpolation)}`,
    );
  const levels = levelsOf(op, self, q);
  const flat = dim === undefined || dim === null;
  const source =
    flat || self.shape.length === 0 ? self.reshape([-1]) : self.movedim(normalizeDim(op, dim, self.shape.length), -1);
  if (source.shape.at(-1) === 0)
    throw new ShapeError(`${op}: expected at least one element, got shape ${show(self.shape)}`);
  const picked = pickLevels(source, levels.reshape([-1]), interpolation as QuantileInterpolation, ignoreNan);
  // [..., levels], to levels first.
  const result = picked.movedim(-1, 0);
  const shaped = checkBoolean(op, 'keepdim', keepdim)
    ? result.reshape([levels.numel(), ...keptShape(self, flat ? null : (dim as number))])
    : result;
  const final = levels.shape.length === 0 ? shaped.select(0, 0) : shaped;
  return out === undefined ? final : writeOut(op, out, final);
}

function keptShape(self: Tensor, dim: number | null): readonly number[] {
  if (dim === null) return self.shape.map(() => 1);
  return self.shape.length === 0 ? [] : self.shape.with(normalizeDim('quantile', dim, self.shape.length), 1);
}

function levelsOf(op: string, self: Tensor, q: number | Tensor): Tensor {
  const levels = q instanceof Tensor ? q : tensorOf(q, { dtype: self.dtype, device: self.device });
  if (!(q instanceof Tensor) && typeof q !== 'number')
    throw new ValueError(`${op}: expected q to be a number or a tensor, got ${describe(q)}`);
  if (levels.shape.length > 1)
    throw new ShapeError(`${op}: expected q of at most one dimension, got shape ${show(levels.shape)}`);
  if (levels.dtype !== self.dtype) throw new DTypeError(`${op}: expected q of ${self.dtype}, got ${levels.dtype}`);
  if (levels.numel() > 0 && !(levels.amin().item() >= 0 && levels.amax().item() <= 1))
    throw new ValueError(`${op}: expected q in [0, 1]`);
  return levels;
}

/** The elements at each level of the sorted last dimension. NaN, sorted last, is all that a line with one gives. */
function pickLevels(source: Tensor, levels: Tensor, interpolation: QuantileInterpolation, ignoreNan: boolean): Tensor {
  const sorted = source.sort(-1).values;
  const last = (source.shape.at(-1) as number) - 1;
  const shape = [...source.shape.slice(0, -1), levels.numel()];
  const numbers = source.eq(source).sum(-1, { keepdim: true });
  const ranks = ignoreNan
    ? levels.mul(numbers.sub(1).maskedFill(numbers.eq(0), 0)).expand(shape)
    : levels
        .mul(last)
        .expand(shape)
        .maskedFill(numbers.eq(last + 1).eq(false), last);
  const low = ranks.to('int64');
  const fraction = ranks.sub(low);
  const high = low.add(fraction.gt(0));
  const at = (index: Tensor): Tensor => sorted.gather(-1, index);
  if (interpolation === 'lower') return at(low);
  if (interpolation === 'higher') return at(high);
  if (interpolation === 'nearest') return at(nearest(low, fraction));
  const below = at(low);
  const weight = interpolation === 'midpoint' ? 0.5 : fraction;
  return below.add(at(high).sub(below).mul(weight));
}

/** Halves go to the even rank. */
function nearest(low: Tensor, fraction: Tensor): Tensor {
  const odd = low.sub(low.to('float64').div(2).to('int64').mul(2)).eq(1);
  return low.add(fraction.gt(0.5)).add(fraction.eq(0.5).mul(odd));
}

/**
 * The `q`-th quantile, q in [0, 1], of all elements or along a dimension, interpolated between the two elements next to it. Several levels in
 * a one-dimensional `q` give a first dimension.
 *
 * @example torch.quantile(torch.tensor([1, 2, 3, 4]), 0.5) // tensor(2.5000)
 */
export function quantile(self: Tensor, q: number | Tensor, options?: QuantileOptions): Tensor {
  return quantileOf('quantile', self, q, options, false);
}

/**
 * {@link quantile} of the elements that are not NaN.
 *
 * @example torch.nanquantile(torch.tensor([1, NaN, 3]), 0.5) // tensor(2.)
 */
export function nanquantile(self: Tensor, q: number | Tensor, options?: QuantileOptions): Tensor {
  return quantileOf('nanquantile', self, q, options, true);
}

// --- Differences and integrals ------------------------------------------------------------------------------------------

export interface DiffOptions extends OutOptions {
  /** How often the difference is taken. */
  n?: number | undefined;
  dim?: number | undefined;
  prepend?: Tensor | null | undefined;
  append?: Tensor | null | undefined;
}

/**
 * The differences of neighbours along a dimension, the last where left out: `out[i] = self[i + 1] - self[i]`.
 *
 * @example torch.diff(torch.tensor([1, 4, 9])) // tensor([3., 5.])
 */
export function diff(self: Tensor, options?: DiffOptions): Tensor {
  checkTensor('diff', self);
  const { n, dim, prepend, append, out } = readOptions<DiffOptions>('diff', options, {
    n: 1,
    dim: -1,
    prepend: undefined,
    append: undefined,
    out: undefined,
  });
  if (self.shape.length === 0) throw new ShapeError('diff: expected at least one dimension, got shape []');
  if (!Number.isInteger(n) || (n as number) < 0)
    throw new ValueError(`diff: expected n of at least 0, got ${describe(n)}`);
  const at = normalizeDim('diff', dim, self.shape.length);
  const parts = [prepend, self, append].filter((part): part is Tensor => part !== null && part !== undefined);
  let result = parts.length === 1 ? self : cat(parts, at);
  for (let i = 0; i < (n as number) && (result.shape[at] as number) > 0; i++) {
    const size = (result.shape[at] as number) - 1;
    const [later, earlier] = [result.narrow(at, 1, size), result.narrow(at, 0, size)];
    result = result.dtype === 'bool' ? later.eq(earlier).eq(false) : later.sub(earlier);
  }
  return out === undefined ? result : writeOut('diff', out, result);
}

export interface TrapezoidOptions {
  /** The distance of neighbours, where no `x` gives their places. */
  dx?: number | undefined;
  dim?: number | undefined;
}

/** The areas under the lines between neighbours. */
function areas(
  op: string,
  y: Tensor,
  x: Tensor | TrapezoidOptions | undefined,
  options: TrapezoidOptions | undefined,
): { dim: number; parts: Tensor } {
  checkTensor(op, y, 'y');
  const { dx, dim } = readOptions<TrapezoidOptions>(op, x instanceof Tensor ? options : (x ?? options), {
    dx: 1,
    dim: -1,
  });
  if (typeof dx !== 'number') throw new ValueError(`${op}: expected dx to be a number, got ${describe(dx)}`);
  if (y.shape.length === 0) throw new ShapeError(`${op}: expected at least one dimension, got shape []`);
  const at = normalizeDim(op, dim, y.shape.length);
  const size = y.shape[at] as number;
  if (size === 0) return { dim: at, parts: y };
  const sums = y.narrow(at, 1, size - 1).add(y.narrow(at, 0, size - 1));
  if (!(x instanceof Tensor)) return { dim: at, parts: sums.mul(dx / 2) };
  const places = x.shape.length === 1 ? x.reshape(y.shape.map((_, d) => (d === at ? x.numel() : 1))) : x;
  const along = places.shape.length - y.shape.length + at;
  if (along < 0 || places.shape[along] !== size)
    throw new ShapeError(`${op}: expected x with ${size} elements along dimension ${at}, got shape ${show(x.shape)}`);
  const widths = diff(places, { dim: along });
  return { dim: at - y.shape.length, parts: sums.mul(widths).div(2) };
}

/**
 * The integral by the trapezoidal rule along a dimension, over places `x` or with distance `dx`.
 *
 * @example torch.trapezoid(torch.tensor([1, 2, 3])) // tensor(4.)
 */
export function trapezoid(y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor {
  const { dim, parts } = areas('trapezoid', y, x, options);
  return parts.sum(dim);
}
/**
 * {@link trapezoid}, by its old name.
 *
 * @example torch.trapz(torch.tensor([1, 2, 3]), { dx: 2 }) // tensor(8.)
 */
export const trapz = (y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor =>
  trapezoid(y, x, options);

/**
 * The integral up to each place by the trapezoidal rule: one element fewer than `y` along the dimension.
 *
 * @example torch.cumulativeTrapezoid(torch.tensor([1, 2, 3])) // tensor([1.5000, 4.0000])
 */
export function cumulativeTrapezoid(y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions): Tensor {
  const { dim, parts } = areas('cumulativeTrapezoid', y, x, options);
  return parts.cumsum(dim);
}

// --- Covariance ---------------------------------------------------------------------------------------------------------

export interface CovarianceOptions {
  /** The sum is divided by the number of observations minus this. */
  correction?: number | undefined;
  /** How often each observation was made: integers. */
  fweights?: Tensor | null | undefined;
  /** How much each observation counts. */
  aweights?: Tensor | null | undefined;
}

function checkWeights(name: string, weights: Tensor, observations: number): void {
  checkTensor('cov', weights, name);
  if (weights.shape.length > 1 || weights.numel() !== observations)
    throw new ShapeError(
      `cov: expected ${name} for each of ${observations} observations, got shape ${show(weights.shape)}`,
    );
  if (observations > 0 && weights.amin().item() < 0) throw new ValueError(`cov: expected ${name} of at least 0`);
}

/**
 * The covariance matrix of variables in rows and observations in columns; a number for one variable.
 *
 * @example torch.cov(torch.tensor([[0, 1, 2], [2, 1, 0]])) // tensor([[1., -1.], [-1., 1.]])
 */
export function cov(self: Tensor, options?: CovarianceOptions): Tensor {
  checkTensor('cov', self);
  const { correction, fweights, aweights } = readOptions<CovarianceOptions>('cov', options, {
    correction: 1,
    fweights: undefined,
    aweights: undefined,
  });
  if (self.shape.length > 2)
    throw new ShapeError(`cov: expected at most two dimensions, got shape ${show(self.shape)}`);
  if (self.dtype === 'bool') throw new DTypeError('cov: not supported for bool');
  if (typeof correction !== 'number')
    throw new ValueError(`cov: expected correction to be a number, got ${describe(correction)}`);
  const given = self.shape.length < 2 ? self.reshape([1, -1]) : self;
  const input = given.dtypeInfo.rank < 2 ? given.to('float32') : given;
  const observations = input.shape[1] as number;
  if (fweights !== undefined && fweights !== null) {
    checkWeights('fweights', fweights, observations);
    if (fweights.dtypeInfo.category !== 'integer')
      throw new DTypeError(`cov: expected fweights of integers, got ${fweights.dtype}`);
  }
  if (aweights !== undefined && aweights !== null) checkWeights('aweights', aweights, observations);
  const weights = fweights && aweights ? fweights.mul(aweights) : (fweights ?? aweights ?? null);
  const total = weights === null ? full([], observations, { dtype: 'float64', device: input.device }) : weights.sum();
  const mean = weights === null ? input.sum(1).div(observations) : input.mul(weights).sum(1).div(total);
  const freedom = freedomOf(total, weights, aweights ?? null, correction);
  const centered = input.sub(mean.unsqueeze(1));
  const weighted = weights === null ? centered : centered.mul(weights);
  const result = weighted.matmul(centered.t().conj()).div(freedom);
  return result.squeeze().to(input.dtype);
}

/** What the sums are divided by; not below 0. */
function freedomOf(total: Tensor, weights: Tensor | null, aweights: Tensor | null, correction: number): Tensor {
  const lost = aweights && weights ? weights.mul(aweights).sum().mul(correction).div(total) : correction;
  const freedom = total.sub(lost);
  return freedom.maskedFill(freedom.gt(0).eq(false), 0);
}

/**
 * The matrix of Pearson's correlation coefficients of variables in rows.
 *
 * @example torch.corrcoef(torch.tensor([[0, 1, 2], [2, 1, 0]])) // tensor([[1., -1.], [-1., 1.]])
 */
export function corrcoef(self: Tensor): Tensor {
  checkTensor('corrcoef', self);
  if (self.shape.length > 2)
    throw new ShapeError(`corrcoef: expected at most two dimensions, got shape ${show(self.shape)}`);
  const covariance = cov(self);
  if (covariance.shape.length === 0) return covariance.div(covariance);
  const deviations = covariance.diagonal().pow(0.5);
  return covariance.div(deviations.unsqueeze(1)).div(deviations.unsqueeze(0));
}

// --- Norms of parts -----------------------------------------------------------------------------------------------------

/**
 * The parts along `dim` scaled down where their norm of order `p` is above `maxnorm`.
 *
 * @example torch.renorm(torch.tensor([[3, 4], [0, 1]]), 2, 0, 1) // tensor([[0.6000, 0.8000], [0.0000, 1.0000]])
 */
export const renorm = castable('renorm', (self: Tensor, p: number, dim: number, maxnorm: number): Tensor => {
  checkTensor('renorm', self);
  if (typeof p !== 'number' || !(p > 0)) throw new ValueError(`renorm: expected p above 0, got ${describe(p)}`);
  if (typeof maxnorm !== 'number' || !(maxnorm >= 0))
    throw new ValueError(`renorm: expected maxnorm of at least 0, got ${describe(maxnorm)}`);
  if (self.shape.length < 2)
    throw new ShapeError(`renorm: expected at least two dimensions, got shape ${show(self.shape)}`);
  const at = normalizeDim('renorm', dim, self.shape.length);
  const others = range(self.shape.length).filter((d) => d !== at);
  const norms = self.norm({ p, dim: others, keepdim: true });
  const within = norms.gt(maxnorm).eq(false);
  // 1e-7, as in PyTorch: no division by 0.
  return self.mul(norms.add(1e-7).div(maxnorm).pow(-1).maskedFill(within, 1));
});

/** {@link renorm}, written into `self`. */
export function renorm_(self: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  checkTensor('renorm_', self);
  return self.copy_(renorm(self, p, dim, maxnorm));
}
