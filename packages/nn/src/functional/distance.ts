import { ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { castable, checkTensor, readOptions, show } from '@ts-torch/tensor/internal';

/**
 * Cosine of the angle between vectors along `dim`; each vector counts as at least `eps` long. The shapes broadcast.
 *
 * @example F.cosineSimilarity(torch.tensor([[1, 0]]), torch.tensor([[1, 1]])) // tensor([0.7071])
 */
export const cosineSimilarity = castable(
  'cosineSimilarity',
  (x1: Tensor, x2: Tensor, options?: { dim?: number; eps?: number }): Tensor => {
    checkTensor('cosineSimilarity', x1, 'x1');
    checkTensor('cosineSimilarity', x2, 'x2');
    const { dim, eps } = readOptions('cosineSimilarity', options, { dim: 1, eps: 1e-8 });
    const [a, b] = torch.broadcastTensors(x1, x2) as [Tensor, Tensor];
    const unit = (x: Tensor): Tensor => x.div(lengths(x, 2, dim).clamp({ min: eps }));
    return unit(a).mul(unit(b)).sum(dim);
  },
);

function lengths(x: Tensor, p: number, dim: number): Tensor {
  return x.norm({ p, dim, keepdim: true });
}

/**
 * The p-norm of `x1 - x2 + eps` along the last dimension.
 *
 * @example F.pairwiseDistance(torch.tensor([[0, 0]]), torch.tensor([[3, 4]])) // tensor([5.0000])
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  options?: { p?: number; eps?: number; keepdim?: boolean },
): Tensor {
  checkTensor('pairwiseDistance', x1, 'x1');
  checkTensor('pairwiseDistance', x2, 'x2');
  const { p, eps, keepdim } = readOptions('pairwiseDistance', options, { p: 2, eps: 1e-6, keepdim: false });
  return x1.sub(x2).add(eps).norm({ p, dim: -1, keepdim });
}

/**
 * `x / max(norm of x along dim, eps)`.
 *
 * @example F.normalize(torch.tensor([[3, 4]])) // tensor([[0.6000, 0.8000]])
 */
export function normalize(
  input: Tensor,
  options?: { p?: number; dim?: number; eps?: number; out?: Tensor | undefined },
): Tensor {
  checkTensor('normalize', input, 'input');
  const defaults = { p: 2, dim: 1, eps: 1e-12, out: undefined as Tensor | undefined };
  const { p, dim, eps, out } = readOptions('normalize', options, defaults);
  const divisor = lengths(input, p, dim).clamp({ min: eps });
  return input.div(divisor, out === undefined ? undefined : { out });
}

/**
 * Distances between all pairs of rows i < j of a matrix, in one vector.
 *
 * @example F.pdist(torch.tensor([[0, 0], [3, 4], [0, 1]])) // tensor([5.0000, 1.0000, 4.2426])
 */
export const pdist = castable('pdist', (input: Tensor, options?: { p?: number }): Tensor => {
  checkTensor('pdist', input, 'input');
  const { p } = readOptions('pdist', options, { p: 2 });
  if (input.ndim !== 2) throw new ShapeError(`pdist: expected 2 dimensions, got shape ${show(input.shape)}`);
  const rows = input.shape[0] as number;
  const [first, second] = [...torch.triuIndices(rows, rows, { offset: 1, device: input.device }).unbind(0)] as [
    Tensor,
    Tensor,
  ];
  return input.indexSelect(0, first).sub(input.indexSelect(0, second)).norm({ p, dim: 1 });
});
