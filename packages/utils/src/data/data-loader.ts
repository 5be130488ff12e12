import { describe, type Generator, ValueError } from '@ts-torch/core';
import { readOptions } from '@ts-torch/tensor/internal';
import { type Collated, defaultCollate } from './collate.js';
import { Dataset, IterableDataset } from './dataset.js';
import { BatchSampler, batched, RandomSampler, SequentialSampler } from './sampler.js';

type SizedIterable<T> = Iterable<T> & { readonly length: number };

export interface DataLoaderOptions<T, B> {
  /** Samples of a batch; `null` gives single samples. */
  batchSize?: number | null | undefined;
  /** Another random order in each epoch. */
  shuffle?: boolean | undefined;
  /** The order of the samples. */
  sampler?: SizedIterable<number> | null | undefined;
  /** The samples of each batch, in place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: SizedIterable<readonly number[]> | null | undefined;
  /** Accepted for programs written for PyTorch: samples are loaded in this thread for now, whatever the number. */
  numWorkers?: number | undefined;
  /** Makes a batch of samples; {@link defaultCollate} unless given. */
  collateFn?: ((samples: Awaited<T>[]) => B) | null | undefined;
  /** Leave out a last batch that is shorter. */
  dropLast?: boolean | undefined;
  /** Draws the order; the default generator unless given. */
  generator?: Generator | undefined;
  /** Accepted, and of no effect. */
  pinMemory?: boolean | undefined;
  /** Accepted, and of no effect. */
  persistentWorkers?: boolean | undefined;
  /** Accepted, and of no effect. */
  prefetchFactor?: number | null | undefined;
}

const DEFAULTS: DataLoaderOptions<unknown, never> = {
  batchSize: 1,
  shuffle: false,
  sampler: null,
  batchSampler: null,
  numWorkers: 0,
  collateFn: null,
  dropLast: false,
  generator: undefined,
  pinMemory: false,
  persistentWorkers: false,
  prefetchFactor: null,
};

/**
 * Batches of a data set. Each loop over it is an epoch: `for (const [images, labels] of loader)`; `for await` also loads samples that
 * are promises.
 *
 * @example
 * const rows = new utils.data.TensorDataset(torch.arange(4).reshape(4, 1));
 * const loader = new utils.data.DataLoader(rows, { batchSize: 3 });
 * const shapes = [];
 * for await (const [batch] of loader) shapes.push(batch.shape);
 * shapes // [[3, 1], [1, 1]]
 */
export class DataLoader<T, B = Collated<Awaited<T>>> {
  readonly dataset: Dataset<T> | IterableDataset<T>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  /** Draws the samples of each batch; `null` where the data set is a stream, or where samples come one by one. */
  readonly batchSampler: SizedIterable<readonly number[]> | null;
  private readonly sampler: SizedIterable<number> | null;
  private readonly collate: ((samples: Awaited<T>[]) => B) | null;

  constructor(dataset: Dataset<T> | IterableDataset<T>, options?: DataLoaderOptions<T, B>) {
    if (!(dataset instanceof Dataset) && !(dataset instanceof IterableDataset))
      throw new ValueError(`DataLoader: expected a Dataset or an IterableDataset, got ${describe(dataset)}`);
    const given = readOptions<DataLoaderOptions<T, B>>('DataLoader', options, DEFAULTS);
    checkOptions(given, dataset);
    this.dataset = dataset;
    this.dropLast = given.dropLast ?? false;
    this.numWorkers = given.numWorkers ?? 0;
    this.collate = given.collateFn ?? null;
    this.batchSize = given.batchSampler ? null : (given.batchSize as number | null);
    this.sampler = dataset instanceof Dataset ? samplerOf(dataset, given) : null;
    this.batchSampler = given.batchSampler ?? this.defaultBatchSampler();
  }

  private defaultBatchSampler(): BatchSampler | null {
    if (this.sampler === null || this.batchSize === null) return null;
    return new BatchSampler(this.sampler, this.batchSize, this.dropLast);
  }

