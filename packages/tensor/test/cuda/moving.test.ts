// Indexing, joining, sorting and random numbers on a GPU, or its emulation, against the same on the CPU: over dtypes, layouts, and sizes
// on both sides of every limit where kernels share out their work otherwise. Results are equal to the last bit.
import type { DType } from '@ts-torch/core';
import * as torch from '@ts-torch/tensor';
import { lossPrimitives } from '@ts-torch/tensor/internal';
import { describe, expect, test } from 'vitest';

type Tensor = torch.Tensor;
type Results = Tensor | Iterable<Tensor>;

const FLOATING: DType[] = ['float64', 'float32', 'float16', 'bfloat16'];
const REAL: DType[] = [...FLOATING, 'int64', 'int32', 'int16', 'int8', 'uint8'];
const COMPLEX: DType[] = ['complex64', 'complex128'];
const ALL: DType[] = [...REAL, 'bool', ...COMPLEX];

let state = 1;
/** An integer in [0, below). */
function random(below: number): number {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * below);
}

function numbers(shape: number[], make: () => number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return torch.tensor(Float64Array.from({ length: count }, make), { device: 'cpu' }).reshape(shape);
}

/** Small numbers, whose sums and products are exact in every dtype. */
function values(shape: number[], dtype: DType): Tensor {
  const real = numbers(shape, () => random(5) - 2);
  if (dtype.startsWith('complex'))
    return torch
      .complex(
        real,
        numbers(shape, () => random(3) - 1),
      )
      .to(dtype);
  return (dtype === 'uint8' ? real.abs() : real).to(dtype);
}

/** With NaN, infinities and both zeros where the dtype has them. */
function special(shape: number[], dtype: DType): Tensor {
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];
  const make = (): number => (random(8) === 0 ? (specials[random(5)] as number) : random(200) / 4 - 25);
  const real = numbers(shape, FLOATING.includes(dtype) ? make : () => random(200) - 100);
  return (dtype === 'uint8' ? real.abs() : real).to(dtype);
}

const indices = (shape: number[], size: number, low = 0): Tensor =>
  numbers(shape, () => low + random(size - low)).to('int64');

const LAYOUTS: ((x: Tensor) => Tensor)[] = [
  (x) => x,
  (x) => reversed(reversed(x).contiguous()),
  (x) => (x.ndim === 0 ? x : torch.stack([x, x], -1).select(-1, 1)),
];
const reversed = (x: Tensor): Tensor => x.permute(...x.shape.map((_, d) => d).reverse());

/** The same strides on the device. */
function toCuda(x: Tensor): Tensor {
  if (x.numel() === 0) return x.to('cuda');
  const span = x.shape.reduce((sum, size, d) => sum + (size - 1) * x.stride(d), 1);
  return x
    .asStrided([span], [1])
    .to('cuda')
    .asStrided(
      x.shape,
      x.shape.map((_, d) => x.stride(d)),
    );
}

const listOf = (results: Results): Tensor[] => (results instanceof torch.Tensor ? [results] : [...results]);

function flat(x: Tensor): number[] {
  const real = x.isComplex() ? torch.viewAsReal(x.contiguous()) : x;
  return real.to('float64').reshape([-1]).tolist() as number[];
}

function same(label: string, op: (...inputs: Tensor[]) => Results, ...inputs: Tensor[]): void {
  for (const layout of LAYOUTS) {
    const laid = inputs.map(layout);
    const expected = listOf(op(...laid));
    const found = listOf(op(...laid.map(toCuda)));
    expect(found.length, label).toBe(expected.length);
    expected.forEach((tensor, i) => {
      const got = found[i] as Tensor;
      const where = `${label}, result ${i} of ${inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')}`;
      expect(got.device.type, where).toBe('cuda');
      expect([got.dtype, got.shape], where).toEqual([tensor.dtype, tensor.shape]);
      const [a, b] = [flat(got.cpu()), flat(tensor)];
      const differs = b.findIndex((value, k) => !(a[k] === value || Object.is(a[k], value)));
      if (differs >= 0) throw new Error(`${where}: element ${differs} is ${a[differs]}, not ${b[differs]}`);
    });
  }
}

