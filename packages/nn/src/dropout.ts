import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import { Module } from './module.js';
import { checkProbability, withFirst } from './options.js';
import { fields } from './printing.js';

export interface DropoutOptions {
  /** The probability that an element (a channel) is dropped. */
  p?: number | undefined;
  inplace?: boolean | undefined;
}

/** A layer that drops in training and does nothing in evaluation. */
export interface DropoutLayer extends Module {
  readonly p: number;
  readonly inplace: boolean;
  forward(input: Tensor): Tensor;
}

function dropoutLayerOf(
  f: (input: Tensor, options: F.DropoutOptions) => Tensor,
): new (
  p?: number | DropoutOptions,
  options?: DropoutOptions,
) => DropoutLayer {
  return class extends Module {
    readonly p: number;
    readonly inplace: boolean;

    constructor(p?: number | DropoutOptions, options?: DropoutOptions) {
      super();
      const given = readOptions(new.target.name, withFirst('p', p, options), { p: 0.5, inplace: false });
      checkProbability(new.target.name, given.p);
      this.p = given.p;
      this.inplace = given.inplace;
    }

    override forward(input: Tensor): Tensor {
      return f(input, { p: this.p, training: this.training, inplace: this.inplace });
    }

    override extraRepr(): string {
      return fields({ p: this.p, inplace: this.inplace });
    }
  };
}

/**
 * Drops elements: each becomes 0 with probability p, the others are divided by 1 - p; Hinton et al. 2012, arXiv:1207.0580.
 *
 * @example new nn.Dropout({ p: 0.2 }).eval()(torch.ones([3])) // tensor([1., 1., 1.])
 */
export class Dropout extends dropoutLayerOf(F.dropout) {}
/**
 * Drops whole channels of `[N, C, L]` or `[C, L]`; Tompson et al. 2014, arXiv:1411.4280.
 *
 * @example new nn.Dropout1d().eval()(torch.ones([1, 3])) // tensor([[1., 1., 1.]])
 */
export class Dropout1d extends dropoutLayerOf(F.dropout1d) {}
/**
 * Drops whole channels of `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example new nn.Dropout2d()(torch.ones([1, 2, 3, 3])).shape // [1, 2, 3, 3]
 */
export class Dropout2d extends dropoutLayerOf(F.dropout2d) {}
/**
 * Drops whole channels of `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @example new nn.Dropout3d()(torch.ones([1, 2, 3, 3, 3])).shape // [1, 2, 3, 3, 3]
 */
export class Dropout3d extends dropoutLayerOf(F.dropout3d) {}
/**
 * Drops elements so that mean and variance stay, for {@link SELU} networks; Klambauer et al. 2017, arXiv:1706.02515.
 *
 * @example new nn.AlphaDropout().eval()(torch.ones([3])) // tensor([1., 1., 1.])
 */
export class AlphaDropout extends dropoutLayerOf(F.alphaDropout) {}
/**
 * {@link AlphaDropout} of whole channels.
 *
 * @example new nn.FeatureAlphaDropout().eval()(torch.ones([1, 3])) // tensor([[1., 1., 1.]])
 */
export class FeatureAlphaDropout extends dropoutLayerOf(F.featureAlphaDropout) {}
