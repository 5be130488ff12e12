import { inspect } from 'node:util';
import { ones, ShapeError, type Tensor, tensor, ValueError, zeros } from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { Buffer, MaxPool1d, Module, Parameter } from '../src/index.js';

/** A module that computes nothing. */
class Bare extends Module {
  override forward(): void {}
}

/** y = x * weight + shift */
class Scale extends Module {
  weight = new Parameter(tensor([2, 3]));
  shift = new Buffer(tensor([1, 1]));

  override forward(x: Tensor): Tensor {
    return x.mul(this.weight).add(this.shift);
  }

  override extraRepr(): string {
    return 'size=2';
  }
}

class Net extends Module {
  first = new Scale();
  gain = new Parameter(tensor([10]));
  second = new Scale();

  override forward(x: Tensor): Tensor {
    return this.second(this.first(x)).mul(this.gain);
  }
}

describe('calling', () => {
  test('runs forward, typed by it', () => {
    const net = new Net();
    expect(net(ones([2])).tolist()).toEqual([70, 130]);
    expectTypeOf(net).parameters.toEqualTypeOf<[x: Tensor]>();
    expectTypeOf(net).returns.toEqualTypeOf<Tensor>();
    // @ts-expect-error a number is no tensor
    expect(() => net(3)).toThrow();
  });

  test('instances are of their class, and own nothing of a function', () => {
    class Named extends Bare {
      override name = 'mine';
      override length = 7;
    }
    const named = new Named();
    expect(named).toBeInstanceOf(Named);
    expect([named.name, named.length]).toEqual(['mine', 7]);
    expect(Object.keys(new Net())).toEqual(['training', 'first', 'gain', 'second']);
  });

  test('a module without forward says so', () => {
    expect(() => new (Module as unknown as new () => Bare)()()).toThrow(/Module: it has no `forward`/);
  });
});

describe('members', () => {
  const net = new Net();

  test('are found in order of definition, shared ones once', () => {
    expect(net.namedParameters().map(([name]) => name)).toEqual(['gain', 'first.weight', 'second.weight']);
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['first.shift', 'second.shift']);
    expect(net.namedModules().map(([name]) => name)).toEqual(['', 'first', 'second']);
    expect(net.children()).toEqual([net.first, net.second]);
    const shared = new Net();
    shared.second.weight = shared.first.weight;
    expect(shared.parameters()).toHaveLength(2);
    expect(Object.keys(shared.stateDict())).toHaveLength(5);
  });

  test('are found by path', () => {
    expect(net.getSubmodule('first')).toBe(net.first);
    expect(net.getParameter('second.weight')).toBe(net.second.weight);
    expect(net.getBuffer('second.shift')).toBe(net.second.shift);
    expect(() => net.getParameter('third.weight')).toThrow(/Net has no module 'third', in 'third'/);
  });

  test('may be registered by name', () => {
    const module = new Bare();
    module.registerParameter('weight', new Parameter(zeros([1])));
    module.registerBuffer('count', tensor(0), { persistent: false });
    module.addModule('child', new Scale());
    expect(module.namedBuffers().map(([name]) => name)).toEqual(['count', 'child.shift']);
    expect(Object.keys(module.stateDict())).toEqual(['weight', 'child.weight', 'child.shift']);
    expect(() => module.registerParameter('a.b', null)).toThrow(ValueError);
    expect(() => module.registerParameter('forward', null)).toThrow(/the name 'forward' is taken/);
  });

  test('of a reassigned buffer the newest counts', () => {
    const module = new Bare() as Bare & { count: Tensor };
    module.registerBuffer('count', tensor(0));
    module.count = tensor(5);
    expect(module.stateDict()['count']?.item()).toBe(5);
  });
});

