import '@ts-torch/autograd';
import * as nn from '@ts-torch/nn';
import * as torch from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { Adam, amp, LBFGS, SGD } from '../src/index.js';

const { type: device } = torch.defaultDevice();
const F = nn.functional;

/** A weight with a gradient that was scaled, and its optimizer. */
function scaledGradient(scaler: amp.GradScaler, ...grad: number[]) {
  const weight = torch.zeros([grad.length], { requiresGrad: true });
  scaler.scale(weight.mul(torch.tensor(grad)).sum()).backward();
  return { weight, optimizer: new SGD([weight], { lr: 1 }) };
}

function runStep(scaler: amp.GradScaler, ...grad: number[]): number[] {
  const { weight, optimizer } = scaledGradient(scaler, ...grad);
  scaler.step(optimizer);
  scaler.update();
  return weight.tolist() as number[];
}

describe('a step', () => {
  test('is one by the gradients without the scale', () => {
    const scaler = new amp.GradScaler({ initScale: 8 });
    const { weight, optimizer } = scaledGradient(scaler, 1, -2);
    expect(weight.grad?.tolist()).toEqual([8, -16]);
    scaler.step(optimizer);
    expect(weight.tolist()).toEqual([-1, 2]);
    scaler.update();
    expect(scaler.getScale()).toBe(8);
  });

  test.each([Number.POSITIVE_INFINITY, Number.NaN])('by a gradient of %d is left out, and the scale shrinks', (bad) => {
    const scaler = new amp.GradScaler({ initScale: 8, backoffFactor: 0.25 });
    expect(runStep(scaler, 1, bad)).toEqual([0, 0]);
    expect(scaler.getScale()).toBe(2);
    expect(runStep(scaler, 1, 2)).toEqual([-1, -2]);
  });

  test('by gradients that the scale itself makes infinite is left out until it is small enough', () => {
    const scaler = new amp.GradScaler({ initScale: 2 ** 100, backoffFactor: 2 ** -60 });
    expect(runStep(scaler, 2 ** 30)).toEqual([0]);
    expect(runStep(scaler, 2 ** 30)).toEqual([-(2 ** 30)]);
  });

  test('may come after the gradients were unscaled, and clipped', () => {
    const scaler = new amp.GradScaler();
    const { weight, optimizer } = scaledGradient(scaler, 3, 4);
    scaler.unscale_(optimizer);
    expect(weight.grad?.tolist()).toEqual([3, 4]);
    nn.utils.clipGradNorm_([weight], 1);
    scaler.step(optimizer);
    const [a, b] = weight.tolist() as [number, number];
    expect([a, b]).toEqual([expect.closeTo(-0.6, 4), expect.closeTo(-0.8, 4)]);
  });

  test('divides a gradient once that two parameters share', () => {
    const scaler = new amp.GradScaler({ initScale: 8 });
    const [a, b] = [torch.zeros([2], { requiresGrad: true }), torch.zeros([2], { requiresGrad: true })];
    scaler.scale(a.add(b).sum()).backward();
    scaler.step(new SGD([a, b], { lr: 1 }));
    expect([a.tolist(), b.tolist()]).toEqual([
      [-1, -1],
      [-1, -1],
    ]);
  });

  test('of one optimizer is left out, of another not', () => {
    const scaler = new amp.GradScaler({ initScale: 8 });
    const [good, bad] = [scaledGradient(scaler, 1), scaledGradient(scaler, Number.NaN)];
    scaler.step(good.optimizer);
    scaler.step(bad.optimizer);
    scaler.update();
    expect([good.weight.item(), bad.weight.item(), scaler.getScale()]).toEqual([-1, 0, 4]);
  });
});

describe('the scale', () => {
  test('grows after so many steps in a row', () => {
    const scaler = new amp.GradScaler({ initScale: 8, growthFactor: 4, growthInterval: 2 });
    const scales = [1, 1, Number.NaN, 1, 1, 1].map((grad) => {
      runStep(scaler, grad);
      return scaler.getScale();
    });
    expect(scales).toEqual([8, 32, 16, 16, 64, 64]);
  });

  test('does not grow to infinity', () => {
    const scaler = new amp.GradScaler({ initScale: 2 ** 127, growthInterval: 1 });
    runStep(scaler, 2 ** -127);
    expect(scaler.getScale()).toBe(2 ** 127);
  });

  test('is what it is told to be', () => {
    const scaler = new amp.GradScaler();
    scaler.update(4);
    expect(scaler.getScale()).toBe(4);
    scaler.update(torch.tensor([2]));
    expect(scaler.getScale()).toBe(2);
  });

  test('goes into losses of any dtype, and lists of them', () => {
    const scaler = new amp.GradScaler();
    const loss = torch.ones([]);
    expect(scaler.scale(loss.half()).item()).toBe(65536);
    expect(scaler.scale(torch.ones([2]).half()).tolist()).toEqual([65536, 65536]);
    expect(scaler.scale(loss.double()).dtype).toBe('float64');
    const [first, [second]] = scaler.scale([loss, [loss.mul(2)]] as [torch.Tensor, [torch.Tensor]]);
    expect([first.item(), second.item()]).toEqual([65536, 131072]);
    expectTypeOf(scaler.scale(loss)).toEqualTypeOf<torch.Tensor>();
  });

  test('is 1 of a scaler that is not enabled, which does nothing', () => {
    const scaler = new amp.GradScaler({ enabled: false });
    const loss = torch.ones([1]);
    expect([scaler.getScale(), scaler.isEnabled()]).toEqual([1, false]);
    expect(scaler.scale(loss)).toBe(loss);
    expect(runStep(scaler, 1, 2)).toEqual([-1, -2]);
    expect(scaler.stateDict()).toEqual({});
    const weight = torch.ones([1], { requiresGrad: true });
    expect(scaler.step(new SGD([weight], { lr: 1 }), () => 7)).toBe(7);
  });
});

