import {
  DTypeError,
  describe,
  dtypeInfo,
  type Generator,
  kernel,
  launch,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { allocate } from '../allocation.js';
import {
  checkNumbers,
  checkOutDtype,
  checkTensor,
  isOptions,
  type OpDefinition,
  primitive,
  readOptions,
  runInPlace,
  writeOut,
} from '../op.js';
import { checkRange, drawInto, generatorOf, NORMAL, RANDOM_INTEGERS, UNIFORM } from '../random.js';
import { withoutRecording } from '../recording.js';
import { show } from '../shape.js';
import { Tensor } from '../tensor.js';

export interface SamplingOptions {
  generator?: Generator | null | undefined;
}

type Draw = (out: Tensor, ...args: never[]) => void;

/** A primitive that fills `self` with random numbers: its gradient is zero. */
function filling<F extends Draw>(name: string, params: readonly string[], draw: F) {
  const forward = (self: Tensor, ...args: unknown[]): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    draw(out, ...(args as never[]));
    return out;
  };
  const sampled = primitive(name, ['self', ...params], forward);
  const definition: OpDefinition = {
    ...sampled.definition,
    into: (out: Tensor, _self: Tensor, ...args: unknown[]) => draw(out, ...(args as never[])),
  };
  return Object.assign(sampled, { inPlace: definition });
}

const uniformFill = filling(
  'uniform',
  ['from', 'to', 'generator'],
  (out, from: number, to: number, generator: Generator | null) => drawInto(UNIFORM, out, [from, to], generator),
);
const normalFill = filling(
  'normal',
  ['mean', 'std', 'generator'],
  (out, mean: number, std: number, generator: Generator | null) => drawInto(NORMAL, out, [mean, std], generator),
);
const integerFill = filling(
  'random',
  ['from', 'to', 'generator'],
  (out, from: number, to: number, generator: Generator | null) =>
    drawInto(RANDOM_INTEGERS, out, [from, to - from], generator),
);

const DROPOUT = kernel('dropout');

/** x with elements zeroed with probability p, the others divided by 1 - p; and the mask of those that were kept. */
const dropoutPrimitive = primitive(
  'dropout',
  ['self', 'p', 'generator'],
  (self: Tensor, p: number, generator: Generator | null): readonly [Tensor, Tensor] => {
    const input = self.contiguous();
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    const mask = allocate(self.shape, dtypeInfo('bool'), self.device);
    const stream = generatorOf('dropout', generator, out.device).take(Math.ceil(out.numel() / 256) * 64);
    launch(DROPOUT, [out, mask, input], [p, ...stream]);
    return [out, mask];
  },
);

/** Random primitives; for derivatives and for nn. */
const samplingPrimitives = {
  uniform: uniformFill,
  normal: normalFill,
  random: integerFill,
  dropout: dropoutPrimitive,
};
export default samplingPrimitives;

function checkFloating(op: string, self: unknown): asserts self is Tensor {
  checkTensor(op, self);
  if (!self.isFloatingPoint()) throw new DTypeError(`${op}: expected a floating-point tensor, got ${self.dtype}`);
}

/**
 * Overwrites with uniform numbers in [from, to).
 *
 * @example torch.zeros([3]).uniform_(2, 3).ge(2) // tensor([True, True, True])
 */
export function uniform_(
  self: Tensor,
  fromOrOptions?: number | (SamplingOptions & { from?: number | undefined; to?: number | undefined }),
  upTo?: number,
  options?: SamplingOptions,
): Tensor {
  checkFloating('uniform_', self);
  const named = isOptions(fromOrOptions) ? fromOrOptions : { from: fromOrOptions, to: upTo, ...options };
  const { from, to, generator } = readOptions('uniform_', named, {
    from: 0,
    to: 1,
    generator: null as Generator | null,
  });
  checkNumbers('uniform_', { from, to });
  if (from > to) throw new ValueError(`uniform_: expected from <= to, got ${from} and ${to}`);
  return runInPlace(uniformFill.inPlace, self, [from, to, generator]);
}

/** Overwrites with normal numbers. */
export function normal_(self: Tensor, mean = 0, std = 1, options?: SamplingOptions): Tensor {
  checkFloating('normal_', self);
  checkNumbers('normal_', { mean, std });
  if (std < 0) throw new ValueError(`normal_: expected std of at least 0, got ${std}`);
  const { generator } = readOptions<SamplingOptions>('normal_', options, { generator: null });
  return runInPlace(normalFill.inPlace, self, [mean, std, generator]);
}

const LARGEST = {
  float64: 2 ** 53,
  float32: 2 ** 24,
  float16: 2 ** 11,
  bfloat16: 2 ** 8,
  int64: 2 ** 53 - 1,
  int32: 2 ** 31,
  int16: 2 ** 15,
  int8: 2 ** 7,
  uint8: 2 ** 8,
  bool: 2,
};