describe('state', () => {
  test('parameters, then buffers, then children', () => {
    expect(Object.keys(new Net().stateDict())).toEqual([
      'gain',
      'first.weight',
      'first.shift',
      'second.weight',
      'second.shift',
    ]);
  });

  test('loads what it saved, also from a Map', () => {
    const [from, to] = [new Net(), new Net()];
    from.first.weight.data.mul_(5);
    expect(to.loadStateDict(from.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(to.first.weight.tolist()).toEqual([10, 15]);
    expect(to.first.weight.requiresGrad).toBe(true);
    to.loadStateDict(new Map(Object.entries(new Net().stateDict())));
    expect(to.first.weight.tolist()).toEqual([2, 3]);
  });

  test('names all that does not fit, and changes nothing', () => {
    const net = new Net();
    const state = { ...net.stateDict(), extra: ones([1]), 'first.weight': ones([3]), gain: tensor([99]) };
    delete (state as Record<string, Tensor>)['second.weight'];
    const load = () => net.loadStateDict(state);
    expect(load).toThrow(/missing: 'second.weight'/);
    expect(load).toThrow(/unexpected: 'extra'/);
    expect(load).toThrow(/'first.weight': size mismatch, \[3\] given, \[2\] in the module/);
    expect(net.gain.item()).toBe(10);
  });

  test('lenient loading returns the names that do not match', () => {
    const keys = new Net().loadStateDict({ extra: ones([1]), gain: tensor([4]) }, { strict: false });
    expect(keys.unexpectedKeys).toEqual(['extra']);
    expect(keys.missingKeys).toHaveLength(4);
    expect(() => new Net().loadStateDict({ gain: ones([2]) }, { strict: false })).toThrow(ValueError);
  });

  test('names may be spelled as in Python', () => {
    class Ported extends Bare {
      runningMean = new Buffer(zeros([1]));
      static override stateName = Module.snakeCase;
    }
    expect(Object.keys(new Ported().stateDict())).toEqual(['running_mean']);
  });

  test('clone copies deeply and keeps what is shared', () => {
    const net = new Net();
    net.second = net.first;
    const copy = net.clone();
    expect(copy).toBeInstanceOf(Net);
    expect(copy.second).toBe(copy.first);
    expect(copy.first).not.toBe(net.first);
    copy.first.weight.data.mul_(0);
    expect(net.first.weight.tolist()).toEqual([2, 3]);
    expect(copy(ones([2])).tolist()).toEqual([10, 10]);
  });
});

describe('modes and conversions', () => {
  test('train and eval reach all modules', () => {
    const net = new Net().eval();
    expect(net.modules().map((module) => module.training)).toEqual([false, false, false]);
    expect(net.train().first.training).toBe(true);
  });

  test('to converts parameters, gradients and buffers in place', () => {
    const net = new Net();
    const { weight } = net.first;
    net(ones([2]))
      .sum()
      .backward();
    expect(net.to('float64')).toBe(net);
    expect(net.first.weight).toBe(weight);
    expect([weight.dtype, weight.grad?.dtype, net.first.shift.dtype]).toEqual(['float64', 'float64', 'float64']);
    expect(net(ones([2], { dtype: 'float64' })).dtype).toBe('float64');
    expect(() => net.to('int64')).toThrow(/floating-point/);
  });

  test('gradients can be turned off and forgotten', () => {
    const net = new Net();
    net(ones([2]))
      .sum()
      .backward();
    net.zeroGrad({ setToNone: false });
    expect(net.gain.grad?.tolist()).toEqual([0]);
    net.zeroGrad();
    expect(net.gain.grad).toBeNull();
    net.requiresGrad_(false);
    expect(net(ones([2])).requiresGrad).toBe(false);
  });
});

describe('hooks', () => {
  test('before and after forward may replace arguments and result', () => {
    const net = new Scale();
    const before = net.registerForwardPreHook((_module, [x]) => x.mul(10));
    const after = net.registerForwardHook((_module, [x], y) => y.add(x));
    expect(net(ones([2])).tolist()).toEqual([31, 41]);
    before.remove();
    after.remove();
    expect(net(ones([2])).tolist()).toEqual([3, 4]);
  });

  test('of the backward pass see gradients of inputs and outputs', () => {
    const net = new Scale();
    const seen: unknown[] = [];
    net.registerFullBackwardPreHook((_module, [grad]) => void seen.push(grad?.tolist()));
    net.registerFullBackwardHook((_module, [gradInput], [gradOutput]) => {
      seen.push(gradInput?.tolist(), gradOutput?.tolist());
      return [(gradInput as Tensor).mul(100)];
    });
    const x = ones([2]).requiresGrad_();
    net(x).sum().backward();
    expect(seen).toEqual([
      [1, 1],
      [2, 3],
      [1, 1],
    ]);
    expect(x.grad?.tolist()).toEqual([200, 300]);
  });

  test('of the backward pass leave results their names', () => {
    const pool = new MaxPool1d(2, { returnIndices: true });
    pool.registerFullBackwardHook((_module, [gradInput]) => [(gradInput as Tensor).mul(100)]);
    const x = tensor([[1, 3, 2, 4]]).requiresGrad_();
    const { output, indices } = pool(x);
    output.sum().backward();
    expect([indices.tolist(), x.grad?.tolist()]).toEqual([[[1, 3]], [[0, 100, 0, 100]]]);
  });

  test('of the backward pass run where no input needs a gradient', () => {
    const net = new Scale();
    const seen: unknown[] = [];
    net.registerFullBackwardHook(
      (_module, gradInput, gradOutput) => void seen.push(gradInput, gradOutput[0]?.tolist()),
    );
    net(ones([2]))
      .sum()
      .backward();
    expect(seen).toEqual([[null], [1, 1]]);
  });
});

describe('printing', () => {
  test('is the tree of modules', () => {
    const printed = 'Net(\n  (first): Scale(size=2)\n  (second): Scale(size=2)\n)';
    expect(String(new Net())).toBe(printed);
    expect(inspect(new Net())).toBe(printed);
    expect(String(new Bare())).toBe('Bare()');
  });

  test('a parameter says what it is', () => {
    expect(inspect(new Scale().weight)).toBe('Parameter containing:\ntensor([2., 3.], requires_grad=True)');
  });
});

test('errors are typed', () => {
  expect(() => new Parameter(3 as never)).toThrow(ValueError);
  expect(() => new Scale()(ones([3]))).toThrow(ShapeError);
});
