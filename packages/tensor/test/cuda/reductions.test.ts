// Reductions, scans, normalizations and losses on a GPU, or its emulation, against the same on the CPU: over dtypes, layouts, and sizes
// on both sides of every limit where kernels share out their work otherwise.
import type { DType } from '@ts-torch/core';
import * as torch from '@ts-torch/tensor';
import {
  batchNormBackward,
  groupNormBackward,
  LOSS_REDUCTIONS,
  lossPrimitives,
  normalizationPrimitives,
  softmaxPrimitives,
} from '@ts-torch/tensor/internal';
import { describe, expect, test } from 'vitest';

type Tensor = torch.Tensor;
type Op = (...inputs: Tensor[]) => Tensor | readonly (Tensor | null)[];

const FLOATING: DType[] = ['float64', 'float32', 'float16', 'bfloat16'];
const REAL: DType[] = [...FLOATING, 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'];
const COMPLEX: DType[] = ['complex64', 'complex128'];
const TOLERANCE: Partial<Record<DType, number>> = { float32: 2e-5, float16: 2e-3, bfloat16: 1.6e-2, complex64: 2e-5 };

let state = 1;
/** A number in [0, 1). */
function random(): number {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
}

function values(shape: number[], dtype: DType, special = false): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const element = (): number =>
    special && random() < 0.05 ? (specials[Math.floor(random() * 3)] as number) : Math.round(random() * 160 - 80) / 16;
  const data = Float64Array.from({ length: count }, element);
  return torch.tensor(data, { device: 'cpu' }).reshape(shape).to(dtype);
}

const LAYOUTS: Record<string, (x: Tensor) => Tensor> = {
  contiguous: (x) => x,
  transposed: (x) =>
    x
      .permute(...x.shape.map((_, d) => d).reverse())
      .contiguous()
      .permute(...x.shape.map((_, d) => d).reverse()),
  sliced: (x) =>
    x.ndim === 0 ? x : torch.cat([x, x], -1).narrow(-1, x.shape.at(-1) as number, x.shape.at(-1) as number),
  'every second': (x) => (x.ndim === 0 ? x : torch.stack([x, x], -1).select(-1, 1)),
  expanded: (x) => x.unsqueeze(0).expand(3, ...x.shape),
};

function compare(op: Op, inputs: Tensor[], label: string, layout: (x: Tensor) => Tensor = (x) => x): void {
  const laid = inputs.map(layout);
  const expected = [op(...laid)].flat() as (Tensor | null)[];
  const found = [op(...laid.map(toCuda))].flat() as (Tensor | null)[];
  expected.forEach((tensor, i) => {
    if (tensor !== null) expectClose(found[i] as Tensor, tensor, `${label}, result ${i}`);
  });
}

/** The same strides on the device. */
function toCuda(x: Tensor): Tensor {
  const span = x.shape.reduce((sum, size, d) => sum + (size - 1) * (x.stride()[d] as number), 1);
  if (x.numel() === 0) return x.to('cuda');
  const memory = x.asStrided([span], [1]).to('cuda');
  return memory.asStrided(x.shape, x.stride());
}

function expectClose(found: Tensor, expected: Tensor, label: string): void {
  expect(found.dtype, label).toBe(expected.dtype);
  expect(found.shape, label).toEqual(expected.shape);
  const flat = (x: Tensor): number[] => {
    const onHost = x.cpu();
    const real = onHost.isComplex() ? torch.viewAsReal(onHost.contiguous()) : onHost;
    return real.to('float64').reshape([-1]).tolist() as number[];
  };
  const [a, b] = [flat(found), flat(expected)];
  const tolerance = TOLERANCE[expected.dtype] ?? (expected.isFloatingPoint() || expected.isComplex() ? 1e-10 : 0);
  b.forEach((value, i) => {
    const got = a[i] as number;
    const close =
      Object.is(got, value) || got === value || Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value));
    if (!close) throw new Error(`${label} [${expected.shape}] ${expected.dtype}: element ${i} is ${got}, not ${value}`);
  });
}

