import { allclose, manualSeed, randn, type Tensor, zeros } from '@ts-torch/tensor';
import { recurrentPrimitives } from '@ts-torch/tensor/internal';
import { expect, test } from 'vitest';
import * as nn from '../src/index.js';

const { lstmCell, gruCell } = recurrentPrimitives;

test('a step reads operands of any strides', () => {
  manualSeed(0);
  const gates = (): Tensor => randn([12, 2, 2]).select(2, 0).t();
  const [fromInput, fromHidden, state] = [gates(), gates(), randn([3, 2]).t()];
  const even = [fromInput, fromHidden, state].map((x) => x.contiguous()) as [Tensor, Tensor, Tensor];
  for (const [k, result] of lstmCell(fromInput, fromHidden, state).entries())
    expect(allclose(result, lstmCell(...even)[k] as Tensor)).toBe(true);
  const narrow = (x: Tensor): Tensor => x.narrow(1, 1, 9);
  for (const [k, result] of gruCell(narrow(fromInput), narrow(fromHidden), state).entries())
    expect(allclose(result, gruCell(narrow(even[0]), narrow(even[1]), even[2])[k] as Tensor)).toBe(true);
});

test('a step of several dtypes computes in the largest, and gives each its gradient', () => {
  const gates = randn([2, 8], { dtype: 'float16', requiresGrad: true });
  const state = randn([2, 2], { requiresGrad: true });
  const [hidden] = lstmCell(gates, gates, state);
  expect(hidden.dtype).toBe('float32');
  hidden.sum().backward();
  expect([gates.grad?.dtype, state.grad?.dtype]).toEqual(['float16', 'float32']);
});

test('an empty batch', () => {
  const [output, [hidden]] = new nn.LSTM(3, 4)(zeros([5, 0, 3], { requiresGrad: true }));
  expect([output.shape, hidden.shape]).toEqual([
    [5, 0, 4],
    [1, 0, 4],
  ]);
  output.sum().backward();
});

test('gates that do not fit the state are refused', () => {
  expect(() => lstmCell(zeros([2, 8]), zeros([2, 7]), zeros([2, 2]))).toThrow(
    'lstmCell: expected fromHidden to hold 4 gates for a state of [2, 2], got shape [2, 7]',
  );
  expect(() => gruCell(zeros([2, 6]), zeros([2, 6]), zeros([2]))).toThrow(
    'gruCell: expected fromInput to hold 3 gates',
  );
});
