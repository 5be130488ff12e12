import * as torch from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';
import * as autograd from '../src/index.js';

describe('a leaf has its gradient for itself', () => {
  const leaf = (): torch.Tensor => torch.ones([3], { requiresGrad: true });
  const changed = (x: torch.Tensor): unknown => autograd.noGrad(() => (x.grad as torch.Tensor).mul_(10).tolist());

  test('not with the other operand of a sum', () => {
    const [a, b] = [leaf(), leaf()];
    a.add(b).sum().backward();
    changed(a);
    expect(b.grad?.tolist()).toEqual([1, 1, 1]);
  });
  test('not with the gradient that was given', () => {
    const [a, given] = [leaf(), torch.ones([3])];
    for (let i = 0; i < 2; i++) a.add(0).backward(given);
    expect([given.tolist(), a.grad?.tolist()]).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });
  test('not with a hook, nor with a result that retains its gradient', () => {
    const a = leaf();
    let seen: torch.Tensor | undefined;
    const b = a.add(0);
    b.retainGrad();
    a.registerHook((grad) => {
      seen = grad;
    });
    b.sum().backward();
    changed(a);
    expect([seen?.tolist(), b.grad?.tolist()]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
  test('not with what a Function returns each time', () => {
    const constant = torch.full([3], 2);
    class Constant extends autograd.Function {
      static forward(_ctx: autograd.Context, x: torch.Tensor): torch.Tensor {
        return x.mul(2);
      }
      static backward(): torch.Tensor {
        return constant;
      }
    }
    const a = leaf();
    for (let i = 0; i < 2; i++) Constant.apply(a).sum().backward();
    expect([constant.tolist(), a.grad?.tolist()]).toEqual([
      [2, 2, 2],
      [4, 4, 4],
    ]);
  });
  test('not with the graph of a gradient of gradients', () => {
    const a = leaf();
    a.square().sum().backward({ createGraph: true });
    const first = a.grad as torch.Tensor;
    const penalty = first.square().sum();
    changed(a);
    // d/da (2 a)^2, whatever became of the gradient's memory: it was changed after its square was saved.
    expect(() => penalty.backward()).toThrow(/changed in place/);
  });
  test('it can be written, though one number was spread to it, and is added to in place', () => {
    const a = leaf();
    a.sum().backward();
    expect(changed(a)).toEqual([10, 10, 10]);
    const before = a.grad;
    a.sum().backward();
    expect(a.grad).toBe(before);
    expect(a.grad?.tolist()).toEqual([11, 11, 11]);
  });
});
