import { gradcheck, gradgradcheck } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { matmulPrimitives } from '@ts-torch/tensor/internal';
import { expect, test } from 'vitest';

const leaf = (...shape: number[]): torch.Tensor =>
  torch
    .tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
      { dtype: 'float64' },
    )
    .reshape(shape)
    .requiresGrad_();

test.each([
  [[3], [3]],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [2, 2, 3],
    [3, 4],
  ],
  [
    [2, 1, 2, 3],
    [3, 3, 2],
  ],
  [[3], [2, 3, 2]],
])('matmul of %j and %j: derivative and its derivative', (a, b) => {
  const inputs = [leaf(...a), leaf(...b)];
  gradcheck((x, y) => torch.matmul(x, y), inputs);
  gradgradcheck((x, y) => torch.matmul(x, y), inputs);
});

test('linear: derivative and its derivative', () => {
  const linear = matmulPrimitives.linear;
  const inputs = [leaf(2, 3, 4), leaf(5, 4), leaf(5)] as const;
  gradcheck(linear, inputs);
  gradgradcheck(linear, inputs);
});

test('addmm in place', () => {
  const product = (x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) =>
    x.clone().addmm_(a, b, { beta: 0.5, alpha: -2 });
  gradcheck(product, [leaf(2, 4), leaf(2, 3), leaf(3, 4)]);
  gradgradcheck(product, [leaf(2, 4), leaf(2, 3), leaf(3, 4)]);
});

test('beta 0 does not read self: NaN stays out', () => {
  const self = torch.full([2, 2], Number.NaN);
  expect(self.addmm(torch.ones([2, 3]), torch.ones([3, 2]), { beta: 0 }).tolist()).toEqual([
    [3, 3],
    [3, 3],
  ]);
});

test('addmm_ of a tensor with itself uses its old values', () => {
  const x = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  x.addmm_(x, x);
  expect(x.tolist()).toEqual([
    [8, 12],
    [18, 26],
  ]);
});

test('matmul names both shapes', () => {
  expect(() => torch.ones([2, 3]).matmul(torch.ones([4, 5]))).toThrow(/\[2, 3\] by \[4, 5\]/);
});

test('integers wrap within 64 bits', () => {
  const big = torch.tensor([[2n ** 62n]]);
  expect(big.matmul(torch.tensor([[4n]])).tolist()).toEqual([[0]]);
});

test('windows of one vector, which overlap in memory, multiply as if copied', () => {
  const windows = torch.tensor([1, 2, 3, 4]).unfold(0, 2, 1);
  expect(windows.matmul(torch.ones([2, 1])).tolist()).toEqual([[3], [5], [7]]);
  expect(
    windows
      .unsqueeze(1)
      .matmul(torch.ones([2, 1]))
      .flatten()
      .tolist(),
  ).toEqual([3, 5, 7]);
});
