import { describe, type Generator, ValueError } from '@ts-torch/core';
import { randperm, type Tensor, tensor } from '@ts-torch/tensor';
import { checkTensors, readOptions } from '@ts-torch/tensor/internal';

/**
 * A list of samples, by index. A sample is a tensor, a number, or a tuple or object of such; a promise of one, where it must be loaded.
 *
 * @example
 * class Squares extends utils.data.Dataset<number> {
 *   get length() {
 *     return 3;
 *   }
 *   get(index: number) {
 *     return index ** 2;
 *   }
 * }
 * new Squares().get(2) // 4
 */
export abstract class Dataset<T> {
  /** The number of samples. */
  abstract readonly length: number;

  /** The sample of that index, from 0. */
  abstract get(index: number): T;

  /**
   * Several samples as one batch, just as `defaultCollate` would make it, for data sets that can do it faster than one by one;
   * `undefined` where they cannot after all: the data loader then calls {@link get}, and collates.
   */
  getBatch?(indices: readonly number[]): unknown;

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}

/**
 * A stream of samples, for data without an order to index.
 *
 * @example
 * class Count extends utils.data.IterableDataset<number> {
 *   *[Symbol.iterator]() {
 *     yield* [1, 2, 3];
 *   }
 * }
 * [...new Count()] // [1, 2, 3]
 */
export abstract class IterableDataset<T> {
  abstract [Symbol.iterator](): Iterator<T>;
}

/** An index counted from the front; negative ones count from the back. Throws {@link ValueError} outside of the data. */
export function checkIndex(op: string, index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length)
    throw new ValueError(`${op}: expected an index from 0 to ${length - 1}, got ${describe(index)}`);
  return index < 0 ? index + length : index;
}

type Rows<T extends readonly Tensor[]> = { -readonly [K in keyof T]: Tensor };

/**
 * Tensors of one length: sample `i` is the tuple of their rows `i`.
 *
 * @example new utils.data.TensorDataset(torch.arange(4), torch.ones([4])).length // 4
 */
export class TensorDataset<T extends readonly Tensor[]> extends Dataset<Rows<T>> {
  readonly tensors: T;
  readonly length: number;

  constructor(...tensors: T) {
    super();
    checkTensors('TensorDataset', tensors);
    const lengths = tensors.map(({ shape }) => shape[0]);
    if (lengths[0] === undefined || lengths.some((length) => length !== lengths[0]))
      throw new ValueError(`TensorDataset: expected tensors of one length, got lengths ${describe(lengths)}`);
    this.tensors = tensors;
    this.length = lengths[0];
  }

  override get(index: number): Rows<T> {
    const row = checkIndex('TensorDataset', index, this.length);
    return this.tensors.map((values) => values.select(0, row)) as Rows<T>;
  }

  override getBatch(indices: readonly number[]): Tensor[] {
    return this.tensors.map((values) => rows(values, indices));
  }
}

/** Rows of a tensor by their indices, in one copy. */
export function rows(from: Tensor, indices: readonly number[]): Tensor {
  return from.indexSelect(0, tensor(BigInt64Array.from(indices, BigInt), { device: from.device }));
}

/**
 * Several data sets, one behind the other.
 *
 * @example
 * const rows = new utils.data.TensorDataset(torch.arange(4));
 * new utils.data.ConcatDataset([rows, rows]).length // 8
 */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly Dataset<T>[];
  /** For each data set the number of samples up to its end. */
  readonly cumulativeSizes: readonly number[];

  constructor(datasets: Iterable<Dataset<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw new ValueError('ConcatDataset: expected data sets, got an empty list');
    let total = 0;
    this.cumulativeSizes = this.datasets.map(({ length }) => {
      total += length;
      return total;
    });
  }

  get length(): number {
    return this.cumulativeSizes.at(-1) as number;
  }

  override get(index: number): T {
    const at = checkIndex('ConcatDataset', index, this.length);
    const which = this.cumulativeSizes.findIndex((end) => at < end);
    return (this.datasets[which] as Dataset<T>).get(at - (this.cumulativeSizes[which - 1] ?? 0));
  }
}

/**
 * Several streams, one behind the other.
 *
 * @example
 * class Count extends utils.data.IterableDataset<number> {
 *   *[Symbol.iterator]() {
 *     yield* [1, 2];
 *   }
 * }
 * [...new utils.data.ChainDataset([new Count(), new Count()])] // [1, 2, 1, 2]
 */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  constructor(datasets: Iterable<IterableDataset<T>>) {
    super();
    this.datasets = [...datasets];
  }

  override *[Symbol.iterator](): Iterator<T> {
    for (const dataset of this.datasets) yield* { [Symbol.iterator]: () => dataset[Symbol.iterator]() };
  }
}

/**
 * Some samples of a data set, by their indices.
 *
 * @example
 * const rows = new utils.data.TensorDataset(torch.arange(4));
 * new utils.data.Subset(rows, [3, 0]).length // 2
 */
export class Subset<T> extends Dataset<T> {
  readonly dataset: Dataset<T>;
  readonly indices: readonly number[];

  constructor(dataset: Dataset<T>, indices: Iterable<number>) {
    super();
    this.dataset = dataset;
    this.indices = [...indices];
    for (const index of this.indices) checkIndex('Subset', index, dataset.length);
  }

  get length(): number {
    return this.indices.length;
  }

  override get(index: number): T {
    return this.dataset.get(this.indices[checkIndex('Subset', index, this.length)] as number);
  }

  override getBatch(indices: readonly number[]): unknown {
    const inner = indices.map((index) => this.indices[checkIndex('Subset', index, this.length)] as number);
    return this.dataset.getBatch?.(inner);
  }
}

/**
 * Cuts a data set at random into parts that share no sample: of these lengths, which must add up, or fractions, which must add up
 * to 1; what they leave goes to the parts in turn, one each.
 *
 * @example
 * const rows = new utils.data.TensorDataset(torch.arange(4));
 * utils.data.randomSplit(rows, [3, 1]).map((part) => part.length) // [3, 1]
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  options?: { generator?: Generator | undefined },
): Subset<T>[] {
  const { generator } = readOptions('randomSplit', options, { generator: undefined as Generator | undefined });
  const sizes = partSizes(lengths, dataset.length);
  const order = permutation(dataset.length, generator);
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return new Subset(dataset, order.slice(start - size, start));
  });
}

function partSizes(lengths: readonly number[], total: number): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (lengths.some((length) => !(length >= 0)))
    throw new ValueError(`randomSplit: expected lengths of at least 0, got ${describe(lengths)}`);
  if (Math.abs(sum - 1) > 1e-9 || total === 1) {
    if (sum !== total)
      throw new ValueError(`randomSplit: the lengths ${describe(lengths)} add up to ${sum}, not to ${total}`);
    return [...lengths];
  }
  const sizes = lengths.map((fraction) => Math.floor(fraction * total));
  const left = total - sizes.reduce((a, b) => a + b, 0);
  for (let i = 0; i < left; i++) sizes[i % sizes.length] = (sizes[i % sizes.length] as number) + 1;
  return sizes;
}

/** The numbers below `n` in random order. */
export function permutation(n: number, generator: Generator | undefined): number[] {
  return indicesOf(randperm(n, { generator }));
}

/** An integer tensor's elements as numbers. */
export function indicesOf(indices: Tensor): number[] {
  return Array.from(indices.toTypedArray() as BigInt64Array, Number);
}
