import { describe, type Generator as RandomGenerator, ValueError } from '@ts-torch/core';
import { rand, randint, Tensor, tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { indicesOf, permutation } from './dataset.js';

/** The order in which samples are drawn: indices, or lists of them. Each iteration is an epoch. */
export abstract class Sampler<T = number> {
  /** How many it draws in an epoch. */
  abstract readonly length: number;
  abstract [Symbol.iterator](): Iterator<T>;
}

interface Sized {
  readonly length: number;
}

function checkCount(op: string, name: string, value: unknown): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new ValueError(`${op}: expected ${name} to be an integer of at least 1, got ${describe(value)}`);
}

/**
 * All samples in order.
 *
 * @example [...new utils.data.SequentialSampler([5, 6, 7])] // [0, 1, 2]
 */
export class SequentialSampler extends Sampler {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    super();
    this.dataSource = dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

export interface RandomSamplerOptions {
  /** Draw each sample anew from all. */
  replacement?: boolean | undefined;
  /** As many as there are samples unless given. */
  numSamples?: number | null | undefined;
  generator?: RandomGenerator | undefined;
}

/**
 * Samples in random order, another one in each epoch.
 *
 * @example [...new utils.data.RandomSampler([5, 6, 7])].sort() // [0, 1, 2]
 */
export class RandomSampler extends Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: RandomGenerator | undefined;
  private readonly count: number | null;

  constructor(dataSource: Sized, options?: RandomSamplerOptions) {
    super();
    const defaults: RandomSamplerOptions = { replacement: false, numSamples: null, generator: undefined };
    const { replacement, numSamples, generator } = readOptions('RandomSampler', options, defaults);
    if (numSamples !== null && numSamples !== undefined) checkCount('RandomSampler', 'numSamples', numSamples);
    this.dataSource = dataSource;
    this.replacement = replacement ?? false;
    this.count = numSamples ?? null;
    this.generator = generator;
  }

  get length(): number {
    return this.count ?? this.dataSource.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const { generator, length } = this;
    const n = this.dataSource.length;
    if (n === 0) return;
    if (this.replacement) {
      yield* indicesOf(randint(0, n, [length], { generator }));
      return;
    }
    for (let drawn = 0; drawn < length; drawn += n) yield* permutation(n, generator).slice(0, length - drawn);
  }
}

/**
 * Given indices in random order.
 *
 * @example [...new utils.data.SubsetRandomSampler([4, 2])].sort() // [2, 4]
 */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[];
  readonly generator: RandomGenerator | undefined;

  constructor(indices: Iterable<number>, options?: { generator?: RandomGenerator | undefined }) {
    super();
    this.indices = [...indices];
    const defaults: { generator?: RandomGenerator | undefined } = { generator: undefined };
    this.generator = readOptions('SubsetRandomSampler', options, defaults).generator;
  }

  get length(): number {
    return this.indices.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    for (const i of permutation(this.length, this.generator)) yield this.indices[i] as number;
  }
}

/**
 * Indices with probabilities in proportion to their weights.
 *
 * @example [...new utils.data.WeightedRandomSampler([0, 1], 3)] // [1, 1, 1]
 */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: RandomGenerator | undefined;

  constructor(
    weights: readonly number[] | Tensor,
    numSamples: number,
    options?: { replacement?: boolean | undefined; generator?: RandomGenerator | undefined },
  ) {
    super();
    checkCount('WeightedRandomSampler', 'numSamples', numSamples);
    const defaults: { replacement?: boolean | undefined; generator?: RandomGenerator | undefined } = {
      replacement: true,
      generator: undefined,
    };
    const { replacement, generator } = readOptions('WeightedRandomSampler', options, defaults);
    this.weights = weights instanceof Tensor ? weights.to('float64') : tensor(weights, { dtype: 'float64' });
    if (this.weights.dim() !== 1)
      throw new ValueError(`WeightedRandomSampler: expected a list of weights, got shape [${this.weights.shape}]`);
    const positive = this.weights.gt(0).sum().item();
    if (this.weights.lt(0).any().item() || positive === 0 || (!replacement && positive < numSamples))
      throw new ValueError(
        `WeightedRandomSampler: expected weights of at least 0, enough above it for ${numSamples} samples, got ${positive}`,
      );
    this.numSamples = numSamples;
    this.replacement = replacement ?? true;
    this.generator = generator;
  }

  get length(): number {
    return this.numSamples;
  }

  override *[Symbol.iterator](): Iterator<number> {
    yield* indicesOf(this.replacement ? this.drawWithReplacement() : this.drawOnce());
  }

  private uniform(count: number): Tensor {
    return rand([count], { dtype: 'float64', generator: this.generator });
  }

  /** Where uniform numbers fall among the sums of the weights. */
  private drawWithReplacement(): Tensor {
    const sums = this.weights.cumsum(0);
    return sums.searchsorted(this.uniform(this.numSamples).mul(sums.at(-1)), { right: true });
  }

  /** The largest of `log(u) / weight`; Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir". */
  private drawOnce(): Tensor {
    const { weights, numSamples } = this;
    return this.uniform(weights.numel()).log().div(weights).topk(numSamples).indices;
  }
}

/**
 * Lists of `batchSize` indices of another sampler; the last may be shorter, or is dropped.
 *
 * @example [...new utils.data.BatchSampler(new utils.data.SequentialSampler([5, 6, 7]), 2, false)] // [[0, 1], [2]]
 */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number> & Sized;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(sampler: Iterable<number> & Sized, batchSize: number, dropLast: boolean) {
    super();
    checkCount('BatchSampler', 'batchSize', batchSize);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  override *[Symbol.iterator](): Iterator<number[]> {
    yield* batched(this.sampler, this.batchSize, this.dropLast);
  }
}

/** Lists of `size` items; the last may be shorter, or is dropped. */
export function* batched<T>(items: Iterable<T>, size: number, dropLast: boolean): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield batch;
}
