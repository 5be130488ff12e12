import { functional as F } from '@ts-torch/nn';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

// float32 goes plane by plane where rows are wide enough; float64 is a matrix product.

type Case = { input: number[]; kernel: number[]; options: { padding?: number | number[]; dilation?: number } };

const cases: Case[] = [
  { input: [2, 3, 12, 13], kernel: [3, 3], options: { padding: 1 } },
  { input: [1, 5, 20, 9], kernel: [3, 5], options: { padding: [0, 2] } },
  { input: [2, 4, 17, 33], kernel: [5, 3], options: { dilation: 2, padding: [4, 1] } },
  { input: [2, 4, 40], kernel: [7], options: { padding: 3 } },
  { input: [1, 3, 5, 6, 16], kernel: [3, 3, 3], options: { padding: 1 } },
  { input: [2, 4, 16, 16], kernel: [1, 1], options: {} },
  { input: [2, 2, 9, 8], kernel: [9, 1], options: {} },
  { input: [0, 4, 16, 16], kernel: [3, 3], options: { padding: 1 } },
];

test.each(cases)('depthwise convolution $input by $kernel, $options', ({ input, kernel, options }) => {
  torch.manualSeed(0);
  const channels = input[1] as number;
  const convolve = [F.conv1d, F.conv2d, F.conv3d][kernel.length - 1] as typeof F.conv2d;
  const values = [input, [channels, 1, ...kernel], [channels]].map((shape) => torch.randn(shape, { dtype: 'float64' }));
  const run = (dtype: 'float32' | 'float64'): torch.Tensor[] => {
    const [x, weight, bias] = values.map((value) => value.to(dtype).requiresGrad_()) as [
      torch.Tensor,
      torch.Tensor,
      torch.Tensor,
    ];
    const result = convolve(x, weight, { bias, groups: channels, ...options });
    result.mul(torch.arange(result.numel(), { dtype }).reshape(result.shape).cos()).sum().backward();
    return [result, x.grad, weight.grad, bias.grad].map((value) => (value as torch.Tensor).detach().to('float64'));
  };
  const [found, expected] = [run('float32'), run('float64')];
  found.forEach((value, i) => {
    expect(torch.allclose(value, expected[i] as torch.Tensor, { rtol: 1e-4, atol: 1e-4 })).toBe(true);
  });
});
