import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import { Module } from './module.js';

/**
 * {@link F.cosineSimilarity} as a layer.
 *
 * @example new nn.CosineSimilarity()(torch.tensor([[1, 0]]), torch.tensor([[1, 1]])) // tensor([0.7071])
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(options?: { dim?: number; eps?: number }) {
    super();
    const { dim, eps } = readOptions('CosineSimilarity', options, { dim: 1, eps: 1e-8 });
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }
}

/**
 * {@link F.pairwiseDistance} as a layer.
 *
 * @example new nn.PairwiseDistance()(torch.tensor([[0, 0]]), torch.tensor([[3, 4]])) // tensor([5.0000])
 */
export class PairwiseDistance extends Module {
  readonly norm: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(options?: { p?: number; eps?: number; keepdim?: boolean }) {
    super();
    const { p, eps, keepdim } = readOptions('PairwiseDistance', options, { p: 2, eps: 1e-6, keepdim: false });
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim });
  }
}
