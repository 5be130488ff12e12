import { ones, tensor, zeros } from '@ts-torch/tensor';
import { expect, test } from 'vitest';
import { Parameter, utils } from '../src/index.js';

function withGrad(values: number[]): Parameter {
  const parameter = new Parameter(zeros([values.length]));
  parameter.grad = tensor(values);
  return parameter;
}

test('gradients are scaled together to a norm', () => {
  const parameters = [withGrad([3]), withGrad([0, 4]), new Parameter(ones([1]))];
  expect(utils.clipGradNorm_(parameters, 1).item()).toBeCloseTo(5);
  expect(parameters[0]?.grad?.item()).toBeCloseTo(0.6);
  expect(utils.clipGradNorm_(parameters, 10).item()).toBeCloseTo(1);
  expect(parameters[1]?.grad?.tolist()).toEqual([0, expect.closeTo(0.8)]);
  expect(utils.clipGradNorm_([], 1).item()).toBe(0);
});

test('a norm that is not finite may be an error', () => {
  const call = () => utils.clipGradNorm_([withGrad([Number.NaN])], 1, { errorIfNonfinite: true });
  expect(call).toThrow(/clipGradNorm_: the norm of order 2 of the gradients is NaN/);
});

test('gradients are cut off by value', () => {
  const parameter = withGrad([-3, 0.5, 2]);
  utils.clipGradValue_([parameter], 1);
  expect(parameter.grad?.tolist()).toEqual([-1, 0.5, 1]);
});

test('parameters become a vector and come from one', () => {
  const parameters = [new Parameter(ones([2, 2])), new Parameter(zeros([1]))];
  expect(utils.parametersToVector(parameters).tolist()).toEqual([1, 1, 1, 1, 0]);
  utils.vectorToParameters(tensor([1, 2, 3, 4, 5]), parameters);
  expect(parameters[0]?.tolist()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(() => utils.vectorToParameters(ones([3]), parameters)).toThrow(/a vector of 5 elements, got shape \[3\]/);
});
