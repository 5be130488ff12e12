import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

test('resize_ keeps the memory where it suffices, and else what it holds', () => {
  const x = torch.tensor([1, 2, 3, 4]);
  const before = x.storage;
  expect(x.resize_([3]).tolist()).toEqual([1, 2, 3]);
  expect(x.storage).toBe(before);
  expect(x.resize_([2, 2]).tolist()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(x.resize_([300]).narrow(0, 0, 4).tolist()).toEqual([1, 2, 3, 4]);
  expect(x.resizeAs_(torch.zeros([1, 2])).shape).toEqual([1, 2]);
});

test('set_ shares memory', () => {
  const [x, y] = [torch.zeros([1]), torch.zeros([2, 2])];
  x.set_(y).fill_(1);
  expect(y.tolist()).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(() => x.set_(torch.zeros([1], { dtype: 'int64' }))).toThrow(/float32, got int64/);
});

test('fillDiagonal_ wraps around in tall matrices', () => {
  const column = (x: torch.Tensor): number[] => x.sum(1).tolist();
  expect(column(torch.zeros([7, 3]).fillDiagonal_(1))).toEqual([1, 1, 1, 0, 0, 0, 0]);
  expect(column(torch.zeros([7, 3]).fillDiagonal_(1, { wrap: true }))).toEqual([1, 1, 1, 0, 1, 1, 1]);
  expect(torch.zeros([2, 2, 2]).fillDiagonal_(5).sum().item()).toBe(10);
  expect(() => torch.zeros([2, 3, 2]).fillDiagonal_(1)).toThrow(/one size/);
});

test('apply_ and map_ call a function for each element', () => {
  const x = torch.tensor([1, 2, 3]);
  expect(x.apply_((value) => value * value).tolist()).toEqual([1, 4, 9]);
  expect(x.map_(torch.tensor([1]), (a, b) => a - b).tolist()).toEqual([0, 3, 8]);
});
