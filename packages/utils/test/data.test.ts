import { Generator, ones, type Tensor, tensor } from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  BatchSampler,
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  defaultCollate,
  IterableDataset,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from '../src/data/index.js';

class Numbers extends Dataset<number> {
  constructor(readonly length: number) {
    super();
  }
  get(index: number): number {
    return index;
  }
}

class Stream extends IterableDataset<number> {
  constructor(readonly count: number) {
    super();
  }
  override *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.count; i++) yield i;
  }
}

const lists = (loader: Iterable<Tensor>): number[][] => [...loader].map((batch) => batch.tolist());
const seeded = (): Generator => new Generator(7);

describe('collating', () => {
  test('stacks tensors, makes tensors of numbers, goes into tuples and objects', () => {
    const batch = defaultCollate([
      { x: tensor([1, 2]), y: 5, name: 'a', pair: [1n, true] as [bigint, boolean] },
      { x: tensor([3, 4]), y: 6, name: 'b', pair: [2n, false] as [bigint, boolean] },
    ]);
    expectTypeOf(batch.x).toEqualTypeOf<Tensor>();
    expectTypeOf(batch.name).toEqualTypeOf<string[]>();
    expectTypeOf(batch.pair).toEqualTypeOf<[Tensor, Tensor]>();
    expect(batch.x.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([batch.y.dtype, batch.pair[0].dtype, batch.pair[1].dtype]).toEqual(['float32', 'int64', 'bool']);
    expect(batch.name).toEqual(['a', 'b']);
  });

  test('names what it cannot batch', () => {
    expect(() => defaultCollate([[1, null]])).toThrow(/defaultCollate: cannot make a batch of sample\[1\]: null/);
    expect(() => defaultCollate([[1, 2], [1]])).toThrow(/2 fields in one sample, 1 in another/);
  });
});

describe('data sets', () => {
  test('a TensorDataset gives rows', () => {
    const dataset = new TensorDataset(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([5, 6]),
    );
    const [x, y] = dataset.get(-1);
    expect([x.tolist(), y.item()]).toEqual([[3, 4], 6]);
    expect(() => dataset.get(2)).toThrow(/expected an index from 0 to 1, got 2/);
    expect(() => new TensorDataset(ones([2]), ones([3]))).toThrow(/one length, got lengths \[2, 3\]/);
  });

  test('sets are joined and cut', () => {
    const joined = new ConcatDataset([new Numbers(2), new Numbers(3)]);
    expect([...joined]).toEqual([0, 1, 0, 1, 2]);
    expect([...new Subset(joined, [4, 0])]).toEqual([2, 0]);
    expect([...new ChainDataset([new Stream(2), new Stream(1)])]).toEqual([0, 1, 0]);
  });

  test('a random split shares no sample', () => {
    const parts = randomSplit(new Numbers(10), [0.7, 0.3], { generator: seeded() });
    expect(parts.map(({ length }) => length)).toEqual([7, 3]);
    expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(() => randomSplit(new Numbers(10), [5, 4])).toThrow(/add up to 9, not to 10/);
  });
});

describe('samplers', () => {
  test('draw in order, at random, from a part, by weight', () => {
    const data = new Numbers(5);
    expect([...new SequentialSampler(data)]).toEqual([0, 1, 2, 3, 4]);
    const random = [...new RandomSampler(data, { generator: seeded() })];
    expect([...random].sort()).toEqual([0, 1, 2, 3, 4]);
    expect([...new RandomSampler(data, { generator: seeded() })]).toEqual(random);
    expect([...new RandomSampler(data, { numSamples: 12 })].length).toBe(12);
    expect([...new RandomSampler(data, { replacement: true, numSamples: 40 })].every((i) => i >= 0 && i < 5)).toBe(
      true,
    );
    expect([...new SubsetRandomSampler([8, 9])].sort()).toEqual([8, 9]);
    expect(new Set(new WeightedRandomSampler([0, 1, 0, 1], 50))).toEqual(new Set([1, 3]));
    const once = [...new WeightedRandomSampler([3, 1, 0, 2], 3, { replacement: false })];
    expect(once.sort()).toEqual([0, 1, 3]);
    expect(() => new WeightedRandomSampler([3, 0], 2, { replacement: false })).toThrow(
      /enough above it for 2 samples, got 1/,
    );
  });

  test('batches of indices', () => {
    expect([...new BatchSampler(new SequentialSampler(new Numbers(5)), 2, false)]).toEqual([[0, 1], [2, 3], [4]]);
    expect([...new BatchSampler(new SequentialSampler(new Numbers(5)), 2, true)]).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});

describe('the data loader', () => {
  test('gives batches in order, and knows how many', () => {
    const loader = new DataLoader(new Numbers(5), { batchSize: 2 });
    expect(lists(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(lists(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(loader.length).toBe(3);
    expect(new DataLoader(new Numbers(5), { batchSize: 2, dropLast: true }).length).toBe(2);
  });

  test('is typed by its samples', () => {
    const loader = new DataLoader(new TensorDataset(ones([4, 2]), ones([4])), { batchSize: 3 });
    for (const [x, y] of loader) expectTypeOf([x, y]).toEqualTypeOf<Tensor[]>();
    const own = new DataLoader(new Numbers(4), { collateFn: (samples) => samples.join() });
    expectTypeOf([...own]).toEqualTypeOf<string[]>();
    expect([...own]).toEqual(['0', '1', '2', '3']);
  });

  test('shuffles anew in each epoch, as the seed says', () => {
    const epochs = (generator: Generator) => {
      const loader = new DataLoader(new Numbers(20), { batchSize: 20, shuffle: true, generator });
      return [lists(loader)[0], lists(loader)[0]];
    };
    const [first, second] = epochs(seeded());
    expect(first).not.toEqual(second);
    expect(epochs(seeded())).toEqual([first, second]);
    expect([...(first as number[])].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('takes samplers, streams and promises', async () => {
    expect(lists(new DataLoader(new Numbers(5), { batchSize: 2, sampler: [4, 0, 2] }))).toEqual([[4, 0], [2]]);
    expect(lists(new DataLoader(new Numbers(5), { batchSampler: [[1], [2, 3]] }))).toEqual([[1], [2, 3]]);
    expect(lists(new DataLoader(new Stream(3), { batchSize: 2 }))).toEqual([[0, 1], [2]]);
    class Late extends Dataset<Promise<number>> {
      readonly length = 3;
      override async get(index: number): Promise<number> {
        return index;
      }
    }
    const loader = new DataLoader(new Late(), { batchSize: 2 });
    const seen: number[][] = [];
    for await (const batch of loader) seen.push(batch.tolist());
    expect(seen).toEqual([[0, 1], [2]]);
    expect(() => [...loader]).toThrow(/use `for await`/);
  });

  test('without batches gives single samples', () => {
    expect([...new DataLoader(new Numbers(3), { batchSize: null })]).toEqual([0, 1, 2]);
  });

  test('asks a data set for a whole batch where it can give one', () => {
    class Fast extends Numbers {
      override get(): never {
        throw new Error('one by one');
      }
      override getBatch(indices: readonly number[]): Tensor {
        return tensor(indices.map((i) => 10 * i));
      }
    }
    expect(lists(new DataLoader(new Fast(3), { batchSize: 2 }))).toEqual([[0, 10], [20]]);
  });

  test.each([
    [{ batchSize: 0 }, /batchSize to be an integer of at least 1, or null, got 0/],
    [{ shuffle: true, sampler: [1] }, /a sampler or shuffle, got both/],
    [{ batchSampler: [[1]], shuffle: true }, /excludes batchSize, shuffle/],
    [{ batchSize: null, dropLast: true }, /dropLast needs batches/],
    [{ numWorkers: -1 }, /numWorkers/],
    [{ batch: 3 }, /unknown option `batch`; did you mean `batchSize`/],
  ])('refuses %j', (options, message) => {
    expect(() => new DataLoader(new Numbers(3), options as object)).toThrow(message);
  });
});
