import { ones, type Tensor, tensor } from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { Module, ModuleDict, ModuleList, Parameter, ParameterDict, ParameterList, Sequential } from '../src/index.js';

class Times extends Module {
  weight: Parameter;
  constructor(factor: number) {
    super();
    this.weight = new Parameter(tensor([factor]));
  }
  override forward(x: Tensor): Tensor {
    return x.mul(this.weight);
  }
}
class Pair extends Module {
  override forward(x: Tensor): [Tensor, Tensor] {
    return [x, x];
  }
}

describe('Sequential', () => {
  test('runs its modules in order, typed by the first and the last', () => {
    const net = new Sequential(new Times(2), new Times(3));
    expect(net(ones([1])).tolist()).toEqual([6]);
    expectTypeOf(new Sequential(new Times(1), new Pair())).returns.toEqualTypeOf<[Tensor, Tensor]>();
    const plain: Sequential = net;
    expectTypeOf(plain).returns.toEqualTypeOf<Tensor>();
  });

  test('takes names too', () => {
    const net = new Sequential({ twice: new Times(2), thrice: new Times(3) });
    expect(Object.keys(net.stateDict())).toEqual(['twice.weight', 'thrice.weight']);
    expect(
      net
        .at(1)(ones([1]))
        .item(),
    ).toBe(3);
    expect(String(net)).toBe('Sequential(\n  (twice): Times()\n  (thrice): Times()\n)');
  });

  test('counts a module that occurs twice twice', () => {
    const twice = new Times(2);
    expect(new Sequential(twice, twice)(ones([1])).item()).toBe(4);
  });
});

describe('ModuleList', () => {
  test('is iterable, indexable, and can be changed', () => {
    const list = new ModuleList([new Times(1), new Times(2)]);
    expectTypeOf(list[0]).toEqualTypeOf<Times | undefined>();
    list.append(new Times(3)).insert(0, new Times(0));
    expect([...list].map((module) => module.weight.item())).toEqual([0, 1, 2, 3]);
    expect(list.pop(1).weight.item()).toBe(1);
    expect(list.length).toBe(3);
    expect(list.at(-1).weight.item()).toBe(3);
    expect(Object.keys(list.stateDict())).toEqual(['0.weight', '1.weight', '2.weight']);
    expect(() => list.at(3)).toThrow(/index 3 is out of range for 3 members/);
    expect(list.clone().at(1).weight.item()).toBe(2);
  });
});

test('ModuleDict keeps names and their order', () => {
  const dict = new ModuleDict({ b: new Times(2), a: new Pair() });
  expectTypeOf(dict.get('a')).toEqualTypeOf<Pair>();
  expect([...dict]).toEqual(['b', 'a']);
  expect(dict.has('b')).toBe(true);
  expect(Object.keys(dict.stateDict())).toEqual(['b.weight']);
  expect(String(dict.clone())).toBe('ModuleDict(\n  (b): Times()\n  (a): Pair()\n)');
  expect(() => dict.get('c' as 'a')).toThrow(/no module 'c'/);
});

test('ParameterList and ParameterDict make parameters of tensors', () => {
  const list = new ParameterList([ones([2]), ones([3])]);
  expect(list[1]).toBeInstanceOf(Parameter);
  expect(list.namedParameters().map(([name]) => name)).toEqual(['0', '1']);
  const dict = new ParameterDict({ left: ones([2, 2]) });
  expect(dict.get('left').shape).toEqual([2, 2]);
  expect(Object.keys(dict.stateDict())).toEqual(['left']);
  expect(String(list)).toBe(
    'ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2]\n    (1): Parameter containing: [torch.float32 of size 3]\n)',
  );
});
