import type { Tensor } from '@ts-torch/tensor';
import * as F from './functional/index.js';
import { Module } from './module.js';
import { fields, python, pythonFloat } from './printing.js';
import { type Sizes, sizesOf } from './sizes.js';

/** The layers of {@link F.pad}: `padding` is one number for all sides, or before and after each dimension from the last on. */
abstract class PadNd extends Module {
  readonly padding: readonly number[];

  constructor(dims: number, padding: Sizes) {
    super();
    this.padding = sizesOf(new.target.name, 'padding', padding, 2 * dims, Number.NEGATIVE_INFINITY);
  }

  override extraRepr(): string {
    return python(this.padding);
  }
}

abstract class ConstantPadNd extends PadNd {
  readonly value: number;

  constructor(dims: number, padding: Sizes, value: number) {
    super(dims, padding);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { value: this.value });
  }

  override extraRepr(): string {
    return fields({ padding: this.padding, value: pythonFloat(this.value) });
  }
}

/**
 * Adds a value around signals: `[N, C, L]` or `[C, L]`.
 *
 * @example new nn.ConstantPad1d([1, 2], 9)(torch.tensor([[1, 2]])) // tensor([[9., 1., 2., 9., 9.]])
 */
export class ConstantPad1d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(1, padding, value);
  }
}

/**
 * Adds a value around images: `[N, C, H, W]` or `[C, H, W]`; padding is left, right, top, bottom.
 *
 * @example new nn.ConstantPad2d(1, 0)(torch.ones([1, 2, 2])).shape // [1, 4, 4]
 */
export class ConstantPad2d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(2, padding, value);
  }
}

/**
 * Adds a value around volumes: `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @example new nn.ConstantPad3d(1, 0)(torch.ones([1, 2, 2, 2])).shape // [1, 4, 4, 4]
 */
export class ConstantPad3d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(3, padding, value);
  }
}

/**
 * Adds zeros around images.
 *
 * @example new nn.ZeroPad2d([1, 0, 0, 1])(torch.tensor([[[1, 2]]])) // tensor([[[0., 1., 2.], [0., 0., 0.]]])
 */
export class ZeroPad2d extends ConstantPadNd {
  constructor(padding: Sizes) {
    super(2, padding, 0);
  }

  override extraRepr(): string {
    return python(this.padding);
  }
}

abstract class ReflectionPadNd extends PadNd {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: 'reflect' });
  }
}

/**
 * Adds the mirror image around signals, without repeating the border.
 *
 * @example new nn.ReflectionPad1d(2)(torch.tensor([[1, 2, 3]])) // tensor([[3., 2., 1., 2., 3., 2., 1.]])
 */
export class ReflectionPad1d extends ReflectionPadNd {
  constructor(padding: Sizes) {
    super(1, padding);
  }
}

/**
 * {@link ReflectionPad1d} around images.
 *
 * @example new nn.ReflectionPad2d(1)(torch.ones([1, 2, 2])).shape // [1, 4, 4]
 */
export class ReflectionPad2d extends ReflectionPadNd {
  constructor(padding: Sizes) {
    super(2, padding);
  }
}

/**
 * {@link ReflectionPad1d} around volumes.
 *
 * @example new nn.ReflectionPad3d(1)(torch.ones([1, 2, 2, 2])).shape // [1, 4, 4, 4]
 */
export class ReflectionPad3d extends ReflectionPadNd {
  constructor(padding: Sizes) {
    super(3, padding);
  }
}

abstract class ReplicationPadNd extends PadNd {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: 'replicate' });
  }
}

/**
 * Repeats the border around signals.
 *
 * @example new nn.ReplicationPad1d(2)(torch.tensor([[1, 2, 3]])) // tensor([[1., 1., 1., 2., 3., 3., 3.]])
 */
export class ReplicationPad1d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(1, padding);
  }
}

/**
 * {@link ReplicationPad1d} around images.
 *
 * @example new nn.ReplicationPad2d(1)(torch.ones([1, 2, 2])).shape // [1, 4, 4]
 */
export class ReplicationPad2d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(2, padding);
  }
}

/**
 * {@link ReplicationPad1d} around volumes.
 *
 * @example new nn.ReplicationPad3d(1)(torch.ones([1, 2, 2, 2])).shape // [1, 4, 4, 4]
 */
export class ReplicationPad3d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(3, padding);
  }
}
