import * as torch from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';

/** Row-major values of any view, read through its strides. */
function valuesOf(x: torch.Tensor, memory: ArrayLike<number>): number[] {
  const walk = (d: number, at: number): number[] =>
    d === x.shape.length
      ? [memory[at] as number]
      : Array.from({ length: x.shape[d] as number }, (_, i) => walk(d + 1, at + i * (x.strides[d] as number))).flat();
  return walk(0, x.offset);
}

const NUMBERS = Float32Array.from({ length: 40_000 }, (_, i) => ((i * 37) % 127) - 60);

/** Views of [rows, columns] with every kind of stride that the kernels tell apart. */
const VIEWS: Record<string, (base: torch.Tensor, rows: number, columns: number) => torch.Tensor> = {
  'row-major': (base, m, n) => base.slice({ dim: 0, start: 0, end: m * n }).view([m, n]),
  transposed: (base, m, n) =>
    base
      .slice({ dim: 0, start: 0, end: m * n })
      .view([n, m])
      .transpose(0, 1),
  'every second column': (base, m, n) =>
    base
      .slice({ dim: 0, start: 0, end: 2 * m * n })
      .view([m, 2 * n])
      .slice({ dim: 1, start: 0, end: 2 * n, step: 2 }),
  'every second row, transposed': (base, m, n) =>
    base
      .slice({ dim: 0, start: 0, end: 2 * m * n })
      .view([2 * n, m])
      .slice({ dim: 0, start: 0, end: 2 * n, step: 2 })
      .transpose(0, 1),
  'one row, expanded': (base, m, n) => base.slice({ dim: 0, start: 3, end: 3 + n }).expand([m, n]),
  'one column, expanded': (base, m, n) =>
    base
      .slice({ dim: 0, start: 3, end: 3 + m })
      .view([m, 1])
      .expand([m, n]),
  'one number, expanded': (base, m, n) => base.slice({ dim: 0, start: 5, end: 6 }).expand([m, n]),
};
const SHAPES: [number, number][] = [
  [1, 1],
  [3, 5],
  [17, 65],
  [33, 130],
  [1000, 3],
  [2, 2000],
];

describe.each(['float32', 'bfloat16', 'int64', 'complex64'] as const)('%s', (dtype) => {
  const base = torch.tensor(NUMBERS).to(dtype);
  const pairs = Object.keys(VIEWS).flatMap((a) => Object.keys(VIEWS).map((b) => [a, b] as const));
  test.each(pairs)('%s + %s', (first, second) => {
    for (const [m, n] of SHAPES) {
      const a = (VIEWS[first] as (typeof VIEWS)[string])(base, m, n);
      const b = (VIEWS[second] as (typeof VIEWS)[string])(base, m, n);
      const left = valuesOf(a, NUMBERS);
      const right = valuesOf(b, NUMBERS);
      // Integers up to 256 are exact in every dtype.
      const sums = torch.tensor(left.map((x, i) => x + (right[i] as number))).to(dtype);
      expect(a.add(b).reshape([-1]).equal(sums)).toBe(true);
      const whole = torch.tensor(left).to(dtype);
      expect(a.clone().reshape([-1]).equal(whole)).toBe(true);
      expect(torch.where(a.eq(b), a, b).reshape([-1]).equal(torch.tensor(right).to(dtype))).toBe(true);
    }
  });

  test('in place, into a transposed and a strided tensor', () => {
    for (const name of ['transposed', 'every second column']) {
      const memory = torch.tensor(NUMBERS).to(dtype);
      const view = (VIEWS[name] as (typeof VIEWS)[string])(memory, 33, 130);
      const before = valuesOf(view, NUMBERS);
      view.add_(1);
      expect(view.reshape([-1]).equal(torch.tensor(before.map((x) => x + 1)).to(dtype))).toBe(true);
    }
  });
});
