import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;

test('frexp takes numbers apart, subnormal ones too', () => {
  const x = torch.tensor([5e-324, 1, 0.5, -3, 0, 1.7e308, Number.POSITIVE_INFINITY], float64);
  const { mantissa, exponent } = torch.frexp(x);
  expect(exponent.tolist()).toEqual([-1073, 1, 0, 2, 0, 1024, 0]);
  expect(mantissa.tolist().slice(0, 5)).toEqual([0.5, 0.5, 0.5, -0.75, 0]);
});

test('numbers of dtypes', () => {
  expect(torch.finfo('float16').max).toBe(65504);
  expect(torch.finfo('float32').eps).toBe(2 ** -23);
  expect(torch.iinfo('int64').max).toBe(2n ** 63n - 1n);
  expect(torch.iinfo('uint8').max).toBe(255);
  expect(() => torch.finfo('int32')).toThrow(/iinfo/);
  expect(torch.resultType(torch.tensor([1], { dtype: 'int32' }), 1.5)).toBe('float32');
  expect(torch.broadcastShapes([3, 1], [2])).toEqual([3, 2]);
});
