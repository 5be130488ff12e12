import * as torch from '@ts-torch/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** 0, 1, 2, ... in a shape. */
function counting(shape: readonly number[]): torch.Tensor {
  const numel = shape.reduce((a, b) => a * b, 1);
  return torch
    .tensor(
      Array.from({ length: numel }, (_, i) => i),
      { dtype: 'int64' },
    )
    .reshape(shape);
}

// --- A model in plain JavaScript: for each element, row-major, which element of the first tensor it is ---------------------

interface Model {
  readonly shape: readonly number[];
  readonly elements: readonly number[];
}

const numelOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function* indicesOf(shape: readonly number[]): Generator<number[]> {
  for (let i = 0, count = numelOf(shape); i < count; i++) {
    let rest = i;
    yield shape
      .toReversed()
      .map((size) => {
        const digit = rest % size;
        rest = Math.floor(rest / size);
        return digit;
      })
      .reverse();
  }
}

const flatIndex = (shape: readonly number[], index: readonly number[]): number =>
  shape.reduce((flat, size, d) => flat * size + (index[d] as number), 0);

/** The model of another shape, whose element at `index` is that at `source(index)`. */
function remap(model: Model, shape: readonly number[], source: (index: number[]) => readonly number[]): Model {
  const elements = [...indicesOf(shape)].map(
    (index) => model.elements[flatIndex(model.shape, source(index))] as number,
  );
  return { shape, elements };
}

interface Step {
  readonly name: string;
  /** What the step does to a tensor and to the model; undefined where the shape does not allow it. */
  readonly apply: (x: torch.Tensor, model: Model, a: number, b: number, c: number) => [torch.Tensor, Model] | undefined;
}

const inserted = (index: readonly number[], at: number, ...values: number[]): number[] =>
  index.toSpliced(at, 0, ...values);

