import { type Tensor, tensor } from '@ts-torch/tensor';
import { expect, test } from 'vitest';
import { type Context, detectAnomaly, Function, functional, gradcheck, gradgradcheck } from '../src/index.js';

class Exp extends Function {
  static forward(context: Context, x: Tensor): Tensor {
    const y = x.exp();
    context.saveForBackward(y);
    return y;
  }
  static backward(context: Context, gradient: Tensor): Tensor {
    const [y] = context.savedTensors;
    return gradient.mul(y);
  }
}

class Scale extends Function {
  static forward(context: Context, x: Tensor, factor: number): Tensor {
    context['factor'] = factor;
    return x.mul(factor);
  }
  static backward(context: Context, gradient: Tensor): [Tensor, null] {
    return [gradient.mul(context['factor'] as number), null];
  }
}

class Wrong extends Function {
  static forward(_context: Context, x: Tensor): Tensor {
    return x.mul(x);
  }
  static backward(_context: Context, gradient: Tensor): Tensor {
    return gradient.mul(3);
  }
}

const x = (): Tensor => tensor([0.5, -1, 2], { dtype: 'float64', requiresGrad: true });

test('a function of one’s own is differentiated by its backward, twice too', () => {
  expect(gradcheck((t) => Exp.apply(t), [x()])).toBe(true);
  expect(gradgradcheck((t) => Exp.apply(t), [x()])).toBe(true);
});

test('arguments that are no tensors pass through', () => {
  const input = x();
  Scale.apply(input, 4).sum().backward();
  expect(input.grad?.tolist()).toEqual([4, 4, 4]);
});

test('gradcheck finds a wrong backward', () => {
  expect(() => gradcheck((t) => Wrong.apply(t), [x()])).toThrow(/is 3; differences give/);
});

test('anomaly mode names the op and the line that called it', () => {
  const zero = tensor([0], { dtype: 'float64', requiresGrad: true });
  expect(() =>
    detectAnomaly(() => {
      zero.div(zero).sum().backward();
    }),
  ).toThrow(/DivBackward[\s\S]*function\.test\./);
});

test('jacobian, hessian, vjp, jvp and hvp agree with the formulas', () => {
  const point = tensor([1, 2], { dtype: 'float64' });
  const cube = (t: Tensor): Tensor => t.mul(t).mul(t);
  expect(functional.jacobian(cube, point).tolist()).toEqual([
    [3, 0],
    [0, 12],
  ]);
  expect(functional.hessian((t) => cube(t).sum(), point).tolist()).toEqual([
    [6, 0],
    [0, 12],
  ]);
  const v = tensor([10, 100], { dtype: 'float64' });
  expect(functional.vjp(cube, point, v)[1].tolist()).toEqual([30, 1200]);
  expect(functional.jvp(cube, point, v)[1].tolist()).toEqual([30, 1200]);
  expect(functional.hvp((t) => cube(t).sum(), point, v)[1].tolist()).toEqual([60, 1200]);
});
