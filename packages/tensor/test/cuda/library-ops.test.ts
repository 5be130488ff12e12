import { type DType, setCudaOption } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { afterEach, describe, expect, test } from 'vitest';
import { convolutionPrimitives } from '../../src/ops/convolution.js';

// What libraries do on a GPU, and our own kernels where they are missing: both against the CPU.

const available = torch.cuda.isAvailable();
const LIBRARIES = ['cublas', 'cudnn', 'cusolver'] as const;
const FLOATING: DType[] = ['float64', 'float32', 'float16', 'bfloat16'];
const NUMBERS: DType[] = [...FLOATING, 'int64', 'int32', 'int16', 'int8', 'uint8', 'complex64', 'complex128'];

function useLibraries(on: boolean): void {
  for (const library of LIBRARIES) setCudaOption(library, on);
}

/** Small integers as any dtype: their products and sums are exact in all but the 16-bit floats. */
function numbers(shape: number[], dtype: DType): Tensor {
  const real = torch.randint(-4, 5, shape, { dtype: 'float32', device: 'cpu' });
  if (!dtype.startsWith('complex'))
    return real
      .abs()
      .mul(dtype === 'uint8' ? 1 : real.sign())
      .to(dtype);
  return torch.complex(real, torch.randint(-4, 5, shape, { dtype: 'float32', device: 'cpu' })).to(dtype);
}

function expectSame(name: string, op: (...tensors: Tensor[]) => Tensor, tensors: Tensor[], tolerance = 1e-6): void {
  const expected = op(...tensors);
  const got = op(...tensors.map((tensor) => onCuda(tensor)));
  expect(got.device.type, name).toBe('cuda');
  expect(got.shape, name).toEqual(expected.shape);
  expect(got.dtype, name).toBe(expected.dtype);
  if (expected.numel() === 0) return;
  const wide = expected.dtype.startsWith('complex') ? 'complex128' : 'float64';
  const [a, b] = [got.cpu().to(wide), expected.to(wide)];
  const error = a.sub(b).abs().div(b.abs().add(1)).max().item() as number;
  expect(error, `${name}: largest relative error`).toBeLessThanOrEqual(tolerance);
}

/** On the device with the same strides. */
function onCuda(tensor: Tensor): Tensor {
  const size = tensor.shape.reduce((last, n, d) => last + (n - 1) * Math.abs(tensor.stride(d)), 1);
  if (tensor.numel() === 0) return tensor.cuda();
  const memory = tensor.asStrided([size], [1]).cuda();
  return memory.asStrided(
    [...tensor.shape],
    tensor.shape.map((_, d) => tensor.stride(d)),
    0,
  );
}

const tolerances: Partial<Record<DType, number>> = { float16: 2e-3, bfloat16: 2e-2 };

