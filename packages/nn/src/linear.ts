import { empty, type Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import * as init from './init.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { Parameter } from './parameter.js';
import { fields } from './printing.js';
import { checkCount } from './sizes.js';

/**
 * Gives back what it gets; takes and ignores any arguments when made.
 *
 * @example new nn.Identity()(torch.tensor([1, 2])) // tensor([1., 2.])
 */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}

export interface LinearOptions extends FactoryOptions {
  /** Whether to add a learned bias. */
  bias?: boolean | undefined;
}

const LINEAR = { bias: true, ...FACTORY };

/**
 * y = x W^T + b. Weight and bias start uniform in [-k, k], k = 1 / sqrt(inFeatures).
 *
 * Shape: `[*, inFeatures]` to `[*, outFeatures]`; the weight is `[outFeatures, inFeatures]`.
 *
 * @example new nn.Linear(2, 3)(torch.ones([5, 2])).shape // [5, 3]
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options?: LinearOptions) {
    super();
    checkCount('Linear', 'inFeatures', inFeatures);
    checkCount('Linear', 'outFeatures', outFeatures);
    const { bias, ...factory } = readOptions<LinearOptions>('Linear', options, LINEAR);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures], factory));
    this.bias = bias ? new Parameter(empty([outFeatures], factory)) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    // With a = sqrt(5) this is uniform in [-1 / sqrt(fan in), 1 / sqrt(fan in)].
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, { bias: this.bias });
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures, bias } = this;
    return fields({ in_features: inFeatures, out_features: outFeatures, bias: bias !== null });
  }
}

/** A {@link Linear} under the name that PyTorch prints within attention. */
export class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * y = x1^T A x2 + b. All start uniform in [-k, k], k = 1 / sqrt(in1Features).
 *
 * Shape: `[*, in1Features]` and `[*, in2Features]` to `[*, outFeatures]`; the weight is `[outFeatures, in1Features, in2Features]`.
 *
 * @example new nn.Bilinear(2, 3, 4)(torch.ones([5, 2]), torch.ones([5, 3])).shape // [5, 4]
 */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, options?: LinearOptions) {
    super();
    checkCount('Bilinear', 'in1Features', in1Features, 1);
    checkCount('Bilinear', 'in2Features', in2Features, 1);
    checkCount('Bilinear', 'outFeatures', outFeatures);
    const { bias, ...factory } = readOptions<LinearOptions>('Bilinear', options, LINEAR);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], factory));
    this.bias = bias ? new Parameter(empty([outFeatures], factory)) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    init.uniform_(this.weight, { a: -bound, b: bound });
    if (this.bias !== null) init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, { bias: this.bias });
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return fields({
      in1_features: in1Features,
      in2_features: in2Features,
      out_features: outFeatures,
      bias: bias !== null,
    });
  }
}
