import { ShapeError } from '@ts-torch/core';
import { castable } from '../castable.js';
import { where } from '../choosing.js';
import { checkNumbers, checkTensor, readOptions } from '../op.js';
import { show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { activationPrimitives } from './activation.js';

// The activations that PyTorch has as methods too.

/**
 * `x` where positive, else `weight * x`: one slope for all, or one for each channel (dimension 1); He et al. 2015, arXiv:1502.01852.
 *
 * @example torch.prelu(torch.tensor([-2, 2]), torch.tensor([0.25])) // tensor([-0.5000, 2.0000])
 */
export const prelu = castable('prelu', (self: Tensor, weight: Tensor): Tensor => {
  checkTensor('prelu', self);
  checkTensor('prelu', weight, 'weight');
  const channels = self.shape.length > 1 ? (self.shape[1] as number) : 1;
  if (weight.shape.length > 1 || (weight.numel() !== 1 && weight.numel() !== channels))
    throw new ShapeError(`prelu: a weight of shape ${show(weight.shape)} does not fit an input of ${show(self.shape)}`);
  const spread = weight.numel() === 1 ? weight.reshape([]) : weight.view([-1, ...self.shape.slice(2).map(() => 1)]);
  return where(self.gt(0), self, self.mul(spread));
});

/**
 * `x` where `|x| > lambd`, else 0.
 *
 * @example torch.hardshrink(torch.tensor([-1, 0.2, 1])) // tensor([-1., 0., 1.])
 */
export function hardshrink(self: Tensor, options?: { lambd?: number | undefined }): Tensor {
  checkTensor('hardshrink', self);
  const { lambd } = readOptions('hardshrink', options, { lambd: 0.5 });
  checkNumbers('hardshrink', { lambd });
  return activationPrimitives.hardshrink(self, lambd);
}
