import '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

// The graph is the same on every device; where each op is a launch on an emulated one, a tenth shows as well that nothing recurses.
const NODES = torch.defaultDevice().type === 'cpu' ? 1_000_000 : 100_000;

test('a graph of a million nodes: forward, backward, freed, without the stack', { timeout: 120_000 }, () => {
  const x = torch.ones([], { requiresGrad: true });
  let y = x.mul(1);
  for (let i = 1; i < NODES; i++) y = y.add(1);
  expect(y.item()).toBe(NODES);
  y.backward({ retainGraph: true });
  expect(x.grad?.item()).toBe(1);
  // Dropped as a whole, with what it saved: to collect it must not recurse either.
  y = x;
  for (let i = 0; i < 300; i++) torch.zeros([2 ** 18]);
  expect(torch.memoryStats().allocated).toBeLessThan(2 ** 30);
});

test('a list longer than what a call takes as arguments', () => {
  const count = NODES / 5;
  const x = torch.ones([1], { requiresGrad: true });
  torch.cat(Array<torch.Tensor>(count).fill(x)).sum().backward();
  expect(x.grad?.item()).toBe(count);
});
