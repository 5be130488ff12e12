import { gradcheck, gradgradcheck } from '@ts-torch/autograd';
import { functional as F } from '@ts-torch/nn';
import * as torch from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (...shape: number[]): torch.Tensor =>
  torch
    .tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
      { dtype: 'float64' },
    )
    .reshape(shape)
    .requiresGrad_();

describe('derivatives, and those of derivatives', () => {
  test.each([
    {},
    { stride: 2, padding: 1 },
    { dilation: 2, padding: [2, 0] },
    { groups: 2 },
    { padding: 'same' as const },
  ])('conv2d %j', (options: F.ConvOptions) => {
    const channels = 4 / (options.groups ?? 1);
    const conv = (x: torch.Tensor, w: torch.Tensor, bias: torch.Tensor) => F.conv2d(x, w, { ...options, bias });
    const inputs = [leaf(1, 4, 5, 4), leaf(2, channels, 2, 2), leaf(2)] as const;
    gradcheck(conv, inputs);
    gradgradcheck(conv, inputs);
  });
  test('convTranspose1d', () => {
    const conv = (x: torch.Tensor, w: torch.Tensor) =>
      F.convTranspose1d(x, w, { stride: 2, outputPadding: 1, padding: 1 });
    gradcheck(conv, [leaf(2, 3, 4), leaf(3, 2, 3)]);
    gradgradcheck(conv, [leaf(2, 3, 4), leaf(3, 2, 3)]);
  });
  test('an outputPadding beyond the stride', () => {
    const conv = (x: torch.Tensor, w: torch.Tensor) => F.convTranspose1d(x, w, { outputPadding: 2, dilation: 3 });
    gradcheck(conv, [leaf(2, 3, 4), leaf(3, 2, 3)]);
    gradgradcheck(conv, [leaf(2, 3, 4), leaf(3, 2, 3)]);
  });
  test.each([
    ['maxPool2d', (x: torch.Tensor) => F.maxPool2d(x, 2, { stride: 1, padding: 1 })],
    [
      'avgPool2d',
      (x: torch.Tensor) => F.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    ],
    ['adaptiveAvgPool2d', (x: torch.Tensor) => F.adaptiveAvgPool2d(x, [3, 2])],
    ['adaptiveMaxPool2d', (x: torch.Tensor) => F.adaptiveMaxPool2d(x, 2)],
    ['interpolate', (x: torch.Tensor) => F.interpolate(x, { scaleFactor: 1.5, mode: 'bicubic' })],
    ['unfold', (x: torch.Tensor) => F.unfold(x, 2, { padding: 1 })],
  ])('%s', (_, f) => {
    gradcheck(f, [leaf(1, 2, 5, 4)]);
    gradgradcheck((x) => f(x).mul(f(x)), [leaf(1, 2, 5, 4)]);
  });
});

test("padding 'same' of an even kernel puts the odd element at the end", () => {
  const x = torch.tensor([[1, 2, 3]]);
  expect(F.conv1d(x, torch.tensor([[[1, 10]]]), { padding: 'same' }).tolist()).toEqual([[21, 32, 3]]);
});

test('float32 by oneDNN and float64 by matrix products agree', () => {
  for (const groups of [1, 4, 16]) {
    const x = leaf(2, 16, 9, 9).detach();
    const w = leaf(16, 16 / groups, 3, 3).detach();
    const options = { padding: 1, groups };
    const difference = F.conv2d(x.float(), w.float(), options)
      .double()
      .sub(F.conv2d(x, w, options));
    for (const value of difference.toTypedArray() as Float64Array) expect(Math.abs(value)).toBeLessThan(1e-4);
  }
});

test('the maximum of a window with NaN is NaN, and its index is that of the NaN', () => {
  const { output, indices } = F.maxPool1d(torch.tensor([[1, Number.NaN, 3, 2]]), 2, { returnIndices: true });
  expect(output.tolist()).toEqual([[Number.NaN, 3]]);
  expect(indices.tolist()).toEqual([[1, 2]]);
});

test('maxUnpool refuses indices outside of the result', () => {
  const x = torch.ones([1, 2]);
  expect(() => F.maxUnpool1d(x, torch.tensor([[0n, 9n]]), 2)).toThrow(torch.IndexError);
});
