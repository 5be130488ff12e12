import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const long = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: 'int64' });

test('an index out of bounds names the index, the dimension and its size', () => {
  const x = torch.zeros([2, 3]);
  expect(() => x.indexSelect(1, long(3))).toThrow('indexSelect: index 3 is out of bounds for dimension 1 with size 3');
  expect(() => x.indexSelect(0, long(-1))).toThrow(torch.IndexError);
  expect(() => x.gather(1, long(5).reshape([1, 1]))).toThrow(/index 5 .* dimension 1 with size 3/);
});

// A GPU finds the bad index while it writes the others.
test.skipIf(torch.defaultDevice().type === 'cuda')('a scatter with a bad index changes nothing', () => {
  const x = torch.zeros([3]);
  expect(() => x.scatter_(0, long(0, 9), torch.ones([2]))).toThrow(torch.IndexError);
  expect(x.tolist()).toEqual([0, 0, 0]);
});

test('scatterAdd adds up where an index comes twice', () => {
  expect(
    torch
      .zeros([3])
      .scatterAdd(0, long(0, 2, 0), torch.tensor([1, 2, 3]))
      .tolist(),
  ).toEqual([4, 0, 2]);
});

test('take counts negative indices from the end', () => {
  expect(
    torch
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .take(long(-1, 0))
      .tolist(),
  ).toEqual([4, 1]);
});

test('maskedSelect and maskedScatter undo each other', () => {
  const x = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  const mask = torch.tensor([
    [true, false],
    [false, true],
  ]);
  const picked = x.maskedSelect(mask);
  expect(picked.tolist()).toEqual([1, 4]);
  expect(torch.zeros([2, 2]).maskedScatter(mask, picked).tolist()).toEqual([
    [1, 0],
    [0, 4],
  ]);
});

test('nonzero lists indices row-major', () => {
  expect(
    torch
      .tensor([
        [0, 5],
        [6, 0],
      ])
      .nonzero()
      .tolist(),
  ).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test('scatterReduce without self starts from nothing', () => {
  const x = torch.tensor([10, 20]);
  const src = torch.tensor([1, 3]);
  expect(x.scatterReduce(0, long(0, 0), src, 'mean', { includeSelf: false }).tolist()).toEqual([2, 20]);
  expect(x.scatterReduce(0, long(0, 0), src, 'amin').tolist()).toEqual([1, 20]);
});
