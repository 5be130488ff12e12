import { full, type Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { checkBounds, withFirst } from './options.js';
import { Parameter } from './parameter.js';
import { fields, pythonFloat } from './printing.js';
import { checkCount } from './sizes.js';

export interface InplaceOptions {
  /** Whether the result overwrites the input. */
  inplace?: boolean | undefined;
}

/** A layer of one tensor; classes made below are typed by what this and its like say. */
export interface ActivationLayer extends Module {
  forward(input: Tensor): Tensor;
}
export interface InplaceLayer extends ActivationLayer {
  readonly inplace: boolean;
}
export interface AlphaLayer extends InplaceLayer {
  readonly alpha: number;
}
export interface ShrinkLayer extends ActivationLayer {
  readonly lambd: number;
}
export interface DimLayer extends ActivationLayer {
  readonly dim: number | undefined;
}

/** The layer of a function without parameters. */
function layerOf(f: (input: Tensor) => Tensor): new () => ActivationLayer {
  return class extends Module {
    override forward(input: Tensor): Tensor {
      return f(input);
    }
  };
}

/** The layer of a function that may overwrite its input. */
function inplaceLayerOf(
  f: (input: Tensor, options?: InplaceOptions) => Tensor,
): new (
  options?: InplaceOptions,
) => InplaceLayer {
  return class extends Module {
    readonly inplace: boolean;

    constructor(options?: InplaceOptions) {
      super();
      this.inplace = readOptions(new.target.name, options, { inplace: false }).inplace;
    }

    override forward(input: Tensor): Tensor {
      return f(input, { inplace: this.inplace });
    }

    override extraRepr(): string {
      return this.inplace ? 'inplace=True' : '';
    }
  };
}

/**
 * {@link F.sigmoid} as a layer.
 *
 * @example new nn.Sigmoid()(torch.tensor([0, 2])) // tensor([0.5000, 0.8808])
 */
export class Sigmoid extends layerOf(F.sigmoid) {}
/**
 * {@link F.tanh} as a layer.
 *
 * @example new nn.Tanh()(torch.tensor([0, 1])) // tensor([0.0000, 0.7616])
 */
export class Tanh extends layerOf(F.tanh) {}
/**
 * {@link F.tanhshrink} as a layer.
 *
 * @example new nn.Tanhshrink()(torch.tensor([0, 1])) // tensor([0.0000, 0.2384])
 */
export class Tanhshrink extends layerOf(F.tanhshrink) {}
/**
 * {@link F.softsign} as a layer.
 *
 * @example new nn.Softsign()(torch.tensor([-1, 3])) // tensor([-0.5000, 0.7500])
 */
export class Softsign extends layerOf(F.softsign) {}
/**
 * {@link F.logsigmoid} as a layer.
 *
 * @example new nn.LogSigmoid()(torch.tensor([0, 2])) // tensor([-0.6931, -0.1269])
 */
export class LogSigmoid extends layerOf(F.logsigmoid) {}
/**
 * {@link F.relu} as a layer.
 *
 * @example new nn.ReLU()(torch.tensor([-1, 2])) // tensor([0., 2.])
 */
export class ReLU extends inplaceLayerOf(F.relu) {}
/**
 * {@link F.relu6} as a layer; prints its bounds only when it works in place, as PyTorch's.
 *
 * @example new nn.ReLU6()(torch.tensor([-1, 2, 8])) // tensor([0., 2., 6.])
 */
export class ReLU6 extends inplaceLayerOf(F.relu6) {}
/**
 * {@link F.selu} as a layer.
 *
 * @example new nn.SELU()(torch.tensor([-1, 2])) // tensor([-1.1113, 2.1014])
 */
export class SELU extends inplaceLayerOf(F.selu) {}
/**
 * {@link F.silu} as a layer.
 *
 * @example new nn.SiLU()(torch.tensor([-1, 2])) // tensor([-0.2689, 1.7616])
 */
export class SiLU extends inplaceLayerOf(F.silu) {}
/**
 * {@link F.mish} as a layer.
 *
 * @example new nn.Mish()(torch.tensor([-1, 2])) // tensor([-0.3034, 1.9440])
 */
export class Mish extends inplaceLayerOf(F.mish) {}
/**
 * {@link F.hardswish} as a layer; PyTorch's does not print whether it works in place.
 *
 * @example new nn.Hardswish()(torch.tensor([0, 1, 3])) // tensor([0.0000, 0.6667, 3.0000])
 */
export class Hardswish extends inplaceLayerOf(F.hardswish) {
  override extraRepr(): string {
    return '';
  }
}
/**
 * {@link F.hardsigmoid} as a layer.
 *
 * @example new nn.Hardsigmoid()(torch.tensor([-4, 0, 3])) // tensor([0.0000, 0.5000, 1.0000])
 */
export class Hardsigmoid extends inplaceLayerOf(F.hardsigmoid) {}

export interface AlphaOptions extends InplaceOptions {
  alpha?: number | undefined;
}

/** The layer of a function with a scale `alpha`. */
function alphaLayerOf(
  f: (input: Tensor, options?: AlphaOptions) => Tensor,
): new (
  alpha?: number | AlphaOptions,
  options?: AlphaOptions,
) => AlphaLayer {
  return class extends Module {
    readonly alpha: number;
    readonly inplace: boolean;

    constructor(alpha?: number | AlphaOptions, options?: AlphaOptions) {
      super();
      const given = readOptions(new.target.name, withFirst('alpha', alpha, options), { alpha: 1, inplace: false });
      this.alpha = given.alpha;
      this.inplace = given.inplace;
    }

    override forward(input: Tensor): Tensor {
      return f(input, { alpha: this.alpha, inplace: this.inplace });
    }

    override extraRepr(): string {
      return fields({ alpha: pythonFloat(this.alpha), ...(this.inplace && { inplace: true }) });
    }
  };
}

/**
 * {@link F.elu} as a layer.
 *
 * @example new nn.ELU()(torch.tensor([-1, 2])) // tensor([-0.6321, 2.0000])
 */
export class ELU extends alphaLayerOf(F.elu) {}
/**
 * {@link F.celu} as a layer.
 *
 * @example new nn.CELU()(torch.tensor([-1, 2])) // tensor([-0.6321, 2.0000])
 */
export class CELU extends alphaLayerOf(F.celu) {}

export interface LambdOptions {
  lambd?: number | undefined;
}

/** The layer of a function that shrinks by `lambd`. */
function shrinkLayerOf(
  f: (input: Tensor, options?: LambdOptions) => Tensor,
): new (
  lambd?: number | LambdOptions,
) => ShrinkLayer {
  return class extends Module {
    readonly lambd: number;

    constructor(lambd?: number | LambdOptions) {
      super();
      this.lambd = readOptions(new.target.name, withFirst('lambd', lambd), { lambd: 0.5 }).lambd;
    }

    override forward(input: Tensor): Tensor {
      return f(input, { lambd: this.lambd });
    }

    override extraRepr(): string {
      return pythonFloat(this.lambd);
    }
  };
}

/**
 * {@link F.hardshrink} as a layer.
 *
 * @example new nn.Hardshrink()(torch.tensor([-1, 0.2, 1])) // tensor([-1., 0., 1.])
 */
export class Hardshrink extends shrinkLayerOf(F.hardshrink) {}
/**
 * {@link F.softshrink} as a layer.
 *
 * @example new nn.Softshrink()(torch.tensor([-1, 0.2, 1])) // tensor([-0.5000, 0.0000, 0.5000])
 */
export class Softshrink extends shrinkLayerOf(F.softshrink) {}

export interface DimOptions {
  dim?: number | undefined;
}

/** The layer of a function along one dimension. */
function dimLayerOf(f: (input: Tensor, options: DimOptions) => Tensor): new (dim?: number | DimOptions) => DimLayer {
  return class extends Module {
    readonly dim: number | undefined;

    constructor(dim?: number | DimOptions) {
      super();
      const defaults: DimOptions = { dim: undefined };
      this.dim = readOptions<DimOptions>(new.target.name, withFirst('dim', dim, undefined), defaults).dim;
    }

    override forward(input: Tensor): Tensor {
      return f(input, { dim: this.dim });
    }

    override extraRepr(): string {
      return fields({ dim: this.dim });
    }
  };
}

/**
 * {@link F.softmax} as a layer: `new nn.Softmax(-1)`.
 *
 * @example new nn.Softmax({ dim: 0 })(torch.tensor([0, 0, Math.log(2)])) // tensor([0.2500, 0.2500, 0.5000])
 */
export class Softmax extends dimLayerOf(F.softmax) {}
/**
 * {@link F.softmin} as a layer.
 *
 * @example new nn.Softmin({ dim: 0 })(torch.tensor([0, 0, Math.log(2)])) // tensor([0.4000, 0.4000, 0.2000])
 */
export class Softmin extends dimLayerOf(F.softmin) {}
/**
 * {@link F.logSoftmax} as a layer.
 *
 * @example new nn.LogSoftmax({ dim: 0 })(torch.tensor([0, 0])) // tensor([-0.6931, -0.6931])
 */
export class LogSoftmax extends dimLayerOf(F.logSoftmax) {}

/**
 * {@link F.softmax} over the channels of images: `[N, C, H, W]` or `[C, H, W]`.
 *
 * @example new nn.Softmax2d()(torch.zeros([1, 2, 1, 1])).flatten() // tensor([0.5000, 0.5000])
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    return F.softmax2d(input);
  }
}

export interface LeakyReLUOptions extends InplaceOptions {
  negativeSlope?: number | undefined;
}

/**
 * {@link F.leakyRelu} as a layer.
 *
 * @example new nn.LeakyReLU({ negativeSlope: 0.1 })(torch.tensor([-1, 2])) // tensor([-0.1000, 2.0000])
 */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(negativeSlope?: number | LeakyReLUOptions, options?: LeakyReLUOptions) {
    super();
    const given = readOptions('LeakyReLU', withFirst('negativeSlope', negativeSlope, options), {
      negativeSlope: 0.01,
      inplace: false,
    });
    this.negativeSlope = given.negativeSlope;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, { negativeSlope: this.negativeSlope, inplace: this.inplace });
  }

  override extraRepr(): string {
    return fields({ negative_slope: pythonFloat(this.negativeSlope), ...(this.inplace && { inplace: true }) });
  }
}

