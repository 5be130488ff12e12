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

/** Adds a value around signals: `[N, C, L]` or `[C, L]`. */
export class ConstantPad1d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(1, padding, value);
  }
}

/** Adds a value around images: `[N, C, H, W]` or `[C, H, W]`; padding is left, right, top, bottom. */
export class ConstantPad2d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(2, padding, value);
  }
}

/** Adds a value around volumes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class ConstantPad3d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(3, padding, value);
  }
}

/** Adds zeros around images. */
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

/** Adds the mirror image around signals, without repeating the border. */
export class ReflectionPad1d extends ReflectionPadNd {
  constructor(padding: Sizes) {
    super(1, padding);
  }
}

/** {@link ReflectionPad1d} around images. */
export class ReflectionPad2d extends ReflectionPadNd {
  constructor(padding: Sizes) {
    super(2, padding);
  }
}

/** {@link ReflectionPad1d} around volumes. */
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

/** Repeats the border around signals. */
export class ReplicationPad1d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(1, padding);
  }
}

/** {@link ReplicationPad1d} around images. */
export class ReplicationPad2d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(2, padding);
  }
}

/** {@link ReplicationPad1d} around volumes. */
export class ReplicationPad3d extends ReplicationPadNd {
  constructor(padding: Sizes) {
    super(3, padding);
  }
}
