import { forwardAd, func, functional, grad, graph } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';

const of = (values: number[] | number[][]): torch.Tensor => torch.tensor(values, { dtype: 'float64' });
const cubes = (x: torch.Tensor): torch.Tensor => x.pow(3).sum();

describe('autograd.functional', () => {
  test('jacobian and hessian', () => {
    expect(functional.jacobian((x) => x.square(), of([1, 2])).tolist()).toEqual([
      [2, 0],
      [0, 4],
    ]);
    expect(functional.hessian(cubes, of([1, 2])).tolist()).toEqual([
      [6, 0],
      [0, 12],
    ]);
  });

  test('products with vectors', () => {
    const x = of([1, 2]);
    expect(functional.vjp((y) => y.square(), x, of([1, 10]))[1].tolist()).toEqual([2, 40]);
    expect(functional.jvp((y) => y.square(), x, of([1, 10]))[1].tolist()).toEqual([2, 40]);
    expect(functional.hvp(cubes, x, of([1, 10]))[1].tolist()).toEqual([6, 120]);
    expect(functional.vhp(cubes, x, of([1, 10]))[1].tolist()).toEqual([6, 120]);
  });
});

describe('func', () => {
  test('gradients of gradients', () => {
    const second = func.grad(func.grad(cubes) as (x: torch.Tensor) => torch.Tensor);
    expect((second(torch.tensor(2, { dtype: 'float64' })) as torch.Tensor).item()).toBe(12);
  });

  test('several arguments', () => {
    const [gradients, value] = func.gradAndValue((a, b) => a.mul(b).sum(), { argnums: [0, 1] })(of([1, 2]), of([3, 4]));
    expect((gradients as torch.Tensor[]).map((g) => g.tolist())).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(value.item()).toBe(11);
  });

  test("the caller's tensors are left alone", () => {
    const x = of([1, 2]);
    func.grad(cubes)(x);
    expect(x.requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
  });

  test('jacobians from both sides are the same', () => {
    const f = (x: torch.Tensor): torch.Tensor => torch.cat([x.sin(), x.mul(x.flip(0))]);
    const x = of([1, 2, 3]);
    expect(func.jacfwd(f)(x).sub(func.jacrev(f)(x)).abs().amax().item()).toBeLessThan(1e-12);
    expect(
      func
        .hessian(cubes)(of([1, 2]))
        .tolist(),
    ).toEqual([
      [6, 0],
      [0, 12],
    ]);
  });

  test('vjp and jvp', () => {
    const [output, pull] = func.vjp((x) => x.square(), of([1, 2]));
    expect(output.tolist()).toEqual([1, 4]);
    expect(pull(of([1, 1])).map((g) => g.tolist())).toEqual([[2, 4]]);
    expect(func.jvp((x) => x.square(), [of([1, 2])], [of([1, 0])])[1].tolist()).toEqual([2, 0]);
  });

  test('vmap maps over any dimension, with gradients', () => {
    const a = of([
      [1, 2],
      [3, 4],
    ]).requiresGrad_();
    const dots = func.vmap((x, y) => x.dot(y), { inDims: [1, null] });
    const result = dots(a, of([10, 1]));
    expect(result.tolist()).toEqual([13, 24]);
    expect(grad(result.sum(), a)[0]?.tolist()).toEqual([
      [10, 10],
      [1, 1],
    ]);
    const { min, max } = func.vmap((x) => x.aminmax())(a);
    expect([min.tolist(), max.tolist()]).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(() => func.vmap((x) => x)(of([]))).toThrow(/above 0/);
  });
});

describe('forward mode', () => {
  test('duals carry tangents', () => {
    const { primal, tangent } = forwardAd.dualLevel(() => {
      const x = forwardAd.makeDual(of([1, 2]), of([1, 10]));
      return forwardAd.unpackDual(x.square().add(1));
    });
    expect(primal.tolist()).toEqual([2, 5]);
    expect(tangent?.tolist()).toEqual([2, 40]);
  });

  test('what depends on no dual has no tangent, and duals live in a level', () => {
    forwardAd.dualLevel(() => expect(forwardAd.unpackDual(of([1])).tangent).toBeNull());
    expect(() => forwardAd.makeDual(of([1]), of([1]))).toThrow(/dualLevel/);
  });
});

describe('graph', () => {
  test('a graph as a Mermaid chart names its leaves', () => {
    const w = of([1, 2]).requiresGrad_();
    const chart = graph.toMermaid(w.mul(2).sum(), { params: { w } });
    expect(chart).toMatch(/^flowchart TD\n {2}result\(\["result \[\]"\]\) --> n\d+\n/);
    expect(chart).toMatch(/\["SumBackward"\]/);
    expect(chart).toMatch(/\(\["w \[2\]"\]\)/);
  });

  test('saveOnCpu keeps gradients right, and hooks can be refused', () => {
    const w = of([1, 2]).requiresGrad_();
    graph.saveOnCpu(() => w.square().sum()).backward();
    expect(w.grad?.tolist()).toEqual([2, 4]);
    expect(() => graph.disableSavedTensorsHooks('not here', () => graph.saveOnCpu(() => w))).toThrow('not here');
  });
});
