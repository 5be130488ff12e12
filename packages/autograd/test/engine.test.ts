import { type Tensor, TorchError, tensor, ValueError } from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';
import { backward, enableGrad, grad, noGrad, savedTensorsHooks, setGradEnabled } from '../src/index.js';

const leaf = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

describe('backward', () => {
  test('adds up in grad, over calls and over uses', () => {
    const x = leaf([1, 2]);
    x.mul(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([2, 4]);
    x.mul(3).sum().backward();
    expect(x.grad?.tolist()).toEqual([5, 7]);
  });

  test('sums over broadcast dimensions', () => {
    const row = leaf([1, 2, 3]);
    const column = tensor([[1], [2]], { dtype: 'float64', requiresGrad: true });
    row.mul(column).sum().backward();
    expect(row.grad?.tolist()).toEqual([3, 3, 3]);
    expect(column.grad?.tolist()).toEqual([[6], [6]]);
  });

  test('gives each input a gradient of its own dtype', () => {
    const narrow = tensor([1, 2], { requiresGrad: true });
    const wide = leaf([3, 4]);
    narrow.mul(wide).sum().backward();
    expect(narrow.grad?.dtype).toBe('float32');
    expect(wide.grad?.dtype).toBe('float64');
  });

  test('needs a gradient for more than one element', () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow(/only a tensor of one element/);
    x.mul(2).backward(tensor([1, 10], { dtype: 'float64' }));
    expect(x.grad?.tolist()).toEqual([2, 20]);
    expect(() => x.mul(2).backward(tensor([1], { dtype: 'float64' }))).toThrow(/\[1\] does not fit .* \[2\]/);
  });

  test('refuses a tensor without history', () => {
    expect(() => tensor(1).backward()).toThrow(ValueError);
  });

  test('frees what it saved, unless told to keep it', () => {
    const x = leaf([2]);
    const once = x.mul(x).sum();
    once.backward();
    expect(() => once.backward()).toThrow(/retainGraph: true/);
    const twice = x.mul(x).sum();
    twice.backward({ retainGraph: true });
    twice.backward();
    expect(x.grad?.tolist()).toEqual([12]);
  });

  test('starts from several tensors at once', () => {
    const x = leaf([1]);
    const shared = x.mul(2);
    backward([shared.mul(3).sum(), shared.mul(5).sum()]);
    expect(x.grad?.tolist()).toEqual([16]);
  });

  test('goes through a graph of a hundred thousand nodes without recursion', () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad?.tolist()).toEqual([1]);
  });
});

describe('grad', () => {
  test('returns gradients and leaves grad alone', () => {
    const x = leaf([3]);
    const [g] = grad(x.mul(x).sum(), x);
    expect(g?.tolist()).toEqual([6]);
    expect(x.grad).toBeNull();
  });

  test('differentiates its own result', () => {
    const x = leaf([2]);
    const [first] = grad(x.mul(x).mul(x).sum(), x, { createGraph: true });
    const [second] = grad((first as Tensor).sum(), x, { createGraph: true });
    const [third] = grad((second as Tensor).sum(), x);
    expect([first?.item(), second?.item(), third?.item()]).toEqual([12, 12, 6]);
  });

  test('finds gradients of tensors in the middle of the graph', () => {
    const x = leaf([2]);
    const middle = x.mul(3);
    const [g] = grad(middle.mul(middle).sum(), middle);
    expect(g?.tolist()).toEqual([12]);
  });

  test('names an input that the outputs do not depend on', () => {
    const x = leaf([1]);
    const other = leaf([1]);
    const y = x.mul(2).sum();
    expect(() => grad(y, [x, other], { retainGraph: true })).toThrow(/do not depend on input 1/);
    expect(grad(y, [x, other], { allowUnused: true })[1]).toBeNull();
  });
});

