import { gradcheck, gradgradcheck } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const { linalg } = torch;

const counting = (...shape: number[]): torch.Tensor =>
  torch
    .tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i * i + 1)),
      { dtype: 'float64' },
    )
    .reshape(shape);
const leaf = (...shape: number[]): torch.Tensor => counting(...shape).requiresGrad_();
/** Far from singular. */
const regular = (...shape: number[]): torch.Tensor =>
  counting(...shape)
    .add(
      torch
        .ones([shape.at(-1) as number], { dtype: 'float64' })
        .mul(3)
        .diag(),
    )
    .requiresGrad_();
const positive = (a: torch.Tensor): torch.Tensor => a.matmul(a.transpose(-2, -1)).add(torch.ones([3]).double().diag());
const symmetric = (a: torch.Tensor): torch.Tensor => a.add(a.transpose(-2, -1));

type Case = [
  name: string,
  f: (...inputs: torch.Tensor[]) => torch.Tensor | readonly torch.Tensor[],
  inputs: torch.Tensor[],
];
const CASES: Case[] = [
  ['solve', (a, b) => linalg.solve(a!, b!), [regular(2, 3, 3), leaf(3, 2)]],
  ['solveTriangular', (a, b) => linalg.solveTriangular(a!, b!, { upper: true }), [regular(3, 3), leaf(3, 2)]],
  ['inv', (a) => linalg.inv(a!), [regular(2, 3, 3)]],
  ['det', (a) => linalg.det(a!), [regular(2, 3, 3)]],
  ['slogdet', (a) => linalg.slogdet(a!).logabsdet, [regular(3, 3)]],
  ['cholesky', (a) => linalg.cholesky(positive(a!)), [leaf(2, 3, 3)]],
  ['qr', (a) => [...linalg.qr(a!)], [leaf(4, 3)]],
  ['qr of a wide matrix', (a) => [...linalg.qr(a!)], [leaf(2, 4)]],
  ['lu', (a) => [...linalg.lu(a!)].slice(1), [regular(3, 3)]],
  ['lu of a tall matrix', (a) => [...linalg.lu(a!)].slice(1), [leaf(4, 3)]],
  ['lu of a wide matrix', (a) => [...linalg.lu(a!)].slice(1), [leaf(3, 4)]],
  ['eigvalsh', (a) => linalg.eigvalsh(symmetric(a!)), [leaf(3, 3)]],
  ['svdvals', (a) => linalg.svdvals(a!), [leaf(4, 3)]],
  ['pinv', (a) => linalg.pinv(a!), [leaf(4, 3)]],
  ['lstsq', (a, b) => linalg.lstsq(a!, b!).solution, [leaf(4, 3), leaf(4, 2)]],
  ['matrixExp', (a) => torch.matrixExp(a!), [leaf(3, 3)]],
];

test.each(CASES)('%s: derivative and its derivative', (_, f, inputs) => {
  gradcheck(f, inputs);
  gradgradcheck(f, inputs, { atol: 1e-4 });
});

test('the gradient of a singular determinant is the matrix of cofactors', () => {
  const a = torch
    .tensor([
      [1, 2],
      [2, 4],
    ])
    .double()
    .requiresGrad_();
  linalg.det(a).backward();
  const rounded = (a.grad as torch.Tensor)
    .tolist()
    .map((row: number[]) => row.map((x) => Math.round(x * 1e9) / 1e9 + 0));
  expect(rounded).toEqual([
    [4, -2],
    [-2, 1],
  ]);
});

test('singular, indefinite and not finite matrices throw', () => {
  expect(() => linalg.inv(torch.zeros([2, 2]))).toThrow(torch.LinalgError);
  expect(() => linalg.solve(torch.zeros([2, 2]), torch.ones([2]))).toThrow(/singular/);
  expect(() => linalg.cholesky(torch.ones([3, 3]).neg())).toThrow(/positive-definite/);
  for (const f of [linalg.svd, linalg.eigh, linalg.eig, linalg.inv, linalg.qr, linalg.cholesky])
    expect(() => f(torch.full([2, 2], Number.NaN))).toThrow(torch.LinalgError);
});

test('empty matrices', () => {
  expect(linalg.det(torch.ones([0, 0])).item()).toBe(1);
  expect(linalg.inv(torch.ones([2, 0, 0])).shape).toEqual([2, 0, 0]);
  expect(linalg.svd(torch.ones([0, 3])).Vh.shape).toEqual([3, 3]);
});

test('einsum', () => {
  const a = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(torch.einsum('ij,jk->ik', a, a).tolist()).toEqual([
    [7, 10],
    [15, 22],
  ]);
  expect(torch.einsum('ii', a).item()).toBe(5);
  expect(torch.einsum('...j->...', a).tolist()).toEqual([3, 7]);
});
