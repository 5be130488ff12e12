import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;

test('poisson has the mean and the variance that it was asked for', () => {
  torch.manualSeed(0);
  for (const rate of [0, 0.5, 4, 30, 1000]) {
    const events = torch.poisson(torch.full([8000], rate, float64));
    expect(events.mean().item()).toBeLessThanOrEqual(rate * 1.1);
    expect(events.mean().item()).toBeGreaterThanOrEqual(rate * 0.9);
    expect(Math.abs(events.var().item() - rate)).toBeLessThanOrEqual(rate * 0.15);
  }
  expect(() => torch.poisson(torch.tensor([-1]))).toThrow(/at least 0/);
});

test('forkRng puts the generator back', () => {
  torch.manualSeed(1);
  const before = torch.getRngState();
  torch.random.forkRng(() => torch.rand([10]));
  expect(torch.getRngState()).toEqual(before);
});