describe.runIf(available)('ops of libraries', () => {
  afterEach(() => useLibraries(true));

  describe.each([
    ['libraries', true],
    ['own kernels', false],
  ])('%s', (_, on) => {
    test.each(NUMBERS)('matmul of %s', (dtype) => {
      useLibraries(on);
      const tolerance = tolerances[dtype] ?? 1e-6;
      const of = (...shape: number[]) => numbers(shape, dtype);
      const check = (name: string, a: Tensor, b: Tensor) => expectSame(name, (x, y) => x.matmul(y), [a, b], tolerance);
      check('small', of(3, 4), of(4, 5));
      check('tiles', of(70, 33), of(33, 66));
      check('transposed', of(9, 20).t(), of(7, 9).t());
      check('no depth', of(3, 0), of(0, 5));
      check('empty', of(0, 4), of(4, 5));
      check('vectors', of(40), of(40));
      check('matrix and vector', of(5, 40), of(40));
      check('batch', of(4, 3, 6), of(4, 6, 2));
      check('one matrix', of(2, 4, 3, 6), of(6, 2));
      check('broadcast', of(2, 1, 3, 6), of(5, 6, 2));
      check('expanded', of(1, 3, 6).expand(4, 3, 6), of(4, 6, 2));
      check('permuted', of(3, 5, 2, 4).permute(2, 0, 1, 3), of(3, 2, 4, 5).permute(1, 0, 2, 3));
      check(
        'strided',
        of(6, 8).slice({ dim: 0, start: 0, end: 6, step: 2 }).slice({ dim: 1, start: 0, end: 8, step: 2 }),
        of(8, 6).slice({ dim: 0, start: 0, end: 8, step: 2 }).slice({ dim: 1, start: 1, end: 6, step: 3 }),
      );
      check('expanded rows', of(1, 6).expand(3, 6), of(6, 2));
      const scales =
        dtype.startsWith('complex') || FLOATING.includes(dtype) ? { beta: 0.5, alpha: 2 } : { beta: 3, alpha: 2 };
      expectSame('addmm', (c, a, b) => c.addmm(a, b, scales), [of(5), of(3, 4), of(4, 5)], tolerance);
      expectSame('baddbmm', (c, a, b) => c.baddbmm(a, b, scales), [of(2, 3, 5), of(2, 3, 4), of(2, 4, 5)], tolerance);
    });

    test('matmul does not read what is multiplied by 0', () => {
      useLibraries(on);
      const c = torch.full([2, 2], Number.NaN, { device: 'cuda' });
      const one = torch.ones([2, 2], { device: 'cuda' });
      expect(c.addmm(one, one, { beta: 0 }).tolist()).toEqual([
        [2, 2],
        [2, 2],
      ]);
    });

    test('matmul writes to strided outputs', () => {
      useLibraries(on);
      const [a, b] = [numbers([3, 4], 'float32'), numbers([4, 5], 'float32')];
      const expected = a.matmul(b).tolist();
      for (const out of [
        torch.empty([5, 3], { device: 'cuda' }).t(),
        torch
          .empty([6, 10], { device: 'cuda' })
          .slice({ dim: 0, start: 0, end: 6, step: 2 })
          .slice({ dim: 1, start: 0, end: 10, step: 2 }),
      ]) {
        torch.mm(a.cuda(), b.cuda(), { out });
        expect(out.tolist()).toEqual(expected);
      }
    });

    // Their meaning is in nn.functional; here the primitives are called as it calls them.
    test.each([...FLOATING, 'int64'] as DType[])('convolution of %s and its gradients', (dtype) => {
      useLibraries(on);
      const tolerance = tolerances[dtype] ?? 1e-5;
      const of = (...shape: number[]) => numbers(shape, dtype);
      for (const { input, weight, stride, padding, dilation, groups, cut = 0 } of CONVOLUTIONS) {
        const settings = { stride, padding, dilation, groups };
        const output = weight.slice(2).map((k, d) => {
          const reach = (input[d + 2] as number) + 2 * (padding[d] as number) - (dilation[d] as number) * (k - 1) - 1;
          return Math.floor(reach / (stride[d] as number)) + 1 - cut;
        });
        const [x, w, b] = [of(...input), of(...weight), of(weight[0] as number)];
        const dy = of(input[0] as number, weight[0] as number, ...output);
        const name = JSON.stringify({ input, weight, ...settings });
        const { convolution, inputGrad, weightGrad } = convolutionPrimitives;
        expectSame(name, (x, w, b) => convolution(x, w, b, output, settings), [x, w, b], tolerance);
        expectSame(name, (x, w) => convolution(x, w, null, output, settings), [x, w], tolerance);
        expectSame(`${name} by the input`, (dy, w) => inputGrad(dy, w, input, settings), [dy, w], tolerance);
        expectSame(`${name} by the weight`, (dy, x) => weightGrad(dy, x, weight, settings), [dy, x], tolerance);
      }
    });

    test('convolution of strided tensors', () => {
      useLibraries(on);
      const settings = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
      const x = numbers([2, 6, 7, 3], 'float32').permute(0, 3, 1, 2);
      const w = numbers([3, 3, 3, 4], 'float32').permute(3, 2, 0, 1);
      expectSame('channels last', (x, w) => convolutionPrimitives.convolution(x, w, null, [6, 7], settings), [x, w]);
    });
  });
});

interface ConvolutionCase {
  input: number[];
  weight: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
  /** How much smaller the output is than it could be. */
  cut?: number;
}

const CONVOLUTIONS: ConvolutionCase[] = [
  { input: [2, 3, 8, 9], weight: [4, 3, 3, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
  { input: [2, 3, 8, 9], weight: [4, 3, 3, 2], stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 1 },
  { input: [2, 4, 5, 6], weight: [6, 2, 3, 3], stride: [1, 2], padding: [1, 1], dilation: [1, 1], groups: 2 },
  { input: [2, 4, 5, 5], weight: [4, 1, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 4 },
  { input: [3, 70, 4, 4], weight: [66, 70, 1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
  { input: [2, 3, 20], weight: [5, 3, 4], stride: [3], padding: [2], dilation: [2], groups: 1 },
  {
    input: [1, 2, 4, 5, 6],
    weight: [3, 2, 2, 3, 2],
    stride: [1, 2, 1],
    padding: [1, 0, 1],
    dilation: [1, 1, 2],
    groups: 1,
  },
  { input: [2, 2, 9, 9], weight: [3, 2, 3, 3], stride: [3, 3], padding: [0, 0], dilation: [1, 1], groups: 1, cut: 1 },
  { input: [0, 3, 8, 9], weight: [4, 3, 3, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
  { input: [2, 0, 4, 4], weight: [3, 0, 2, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
];
