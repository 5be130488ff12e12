import '@ts-torch/autograd';
import { complex, ones, type Tensor, tensor, viewAsReal } from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as optim from '../src/index.js';
import { Adam, AdamW, LBFGS, lrScheduler, type Optimizer, SGD } from '../src/index.js';

const parameter = (...values: number[]): Tensor => tensor(values).requiresGrad_();

function trained(steps: number, optimizer: Optimizer): void {
  for (let step = 0; step < steps; step++) {
    for (const { params } of optimizer.paramGroups)
      for (const param of params) param.grad = param.detach().mul(step + 1);
    optimizer.step();
  }
}

describe('parameters', () => {
  const weight = parameter(1, 2);
  test.each<[string, () => unknown, RegExp]>([
    ['none', () => new SGD([], { lr: 1 }), /SGD: expected parameters, got an empty list/],
    ['a tensor alone', () => new SGD(weight as never, { lr: 1 }), /expected a list of parameters or of groups/],
    ['something else', () => new SGD([1] as never, { lr: 1 }), /SGD: expected a group/],
    ['a result', () => new SGD([weight.mul(2)], { lr: 1 }), /parameter 0 is no leaf/],
    ['the same twice', () => new SGD([weight, weight], { lr: 1 }), /parameter 1 of the group is already optimized/],
    ['no learning rate', () => new SGD([weight], {} as never), /SGD: expected lr in \[0, inf\), got NaN/],
    ['a range', () => new Adam([weight], { betas: [1.5, 0.9] }), /Adam: expected betas\[0\] in \[0, 1\), got 1.5/],
    ['an unknown option', () => new Adam([weight], { weightdecay: 1 } as never), /did you mean `weightDecay`/],
    ['an unknown option of a group', () => new Adam([{ params: [weight], foo: 1 } as never]), /unknown option `foo`/],
  ])('%s is refused', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('groups take the defaults that they do not give', () => {
    const optimizer = new AdamW([{ params: [weight], weightDecay: 0 }, { params: [parameter(3)] }], { lr: 0.5 });
    expect(optimizer.paramGroups.map(({ lr, weightDecay }) => [lr, weightDecay])).toEqual([
      [0.5, 0],
      [0.5, 0.01],
    ]);
  });
});

test('gradients are forgotten, or set to zero', () => {
  const weight = parameter(1);
  const optimizer = new SGD([weight], { lr: 1 });
  weight.mul(3).sum().backward();
  optimizer.zeroGrad({ setToNone: false });
  expect(weight.grad?.tolist()).toEqual([0]);
  optimizer.zeroGrad();
  expect(weight.grad).toBe(null);
});

test('a step returns what its closure returns, and records no graph', () => {
  const weight = parameter(2);
  const optimizer = new SGD([weight], { lr: 0.1 });
  const loss = optimizer.step(() => {
    optimizer.zeroGrad();
    const value = weight.mul(weight).sum();
    value.backward();
    return value;
  });
  expectTypeOf(loss).toEqualTypeOf<Tensor>();
  expect(loss.item()).toBe(4);
  expect(weight.item()).toBeCloseTo(1.6);
  expect([weight.isLeaf, weight.requiresGrad]).toEqual([true, true]);
});

test('a step is a change in place, which backward notices', () => {
  const weight = parameter(2);
  const optimizer = new SGD([weight], { lr: 0.1 });
  const loss = weight.mul(weight).sum();
  weight.grad = ones([1]);
  optimizer.step();
  expect(() => loss.backward()).toThrow(/changed|modified/);
});

test('parameters of several shapes, dtypes and strides are updated together', () => {
  const optimizer = (params: Tensor[]) => new Adam(params, { lr: 0.1 });
  const values = [
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([5, 6], { dtype: 'float64' }),
    tensor(7),
  ];
  const together = [values[0]?.clone().t(), ...values.slice(1).map((value) => value.clone())].map((x) =>
    (x as Tensor).requiresGrad_(),
  );
  trained(3, optimizer(together));
  const alone = values.map((value) => value.clone().requiresGrad_());
  for (const param of alone) trained(3, optimizer([param]));
  expect(together[0]?.detach().t().tolist()).toEqual(alone[0]?.tolist());
  expect(together.slice(1).map((x) => x.tolist())).toEqual(alone.slice(1).map((x) => x.tolist()));
});

describe('the state', () => {
  test("has PyTorch's structure and names", () => {
    const weight = parameter(1, 2);
    const optimizer = new Adam([weight], { lr: 0.1, weightDecay: 0.5 });
    trained(2, optimizer);
    const { state, param_groups } = optimizer.stateDict();
    expect(param_groups).toEqual([
      { lr: 0.1, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.5, amsgrad: false, maximize: false, params: [0] },
    ]);
    const own = (state as Map<number, Record<string, Tensor>>).get(0);
    expect(Object.keys(own ?? {})).toEqual(['step', 'exp_avg', 'exp_avg_sq']);
    expect(own?.['step']?.item()).toBe(2);
  });

  test('loaded into a new optimizer, goes on as if nothing had happened', () => {
    const straight = parameter(1, 2);
    const first = new Adam([straight], { lr: 0.1 });
    trained(2, first);
    const resumed = straight.detach().clone().requiresGrad_();
    const second = new Adam([resumed], { lr: 0.9 });
    second.loadStateDict(first.stateDict());
    trained(3, first);
    trained(3, second);
    expect(resumed.tolist()).toEqual(straight.tolist());
  });

  test('that does not fit is refused, and changes nothing', () => {
    const optimizer = new SGD([parameter(1)], { lr: 0.1 });
    const other = new SGD([parameter(1), parameter(2)], { lr: 0.2 });
    expect(() => optimizer.loadStateDict(other.stateDict())).toThrow(/2 parameters, the optimizer's 1/);
    expect(() => optimizer.loadStateDict({} as never)).toThrow(/expected a state dict/);
    expect(optimizer.paramGroups[0]?.lr).toBe(0.1);
  });

  test('of a scheduler goes on, too', () => {
    const make = () => new SGD([parameter(1)], { lr: 1 });
    const first = new lrScheduler.StepLR(make(), 2);
    for (let i = 0; i < 3; i++) first.step();
    const optimizer = make();
    const second = new lrScheduler.StepLR(optimizer, 2);
    second.loadStateDict(first.stateDict());
    expect(second.lastEpoch).toBe(3);
    expect(first.stateDict()).toMatchObject({ last_epoch: 3, _last_lr: [0.1], step_size: 2 });
  });
});

test('LBFGS needs a closure', () => {
  expect(() => new LBFGS([parameter(1)]).step()).toThrow(/LBFGS: step needs a closure/);
});

const { Adadelta, Adagrad, Adamax, ASGD, NAdam, RAdam, RMSprop, Rprop } = optim;
const fused = [Adadelta, Adagrad, Adam, Adamax, AdamW, ASGD, NAdam, RAdam, RMSprop, Rprop, SGD];
test.each(fused)('$name steps over complex numbers as over pairs of real ones', (Optimizer) => {
  const pairs = tensor([
    [1, -2],
    [-3, 4],
  ]).requiresGrad_();
  const numbers = complex(tensor([1, -3]), tensor([-2, 4])).requiresGrad_();
  for (const param of [pairs, numbers]) trained(3, new Optimizer([param], { lr: 0.1 }));
  expect(viewAsReal(numbers.detach()).tolist()).toEqual(pairs.tolist());
});
