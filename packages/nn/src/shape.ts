import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { Module } from './module.js';
import { withFirst } from './options.js';
import { fields } from './printing.js';

interface FlattenOptions {
  startDim?: number | undefined;
  endDim?: number | undefined;
}

/**
 * The dimensions from `startDim` (1) to `endDim` (-1) as one: what stands between convolutions and linear layers.
 *
 * @example new nn.Flatten()(torch.ones([2, 3, 4])).shape // [2, 12]
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim?: number | FlattenOptions, options?: FlattenOptions) {
    super();
    const given = readOptions('Flatten', withFirst('startDim', startDim, options), { startDim: 1, endDim: -1 });
    this.startDim = given.startDim;
    this.endDim = given.endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return fields({ start_dim: this.startDim, end_dim: this.endDim });
  }
}

/**
 * Dimension `dim` split into several; one of `unflattenedSize` may be -1.
 *
 * @example new nn.Unflatten(1, [2, 3])(torch.ones([4, 6])).shape // [4, 2, 3]
 */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return fields({ dim: this.dim, unflattened_size: this.unflattenedSize });
  }
}
