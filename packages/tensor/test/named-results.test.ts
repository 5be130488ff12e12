// Several results at once. Compiled with `noUncheckedIndexedAccess`: what is taken out by position is a tensor too.
import { inspect } from 'node:util';
import * as torch from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';

const { tensor } = torch;
const x = tensor([
  [4, 2],
  [2, 5],
]);

describe('several results', () => {
  test('are a tuple and an object', () => {
    const [Q, R] = torch.linalg.qr(x);
    const named = torch.linalg.qr(x);
    expectTypeOf(Q).toEqualTypeOf<torch.Tensor>();
    expectTypeOf(named.Q).toEqualTypeOf<torch.Tensor>();
    expect([Q.tolist(), R.tolist()]).toEqual([named.Q.tolist(), named.R.tolist()]);
    expect(named).toHaveLength(2);
    expect(named.map((factor) => factor.ndim)).toEqual([2, 2]);
    expect(named[1]).toBe(named.R);
  });

  test('of maxima, sorting and the like too, whose field `values` an array has as a method', () => {
    const [values, indices] = x.max(1);
    let { values: best } = x.sort(1);
    best = values;
    expectTypeOf(values).toEqualTypeOf<torch.Tensor>();
    expectTypeOf(best).toEqualTypeOf<torch.Tensor>();
    expect([best.tolist(), indices.tolist()]).toEqual([
      [4, 5],
      [0, 1],
    ]);
    const result = x.topk(1);
    const [first, second] = result;
    expect([first === result.values, second === result.indices, result[1] === second]).toEqual([true, true, true]);
  });

  test('of other types keep them', () => {
    const [hist, binEdges] = torch.histogramdd(x, 2);
    expect(hist.sum().item()).toBe(2);
    expect(binEdges.map((edges) => edges.shape)).toEqual([[3], [3]]);
  });

  test('of `unique` are the tensor or the tuple that is asked for', () => {
    const pair = tensor([3, 1, 3]).unique({ returnCounts: true });
    expectTypeOf(pair).toEqualTypeOf<[unique: torch.Tensor, counts: torch.Tensor]>();
    expect(pair[1].tolist()).toEqual([1, 2]);
    expectTypeOf(torch.unique(x, { dim: 0 })).toEqualTypeOf<torch.Tensor>();
    const options: torch.UniqueOptions = { returnInverse: true };
    expectTypeOf(torch.uniqueConsecutive(x, options)).toEqualTypeOf<torch.Tensor | torch.Tensor[]>();
  });

  test('print under their names', () => {
    expect(inspect(torch.tensor([1, 3]).aminmax())).toBe('{ min: tensor(1.), max: tensor(3.) }');
  });
});
