import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;
const largest = (x: torch.Tensor): number => x.abs().amax().item();

test('svdLowrank finds all of a low-rank matrix, tall or wide', () => {
  for (const shape of [
    [20, 8],
    [8, 20],
  ] as [number, number][]) {
    const A = torch.randn([shape[0], 3], float64).matmul(torch.randn([3, shape[1]], float64));
    const { U, S, V } = torch.svdLowrank(A, { q: 5 });
    expect(largest(U.mul(S).matmul(V.mT).sub(A))).toBeLessThan(1e-10);
  }
});

test('pcaLowrank takes the mean away', () => {
  const A = torch
    .randn([30, 1], float64)
    .matmul(torch.randn([1, 4], float64))
    .add(100);
  const { S } = torch.pcaLowrank(A, { q: 2 });
  expect(S.select(0, 1).item()).toBeLessThan(1e-9);
});

test('lobpcg finds the largest and the smallest eigenvalues', () => {
  torch.manualSeed(0);
  const A = torch.diag(torch.arange(1, 13).to('float64'));
  expect(
    torch
      .lobpcg(A, { k: 2 })[0]
      .sub(torch.tensor([12, 11], float64))
      .abs()
      .amax()
      .item(),
  ).toBeLessThan(1e-6);
  const [values, vectors] = torch.lobpcg(A, { k: 1, largest: false, B: A.mul(2) });
  expect(values.item()).toBeCloseTo(0.5, 6);
  expect(vectors.shape).toEqual([12, 1]);
});