describe.runIf(torch.cuda.isAvailable())('moved on a GPU as on the CPU', () => {
  test('gather and scatter', () => {
    const shapes: [number[], number, number[]][] = [
      [[], 0, []],
      [[5], 0, [9]],
      [[0, 3], 1, [0, 2]],
      [[4, 3], 0, [6, 2]],
      [[2, 5, 3], 1, [2, 7, 3]],
      [[2, 3, 4], 2, [1, 2, 9]],
    ];
    for (const dtype of ALL)
      for (const [shape, dim, at] of shapes) {
        const [self, source] = [values(shape, dtype), values(at, dtype)];
        const index = indices(at, shape[dim] ?? 1);
        same('gather', (x, i) => torch.gather(x, dim, i), self, index);
        same('scatter', (x, i, s) => torch.scatter(x, dim, i, s), self, index, source);
        same('scatter of a number', (x, i) => torch.scatter(x, dim, i, 1), self, index);
        same('scatterAdd', (x, i, s) => torch.scatterAdd(x, dim, i, s), self, index, source);
        same(
          'scatter, multiply',
          (x, i, s) => torch.scatter(x, dim, i, s, { reduce: 'multiply' }),
          self,
          index,
          source,
        );
        if (COMPLEX.includes(dtype)) continue;
        for (const reduce of ['amax', 'amin'] as const)
          same(reduce, (x, i, s) => torch.scatterReduce(x, dim, i, s, reduce), self, index, source);
      }
  });

  test('one index along a dimension', () => {
    const shapes: [number[], number, number][] = [
      [[5], 0, 8],
      [[4, 6], 0, 3],
      [[4, 8], 1, 5],
      [[3, 4, 16], 1, 6],
      [[3, 0, 2], 0, 2],
      [[40, 64], 0, 50],
    ];
    for (const dtype of ALL)
      for (const [shape, dim, count] of shapes) {
        const self = values(shape, dtype);
        const source = values(shape.with(dim, count), dtype);
        const index = indices([count], shape[dim] as number);
        const order = torch.randperm(shape[dim] as number, { device: 'cpu' });
        same('indexSelect', (x, i) => torch.indexSelect(x, dim, i), self, index);
        same('indexAdd', (x, i, s) => torch.indexAdd(x, dim, i, s), self, index, source);
        same('indexCopy', (x, i, s) => torch.indexCopy(x, dim, i, s), self, order, values(shape, dtype));
        same('indexFill', (x, i) => torch.indexFill(x, dim, i, 1), self, index);
        if (COMPLEX.includes(dtype) || dtype === 'bool') continue;
        for (const reduce of ['prod', 'amax', 'amin'] as const)
          same(reduce, (x, i, s) => torch.indexReduce(x, dim, i, s, reduce), self, index, source);
      }
  });

  test('several indices, from either end', () => {
    for (const dtype of ALL) {
      const self = values([4, 5, 6], dtype);
      const [i, j] = [indices([3, 1], 4, -4), indices([2], 5, -5)];
      same('index', (x, a) => x.at(a), self, i);
      same('index', (x, a, b) => x.at(a, b), self, i, j);
      same('index', (x, a, b) => x.at(a, ':', b), self, i, j);
      same('indexPut', (x, a, v) => torch.indexPut(x, [a], v), self, indices([1], 4), values([1, 5, 6], dtype));
      for (const accumulate of [true, false])
        same(
          'indexPut',
          (x, a, b, v) => torch.indexPut(x, [a, b], v, { accumulate }),
          self,
          torch.arange(3, { device: 'cpu' }).unsqueeze(1),
          torch.arange(-2, 0, { device: 'cpu' }),
          values([3, 2, 6], dtype),
        );
      same('take', (x, a) => torch.take(x, a), self, indices([7, 2], 120, -120));
      same('put', (x, a, s) => torch.put(x, a, s, { accumulate: true }), self, indices([9], 120), values([9], dtype));
    }
    for (const padding of [-1, 2])
      for (const scale of [false, true])
        for (const dtype of FLOATING)
          same(
            'embeddingBackward',
            (g, i) => lossPrimitives.embeddingBackward(g, i, 5, padding, scale),
            values([16, 3], dtype).mul(4),
            torch.arange(16, { device: 'cpu' }).remainder(4),
          );
  });

  test('an index out of bounds is named', () => {
    const x = torch.zeros([2, 3], { device: 'cuda' });
    const index = torch.tensor([5], { dtype: 'int64', device: 'cuda' });
    expect(() => {
      torch.indexSelect(x, 1, index);
      torch.cuda.synchronize();
    }).toThrow('index 5 is out of bounds for dimension 1 with size 3');
    expect(torch.indexSelect(x, 1, index.sub(4)).shape).toEqual([2, 1]);
  });

  test('masks', () => {
    for (const dtype of ALL)
      for (const shape of [[], [0], [7], [3, 5], [2, 3, 4], [9000]]) {
        const self = values(shape, dtype);
        const mask = numbers(shape, () => random(3)).eq(0);
        same('maskedFill', (x, m) => torch.maskedFill(x, m, 1), self, mask);
        same('maskedSelect', (x, m) => torch.maskedSelect(x, m), self, mask);
        same('maskedScatter', (x, m, s) => torch.maskedScatter(x, m, s), self, mask, values(shape, dtype));
        same('nonzero', (x) => torch.nonzero(x), self);
      }
    expect(() =>
      torch.maskedScatter(
        torch.zeros([3], { device: 'cuda' }),
        torch.ones([3], { dtype: 'bool', device: 'cuda' }),
        torch.ones([2], { device: 'cuda' }),
      ),
    ).toThrow(/source/);
  });

  test('joining and triangles', () => {
    for (const dtype of ALL) {
      for (const dim of [0, 1, -1])
        same(
          'cat',
          (...parts) => torch.cat(parts, dim),
          ...[2, 0, 3].map((size) => values([4, 5, 6].with(dim, size), dtype)),
        );
      for (const shape of [
        [4, 6],
        [2, 5, 3],
        [0, 3],
      ])
        for (const diagonal of [-9, -1, 0, 2])
          same('triangles', (x) => [torch.tril(x, diagonal), torch.triu(x, diagonal)], values(shape, dtype));
    }
  });

  const onDevice = (device: string) => ({ device: device as torch.DeviceLike });
  function sameMade(label: string, make: (device: string) => Tensor): void {
    torch.manualSeed(7);
    const expected = make('cpu');
    torch.manualSeed(7);
    const found = make('cuda');
    expect([found.device.type, found.dtype, found.shape], label).toEqual(['cuda', expected.dtype, expected.shape]);
    expect(flat(found.cpu()), label).toEqual(flat(expected));
  }

  test('ranges', () => {
    for (const dtype of REAL) {
      sameMade(`arange ${dtype}`, (device) => torch.arange(1, 40, 3, { dtype, ...onDevice(device) }));
      sameMade(`linspace ${dtype}`, (device) => torch.linspace(0, 100, 37, { dtype, ...onDevice(device) }));
    }
    sameMade('thirds', (device) => torch.arange(-1, 400, 1 / 3, { dtype: 'float64', ...onDevice(device) }));
    sameMade('one', (device) => torch.linspace(2, 5, 1, onDevice(device)));
  });

  test('random numbers', () => {
    for (const shape of [[0], [1], [255], [256], [257], [3, 1000]]) {
      for (const dtype of FLOATING) {
        sameMade(`rand ${dtype}`, (device) => torch.rand(shape, { dtype, ...onDevice(device) }));
        sameMade(`randn ${dtype}`, (device) => torch.randn(shape, { dtype, ...onDevice(device) }));
      }
      for (const dtype of REAL)
        sameMade(`randint ${dtype}`, (device) => torch.randint(3, 90, shape, { dtype, ...onDevice(device) }));
      sameMade('wide', (device) => torch.randint(-(2 ** 50), 2 ** 51, shape, onDevice(device)));
    }
    for (const n of [0, 1, 2, 33, 1000, 5000])
      sameMade(`randperm ${n}`, (device) => torch.randperm(n, onDevice(device)));
  });

  test('drawing from probabilities', () => {
    for (const dtype of FLOATING)
      for (const [rows, categories] of [
        [1, 5],
        [4, 300],
        [2, 3000],
      ] as const) {
        const weights = numbers([rows, categories], () => random(9)).to(dtype);
        for (const replacement of [true, false])
          sameMade(`multinomial ${dtype} ${categories}`, (device) =>
            torch.multinomial(weights.to(onDevice(device).device), 3, { replacement }),
          );
      }
    const draw = (weights: number[]) => {
      torch.multinomial(torch.tensor(weights, { device: 'cuda' }), 2);
      torch.cuda.synchronize();
    };
    expect(() => draw([1, -1, 3])).toThrow('expected probabilities of at least 0, got -1');
    expect(() => draw([0, 0, 0])).toThrow('the probabilities add up to 0');
    expect(() => draw([0, 1, 0])).toThrow('only 1 have a probability above 0');
  });

  /** One for each kind and width of keys. */
  const KEYS: DType[] = ['float64', 'float32', 'bfloat16', 'int64', 'int16', 'uint8'];

  test('sorting', () => {
    const shapes = [[], [1], [0, 3], [5, 33], [3, 2, 40], [2048], [2049], [2, 5000]];
    for (const dtype of KEYS)
      for (const shape of shapes)
        for (const dim of shape.length > 1 ? [0, -1] : [0])
          for (const descending of [false, true])
            same('sort', (x) => torch.sort(x, dim, { descending }), special(shape, dtype));
  });

  test('choosing', () => {
    for (const dtype of KEYS)
      for (const shape of [[1], [9], [3, 40], [2100], [5000]])
        for (const dim of shape.length > 1 ? [0, -1] : [0]) {
          const self = special(shape, dtype);
          const length = shape.at(dim) as number;
          for (const k of new Set([1, Math.ceil(length / 3), length])) {
            same('kthvalue', (x) => torch.kthvalue(x, k, dim), self);
            for (const largest of [true, false]) same('topk', (x) => torch.topk(x, k, dim, { largest }), self);
          }
          same('median', (x) => torch.median(x, dim), self);
          same('nanmedian', (x) => torch.nanmedian(x, dim), self);
          same('mode', (x) => torch.mode(x, dim), self);
        }
    same('mode', (x) => torch.mode(x, 0), values([50], 'bool'));
  });

  test('different elements, boundaries and bins', () => {
    for (const dtype of [...REAL, 'bool' as const])
      for (const shape of [[0], [1], [30], [4099]]) {
        const all = { returnInverse: true, returnCounts: true };
        same('unique', (x) => torch.unique(x, all), special(shape, dtype));
        same('unique', (x) => torch.unique(x), values(shape, dtype));
        same('uniqueConsecutive', (x) => torch.uniqueConsecutive(x, all), values(shape, dtype));
      }
    for (const dtype of REAL)
      for (const right of [true, false]) {
        const rows = torch.sort(special([3, 20], dtype)).values;
        same('searchsorted', (s, x) => torch.searchsorted(s, x, { right }), rows, special([3, 50], dtype));
        same('searchsorted', (s, x) => torch.searchsorted(s, x, { right }), rows.select(0, 1), special([4, 5], dtype));
      }
    for (const dtype of FLOATING)
      for (const bins of [1, 10, 5000])
        same('histc', (x) => torch.histc(x, { bins, min: -10, max: 20 }), special([3000], dtype));
  });
});
