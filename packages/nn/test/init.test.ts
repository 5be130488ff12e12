import { empty, manualSeed } from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';
import { init, Linear } from '../src/index.js';

describe('init', () => {
  test('orthogonal matrices have orthonormal rows or columns', () => {
    manualSeed(0);
    for (const [rows, columns] of [
      [3, 5],
      [5, 3],
      [4, 4],
    ] as const) {
      const w = init.orthogonal_(empty([rows, columns], { dtype: 'float64' }));
      const product = rows <= columns ? w.matmul(w.t()) : w.t().matmul(w);
      const identity = init.eye_(empty(product.shape, { dtype: 'float64' }));
      expect(product.sub(identity).abs().max().item()).toBeLessThan(1e-12);
    }
  });

  test('uniform bounds follow the fans', () => {
    const w = empty([200, 50]);
    expect(init.xavierUniform_(w).abs().max().item()).toBeLessThanOrEqual(Math.sqrt(6 / 250));
    expect(init.kaimingUniform_(w, { nonlinearity: 'relu' }).abs().max().item()).toBeLessThanOrEqual(Math.sqrt(6 / 50));
    expect(new Linear(50, 200).weight.abs().max().item()).toBeLessThanOrEqual(1 / Math.sqrt(50));
  });

  test('normal ones have the standard deviation that the fan asks for', () => {
    manualSeed(1);
    const w = init.kaimingNormal_(empty([400, 100]), { mode: 'fan_out', nonlinearity: 'relu' });
    expect(w.std().item()).toBeCloseTo(Math.sqrt(2 / 400), 2);
  });

  test('truncated normal numbers keep within bounds, and have the moments that follow', () => {
    manualSeed(2);
    const w = init.truncNormal_(empty([200, 100]), { mean: 1, std: 2, a: -1, b: 3 });
    expect(w.min().item()).toBeGreaterThanOrEqual(-1);
    expect(w.max().item()).toBeLessThanOrEqual(3);
    expect(w.mean().item()).toBeCloseTo(1, 1);
    // The standard deviation of a normal number between -1 and 1 is 0.5396.
    expect(w.std().item()).toBeCloseTo(2 * 0.5396, 1);
    expect(() => init.truncNormal_(w, { std: 0 })).toThrow(/truncNormal_: expected std above 0, got 0/);
  });

  test('a Dirac kernel keeps channels', () => {
    const w = init.dirac_(empty([2, 2, 3]));
    expect(w.tolist()).toEqual([
      [
        [0, 1, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    ]);
  });

  test('sparse columns have as many zeros as asked for', () => {
    const zeros = init
      .sparse_(empty([10, 4]), 0.35)
      .eq(0)
      .sum(0);
    expect(zeros.tolist()).toEqual([4, 4, 4, 4]);
  });

  test('gains are those of PyTorch', () => {
    expect(init.calculateGain('tanh')).toBeCloseTo(5 / 3);
    expect(init.calculateGain('leakyRelu', 0.2)).toBeCloseTo(Math.sqrt(2 / 1.04));
    expect(() => init.calculateGain('nothing')).toThrow(/calculateGain: expected a nonlinearity/);
    expect(() => init.xavierUniform_(empty([3]))).toThrow(/at least 2 dimensions, got shape \[3\]/);
  });
});
