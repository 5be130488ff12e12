import { noGrad } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { checkpoint, checkpointSequential } from '@ts-torch/utils';
import { expect, test } from 'vitest';

const of = (values: number[]): torch.Tensor => torch.tensor(values, { dtype: 'float64' }).requiresGrad_();

test('a checkpoint gives the same gradients, to arguments and to what else is used', () => {
  const [x, w, x2, w2] = [of([1, 2]), of([3, 4]), of([1, 2]), of([3, 4])];
  let calls = 0;
  const f = (y: torch.Tensor): torch.Tensor => {
    calls++;
    return y.mul(w).sin().mul(y);
  };
  const result = checkpoint(f, [x]).sum();
  expect(calls).toBe(1);
  result.backward();
  expect(calls).toBe(2);
  x2.mul(w2).sin().mul(x2).sum().backward();
  expect(x.grad?.tolist()).toEqual(x2.grad?.tolist());
  expect(w.grad?.tolist()).toEqual(w2.grad?.tolist());
});

test('random ops draw the same numbers again, and the generator goes on as if nothing had been', () => {
  const x = torch.ones([100]).requiresGrad_();
  torch.manualSeed(1);
  const noisy = (y: torch.Tensor): torch.Tensor => y.mul(torch.rand([100]).lt(0.5)).square();
  const result = checkpoint(noisy, [x]);
  const before = torch.getRngState();
  result.sum().backward();
  expect(torch.getRngState()).toEqual(before);
  expect(x.grad?.tolist()).toEqual(noGrad(() => result.mul(2)).tolist());
});

test('a graph may be walked twice', () => {
  const x = of([1, 2]);
  const result = checkpoint((y: torch.Tensor) => y.exp().mul(y), [x]).sum();
  result.backward({ retainGraph: true });
  const first = (x.grad as torch.Tensor).tolist();
  x.grad = null;
  result.backward();
  expect((x.grad as torch.Tensor | null)?.tolist()).toEqual(first);
});

test('segments of a sequence', () => {
  const steps = [1, 2, 3, 4].map((k) => (y: torch.Tensor) => y.mul(k).tanh());
  const [x, y] = [of([0.1, 0.2]), of([0.1, 0.2])];
  checkpointSequential(steps, 2, x).sum().backward();
  steps
    .reduce((z, step) => step(z), y)
    .sum()
    .backward();
  expect(x.grad?.tolist()).toEqual(y.grad?.tolist());
  expect(() => checkpointSequential(steps, 5, x)).toThrow(/1 to 4 segments/);
});

test('a function is called again in the scopes of autocast that it was called in', () => {
  const { type } = torch.defaultDevice();
  const w = torch.ones([2, 2]).requiresGrad_();
  const seen: string[] = [];
  const f = (x: torch.Tensor): torch.Tensor => {
    const product = x.mm(w);
    seen.push(product.dtype);
    return product.tanh();
  };
  const result = torch.autocast(type, { dtype: 'bfloat16' }, () => checkpoint(f, [torch.ones([2, 2])]));
  result.sum().backward();
  expect(seen).toEqual(['bfloat16', 'bfloat16']);
  expect(w.grad?.dtype).toBe('float32');
});