  /** Batches of an epoch. Throws {@link ValueError} for a stream, whose length nobody knows. */
  get length(): number {
    const drawn = this.batchSampler ?? this.sampler;
    if (drawn === null) throw new ValueError('DataLoader: the length of an IterableDataset is not known');
    return drawn.length;
  }

  *[Symbol.iterator](): Iterator<B> {
    for (const batch of this.batches()) {
      if (batch instanceof Promise) {
        batch.catch(() => undefined);
        throw new ValueError('DataLoader: the samples are promises: use `for await`');
      }
      yield batch as B;
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<B> {
    for (const batch of this.batches()) yield await batch;
  }

  private *batches(): Iterable<B | Promise<B>> {
    const { dataset } = this;
    if (dataset instanceof IterableDataset) yield* this.streamed(dataset);
    else if (this.batchSampler !== null) for (const indices of this.batchSampler) yield this.load(dataset, indices);
    else for (const index of this.sampler as Iterable<number>) yield this.single(dataset.get(index));
  }

  private *streamed(dataset: IterableDataset<T>): Iterable<B | Promise<B>> {
    const samples = { [Symbol.iterator]: () => dataset[Symbol.iterator]() };
    if (this.batchSize === null) for (const sample of samples) yield this.single(sample);
    else for (const batch of batched(samples, this.batchSize, this.dropLast)) yield this.join(batch);
  }

  private load(dataset: Dataset<T>, indices: readonly number[]): B | Promise<B> {
    const batch = this.collate === null ? dataset.getBatch?.(indices) : undefined;
    return batch === undefined || batch === null ? this.join(indices.map((index) => dataset.get(index))) : (batch as B);
  }

  private join(samples: T[]): B | Promise<B> {
    const collate = this.collate ?? (defaultCollate as unknown as (samples: Awaited<T>[]) => B);
    if (samples.some((sample) => sample instanceof Promise)) return Promise.all(samples).then(collate);
    return collate(samples as Awaited<T>[]);
  }

  /** Without batches a sample stays as it is, unless a collateFn says otherwise. */
  private single(sample: T): B | Promise<B> {
    const { collate } = this;
    if (collate === null) return sample as unknown as B;
    const one = collate as unknown as (sample: Awaited<T>) => B;
    return sample instanceof Promise ? sample.then(one) : one(sample as Awaited<T>);
  }
}

function samplerOf<T>(
  dataset: Dataset<T>,
  given: Pick<DataLoaderOptions<T, unknown>, 'sampler' | 'shuffle' | 'generator'>,
): SizedIterable<number> {
  if (given.sampler) return given.sampler;
  return given.shuffle ? new RandomSampler(dataset, { generator: given.generator }) : new SequentialSampler(dataset);
}

function checkOptions<T, B>(given: DataLoaderOptions<T, B>, dataset: object): void {
  const { batchSize, shuffle, sampler, batchSampler, dropLast, numWorkers } = given;
  const fail = (message: string): never => {
    throw new ValueError(`DataLoader: ${message}`);
  };
  if (batchSize !== null && !(Number.isSafeInteger(batchSize) && (batchSize as number) >= 1))
    fail(`expected batchSize to be an integer of at least 1, or null, got ${describe(batchSize)}`);
  if (!Number.isSafeInteger(numWorkers) || (numWorkers as number) < 0)
    fail(`expected numWorkers to be an integer of at least 0, got ${describe(numWorkers)}`);
  if (dataset instanceof IterableDataset && (shuffle || sampler || batchSampler))
    fail('an IterableDataset has its own order: expected no shuffle, sampler or batchSampler');
  if (sampler && shuffle) fail('expected a sampler or shuffle, got both');
  if (batchSampler && (batchSize !== 1 || shuffle || sampler || dropLast))
    fail('a batchSampler excludes batchSize, shuffle, sampler and dropLast');
  if (batchSize === null && dropLast) fail('dropLast needs batches: expected a batchSize, got null');
}
