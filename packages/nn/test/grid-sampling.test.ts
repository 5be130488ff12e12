import { functional as F } from '@ts-torch/nn';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;

test('the grid of the identity gives the input back, for images and volumes', () => {
  for (const size of [
    [2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]) {
    const input = torch.randn(size, float64);
    const dims = size.length - 2;
    const theta = torch.eye(dims, dims + 1, float64).expand([size[0] as number, dims, dims + 1]);
    for (const alignCorners of [true, false]) {
      const grid = F.affineGrid(theta, size, { alignCorners });
      expect(F.gridSample(input, grid, { alignCorners }).sub(input).abs().amax().item()).toBeLessThan(1e-12);
    }
  }
});

test('outside of the input are zeros, its border, or its reflection', () => {
  const input = torch.tensor([[[[1, 2, 3]]]], float64);
  const grid = torch.tensor([[[[2, 0]]]], float64);
  const at = (paddingMode: F.GridPadding): number =>
    F.gridSample(input, grid, { paddingMode, mode: 'nearest', alignCorners: true }).item();
  expect([at('zeros'), at('border'), at('reflection')]).toEqual([0, 3, 2]);
});

test('a grid that does not fit is refused', () => {
  expect(() => F.gridSample(torch.ones([1, 1, 2, 2]), torch.zeros([2, 3, 3, 2]))).toThrow(/does not fit/);
  expect(() => F.affineGrid(torch.ones([1, 2, 3]), [2, 1, 2, 2])).toThrow(/theta of shape \[2, 2, 3\]/);
});

test('ctcLoss of an input that is too short is infinite, or counts as 0', () => {
  const logProbs = torch.zeros([2, 1, 3], float64).logSoftmax(2).requiresGrad_();
  const targets = torch.tensor([[1, 1]]).to('int64');
  expect(F.ctcLoss(logProbs, targets, [2], [2]).item()).toBe(Number.POSITIVE_INFINITY);
  const loss = F.ctcLoss(logProbs, targets, [2], [2], { zeroInfinity: true });
  loss.backward();
  expect(loss.item()).toBe(0);
  expect(logProbs.grad?.abs().sum().item()).toBe(0);
});
