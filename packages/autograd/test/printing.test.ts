import '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

test('tensors print what autograd knows of them', () => {
  const x = torch.tensor([0.5, 1], { requiresGrad: true });
  expect(String(x)).toBe('tensor([0.5000, 1.0000], requires_grad=True)');
  expect(String(x.add(1))).toBe('tensor([1.5000, 2.0000], grad_fn=<AddBackward>)');
  expect(String(x.detach())).toBe('tensor([0.5000, 1.0000])');
});

test('a suffix that does not fit goes to the next line', () => {
  const x = torch.zeros([11], { dtype: 'float64', requiresGrad: true });
  expect(String(x.div(3))).toBe(
    'tensor([0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.], dtype=torch.float64,\n       grad_fn=<DivBackward>)',
  );
});