const STEPS: Step[] = [
  {
    name: 'transpose',
    apply: (x, m, a, b) => {
      const n = m.shape.length;
      if (n === 0) return undefined;
      const swap = (list: readonly number[]): number[] =>
        list.with(a % n, list[b % n] as number).with(b % n, list[a % n] as number);
      return [x.transpose(a % n, (b % n) - n), remap(m, swap(m.shape), swap)];
    },
  },
  {
    name: 'permute',
    apply: (x, m, a) => {
      const n = m.shape.length;
      const dims = m.shape.map((_, d) => (d + a) % n);
      return [
        x.permute(dims),
        remap(
          m,
          dims.map((d) => m.shape[d] as number),
          (index) => m.shape.map((_, d) => index[dims.indexOf(d)] as number),
        ),
      ];
    },
  },
  {
    name: 'movedim',
    apply: (x, m, a, b) => {
      const n = m.shape.length;
      if (n === 0) return undefined;
      const [from, to] = [a % n, b % n];
      const move = <T>(list: readonly T[]): T[] => list.toSpliced(from, 1).toSpliced(to, 0, list[from] as T);
      return [
        x.movedim(from, to),
        remap(m, move(m.shape), (index) => index.toSpliced(to, 1).toSpliced(from, 0, index[to] as number)),
      ];
    },
  },
  {
    name: 'select',
    apply: (x, m, a, b) => {
      const d = a % Math.max(m.shape.length, 1);
      const size = m.shape[d];
      if (!size) return undefined;
      const i = b % size;
      return [x.select(d, b % 2 ? i : i - size), remap(m, m.shape.toSpliced(d, 1), (index) => inserted(index, d, i))];
    },
  },
  {
    name: 'slice',
    apply: (x, m, a, b, c) => {
      const d = a % Math.max(m.shape.length, 1);
      const size = m.shape[d];
      if (size === undefined) return undefined;
      const start = Math.min(b % 4, size);
      const step = (c % 3) + 1;
      const positions = Array.from({ length: size }, (_, i) => i).filter((i) => i >= start && (i - start) % step === 0);
      return [
        x.slice({ dim: d, start, step }),
        remap(m, m.shape.with(d, positions.length), (index) => index.with(d, positions[index[d] as number] as number)),
      ];
    },
  },
  {
    name: 'narrow',
    apply: (x, m, a, b, c) => {
      const d = a % Math.max(m.shape.length, 1);
      const size = m.shape[d];
      if (size === undefined) return undefined;
      const start = b % (size + 1);
      const length = c % (size - start + 1);
      return [
        x.narrow(d, start, length),
        remap(m, m.shape.with(d, length), (index) => index.with(d, (index[d] as number) + start)),
      ];
    },
  },
  {
    name: 'unsqueeze',
    apply: (x, m, a) => {
      const d = a % (m.shape.length + 1);
      return [x.unsqueeze(d), remap(m, inserted(m.shape, d, 1), (index) => index.toSpliced(d, 1))];
    },
  },
  {
    name: 'squeeze',
    apply: (x, m) => [x.squeeze(), { ...m, shape: m.shape.filter((size) => size !== 1) }],
  },
  {
    name: 'expand',
    apply: (x, m, a, b) => {
      const lead = (a % 2) + 1;
      const shape = [...m.shape.map((size, d) => (size === 1 && (b >> d) % 2 ? 2 : size))];
      const target = [lead, ...shape];
      return [
        x.expand(lead, ...shape.map((size, d) => (size === m.shape[d] ? -1 : size))),
        remap(m, target, (index) => index.slice(1).map((i, d) => (m.shape[d] === 1 ? 0 : i))),
      ];
    },
  },
  {
    name: 'diagonal',
    apply: (x, m, a, b) => {
      const n = m.shape.length;
      if (n < 2) return undefined;
      const dim1 = a % n;
      const dim2 = (dim1 + 1 + (b % (n - 1))) % n;
      const offset = (b % 3) - 1;
      const rows = (m.shape[dim1] as number) + Math.min(offset, 0);
      const columns = (m.shape[dim2] as number) - Math.max(offset, 0);
      const kept = m.shape.flatMap((_, d) => (d === dim1 || d === dim2 ? [] : [d]));
      const shape = [...kept.map((d) => m.shape[d] as number), Math.max(Math.min(rows, columns), 0)];
      return [
        x.diagonal({ offset, dim1, dim2 }),
        remap(m, shape, (index) => {
          const i = index.at(-1) as number;
          return m.shape.map((_, d) => {
            if (d === dim1) return i + Math.max(-offset, 0);
            return d === dim2 ? i + Math.max(offset, 0) : (index[kept.indexOf(d)] as number);
          });
        }),
      ];
    },
  },
  {
    name: 'unfold',
    apply: (x, m, a, b, c) => {
      const d = a % Math.max(m.shape.length, 1);
      const length = m.shape[d];
      if (!length) return undefined;
      const size = (b % length) + 1;
      const step = (c % 2) + 1;
      const windows = Math.floor((length - size) / step) + 1;
      return [
        x.unfold(d, size, step),
        remap(m, [...m.shape.with(d, windows), size], (index) =>
          index.slice(0, -1).with(d, (index[d] as number) * step + (index.at(-1) as number)),
        ),
      ];
    },
  },
  {
    name: 'view of the last two dimensions as one',
    apply: (x, m) => {
      if (m.shape.length < 2) return undefined;
      const shape = [...m.shape.slice(0, -2), (m.shape.at(-2) as number) * (m.shape.at(-1) as number)];
      try {
        return [x.view(shape), { ...m, shape }];
      } catch (error) {
        expect(error).toBeInstanceOf(torch.ShapeError);
        return undefined;
      }
    },
  },
];

const anyChain = fc.tuple(
  fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
  fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(23), fc.nat(23), fc.nat(23)), { maxLength: 6 }),
);

/** Applies the steps for as long as the tensor stays small. */
function follow(shape: number[], chain: readonly (readonly [number, number, number, number])[]) {
  const base = counting(shape);
  let view = base;
  let model: Model = { shape, elements: base.reshape(-1).tolist() };
  for (const [step, a, b, c] of chain) {
    if (model.elements.length > 500 || model.shape.length > 8) break;
    [view, model] = STEPS[step]?.apply(view, model, a, b, c) ?? [view, model];
  }
  return { base, view, model };
}