export interface RReLUOptions extends InplaceOptions {
  lower?: number | undefined;
  upper?: number | undefined;
}

/**
 * {@link F.rrelu} as a layer: random slopes in training, their mean in evaluation.
 *
 * @example new nn.RReLU().eval()(torch.tensor([-48, 2])) // tensor([-11., 2.])
 */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;

  constructor(options?: RReLUOptions) {
    super();
    const given = readOptions('RReLU', options, { lower: 1 / 8, upper: 1 / 3, inplace: false });
    this.lower = given.lower;
    this.upper = given.upper;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    const { lower, upper, inplace, training } = this;
    return F.rrelu(input, { lower, upper, training, inplace });
  }

  override extraRepr(): string {
    const { lower, upper, inplace } = this;
    return fields({ lower: pythonFloat(lower), upper: pythonFloat(upper), ...(inplace && { inplace }) });
  }
}

export interface PReLUOptions extends FactoryOptions {
  numParameters?: number | undefined;
  init?: number | undefined;
}

/**
 * {@link F.prelu} as a layer: the slope is learned, one for all or one for each channel (`numParameters`).
 *
 * @example new nn.PReLU()(torch.tensor([-2, 2])) // tensor([-0.5000, 2.0000], grad_fn=<WhereBackward>)
 */
