import * as torch from '@ts-torch/tensor';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';

/** 0, 1, 2, ... in a shape. */
function counting(shape: number[]): torch.Tensor {
  const numel = shape.reduce((a, b) => a * b, 1);
  return torch
    .tensor(
      Array.from({ length: numel }, (_, i) => i),
      { dtype: 'int64' },
    )
    .reshape(shape);
}

const x = counting([2, 3, 4]);
const cube = (): torch.Tensor => counting([2, 3, 4]);

// PyTorch 1.13's results for x = torch.arange(24).view(2, 3, 4).
const SAMPLES: { subscripts: torch.Subscript[]; shape: number[]; values: number[] }[] = [
  { subscripts: [0], shape: [3, 4], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  { subscripts: ['...', -1], shape: [2, 3], values: [3, 7, 11, 15, 19, 23] },
  { subscripts: [':', '1:'], shape: [2, 2, 4], values: [4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23] },
  { subscripts: [':', ':', '::3'], shape: [2, 3, 2], values: [0, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23] },
  { subscripts: ['5:'], shape: [0, 3, 4], values: [] },
  { subscripts: [null, 1, '...', null], shape: [1, 3, 4, 1], values: [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23] },
  {
    subscripts: [[1, 0]],
    shape: [2, 3, 4],
    values: [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  },
  { subscripts: [':', [2, 0]], shape: [2, 2, 4], values: [8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15] },
  { subscripts: [[0, 1], ':', [3, 0]], shape: [2, 3], values: [3, 7, 11, 12, 16, 20] },
  { subscripts: [':', [0, 2], [1, 3]], shape: [2, 2], values: [1, 11, 13, 23] },
  { subscripts: [[[0], [1]], [0, 2], 1], shape: [2, 2], values: [1, 9, 13, 21] },
  { subscripts: [0, ':', [1, 2]], shape: [3, 2], values: [1, 2, 5, 6, 9, 10] },
  { subscripts: [[1], null, [2]], shape: [1, 1, 4], values: [20, 21, 22, 23] },
  {
    subscripts: ['...', [3, -1, 0]],
    shape: [2, 3, 3],
    values: [3, 3, 0, 7, 7, 4, 11, 11, 8, 15, 15, 12, 19, 19, 16, 23, 23, 20],
  },
  { subscripts: [[true, false]], shape: [1, 3, 4], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  {
    subscripts: [':', [true, false, true]],
    shape: [2, 2, 4],
    values: [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23],
  },
  {
    subscripts: [
      ':',
      [
        [true, false, false, true],
        [false, false, false, false],
        [false, true, false, false],
      ],
    ],
    shape: [2, 3],
    values: [0, 3, 9, 12, 15, 21],
  },
  {
    subscripts: [true],
    shape: [1, 2, 3, 4],
    values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  },
  { subscripts: [0, false], shape: [0, 3, 4], values: [] },
  { subscripts: [[]], shape: [0, 3, 4], values: [] },
  { subscripts: [torch.tensor(1n), 0, '2:'], shape: [2], values: [14, 15] },
  { subscripts: [':', torch.tensor(true), 0], shape: [2, 1, 4], values: [0, 1, 2, 3, 12, 13, 14, 15] },
];

describe('at', () => {
  test.each(SAMPLES)('$subscripts', ({ subscripts, shape, values }) => {
    const picked = x.at(...subscripts);
    expect(picked.shape).toEqual(shape);
    expect(picked.reshape(-1).tolist()).toEqual(values);
  });

  test('integers, slices, ellipsis and null give views', () => {
    const y = cube();
    y.at(0, '...', '1:3', null).fill_(-1);
    expect(y.sum().item()).toBe(276 - (1 + 2 + 5 + 6 + 9 + 10) - 6);
    const whole = y.at();
    expect(whole === y).toBe(false);
    expect(whole.storage).toBe(y.storage);
  });

  test('lists, index tensors and masks give copies', () => {
    const y = cube();
    for (const subscript of [[0, 1], torch.tensor([0n, 1n]), y.gt(-1)]) y.at(subscript).fill_(-1);
    expect(y.sum().item()).toBe(276);
  });

  test('int32 indices, uint8 masks', () => {
    expect(x.at(torch.tensor([1, 0], { dtype: 'int32' }), 0, 0).tolist()).toEqual([12, 0]);
    expect(x.at(torch.tensor([0, 1], { dtype: 'uint8' }), 0, 0).tolist()).toEqual([12]);
  });

  test('what is wrong is said', () => {
    expect(() => x.at(2)).toThrow('at: index 2 is out of range for dimension 0 of size 2');
    expect(() => x.at(':', ':', -5)).toThrow('at: index -5 is out of range for dimension 2 of size 4');
    expect(() => x.at(0, 0, 0, 0)).toThrow('at: 4 dimensions are indexed in a tensor of shape [2, 3, 4]');
    expect(() => x.at('...', '...')).toThrow("at: expected '...' at most once");
    expect(() => x.at([0, 5])).toThrow(/index 5 is out of bounds/);
    expect(() => x.at([0, 1], [0, 1, 2])).toThrow('at: indices of shapes [2] and [3] do not broadcast');
    expect(() => x.at([true, false, true])).toThrow('at: a mask of shape [3] does not fit dimension 0');
    expect(() => x.at('::-1')).toThrow("at: expected a step of at least 1, got '::-1'");
    expect(() => x.at(torch.tensor([0.5]))).toThrow('at: expected an index tensor of int64, int32, bool or uint8');
    expect(() => x.at(1.5)).toThrow('at: expected an integer index, got 1.5');
    // @ts-expect-error no subscript
    expect(() => x.at('first')).toThrow(/at: expected an integer, a slice such as '1:5'.*got "first"/);
    // @ts-expect-error no subscript
    expect(() => x.at(undefined)).toThrow(/got undefined/);
  });

  test('strings are checked by the type system', () => {
    const from: number = 1;
    x.at(`${from}:${from + 1}`);
    expectTypeOf<'1:5' | ':' | '::2' | '-3:' | ':-1'>().toExtend<torch.Subscript>();
    expectTypeOf<'1' | '1:2:3:4' | 'a:b' | '' | '....'>().not.toExtend<torch.Subscript>();
  });
});

describe('put_', () => {
  test('writes where at reads', () => {
    for (const { subscripts, shape, values } of SAMPLES) {
      const y = cube();
      y.put_(subscripts, torch.full(shape, -1n));
      const expected = Array.from({ length: 24 }, (_, i) => (values.includes(i) ? -1 : i));
      expect(y.reshape(-1).tolist()).toEqual(expected);
      const z = cube();
      const order = counting(shape).add(100n);
      expect(z.put_(subscripts, order)).toBe(z);
      if (new Set(values).size === values.length) expect(z.at(...subscripts).tolist()).toEqual(order.tolist());
    }
  });

  test('values broadcast, and are converted', () => {
    const y = torch.zeros([2, 3], { dtype: 'int64' });
    y.put_([':', [2, 0]], torch.tensor([[1.5], [2.5]]));
    expect(y.tolist()).toEqual([
      [1, 0, 1],
      [2, 0, 2],
    ]);
    y.put_([0], torch.tensor([[[7, 8, 9]]]));
    expect(y.at(0).tolist()).toEqual([7, 8, 9]);
    y.put_([y.gt(5)], 0);
    expect(y.tolist()).toEqual([
      [0, 0, 0],
      [2, 0, 2],
    ]);
  });

  test('accumulate counts an index as often as it occurs', () => {
    const y = torch.zeros([3]);
    y.put_([[0, 0, 2]], 1, { accumulate: true }).put_(['1:'], 5, { accumulate: true });
    expect(y.tolist()).toEqual([2, 5, 6]);
    y.indexPut_([torch.tensor([1n, 1n])], torch.tensor([1, 2]), { accumulate: true });
    expect(y.tolist()).toEqual([2, 8, 6]);
  });

  test('an index tensor alone counts elements', () => {
    const y = torch.zeros([2, 3]);
    y.t().put_(torch.tensor([1n, -1n]), torch.tensor([7, 8]));
    expect(y.tolist()).toEqual([
      [0, 0, 0],
      [7, 0, 8],
    ]);
  });

  test('indexPut leaves its input alone; null keeps a dimension', () => {
    const y = torch.zeros([2, 2]);
    const z = y.indexPut([null, torch.tensor([1n])], torch.tensor([[3], [4]]));
    expect(y.sum().item()).toBe(0);
    expect(z.tolist()).toEqual([
      [0, 3],
      [0, 4],
    ]);
    expect(() => y.indexPut_([torch.tensor([1n])], torch.tensor([1n]))).toThrow(
      'indexPut_: expected values of float32, the dtype of self, got int64',
    );
  });

  test('values that do not fit', () => {
    expect(() => cube().put_([0], torch.zeros([5]))).toThrow(torch.ShapeError);
    expect(() => cube().put_([[0, 1], ':', 0], torch.zeros([2, 2]))).toThrow('put_: cannot expand [2, 2] to [2, 3]');
  });
});

test('a bigint joins any dtype', () => {
  expect(torch.tensor([0.5]).add(2n).tolist()).toEqual([2.5]);
  expect(torch.tensor([1], { dtype: 'int32' }).mul(3n).dtype).toBe('int32');
});

test('iteration goes over dimension 0', () => {
  const [first, ...rest] = x;
  expect(first?.tolist()).toEqual(x.at(0).tolist());
  expect(rest.length).toBe(1);
  expect(() => [...torch.tensor(1)]).toThrow('iteration: a zero-dimensional tensor has no dimension to go over');
});

// --- Against a reference in plain JavaScript: for each element of the result, where in x it comes from ---------------------

interface Axis {
  /** Positions in one dimension of x, or null for a dimension that `null` made. */
  readonly positions: number[] | null;
}
interface Advanced {
  readonly shape: number[];
  readonly values: number[];
}
type Piece = Axis | Advanced;

const isAdvanced = (piece: Piece): piece is Advanced => 'shape' in piece;

function sliceOf(text: string, size: number): number[] {
  const [from = '', to = '', by = ''] = text.split(':');
  const bound = (part: string, otherwise: number) => {
    const at = part === '' ? otherwise : Number(part);
    return Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  };
  const positions: number[] = [];
  for (let i = bound(from, 0); i < bound(to, size); i += by === '' ? 1 : Number(by)) positions.push(i);
  return positions;
}

function reference(shape: number[], subscripts: torch.Subscript[]): { shape: number[]; values: number[] } {
  const taken = subscripts.filter((s) => s !== null && s !== '...').length;
  const full = subscripts.includes('...') ? subscripts : [...subscripts, '...' as const];
  const pieces: (Piece & { dim?: number })[] = [];
  let fixed = 0;
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  let dim = 0;
  for (const subscript of full) {
    const size = shape[dim] as number;
    if (subscript === null) pieces.push({ positions: null });
    else if (subscript === '...') {
      for (let i = taken; i < shape.length; i++, dim++)
        pieces.push({ positions: sliceOf(':', shape[dim] as number), dim });
    } else {
      if (typeof subscript === 'number')
        fixed += (subscript < 0 ? subscript + size : subscript) * (strides[dim] as number);
      else if (typeof subscript === 'string') pieces.push({ positions: sliceOf(subscript, size), dim });
      else {
        const list = subscript as number[];
        pieces.push({ shape: [list.length], values: list.map((i) => (i < 0 ? i + size : i)), dim });
      }
      dim++;
    }
  }
  const advanced = pieces.flatMap((piece, i) => (isAdvanced(piece) ? [i] : []));
  const neighbours = advanced.every((place, i) => place === (advanced[0] as number) + i);
  const length = Math.max(0, ...advanced.map((i) => (pieces[i] as Advanced).values.length));
  const count = advanced.some((i) => (pieces[i] as Advanced).values.length === 0) ? 0 : length;
  type Loop = { length: number; at: (i: number) => number };
  const together: Loop = {
    length: count,
    at: (i) =>
      advanced.reduce((sum, p) => {
        const { values, dim: d } = pieces[p] as Advanced & { dim: number };
        return sum + (values[values.length === 1 ? 0 : i] as number) * (strides[d] as number);
      }, 0),
  };
  const loops: Loop[] = [];
  pieces.forEach((piece, i) => {
    if (isAdvanced(piece)) {
      if (neighbours && i === advanced[0]) loops.push(together);
      return;
    }
    const { positions, dim: d } = piece;
    if (positions === null) loops.push({ length: 1, at: () => 0 });
    else
      loops.push({ length: positions.length, at: (k) => (positions[k] as number) * (strides[d as number] as number) });
  });
  if (advanced.length > 0 && !neighbours) loops.unshift(together);
  let values = [fixed];
  for (const loop of loops)
    values = values.flatMap((base) => Array.from({ length: loop.length }, (_, i) => base + loop.at(i)));
  return { shape: loops.map((loop) => loop.length), values };
}

const anyBound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: '' as const });
const anySlice = fc
  .tuple(anyBound, anyBound, fc.option(fc.integer({ min: 1, max: 4 }), { nil: '' as const }))
  .map(([from, to, by]) => `${from}:${to}${by === '' ? '' : `:${by}`}` as torch.Slice);

/** A shape, and subscripts that fit it. Lists all have one length, or 1. */
const anyIndexing = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 3 }))
  .chain(([shape, length]) => {
    const each = shape.map((size) => {
      const position = fc.integer({ min: -size, max: size - 1 });
      return fc.oneof(
        position,
        anySlice,
        fc.array(position, { minLength: length, maxLength: length }),
        fc.array(position, { minLength: 1, maxLength: 1 }),
      );
    });
    return fc
      .tuple(
        fc.tuple(...each),
        fc.integer({ min: 0, max: shape.length }),
        fc.integer({ min: 0, max: shape.length }),
        fc.boolean(),
        fc.option(fc.integer({ min: 0, max: shape.length })),
      )
      .map(([all, from, to, ellipsis, inserted]) => {
        const subscripts: torch.Subscript[] = [...all];
        const [a, b] = [Math.min(from, to), Math.max(from, to)];
        if (ellipsis) subscripts.splice(a, b - a, '...');
        else subscripts.splice(b);
        if (inserted !== null) subscripts.splice(inserted, 0, null);
        return { shape, subscripts };
      });
  });

test('at agrees with a reference in plain JavaScript', () => {
  fc.assert(
    fc.property(anyIndexing, ({ shape, subscripts }) => {
      const expected = reference(shape, subscripts);
      const picked = counting(shape).at(...subscripts);
      expect(picked.shape).toEqual(expected.shape);
      expect(picked.reshape(-1).tolist()).toEqual(expected.values);
    }),
    { numRuns: 500 },
  );
});

test('put_ writes what at then reads, and nothing else', () => {
  fc.assert(
    fc.property(anyIndexing, ({ shape, subscripts }) => {
      const { values, shape: place } = reference(shape, subscripts);
      const y = counting(shape);
      y.put_(subscripts, torch.full(place, -1n));
      const expected = counting(shape).reshape(-1).tolist() as number[];
      for (const position of values) expected[position] = -1;
      expect(y.reshape(-1).tolist()).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