function eachLayout(op: Op, shapes: number[][], dtypes: DType[], label: string, special = false): void {
  for (const dtype of dtypes)
    for (const shape of shapes)
      for (const [name, layout] of Object.entries(LAYOUTS))
        compare(op, [values(shape, dtype, special)], `${label} of ${shape} ${dtype}, ${name}`, layout);
}

const SHAPES = [[], [1], [7], [0, 3], [3, 0], [5, 3], [2, 33, 4], [3, 1, 2, 5]];
const LARGE = [[4097], [20_000], [3, 700], [700, 3], [2, 300, 5], [40, 70], [9000, 2]];

/** Every set of dimensions of tensors with few, else each dimension and all. */
function dimSets(ndim: number): number[][] {
  const sets = Array.from({ length: 2 ** ndim }, (_, bits) =>
    Array.from({ length: ndim }, (_, d) => d).filter((d) => bits & (1 << d)),
  );
  return sets.filter((set) => set.length > 0 || ndim === 0);
}

const overDims =
  (op: (x: Tensor, dims: number[]) => Tensor): Op =>
  (x) =>
    dimSets(x.ndim).map((dims) => op(x, dims));
const overEachDim =
  (op: (x: Tensor, dim: number) => Tensor | Iterable<Tensor>): Op =>
  (x) =>
    Array.from({ length: Math.max(x.ndim, 1) }, (_, d) => d)
      .filter(() => x.numel() > 0)
      .flatMap((d) => {
        const result = op(x, d);
        return result instanceof torch.Tensor ? [result] : [...result];
      });