export class PReLU extends Module {
  readonly numParameters: number;
  weight: Parameter;

  constructor(numParameters?: number | PReLUOptions, options?: PReLUOptions) {
    super();
    const defaults = { numParameters: 1, init: 0.25, ...FACTORY };
    const given = readOptions('PReLU', withFirst('numParameters', numParameters, options), defaults);
    checkCount('PReLU', 'numParameters', given.numParameters, 1);
    this.numParameters = given.numParameters;
    const { dtype, device } = given;
    this.weight = new Parameter(full([this.numParameters], given.init, { dtype, device }));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return fields({ num_parameters: this.numParameters });
  }
}

export interface HardtanhOptions extends InplaceOptions {
  minVal?: number | undefined;
  maxVal?: number | undefined;
}

/**
 * {@link F.hardtanh} as a layer.
 *
 * @example new nn.Hardtanh()(torch.tensor([-2, 0.5, 2])) // tensor([-1.0000, 0.5000, 1.0000])
 */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor(options?: HardtanhOptions) {
    super();
    const { minVal, maxVal, inplace } = readOptions('Hardtanh', options, { minVal: -1, maxVal: 1, inplace: false });
    checkBounds('Hardtanh', minVal, maxVal);
    this.minVal = minVal;
    this.maxVal = maxVal;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    const { minVal, maxVal, inplace } = this;
    return F.hardtanh(input, { minVal, maxVal, inplace });
  }

  override extraRepr(): string {
    const { minVal, maxVal, inplace } = this;
    return fields({ min_val: pythonFloat(minVal), max_val: pythonFloat(maxVal), ...(inplace && { inplace }) });
  }
}

