import '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

test('copy_ passes the gradient on to its source', () => {
  const x = torch.tensor([1, 2, 3], { requiresGrad: true });
  const y = torch.zeros([3]);
  y.copy_(x);
  y.mul(2).sum().backward();
  expect(x.grad?.tolist()).toEqual([2, 2, 2]);
});

test('fill_ cuts what was there off, and takes a gradient for its value', () => {
  const x = torch.ones([2], { requiresGrad: true });
  const value = torch.tensor(3, { requiresGrad: true });
  const y = x.mul(2);
  y.fill_(value);
  y.sum().backward();
  expect(x.grad?.tolist()).toEqual([0, 0]);
  expect(value.grad?.item()).toBe(2);
});

test('results of a higher category are not written into a lower one, but copy_ converts', () => {
  const x = torch.tensor([1n, 2n]);
  expect(() => x.add_(0.5)).toThrow(/a result of float32 cannot be written into self, which is int64/);
  expect(x.copy_(torch.tensor([2.75, -1.5])).tolist()).toEqual([2, -1]);
  expect(x.fill_(7.5).tolist()).toEqual([7, 7]);
});
