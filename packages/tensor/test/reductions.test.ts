import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const { tensor } = torch;

test('a sum of many equal numbers does not drift', () => {
  const tenths = torch.full([1_000_000], 0.1);
  expect(tenths.sum().item()).toBeCloseTo(100000.00149, 1);
});

test('integers and booleans are summed in int64', () => {
  expect(tensor(new Uint8Array([200, 200])).sum().dtype).toBe('int64');
  expect(
    tensor(new Uint8Array([200, 200]))
      .sum()
      .item(),
  ).toBe(400);
  expect(tensor([true, true, false]).sum().item()).toBe(2);
});

test('a sum over no elements is 0, a mean NaN, a maximum an error', () => {
  const none = torch.zeros([0, 3]);
  expect(none.sum(0).tolist()).toEqual([0, 0, 0]);
  expect(none.mean().item()).toBeNaN();
  expect(() => none.max()).toThrow(torch.ShapeError);
  expect(() => none.argmax(0)).toThrow(/dimension 0 of \[0, 3\] is empty/);
  expect(none.sum(1).shape).toEqual([0]);
});

test('NaN is the extreme wherever it stands', () => {
  const x = tensor([
    [1, Number.NaN, 3],
    [4, 5, 6],
  ]);
  expect(x.amax(1).tolist()).toEqual([Number.NaN, 6]);
  expect(x.argmin(1).tolist()).toEqual([1, 0]);
  expect(x.max(0).indices.tolist()).toEqual([1, 0, 1]);
});

test('argmax gives the first of equals', () => {
  expect(torch.ones([10_000]).argmax().item()).toBe(0);
  expect(torch.ones([3, 40]).argmax(0).tolist()).toEqual(new Array(40).fill(0));
});

test('reductions do not depend on the layout', () => {
  const x = torch.tensor(Float64Array.from({ length: 2 * 70 * 33 }, (_, i) => Math.sin(i))).reshape([2, 70, 33]);
  const turned = x.permute(2, 0, 1).contiguous().permute(1, 2, 0);
  for (const dims of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
    const [a, b] = [x.sum(dims).tolist(), turned.sum(dims).tolist()].map((list) => [list].flat(3));
    (a as number[]).forEach((value, i) => {
      expect(value).toBeCloseTo((b as number[])[i] as number, 10);
    });
    expect(x.amin(dims).tolist()).toEqual(turned.amin(dims).tolist());
  }
});

test('the variance of numbers far from zero keeps its digits', () => {
  const x = tensor([1e8 + 4, 1e8 + 7, 1e8 + 13, 1e8 + 16], { dtype: 'float64' });
  expect(x.var().item()).toBe(30);
  expect(tensor([5]).var().item()).toBeNaN();
});

test('unknown options and dimensions are named', () => {
  expect(() => torch.ones([2]).sum({ axis: 0 } as never)).toThrow('sum: unknown option `axis`; did you mean `dim`?');
  expect(() => torch.ones([2]).sum(2)).toThrow(torch.IndexError);
  expect(() => torch.ones([2]).sum([0, 0])).toThrow(/twice/);
});

test('results of a choice are iterable', () => {
  const [values, indices] = tensor([3, 1, 2]).sort();
  expect(values?.tolist()).toEqual([1, 2, 3]);
  expect(indices?.tolist()).toEqual([1, 2, 0]);
});

test('sorting is stable, NaN last, -0 equal to 0', () => {
  const { values, indices } = tensor([2, Number.NaN, 0, -0, -1]).sort();
  expect(values.tolist()).toEqual([-1, 0, -0, 2, Number.NaN]);
  expect(indices.tolist()).toEqual([4, 2, 3, 0, 1]);
  expect(tensor([1, 1, 1]).sort({ descending: true }).indices.tolist()).toEqual([0, 1, 2]);
});

test('long lines sort like short ones', () => {
  const x = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i * i));
  expect(tensor(x).sort().values.toTypedArray()).toEqual(x.slice().sort());
});

test('unique counts what it leaves out', () => {
  const [values, inverse, counts] = tensor([3, 1, 3, 2, 3]).unique({
    returnInverse: true,
    returnCounts: true,
  });
  expect(values.tolist()).toEqual([1, 2, 3]);
  expect(inverse.tolist()).toEqual([2, 0, 2, 1, 2]);
  expect(counts.tolist()).toEqual([1, 1, 3]);
});

test('softmax of large numbers does not overflow', () => {
  expect(tensor([1000, 1000]).softmax(0).tolist()).toEqual([0.5, 0.5]);
  expect(tensor([-Infinity, 0]).softmax(0).tolist()).toEqual([0, 1]);
});

test('norm takes the order and the dimensions by position', () => {
  const x = torch.tensor([
    [3, 4],
    [0, -1],
  ]);
  expect(x.norm(1, 0).tolist()).toEqual([3, 5]);
  expect(x.norm(1, [0, 1]).item()).toBe(8);
  expect(x.norm(2, 1, { keepdim: true }).tolist()).toEqual([[5], [1]]);
  expect(x.norm({ p: 1, dim: 0 }).tolist()).toEqual([3, 5]);
});

test('the nuclear norm adds the singular values', () => {
  const x = torch.tensor([
    [3, 4],
    [0, -1],
  ]);
  expect(x.norm('nuc').item()).toBeCloseTo(Math.sqrt(26 + 2 * 3), 4);
});

test('masked variances take a correction', () => {
  const { masked } = torch;
  const x = tensor([1, 9, 3, 5]);
  const mask = tensor([true, false, true, true]);
  expect(masked.var(x, { mask }).item()).toBe(4);
  expect(masked.var(x, { mask, correction: 0 }).item()).toBeCloseTo(8 / 3, 6);
  expect(masked.var(x, { mask, correction: 2 }).item()).toBe(8);
  expect(masked.std(x, { mask, correction: 2, dim: 0, keepdim: true }).tolist()).toEqual([Math.fround(Math.sqrt(8))]);
  expect(masked.var(x, { mask, correction: 4 }).item()).toBe(Number.POSITIVE_INFINITY);
  expect(() => masked.std(x, { correction: 1, unbiased: true })).toThrow(/masked.std: expected `unbiased` or `correc/);
});