/**
 * {@link F.gelu} as a layer.
 *
 * @example new nn.GELU()(torch.tensor([-1, 2])) // tensor([-0.1587, 1.9545])
 */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor(options?: { approximate?: 'none' | 'tanh' | undefined }) {
    super();
    const defaults: { approximate: 'none' | 'tanh' } = { approximate: 'none' };
    this.approximate = readOptions('GELU', options, defaults).approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/**
 * {@link F.glu} as a layer.
 *
 * @example new nn.GLU()(torch.tensor([1, 2, 0, 0])) // tensor([0.5000, 1.0000])
 */
export class GLU extends Module {
  readonly dim: number;

  constructor(dim?: number | DimOptions) {
    super();
    this.dim = readOptions('GLU', withFirst('dim', dim), { dim: -1 }).dim;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, { dim: this.dim });
  }

  override extraRepr(): string {
    return fields({ dim: this.dim });
  }
}

/**
 * {@link F.softplus} as a layer.
 *
 * @example new nn.Softplus()(torch.tensor([0, 2])) // tensor([0.6931, 2.1269])
 */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor(options?: { beta?: number | undefined; threshold?: number | undefined }) {
    super();
    const { beta, threshold } = readOptions('Softplus', options, { beta: 1, threshold: 20 });
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, { beta: this.beta, threshold: this.threshold });
  }

  override extraRepr(): string {
    return fields({ beta: this.beta, threshold: this.threshold });
  }
}

/**
 * {@link F.threshold} as a layer.
 *
 * @example new nn.Threshold(1, 0)(torch.tensor([-1, 0.5, 2])) // tensor([0., 0., 2.])
 */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(threshold: number, value: number, options?: InplaceOptions) {
    super();
    this.threshold = threshold;
    this.value = value;
    this.inplace = readOptions('Threshold', options, { inplace: false }).inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, { inplace: this.inplace });
  }

  override extraRepr(): string {
    const { threshold, value, inplace } = this;
    return fields({ threshold: pythonFloat(threshold), value: pythonFloat(value), ...(inplace && { inplace }) });
  }
}