describe.runIf(torch.cuda.isAvailable())('on a GPU as on the CPU', () => {
  const sums: Record<string, (x: Tensor, dims: number[]) => Tensor> = {
    sum: (x, dims) => x.sum(dims),
    prod: (x, dims) => x.div(4).prod(dims[0] ?? 0),
  };
  test('sums and products', () => {
    for (const [name, op] of Object.entries(sums)) {
      eachLayout(overDims(op), SHAPES, name === 'sum' ? [...REAL, ...COMPLEX] : FLOATING, name);
      eachLayout(overDims(op), LARGE, ['float64', 'bfloat16', 'complex64'], name);
    }
    eachLayout(
      overDims((x, dims) => x.sum(dims)),
      LARGE,
      ['uint8', 'int32'],
      'sum',
    );
    eachLayout(
      overDims((x, dims) => x.mean(dims)),
      SHAPES,
      [...FLOATING, ...COMPLEX],
      'mean',
    );
    eachLayout(
      overDims((x, dims) => x.nansum(dims)),
      SHAPES,
      FLOATING,
      'nansum',
      true,
    );
    eachLayout(
      overDims((x, dims) => x.sum(dims)),
      SHAPES,
      FLOATING,
      'sum',
      true,
    );
  });

  test('any, all and extremes', () => {
    eachLayout(
      overDims((x, dims) => x.any(dims[0] ?? 0)),
      [...SHAPES, ...LARGE],
      ['bool', 'uint8'],
      'any',
    );
    eachLayout(
      overDims((x, dims) => x.ge(-4.9).all(dims[0] ?? 0)),
      [...SHAPES, ...LARGE],
      ['bool', 'float32'],
      'all',
    );
    const ofSome =
      (op: Op): Op =>
      (x: Tensor) =>
        (x as Tensor).numel() > 0 ? op(x) : [];
    for (const special of [false, true]) {
      eachLayout(ofSome(overDims((x, dims) => x.amax(dims))), SHAPES, special ? FLOATING : REAL, 'amax', special);
      eachLayout(ofSome(overDims((x, dims) => x.amin(dims))), LARGE, special ? FLOATING : ['int16'], 'amin', special);
    }
  });

  test('norms', () => {
    for (const p of [1, 2, 3, 0.5])
      eachLayout(
        overDims((x, dims) => x.norm(p, { dim: dims })),
        [...SHAPES, [3, 700], [700, 3]],
        FLOATING,
        `norm ${p}`,
      );
  });

  test('variances', () => {
    for (const correction of [0, 1])
      eachLayout(
        overDims((x, dims) => x.var(dims, { correction })),
        [...SHAPES, ...LARGE],
        FLOATING,
        'var',
      );
    eachLayout(
      overDims((x, dims) => x.add(10_000).std(dims)),
      [[3, 700], [20_000]],
      ['float64'],
      'std far from 0',
    );
    eachLayout(
      overDims((x, dims) => x.var(dims)),
      SHAPES,
      ['float32'],
      'var',
      true,
    );
  });

  test('where extremes are', () => {
    for (const special of [false, true]) {
      const dtypes = special ? FLOATING : REAL;
      eachLayout(
        overEachDim((x, d) => x.argmax(d)),
        SHAPES,
        dtypes,
        'argmax',
        special,
      );
      eachLayout(
        overEachDim((x, d) => x.argmin(d)),
        LARGE,
        special ? ['float32'] : ['int8', 'float64'],
        'argmin',
        special,
      );
      eachLayout(
        overEachDim((x, d) => x.max(d)),
        LARGE,
        special ? ['bfloat16'] : ['uint8'],
        'max',
        special,
      );
      eachLayout(
        overEachDim((x, d) => x.min(d)),
        SHAPES,
        dtypes,
        'min',
        special,
      );
    }
  });

  test('running sums and extremes', () => {
    const shapes = [...SHAPES, [3000], [2, 700], [40, 600], [600, 40], [9000, 2]];
    eachLayout(
      overEachDim((x, d) => x.cumsum(d)),
      shapes,
      ['float64', 'int64', 'complex128'],
      'cumsum',
    );
    eachLayout(
      overEachDim((x, d) => x.cumsum(d)),
      SHAPES,
      [...FLOATING, ...COMPLEX, 'int8'],
      'cumsum',
      true,
    );
    eachLayout(
      overEachDim((x, d) => x.div(3).cumprod(d)),
      SHAPES,
      FLOATING,
      'cumprod',
    );
    eachLayout(
      overEachDim((x, d) => x.logcumsumexp(d)),
      shapes,
      ['float64'],
      'logcumsumexp',
    );
    eachLayout(
      overEachDim((x, d) => x.logcumsumexp(d)),
      SHAPES,
      FLOATING,
      'logcumsumexp',
      true,
    );
    for (const special of [false, true]) {
      eachLayout(
        overEachDim((x, d) => x.cummax(d)),
        shapes,
        special ? ['float32'] : ['int16'],
        'cummax',
        special,
      );
      eachLayout(
        overEachDim((x, d) => x.cummin(d)),
        SHAPES,
        special ? FLOATING : REAL,
        'cummin',
        special,
      );
    }
  });

  test('softmax and its gradients', () => {
    const shapes = [...SHAPES, [3, 700], [700, 3], [2, 40, 33]];
    const { softmaxBackward, logSoftmaxBackward } = softmaxPrimitives;
    eachLayout(
      overEachDim((x, d) => x.softmax(d)),
      shapes,
      FLOATING,
      'softmax',
    );
    eachLayout(
      overEachDim((x, d) => x.logSoftmax(d)),
      shapes,
      ['float64', 'float16'],
      'logSoftmax',
    );
    eachLayout(
      overEachDim((x, d) => x.mul(100).softmax(d)),
      SHAPES,
      FLOATING,
      'softmax',
      true,
    );
    eachLayout(
      overEachDim((x, d) => x.logSoftmax(d)),
      SHAPES,
      ['float32'],
      'logSoftmax',
      true,
    );
    eachLayout(
      overEachDim((x, d) => softmaxBackward(x, x.mul(0.1), d)),
      shapes,
      FLOATING,
      'softmaxBackward',
    );
    eachLayout(
      overEachDim((x, d) => logSoftmaxBackward(x, x.mul(0.1), d)),
      shapes,
      ['float64'],
      'logSoftmaxBackward',
    );
  });

  test('group and batch normalization', () => {
    const needs = { self: true, weight: true, bias: true };
    for (const dtype of FLOATING)
      for (const shape of [
        [2, 6, 5],
        [3, 4, 1],
        [70, 12, 1],
        [2, 6, 700],
        [40, 700, 1],
        [0, 6, 5],
        [300, 2, 9],
      ]) {
        const [n, channels] = shape as [number, number];
        const x = values(shape, dtype);
        const [weight, bias, grad] = [values([channels], dtype), values([channels], dtype), values(shape, dtype)];
        const label = `of ${shape} ${dtype}`;
        for (const groups of [1, 2, channels]) {
          const group: Op = (x, weight, bias, grad) => {
            const sizes = { n, channels, groups };
            const [out, mean, rstd] = normalizationPrimitives.groupNorm(
              x as Tensor,
              weight as Tensor,
              bias as Tensor,
              n,
              channels,
              groups,
              1e-3,
            );
            const back = groupNormBackward(grad as Tensor, x as Tensor, mean, rstd, weight as Tensor, sizes, needs);
            return [out, mean, rstd, back.self, back.weight, back.bias];
          };
          compare(group, [x, weight, bias, grad], `groupNorm ${groups} ${label}`);
        }
        // A batch of nothing has no statistics.
        for (const training of n > 0 ? [true, false] : [false]) {
          const batch: Op = (x, weight, bias, grad, mean0, var0) => {
            const [runningMean, runningVar] = [(mean0 as Tensor).clone(), (var0 as Tensor).clone()];
            const [out, mean, rstd] = normalizationPrimitives.batchNorm(
              x as Tensor,
              weight as Tensor,
              bias as Tensor,
              runningMean,
              runningVar,
              training,
              0.1,
              1e-3,
            );
            const back = batchNormBackward(grad as Tensor, x as Tensor, mean, rstd, weight as Tensor, training, needs);
            return [out, mean, rstd, runningMean, runningVar, back.self, back.weight, back.bias];
          };
          const running = [values([channels], dtype), values([channels], dtype).abs()];
          compare(batch, [x, weight, bias, grad, ...running], `batchNorm ${training} ${label}`);
        }
      }
  });

  test('the loss of picked classes', () => {
    for (const dtype of FLOATING)
      for (const shape of [[5], [4, 7], [300, 3], [2, 5, 3, 2], [0, 3], [20_000, 2]]) {
        const classes = (shape.length === 1 ? shape[0] : shape[1]) as number;
        const targets = shape.filter((_, d) => d !== (shape.length === 1 ? 0 : 1));
        const labels = values(targets, 'float64').abs().mul(16).fmod(classes).to('int64');
        for (const reduction of Object.keys(LOSS_REDUCTIONS) as (keyof typeof LOSS_REDUCTIONS)[])
          for (const weighted of [true, false]) {
            const loss: Op = (x, labels, weight) => {
              const used = weighted ? (weight as Tensor) : null;
              const [out, total] = lossPrimitives.nllLoss(x as Tensor, labels as Tensor, used, reduction, 1) as [
                Tensor,
                Tensor,
              ];
              const grad = lossPrimitives.nllLossBackward(
                out,
                labels as Tensor,
                used,
                total,
                shape,
                reduction,
                1,
              ) as Tensor;
              return [out, total, grad];
            };
            const inputs = [values(shape, dtype), labels, values([classes], dtype).abs().add(1)];
            compare(loss, inputs, `nllLoss ${reduction} of ${shape}`);
            if (shape.length > 1) compare(loss, inputs, `nllLoss ${reduction}, transposed`, LAYOUTS['transposed']);
          }
      }
    const wrong = torch.tensor([0, 9], { device: 'cpu' }).to('int64').to('cuda');
    expect(() => lossPrimitives.nllLoss(values([2, 3], 'float32').to('cuda'), wrong, null, 'mean', -100)).toThrow(
      /target 9 is out of bounds for 3 classes/,
    );
  });
});
