import { manualSeed, randn, tensor } from '@ts-torch/tensor';
import { withoutRecording } from '@ts-torch/tensor/internal';
import { expect, test } from 'vitest';
import * as nn from '../src/index.js';

const F = nn.functional;

/** Plain gradient descent: this package knows no optimizers. */
function descend(model: nn.Module, loss: () => ReturnType<typeof randn>, steps: number, lr: number): number[] {
  return Array.from({ length: steps }, () => {
    model.zeroGrad();
    const value = loss();
    value.backward();
    withoutRecording(() => {
      for (const parameter of model.parameters()) parameter.sub_((parameter.grad as nn.Parameter).mul(lr));
    });
    return value.item() as number;
  });
}

test('a small network learns exclusive or', () => {
  manualSeed(3);
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([[0], [1], [1], [0]]);
  const model = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1), new nn.Sigmoid());
  const losses = descend(model, () => F.binaryCrossEntropy(model(x), y), 300, 1);
  expect(losses.at(-1)).toBeLessThan(0.05);
  expect(model(x).round().tolist()).toEqual(y.tolist());
});

test('a convolutional network with all kinds of layers fits its data', () => {
  manualSeed(1);
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Dropout(0.1),
    new nn.Flatten(),
    new nn.Linear(64, 3),
  );
  const x = randn([6, 1, 8, 8]);
  const target = tensor([0n, 1n, 2n, 0n, 1n, 2n]);
  const losses = descend(model, () => F.crossEntropy(model(x), target), 60, 0.2);
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 4);
  expect(model.eval()(x).argmax(1).tolist()).toEqual([0, 1, 2, 0, 1, 2]);
});