test('chains of views show the elements that a plain model says', () => {
  fc.assert(
    fc.property(anyChain, ([shape, chain]) => {
      const { base, view, model } = follow(shape, chain);
      expect(view.shape).toEqual(model.shape);
      expect(view.storage).toBe(base.storage);
      expect(Array.from(view.toTypedArray(), Number)).toEqual(model.elements);
      expect(Array.from(view.contiguous().toTypedArray(), Number)).toEqual(model.elements);
      expect(view.reshape(-1).tolist()).toEqual(model.elements);
      expect(view.sum().item()).toBe(model.elements.reduce((a, b) => a + b, 0));
      expect(Array.from(view.add(view).toTypedArray(), Number)).toEqual(model.elements.map((i) => 2 * i));
    }),
    { numRuns: 1000 },
  );
});

test('what is written through a view lands where the model says', () => {
  fc.assert(
    fc.property(anyChain, ([shape, chain]) => {
      const { base, view, model } = follow(shape, chain);
      if (view.numel() > 0 && view.strides.some((stride, d) => stride === 0 && view.shape[d] !== 1)) {
        expect(() => view.fill_(-1)).toThrow(/cannot write into an expanded tensor/);
        return;
      }
      view.fill_(-1);
      const expected = Array.from({ length: base.numel() }, (_, i) => (model.elements.includes(i) ? -1 : i));
      expect(base.reshape(-1).tolist()).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

// --- Broadcasting -----------------------------------------------------------------------------------------------------------

const anyPair = fc
  .array(fc.tuple(fc.nat(3), fc.boolean(), fc.boolean()), { maxLength: 4 })
  .chain((dims) => fc.tuple(fc.constant(dims), fc.nat(dims.length), fc.nat(dims.length)))
  .map(([dims, cutA, cutB]) => ({
    a: dims.map(([size, one]) => (one ? 1 : size)).slice(cutA),
    b: dims.map(([size, , one]) => (one ? 1 : size)).slice(cutB),
  }));

test('two shapes broadcast as a plain model says', () => {
  fc.assert(
    fc.property(anyPair, ({ a, b }) => {
      const n = Math.max(a.length, b.length);
      const padded = (shape: number[]): number[] => [...Array<number>(n - shape.length).fill(1), ...shape];
      const [sizesA, sizesB] = [padded(a), padded(b)];
      const shape = sizesA.map((size, d) => (size === 1 ? (sizesB[d] as number) : size));
      const at = (sizes: number[], index: number[]): number =>
        flatIndex(
          sizes,
          index.map((i, d) => (sizes[d] === 1 ? 0 : i)),
        );
      const result = counting(a).mul(100).add(counting(b));
      expect(result.shape).toEqual(shape);
      expect(Array.from(result.toTypedArray(), Number)).toEqual(
        [...indicesOf(shape)].map((index) => 100 * at(sizesA, index) + at(sizesB, index)),
      );
    }),
    { numRuns: 500 },
  );
});

test('shapes that do not broadcast are named', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { maxLength: 2 }),
      fc.constantFrom([2, 3], [3, 2], [0, 2], [5, 4]),
      (tail, [m, n]) => {
        const a = [m as number, ...tail];
        const b = [n as number, ...tail];
        expect(() => torch.zeros(a).add(torch.zeros(b))).toThrow(
          `add: cannot broadcast [${a.join(', ')}] with [${b.join(', ')}]: ${m} differs from ${n} in dimension 0`,
        );
      },
    ),
  );
});

test('an empty view may begin beyond its memory', () => {
  const view = torch.zeros([0, 12]).asStrided([0], [1], 2 ** 20);
  expect(view.toTypedArray()).toEqual(new Float32Array());
  expect(view.tolist()).toEqual([]);
});
