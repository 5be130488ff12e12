// Sorting, picking, joining, moving.
import { F, integers, torch, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

function operands() {
  return {
    a: uniform([1024, 1024]),
    flat: uniform([1048576]),
    index: integers(1024, [1024, 1024]),
    rows: integers(1024, [1024]),
    mask: uniform([1024, 1024]).gt(0),
    words: integers(50000, [64, 128]),
    table: uniform([50000, 256]),
    images: uniform([16, 64, 32, 32]),
  };
}
type Operands = ReturnType<typeof operands>;

const operandsPython = `
  a, flat = uniform(1024, 1024), uniform(1048576)
  index, rows = integers(1024, 1024, 1024), integers(1024, 1024)
  mask = uniform(1024, 1024) > 0
  words, table = integers(50000, 64, 128), uniform(50000, 256)
  images = uniform(16, 64, 32, 32)
`;

type Row = readonly [name: string, bytes: number, ts: (operands: Operands) => unknown, py: string];
const M = 2 ** 20;

const rows: readonly Row[] = [
  ['sort along dim 1, [1024, 1024]', 0, ({ a }) => a.sort(1), 'a.sort(1)'],
  ['sort, 1 M', 0, ({ flat }) => flat.sort(), 'flat.sort()'],
  ['argsort along dim 0, [1024, 1024]', 0, ({ a }) => a.argsort(0), 'a.argsort(0)'],
  ['topk 10 along dim 1', 0, ({ a }) => a.topk(10), 'a.topk(10)'],
  ['median along dim 1', 0, ({ a }) => a.median(1), 'a.median(1)'],
  ['unique of 1 M int64', 0, ({ index }) => torch.unique(index), 'torch.unique(index)'],
  ['gather along dim 1', 16 * M, ({ a, index }) => a.gather(1, index), 'a.gather(1, index)'],
  ['gather along dim 0', 16 * M, ({ a, index }) => a.gather(0, index), 'a.gather(0, index)'],
  ['scatterAdd along dim 1', 16 * M, ({ a, index }) => a.scatterAdd(1, index, a), 'a.scatter_add(1, index, a)'],
  ['indexSelect of rows', 8 * M, ({ a, rows }) => a.indexSelect(0, rows), 'a.index_select(0, rows)'],
  ['indexAdd of rows', 12 * M, ({ a, rows }) => a.indexAdd(0, rows, a), 'a.index_add(0, rows, a)'],
  ['index by a list of rows', 8 * M, ({ a, rows }) => a.at(rows), 'a[rows]'],
  ['index by a mask', 0, ({ a, mask }) => a.at(mask), 'a[mask]'],
  ['nonzero', 0, ({ mask }) => mask.nonzero(), 'mask.nonzero()'],
  ['maskedFill', 9 * M, ({ a, mask }) => a.maskedFill(mask, 0), 'a.masked_fill(mask, 0)'],
  ['embedding of 8192 words', 16 * M, ({ words, table }) => F.embedding(words, table), 'F.embedding(words, table)'],
  ['cat of four along dim 0', 32 * M, ({ a }) => torch.cat([a, a, a, a]), 'torch.cat([a, a, a, a])'],
  ['cat of four along dim 1', 32 * M, ({ a }) => torch.cat([a, a, a, a], 1), 'torch.cat([a, a, a, a], 1)'],
  ['stack of four', 32 * M, ({ a }) => torch.stack([a, a, a, a]), 'torch.stack([a, a, a, a])'],
  ['flip', 8 * M, ({ a }) => a.flip([0, 1]), 'a.flip([0, 1])'],
  ['roll', 8 * M, ({ a }) => a.roll(100, { dims: 1 }), 'a.roll(100, 1)'],
  ['tril', 8 * M, ({ a }) => a.tril(), 'a.tril()'],
  ['repeat', 20 * M, ({ a }) => a.repeat(2, 2), 'a.repeat(2, 2)'],
  [
    'NCHW to NHWC',
    8 * M,
    ({ images }) => images.permute(0, 2, 3, 1).contiguous(),
    'images.permute(0, 2, 3, 1).contiguous()',
  ],
  ['pad of images', 8 * M, ({ images }) => F.pad(images, [1, 1, 1, 1]), 'F.pad(images, [1, 1, 1, 1])'],
];

export const indexing: Group = {
  name: 'indexing',
  workloads: rows.map(
    ([name, bytes, ts, py]): Workload => ({
      name,
      ts: () => {
        const given = operands();
        return () => ts(given);
      },
      py: { setup: operandsPython, run: py },
      ...(bytes > 0 && { bytes }),
    }),
  ),
};