describe('hooks', () => {
  test('see and replace gradients, until removed', () => {
    const x = leaf([1]);
    const seen: number[] = [];
    const handle = x.registerHook((gradient) => {
      seen.push(gradient.item());
      return gradient.mul(10);
    });
    x.mul(2).sum().backward();
    handle.remove();
    x.mul(2).sum().backward();
    expect(seen).toEqual([2]);
    expect(x.grad?.tolist()).toEqual([22]);
  });

  test('of tensors that are no leaves change what flows on', () => {
    const x = leaf([1]);
    const y = x.mul(2);
    y.registerHook((gradient) => gradient.mul(5));
    y.retainGrad();
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([10]);
    expect(y.grad?.tolist()).toEqual([5]);
  });

  test('pack and unpack what is saved', () => {
    const x = leaf([3]);
    let packed = 0;
    const y = savedTensorsHooks(
      (saved) => {
        packed++;
        return saved.tolist();
      },
      (values) => tensor(values as number[], { dtype: 'float64' }),
      () => x.mul(x),
    );
    y.sum().backward();
    expect(packed).toBe(2);
    expect(x.grad?.tolist()).toEqual([6]);
  });
});

describe('modes', () => {
  test('noGrad records nothing, enableGrad within it does', () => {
    const x = leaf([1]);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    setGradEnabled(false);
    expect(x.mul(2).requiresGrad).toBe(false);
    setGradEnabled(true);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test('refuse async callbacks', () => {
    expect(() => noGrad(async () => 1)).toThrow(/async/);
  });

  test('end when the callback throws', () => {
    expect(() =>
      noGrad(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(leaf([1]).mul(2).requiresGrad).toBe(true);
  });
});

describe('leaves', () => {
  test('integers have no gradients', () => {
    expect(() => tensor([1n]).requiresGrad_()).toThrow(/int64/);
  });

  test('detach leaves the graph and shares memory', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const cut = y.detach();
    expect(cut.requiresGrad).toBe(false);
    cut.zero_();
    expect(y.tolist()).toEqual([0, 0]);
  });

  test('print the graph', () => {
    const x = leaf([1]);
    const y = x.mul(2).add(1);
    expect(String(y.gradFn)).toBe('<AddBackward>');
    expect(y.gradFn?.nextFunctions[0]?.node.name).toBe('MulBackward');
    expect(y.gradFn?.nextFunctions[0]?.node.nextFunctions[0]?.node.name).toBe('AccumulateGrad');
  });
});

describe('in place', () => {
  test('rewrites the history of the tensor', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.mul_(y.clone());
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([18, 36]);
  });

  test('on a view reaches the base', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64', requiresGrad: true },
    );
    const y = x.mul(1);
    y.select(0, 1).mul_(10);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [1, 1],
      [10, 10],
    ]);
  });

  test('on the base reaches views that were made before', () => {
    const x = leaf([1, 2]);
    const y = x.mul(1);
    const view = y.view(2, 1);
    y.mul_(7);
    view.sum().backward();
    expect(x.grad?.tolist()).toEqual([7, 7]);
  });

  test('with a gradient into a tensor without one', () => {
    const x = leaf([5]);
    const buffer = tensor([0, 0, 0], { dtype: 'float64' });
    buffer.select(0, 1).copy_(x.select(0, 0));
    buffer
      .mul(tensor([1, 2, 3], { dtype: 'float64' }))
      .sum()
      .backward();
    expect(x.grad?.tolist()).toEqual([2]);
  });

  test('refuses leaves and views of leaves', () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow(/leaf/);
    expect(() => x.select(0, 0).add_(1)).toThrow(/view of a leaf/);
    noGrad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
  });

  test('is noticed when backward needs what was overwritten', () => {
    const x = leaf([1]);
    const y = x.mul(2);
    const z = y.mul(y);
    y.add_(1);
    expect(() => z.sum().backward()).toThrow(TorchError);
    expect(() => z.sum().backward()).toThrow(/MulBackward.*version 1, expected 0/);
  });
});

describe('several views of one call', () => {
  test.each<[string, (x: Tensor) => Tensor[]]>([
    ['split', (x) => x.split(1)],
    ['unbind', (x) => x.unbind()],
  ])('%s gives zeros for those without a gradient', (_, parts) => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    (parts(x)[1] as Tensor).mul(5).sum().backward();
    expect(x.grad?.tolist()).toEqual([0, 5, 0]);
  });

  test('a change of one in place is seen by the base, and goes its way in the gradient', () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true });
    const base = x.mul(2);
    const [first, second] = base.split(2) as [Tensor, Tensor];
    second.mul_(10);
    base.sum().add(first.sum()).add(second.sum()).backward();
    expect(base.tolist()).toEqual([2, 4, 60, 80]);
    expect(x.grad?.tolist()).toEqual([4, 4, 40, 40]);
  });
});