/** Overwrites with integers in [from, to): by default all that the dtype holds exactly, from 0. */
export function random_(self: Tensor, from?: number, to?: number, options?: SamplingOptions): Tensor {
  checkTensor('random_', self);
  if (self.isComplex()) throw new DTypeError(`random_: not supported for ${self.dtype}`);
  const low = to === undefined ? 0 : (from ?? 0);
  const high = to ?? from ?? LARGEST[self.dtype as keyof typeof LARGEST];
  checkRange('random_', low, high);
  const { generator } = readOptions<SamplingOptions>('random_', options, { generator: null });
  return runInPlace(integerFill.inPlace, self, [low, high, generator]);
}

/** Uniform numbers in [0, 1) like `self`, in at least float32: what the other distributions are made of. */
function unitsLike(self: Tensor, generator: Generator | null): Tensor {
  const out = allocate(self.shape, dtypeInfo(self.dtype === 'float64' ? 'float64' : 'float32'), self.device);
  drawInto(UNIFORM, out, [0, 1], generator);
  return out;
}

/** A distribution of one parameter or two, as a function of uniform numbers. */
function fromUnits(
  op: string,
  self: Tensor,
  options: SamplingOptions | undefined,
  transform: (units: Tensor) => Tensor,
): Tensor {
  const { generator } = readOptions<SamplingOptions>(op, options, { generator: null });
  return self.copy_(transform(unitsLike(self, generator ?? null)));
}

/**
 * Overwrites with numbers of density lambd exp(-lambd x).
 *
 * @example torch.zeros([3]).exponential_().ge(0) // tensor([True, True, True])
 */
export function exponential_(self: Tensor, lambd = 1, options?: SamplingOptions): Tensor {
  checkFloating('exponential_', self);
  checkNumbers('exponential_', { lambd });
  if (!(lambd > 0)) throw new ValueError(`exponential_: expected lambd above 0, got ${describe(lambd)}`);
  return fromUnits('exponential_', self, options, (units) => units.neg().log1p().div(-lambd));
}

/**
 * Overwrites with numbers of the Cauchy distribution.
 *
 * @example torch.zeros([2, 3]).cauchy_().shape // [2, 3]
 */
export function cauchy_(self: Tensor, median = 0, sigma = 1, options?: SamplingOptions): Tensor {
  checkFloating('cauchy_', self);
  checkNumbers('cauchy_', { median, sigma });
  if (!(sigma > 0)) throw new ValueError(`cauchy_: expected sigma above 0, got ${describe(sigma)}`);
  return fromUnits('cauchy_', self, options, (units) => units.sub(0.5).mul(Math.PI).tan().mul(sigma).add(median));
}

/**
 * Overwrites with the numbers of trials up to the first success, each of probability p.
 *
 * @example torch.zeros([3]).geometric_(0.5).ge(1) // tensor([True, True, True])
 */
