import { expect, test } from 'vitest';
import * as torch from '../src/index.js';

// oneDNN's order of a convolution's weight is kept for as long as the weight stays as it is: each way to change it must be seen.

const { functional: F } = torch.nn;

/** A weight that oneDNN reorders, and what changes it. */
const changes: Record<string, (weight: torch.Tensor) => void> = {
  copy_: (w) => w.copy_(torch.randn(w.shape)),
  add_: (w) => w.add_(1),
  'a method of a view': (w) => w.select(0, 3).mul_(2),
  'an assignment by index': (w) => w.put_([0, 1], 5),
  normal_: (w) => w.normal_(),
  uniform_: (w) => torch.nn.init.xavierUniform_(w),
  indexFill_: (w) => w.indexFill_(0, torch.tensor([1n]), 2),
  maskedFill_: (w) => w.maskedFill_(w.gt(0), 0),
  out: (w) => torch.add(w, 1, { out: w }),
  set_: (w) => w.set_(torch.randn(w.shape)),
  'the other view of an ArrayBuffer': () => new Float32Array(shared).fill(0.5),
};
const SHAPE = [64, 64, 3, 3];
const shared = new ArrayBuffer(4 * 64 * 64 * 9);

function expectFresh(input: torch.Tensor, weight: torch.Tensor): void {
  const twin = weight.detach().clone();
  const same = (a: torch.Tensor, b: torch.Tensor): void => expect(torch.allclose(a, b, { atol: 1e-4 })).toBe(true);
  // The first use notes a weight, the second keeps it, the third finds it.
  for (let use = 0; use < 3; use++) {
    same(F.conv2d(input, weight, { padding: 1 }), F.conv2d(input, twin.clone(), { padding: 1 }));
    same(F.convTranspose2d(input, weight), F.convTranspose2d(input, twin.clone()));
  }
}

test.each(Object.keys(changes))('%s', (name) => {
  torch.manualSeed(0);
  const input = torch.randn([1, 64, 14, 14]);
  const weight = name.includes('ArrayBuffer')
    ? torch.frombuffer(shared, { dtype: 'float32' }).reshape(SHAPE)
    : torch.randn(SHAPE);
  expectFresh(input, weight);
  torch.noGrad(() => (changes[name] as (weight: torch.Tensor) => void)(weight));
  expectFresh(input, weight);
});

test.each([
  'SGD',
  'Adam',
  'AdamW',
  'RMSprop',
  'Adagrad',
  'Adadelta',
  'Adamax',
  'NAdam',
  'RAdam',
  'ASGD',
  'Rprop',
  'LBFGS',
] as const)('a step of %s', (name) => {
  torch.manualSeed(0);
  const layer = new torch.nn.Conv2d(64, 64, 3, { padding: 1, bias: false });
  const optimizer = new torch.optim[name](layer.parameters(), { lr: 0.1 });
  const input = torch.randn([1, 64, 14, 14]);
  const loss = (): torch.Tensor => {
    optimizer.zeroGrad();
    const value = layer(input).square().mean();
    value.backward();
    return value;
  };
  torch.noGrad(() => expectFresh(input, layer.weight));
  loss();
  optimizer.step(loss);
  torch.noGrad(() => expectFresh(input, layer.weight));
  layer.loadStateDict(new torch.nn.Conv2d(64, 64, 3, { bias: false }).stateDict());
  torch.noGrad(() => expectFresh(input, layer.weight));
});
