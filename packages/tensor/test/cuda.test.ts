import * as torch from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';

const available = torch.cuda.isAvailable();

describe.runIf(available)('cuda', () => {
  test('a tensor goes to the device and back', () => {
    const x = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    const y = x.to('cuda');
    expect(String(y.device)).toBe('cuda:0');
    expect(y.add(1).mul(y).cpu().tolist()).toEqual([
      [2, 6],
      [12, 20],
    ]);
    expect(y.transpose(0, 1).tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('elementwise ops run there, whatever the strides', () => {
    const x = torch.arange(24, { dtype: 'float32' }).reshape([2, 3, 4]);
    const y = x.cuda();
    expect(y.permute(2, 0, 1).exp().tolist()).toEqual(x.permute(2, 0, 1).exp().cpu().tolist());
    expect(y.add(y.select(0, 1)).to('float16').tolist()).toEqual(x.add(x.select(0, 1)).tolist());
  });
});