export function geometric_(self: Tensor, p: number, options?: SamplingOptions): Tensor {
  checkTensor('geometric_', self);
  checkNumbers('geometric_', { p });
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric_: expected p in (0, 1), got ${describe(p)}`);
  return fromUnits('geometric_', self, options, (units) => units.neg().log1p().div(Math.log1p(-p)).ceil().clampMin(1));
}

/**
 * Overwrites with numbers whose logarithm is normal with this mean and deviation.
 *
 * @example torch.zeros([3]).logNormal_().gt(0) // tensor([True, True, True])
 */
export function logNormal_(self: Tensor, mean = 1, std = 2, options?: SamplingOptions): Tensor {
  checkFloating('logNormal_', self);
  normal_(self, mean, std, options);
  return self.exp_();
}

/** Overwrites with 1 with probability p, else 0; p may be a tensor that broadcasts. */
export function bernoulli_(self: Tensor, p: number | Tensor = 0.5, options?: SamplingOptions): Tensor {
  checkTensor('bernoulli_', self);
  checkProbability('bernoulli_', p);
  return fromUnits('bernoulli_', self, options, (units) => units.lt(p));
}

function checkProbability(op: string, p: unknown): void {
  if (p instanceof Tensor) return;
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new ValueError(`${op}: expected p in [0, 1], got ${describe(p)}`);
}

/**
 * 1 with the probability that each element gives, else 0; with `p`, that probability for all.
 *
 * @example torch.bernoulli(torch.tensor([0, 1, 1])) // tensor([0., 1., 1.])
 */
export function bernoulli(self: Tensor, options?: SamplingOptions & { p?: number | null; out?: Tensor }): Tensor {
  checkFloating('bernoulli', self);
  const { p, generator, out } = readOptions('bernoulli', options, {
    p: null as number | null,
    generator: null as Generator | null,
    out: undefined as Tensor | undefined,
  });
  if (p !== null) checkProbability('bernoulli', p);
  const result = unitsLike(self, generator)
    .lt(p ?? self)
    .to(self.dtype);
  return out === undefined ? result : writeOut('bernoulli', out, result);
}

/**
 * Numbers of events where each element gives the expected number: below 10 by products of uniform numbers (Knuth 1969), above by
 * transformed rejection (Hoermann 1993, "The transformed rejection method for generating Poisson random variables", PTRS).
 *
 * @example torch.poisson(torch.tensor([0, 0])) // tensor([0., 0.])
 */
export function poisson(self: Tensor, options?: SamplingOptions): Tensor {
  checkFloating('poisson', self);
  const { generator } = readOptions<SamplingOptions>('poisson', options, { generator: null });
  return withoutRecording(() => {
    const rate = self.to('float64');
    if (rate.lt(0).any().item()) throw new ValueError('poisson: expected rates of at least 0');
    const small = rate.lt(10);
    const few = countedEvents(rate.mul(small), generator ?? null);
    const many = rejectedEvents(rate.maximum(rate.newFull([], 10)), generator ?? null);
    return few.where(small, many).to(self.dtype);
  });
}

/** How many uniform numbers can be multiplied until the product is below exp(-rate). */
function countedEvents(rate: Tensor, generator: Generator | null): Tensor {
  const limit = rate.neg().exp();
  const counts = rate.newZeros(rate.shape);
  let product = unitsLike(rate, generator);
  for (let alive = product.gt(limit); alive.any().item(); alive = product.gt(limit)) {
    counts.add_(alive);
    product = product.mul(unitsLike(rate, generator));
  }
  return counts;
}

function rejectedEvents(rate: Tensor, generator: Generator | null): Tensor {
  const b = rate.sqrt().mul(2.53).add(0.931);
  const a = b.mul(0.02483).sub(0.059);
  const alpha = b.sub(3.4).reciprocal().mul(1.1328).add(1.1239);
  const bound = b.sub(2).reciprocal().mul(-3.6224).add(0.9277);
  const result = rate.newZeros(rate.shape);
  const waiting = rate.newOnes(rate.shape, { dtype: 'bool' });
  while (waiting.any().item()) {
    const u = unitsLike(rate, generator).sub(0.5);
    const v = unitsLike(rate, generator);
    const us = u.abs().neg().add(0.5);
    const k = a.mul(2).div(us).add(b).mul(u).add(rate).add(0.43).floor();
    const quick = us.ge(0.07).logicalAnd(v.le(bound));
    const possible = k.ge(0).logicalAnd(us.ge(0.013).logicalOr(v.le(us)));
    const left = v.mul(alpha).div(a.div(us.square()).add(b)).log();
    const right = rate.log().mul(k).sub(rate).sub(k.add(1).clampMin(1).lgamma());
    const accepted = quick.logicalOr(possible.logicalAnd(left.le(right))).logicalAnd(waiting);
    result.copy_(k.where(accepted, result));
    waiting.copy_(waiting.logicalAnd(accepted.logicalNot()));
  }
  return result;
}

export interface MultinomialOptions extends SamplingOptions {
  /** A category may be drawn again. */
  replacement?: boolean | undefined;
  out?: Tensor | undefined;
}

const MULTINOMIAL = kernel('multinomial');

/**
 * `numSamples` categories for each row of weights, which need not add up to 1: int64, of shape `[numSamples]` or
 * `[rows, numSamples]`. Without replacement, as by default, a row needs that many weights above 0.
 *
 * @example torch.multinomial(torch.tensor([0, 1]), 3, { replacement: true }) // tensor([1, 1, 1])
 */
export function multinomial(self: Tensor, numSamples: number, options?: MultinomialOptions): Tensor {
  checkFloating('multinomial', self);
  const { replacement, generator, out } = readOptions<MultinomialOptions>('multinomial', options, {
    replacement: false,
    generator: null,
    out: undefined,
  });
  const ndim = self.shape.length;
  const categories = self.shape[ndim - 1] ?? 0;
  if (ndim < 1 || ndim > 2) throw new ShapeError(`multinomial: expected 1 or 2 dimensions, got ${show(self.shape)}`);
  if (!Number.isSafeInteger(numSamples) || numSamples < 1)
    throw new ValueError(`multinomial: expected numSamples to be an integer above 0, got ${describe(numSamples)}`);
  if (!replacement && numSamples > categories)
    throw new ValueError(`multinomial: cannot draw ${numSamples} of ${categories} categories without replacement`);
  if (out !== undefined) checkOutDtype('multinomial', out, dtypeInfo('int64'));
  const rows = ndim === 1 ? 1 : (self.shape[0] as number);
  const drawn = allocate([rows, numSamples], dtypeInfo('int64'), self.device);
  const weights = withoutRecording(() => self.contiguous().reshape([rows, categories]));
  // A number takes half a block.
  const numbers = rows * (replacement ? numSamples : categories);
  const stream = generatorOf('multinomial', generator, self.device).take(Math.ceil(numbers / 256) * 64 * 2);
  if (rows > 0) launch(MULTINOMIAL, [drawn, weights], [replacement === true, ...stream]);
  const result = ndim === 1 ? drawn.reshape([numSamples]) : drawn;
  return out === undefined ? result : writeOut('multinomial', out, result);
}
