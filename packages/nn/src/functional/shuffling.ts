import { ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { checkTensor, show } from '@ts-torch/tensor/internal';
import { checkCount } from '../sizes.js';

/**
 * Channels become pixels: `[*, C r^2, H, W]` to `[*, C, H r, W r]`; Shi et al. 2016, arXiv:1609.05158.
 *
 * @example F.pixelShuffle(torch.arange(4).reshape(1, 4, 1, 1), 2) // tensor([[[[0, 1], [2, 3]]]])
 */
export function pixelShuffle(input: Tensor, upscaleFactor: number): Tensor {
  checkTensor('pixelShuffle', input, 'input');
  checkCount('pixelShuffle', 'upscaleFactor', upscaleFactor, 1);
  const r = upscaleFactor;
  const [channels = 0, height = 0, width = 0] = input.shape.slice(-3);
  if (input.ndim < 3 || channels % (r * r) !== 0)
    throw new ShapeError(
      `pixelShuffle: the channels of an input of ${show(input.shape)} cannot be divided by ${r * r}`,
    );
  const lead = input.shape.slice(0, -3);
  const n = lead.length;
  return input
    .reshape([...lead, channels / (r * r), r, r, height, width])
    .permute([...lead.keys(), n, n + 3, n + 1, n + 4, n + 2])
    .reshape([...lead, channels / (r * r), height * r, width * r]);
}

/**
 * Pixels become channels: `[*, C, H r, W r]` to `[*, C r^2, H, W]`.
 *
 * @example F.pixelUnshuffle(torch.arange(4).reshape(1, 1, 2, 2), 2).shape // [1, 4, 1, 1]
 */
export function pixelUnshuffle(input: Tensor, downscaleFactor: number): Tensor {
  checkTensor('pixelUnshuffle', input, 'input');
  checkCount('pixelUnshuffle', 'downscaleFactor', downscaleFactor, 1);
  const r = downscaleFactor;
  const [channels = 0, height = 0, width = 0] = input.shape.slice(-3);
  if (input.ndim < 3 || height % r !== 0 || width % r !== 0)
    throw new ShapeError(
      `pixelUnshuffle: the last sizes of an input of ${show(input.shape)} cannot be divided by ${r}`,
    );
  const lead = input.shape.slice(0, -3);
  const n = lead.length;
  return input
    .reshape([...lead, channels, height / r, r, width / r, r])
    .permute([...lead.keys(), n, n + 2, n + 4, n + 1, n + 3])
    .reshape([...lead, channels * r * r, height / r, width / r]);
}

/**
 * Channels (dimension 1) dealt out to `groups` in turn; Zhang et al. 2017, arXiv:1707.01083.
 *
 * @example F.channelShuffle(torch.arange(4).reshape(1, 4, 1, 1), 2).flatten() // tensor([0, 2, 1, 3])
 */
export function channelShuffle(input: Tensor, groups: number): Tensor {
  checkTensor('channelShuffle', input, 'input');
  checkCount('channelShuffle', 'groups', groups, 1);
  const [samples = 0, channels = 0, ...spatial] = input.shape;
  if (input.ndim < 3 || channels % groups !== 0)
    throw new ShapeError(
      `channelShuffle: the channels of an input of ${show(input.shape)} cannot be divided into ${groups} groups`,
    );
  return input
    .reshape([samples, groups, channels / groups, ...spatial])
    .transpose(1, 2)
    .reshape(input.shape);
}