test('the state has the names of PyTorch, and goes on where it was', () => {
  const scaler = new amp.GradScaler({ initScale: 8, growthInterval: 3 });
  runStep(scaler, 1);
  const state = scaler.stateDict();
  expect(state).toEqual({
    scale: 8,
    growth_factor: 2,
    backoff_factor: 0.5,
    growth_interval: 3,
    _growth_tracker: 1,
  });
  const other = new amp.GradScaler();
  other.loadStateDict(state);
  expect(other.stateDict()).toEqual(state);
  for (const run of [1, 2]) runStep(other, run);
  expect(other.getScale()).toBe(16);
  other.setGrowthFactor(3);
  other.setBackoffFactor(0.125);
  other.setGrowthInterval(5);
  expect([other.getGrowthFactor(), other.getBackoffFactor(), other.getGrowthInterval()]).toEqual([3, 0.125, 5]);
});

describe('mistakes are refused', () => {
  const scaled = () => {
    const scaler = new amp.GradScaler();
    return { scaler, ...scaledGradient(scaler, 1) };
  };
  test.each<[string, () => unknown, RegExp]>([
    ['an unknown option', () => new amp.GradScaler({ scale: 1 } as never), /unknown option `scale`/],
    ['a scale of 0', () => new amp.GradScaler({ initScale: 0 }), /expected initScale to be a finite number above 0/],
    ['no growth', () => new amp.GradScaler({ growthFactor: 1 }), /expected growthFactor to be .* above 1, got 1/],
    ['no backoff', () => new amp.GradScaler({ backoffFactor: 1 }), /expected backoffFactor to be between 0 and 1/],
    ['no interval', () => new amp.GradScaler({ growthInterval: 0 }), /expected growthInterval to be an integer/],
    ['a loss that is none', () => new amp.GradScaler().scale(1 as never), /expected a tensor or a list of tensors/],
    ['no loss', () => new amp.GradScaler().step(scaled().optimizer), /of a loss that went through scale, got none/],
    ['no optimizer', () => scaled().scaler.step({} as never), /GradScaler.step: expected an optimizer/],
    ['no step', () => new amp.GradScaler().update(), /expected a step before it, or a new scale/],
    ['an empty state', () => new amp.GradScaler().loadStateDict({}), /expected the state of an enabled scaler/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(torch.ValueError);
  });

  test('calls that come twice', () => {
    const { scaler, optimizer } = scaled();
    scaler.unscale_(optimizer);
    expect(() => scaler.unscale_(optimizer)).toThrow(/got a second one/);
    scaler.step(optimizer);
    expect(() => scaler.step(optimizer)).toThrow(/got a second one/);
    expect(() => scaler.unscale_(optimizer)).toThrow(/got one after step/);
  });

  test('optimizers that need a closure, have no gradients, or have them in float16', () => {
    const { scaler, weight } = scaled();
    expect(() => scaler.step(new LBFGS([weight]), () => weight.sum())).toThrow(/expected no closure/);
    const fresh = torch.ones([1], { requiresGrad: true });
    expect(() => scaler.step(new SGD([fresh], { lr: 1 }))).toThrow(/expected gradients of the optimizer, got none/);
    const half = torch.ones([1], { dtype: 'float16', requiresGrad: true });
    half.grad = half.detach();
    expect(() => scaler.step(new SGD([half], { lr: 1 }))).toThrow(/got float16: keep the parameters in float32/);
  });
});

test.each(['bfloat16', 'float16'] as const)('a small network learns in %s as it does in float32', (dtype) => {
  torch.manualSeed(0);
  const model = new nn.Sequential(
    new nn.Linear(2, 32),
    new nn.LayerNorm([32]),
    new nn.ReLU(),
    new nn.Linear(32, 32),
    new nn.ReLU(),
    new nn.Linear(32, 2),
  );
  const x = torch.randn([64, 2]);
  // In or out of a circle.
  const target = x.square().sum(1).gt(1).to('int64');
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const scaler = new amp.GradScaler({ enabled: dtype === 'float16', growthInterval: 20 });
  let loss = torch.zeros([]);
  for (let step = 0; step < 150; step++) {
    optimizer.zeroGrad();
    loss = amp.autocast(device, { dtype }, () => {
      const logits = model(x);
      expect(logits.dtype).toBe(dtype);
      return F.crossEntropy(logits, target);
    });
    scaler.scale(loss).backward();
    scaler.step(optimizer);
    scaler.update();
  }
  expect(loss.dtype).toBe('float32');
  expect(loss.item()).toBeLessThan(0.05);
  for (const parameter of model.parameters())
    expect([parameter.dtype, parameter.grad?.dtype]).toEqual(['float32', 'float32']);
  if (dtype === 'float16') expect(scaler.getScale()).not.toBe(2 ** 16);
});
