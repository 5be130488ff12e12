import { gradcheck, gradgradcheck } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const counting = (...shape: number[]): torch.Tensor =>
  torch
    .tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
      { dtype: 'float64' },
    )
    .reshape(shape);
const leaf = (...shape: number[]): torch.Tensor => counting(...shape).requiresGrad_();

const SUBSCRIPTS: torch.Subscript[][] = [
  [0, '1:', '::2'],
  [[1, 0, 1]],
  [':', [2, 0, 0], [0, 1, 3]],
  [[0, 1], ':', [3, 3]],
  ['...', [true, false, true, true]],
  [null, 1, [2], null],
  [[], 0],
];

test.each(SUBSCRIPTS.map((subscripts) => ({ subscripts })))('at $subscripts', ({ subscripts }) => {
  const pick = (x: torch.Tensor) => x.at(...subscripts);
  gradcheck(pick, [leaf(2, 3, 4)]);
  gradgradcheck((x) => pick(x.mul(x)), [leaf(2, 3, 4)]);
});

test.each(SUBSCRIPTS.flatMap((subscripts) => [false, true].map((accumulate) => ({ subscripts, accumulate }))))(
  'put_ $subscripts, accumulate $accumulate',
  ({ subscripts, accumulate }) => {
    // Of an index that occurs twice the last value stays; which one has the gradient is not defined.
    const twice = subscripts.some((s) => Array.isArray(s) && typeof s[0] === 'number' && new Set(s).size < s.length);
    if (twice && !accumulate) return;
    const place = counting(2, 3, 4).at(...subscripts).shape;
    const put = (x: torch.Tensor, value: torch.Tensor) => x.mul(1).put_(subscripts, value.mul(value), { accumulate });
    gradcheck(put, [leaf(2, 3, 4), leaf(...place)]);
    gradgradcheck(put, [leaf(2, 3, 4), leaf(...place)]);
    // A single value, broadcast
    gradcheck(put, [leaf(2, 3, 4), leaf()]);
  },
);

test('an element that was picked twice gets both gradients', () => {
  const x = leaf(3);
  x.at([0, 0, 2]).sum().backward();
  expect(x.grad?.tolist()).toEqual([2, 0, 1]);
});

test('a put_ into a view reaches the history of its base', () => {
  const x = leaf(2, 2);
  const y = x.mul(2);
  y.t().put_([[0], 1], 5);
  y.sum().backward();
  expect(y.tolist()[1][0]).toBe(5);
  expect(x.grad?.tolist()).toEqual([
    [2, 2],
    [0, 2],
  ]);
});

test('a leaf that requires a gradient is not assigned to', () => {
  expect(() => leaf(2).put_([0], 1)).toThrow(/leaf that requires a gradient/);
  expect(() => leaf(2).put_([[0]], 1)).toThrow(/leaf that requires a gradient/);
});
