import { expect, expectTypeOf, test } from 'vitest';
import * as torch from '../src/index.js';
import { nn, optim } from '../src/index.js';

test('one import has all of it', () => {
  const names = [
    'nn',
    'optim',
    'utils',
    'vision',
    'autograd',
    'linalg',
    'fft',
    'cuda',
    'save',
    'load',
    'noGrad',
    'manualSeed',
  ];
  for (const name of ['Tensor', 'tensor', 'matmul', 'float32', ...names]) expect(torch, name).toHaveProperty(name);
  expectTypeOf(torch.zeros([1]).requiresGrad).toEqualTypeOf<boolean>();
});

test('a model learns', () => {
  torch.manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const x = torch.randn([16, 2]);
  const losses: number[] = [];
  for (let step = 0; step < 100; step++) {
    optimizer.zeroGrad();
    const loss = model(x)
      .sub(x.sum(1, { keepdim: true }))
      .square()
      .mean();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 10);
});
