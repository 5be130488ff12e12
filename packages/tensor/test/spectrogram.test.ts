import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;
const largest = (x: torch.Tensor): number => x.abs().amax().item();

test('istft undoes stft', () => {
  const signal = torch.randn([2, 60], float64);
  for (const options of [
    { window: torch.hannWindow(16, float64) },
    { window: torch.hammingWindow(12, float64), winLength: 12, hopLength: 3, normalized: true },
    { hopLength: 5, onesided: false },
  ]) {
    const spectra = signal.stft(16, options);
    expect(largest(spectra.istft(16, { ...options, length: 60 }).sub(signal))).toBeLessThan(1e-12);
  }
});

test('windows that leave gaps are refused', () => {
  const spectra = torch.randn([40], float64).stft(8, { hopLength: 8, winLength: 4, returnComplex: true });
  expect(() => spectra.istft(8, { hopLength: 4, winLength: 4, window: torch.zeros([4], float64) })).toThrow(/gaps/);
});

test('windows: periodic for spectra, symmetric for filters', () => {
  const near = (x: torch.Tensor, expected: number[]): void =>
    expect(largest(x.sub(torch.tensor(expected, float64)))).toBeLessThan(1e-9);
  near(torch.hannWindow(4, float64), [0, 0.5, 1, 0.5]);
  near(torch.bartlettWindow(5, { periodic: false, ...float64 }), [0, 0.5, 1, 0.5, 0]);
  near(torch.hammingWindow(3, { periodic: false, ...float64 }), [0.08, 1, 0.08]);
  near(torch.blackmanWindow(5, { periodic: false, ...float64 }), [0, 0.34, 1, 0.34, 0]);
  near(torch.kaiserWindow(3, { periodic: false, ...float64 }), [0.0000527734413, 1, 0.0000527734413]);
  expect(torch.hannWindow(1).tolist()).toEqual([1]);
});
