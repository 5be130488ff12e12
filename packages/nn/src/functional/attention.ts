import { ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { checkTensor, readOptions, show } from '@ts-torch/tensor/internal';
import { softmax } from './activation.js';
import { dropout } from './dropout.js';

export interface AttentionOptions {
  /** Added to the scores; or booleans, false where a key may not be seen. Shape: broadcasts to `[*, L, S]`. */
  attnMask?: Tensor | null | undefined;
  dropoutP?: number | undefined;
  /** Whether queries see no later keys. */
  isCausal?: boolean | undefined;
  /** What scores are multiplied by: `1 / sqrt(E)` unless given. */
  scale?: number | null | undefined;
}

/**
 * `softmax(query key^T scale + mask) value`; Vaswani et al. 2017, arXiv:1706.03762.
 *
 * Shape: query `[*, L, E]`, key `[*, S, E]`, value `[*, S, Ev]` to `[*, L, Ev]`.
 *
 * @example F.scaledDotProductAttention(torch.ones([1, 2, 4]), torch.ones([1, 3, 4]), torch.ones([1, 3, 4])).shape // [1, 2, 4]
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: AttentionOptions,
): Tensor {
  const op = 'scaledDotProductAttention';
  checkAttention(op, { query, key, value });
  const defaults: AttentionOptions = { attnMask: null, dropoutP: 0, isCausal: false, scale: null };
  const { attnMask, dropoutP, isCausal, scale } = readOptions<AttentionOptions>(op, options, defaults);
  if (isCausal && attnMask) throw new ValueError(`${op}: expected attnMask or isCausal, got both`);
  const weights = attentionWeights(query, key, { attnMask, dropoutP, isCausal, scale });
  return torch.matmul(weights, value);
}

function checkAttention(op: string, tensors: Record<string, Tensor>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    checkTensor(op, tensor, name);
    if (tensor.ndim < 2)
      throw new ShapeError(`${op}: expected ${name} of at least 2 dimensions, got ${show(tensor.shape)}`);
  }
}

/** The weight of each key for each query. */
function attentionWeights(
  query: Tensor,
  key: Tensor,
  { attnMask, dropoutP, isCausal, scale }: AttentionOptions,
): Tensor {
  const scores = torch.matmul(query.mul(scale ?? 1 / Math.sqrt(query.shape.at(-1) as number)), key.transpose(-2, -1));
  const mask = isCausal ? causalMask(scores) : attnMask ? additiveMask(scores, attnMask) : null;
  const weights = softmax(mask === null ? scores : scores.add(mask), -1);
  return dropoutP ? dropout(weights, dropoutP) : weights;
}

// Masks are added, not filled in: that is one pass over the scores, and none over their gradient.
function causalMask(scores: Tensor): Tensor {
  const [queries = 0, keys = 0] = scores.shape.slice(-2);
  const { dtype, device } = scores;
  return torch.full([queries, keys], Number.NEGATIVE_INFINITY, { dtype, device }).triu(1);
}

function additiveMask(scores: Tensor, mask: Tensor): Tensor {
  if (mask.dtype !== 'bool') return mask;
  return scores.newZeros(mask.shape).maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY);
}

/**
 * {@link scaledDotProductAttention} as PyTorch 1.13 has it: the weights are given too.
 *
 * @example F._scaledDotProductAttention(torch.ones([1, 1, 2]), torch.ones([1, 1, 2]), torch.ones([1, 1, 2]))[0] // tensor([[[1., 1.]]])
 */
export function _scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: Omit<AttentionOptions, 'scale'> & { needAttnWeights?: boolean | undefined },
): [output: Tensor, weights: Tensor] {
  const op = '_scaledDotProductAttention';
  checkAttention(op, { query, key, value });
  const defaults = { attnMask: null as Tensor | null, dropoutP: 0, isCausal: false, needAttnWeights: true };
  const given = readOptions(op, options as typeof defaults | undefined, defaults);
  if (given.isCausal && given.attnMask) throw new ValueError(`${op}: expected attnMask or isCausal, got both`);
  const weights = attentionWeights(query, key, given);
  return [torch.matmul(weights, value), weights];
}
