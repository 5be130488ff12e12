import { expect, test } from 'vitest';
import * as torch from '../src/index.js';

test('size and stride are those of one dimension, or all', () => {
  const x = torch.zeros([2, 3, 4]);
  expect([x.size(), x.size(1), x.size(-1)]).toEqual([[2, 3, 4], 3, 4]);
  expect([x.stride(), x.stride(0), x.stride(-1)]).toEqual([[12, 4, 1], 12, 1]);
  expect(() => x.size(3)).toThrow(/size: dim 3 is out of range/);
  expect(() => torch.tensor(1).size(0)).toThrow(/zero-dimensional/);
});

test.skipIf(torch.cuda.isAvailable())('without a GPU, cuda is not available, and says why', () => {
  expect(torch.cuda.deviceCount()).toBe(0);
  expect(() => torch.zeros([1], { device: 'cuda' })).toThrow(/cuda is not available: /);
});

test('dtypes have constants', () => {
  expect(torch.zeros([1], { dtype: torch.int64 }).dtype).toBe('int64');
});

test('a loop of temporaries of two sizes runs to its end', () => {
  // It aborted the process while V8 was told of the memory: see addon.cc.
  const data = torch.zeros([60_000, 784], { dtype: 'uint8' });
  const rows = torch.tensor(BigInt64Array.from({ length: 64 }, (_, i) => BigInt(900 * i)));
  for (let i = 0; i < 3000; i++) data.indexSelect(0, rows).to('float32');
  expect(torch.memoryStats().allocated).toBeLessThan(2 ** 29);
});

test('ops in place take no other memory for their results', () => {
  const x = torch.ones([2]);
  // @ts-expect-error no options
  expect(() => torch.acos_(x, { out: x })).toThrow(/acos_: unexpected argument/);
  // @ts-expect-error no options
  expect(() => x.mul_(2, { out: x })).toThrow(/mul_: unexpected argument/);
  // @ts-expect-error no `out`
  expect(() => x.add_(2, { out: x })).toThrow(/add_: unknown option `out`/);
  expect(x.mul_(2).add_(1, { alpha: 2 }).tolist()).toEqual([4, 4]);
});

test('`out` takes a result without another tensor for it, also where it is an argument, or another view of one', () => {
  const x = torch.arange(9, { dtype: 'float32' }).reshape([3, 3]);
  const y = x.mul(10);
  const out = torch.empty([3, 3]);
  const { allocations } = torch.memoryStats();
  for (let i = 0; i < 1000; i++) torch.add(x, y, { out });
  expect(torch.memoryStats().allocations - allocations).toBe(0);
  expect(out.tolist()).toEqual(x.mul(11).tolist());
  expect(torch.mul(x, 2, { out: y })).toBe(y);
  expect(y.tolist()).toEqual(x.add(x).tolist());
  const symmetric = x.add(x.t()).tolist();
  const { version } = x.storage;
  expect(torch.add(x, x.t(), { out: x }).tolist()).toEqual(symmetric);
  expect(x.storage.version).toBe(version + 1);
  expect(torch.gt(x, 5, { out: torch.empty([3, 3], { dtype: 'bool' }) }).tolist()).toEqual(x.gt(5).tolist());
  expect(torch.gt(x, 5, { out: x }).tolist()).toEqual([
    [0, 0, 1],
    [0, 1, 1],
    [1, 1, 1],
  ]);
  const row = torch.ones([3]);
  expect(torch.add(row, torch.zeros([2, 3]), { out: row }).shape).toEqual([2, 3]);
});
