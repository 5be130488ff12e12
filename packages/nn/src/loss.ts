import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { PairwiseDistance } from './distance.js';
import * as F from './functional/index.js';
import { checkMarginPower, checkReduction, type Reduction } from './functional/reduction.js';
import { Module, snakeCase } from './module.js';
import { Buffer } from './parameter.js';

export interface LossOptions {
  /** `'mean'` and `'sum'` give one number, `'none'` a loss for each element or sample. */
  reduction?: Reduction | undefined;
}

/** A loss of two tensors. */
export interface LossLayer extends Module {
  readonly reduction: Reduction;
  forward(input: Tensor, target: Tensor): Tensor;
}

/** The layer of a loss whose only option is the reduction. */
function lossOf(
  f: (input: Tensor, target: Tensor, options: LossOptions) => Tensor,
): new (
  options?: LossOptions,
) => LossLayer {
  return class extends Module {
    readonly reduction: Reduction;

    constructor(options?: LossOptions) {
      super();
      this.reduction = readReduction(new.target.name, options);
    }

    override forward(input: Tensor, target: Tensor): Tensor {
      return f(input, target, { reduction: this.reduction });
    }
  };
}

function readReduction(op: string, options: LossOptions | undefined): Reduction {
  const { reduction } = readOptions<Required<LossOptions>>(op, options, { reduction: 'mean' });
  checkReduction(op, reduction);
  return reduction as Reduction;
}

/**
 * The layer of a loss with options of its own, which become its properties; `buffers` names those that are tensors and are saved
 * with the module.
 */
function lossWith<O extends { reduction?: unknown }>(
  f: (input: Tensor, target: Tensor, options: O) => Tensor,
  defaults: O,
  buffers: readonly (keyof O & string)[] = [],
  check: (op: string, options: O) => void = (op, { reduction }) => checkReduction(op, reduction),
): new (
  options?: O,
) => LossLayer & Readonly<Omit<O, 'reduction'>> {
  const names = Object.keys(defaults);
  class Loss extends Module {
    declare readonly reduction: Reduction;

    constructor(options?: O) {
      super();
      const given = readOptions<O>(new.target.name, options, { ...defaults }) as O & Record<string, unknown>;
      check(new.target.name, given);
      for (const name of names) {
        const value = given[name];
        const held = buffers.includes(name as keyof O & string) && value ? new Buffer(value as Tensor) : value;
        Object.defineProperty(this, name, { value: held, enumerable: true, writable: true, configurable: true });
      }
    }

    override forward(input: Tensor, target: Tensor): Tensor {
      const options: Record<string, unknown> = {};
      for (const name of names) options[name] = (this as unknown as Record<string, unknown>)[name];
      return f(input, target, options as unknown as O);
    }

    // PyTorch's name of the one buffer of two words.
    static override stateName(property: string): string {
      return property === 'posWeight' ? 'pos_weight' : property;
    }
  }
  return Loss as unknown as new (
    options?: O,
  ) => LossLayer & Readonly<Omit<O, 'reduction'>>;
}

/** {@link F.l1Loss} as a layer. */
export class L1Loss extends lossOf(F.l1Loss) {}
/** {@link F.mseLoss} as a layer. */
export class MSELoss extends lossOf(F.mseLoss) {}
/** {@link F.softMarginLoss} as a layer. */
export class SoftMarginLoss extends lossOf(F.softMarginLoss) {}
/** {@link F.multilabelMarginLoss} as a layer. */
export class MultiLabelMarginLoss extends lossOf(F.multilabelMarginLoss) {}

/** {@link F.smoothL1Loss} as a layer. */
export class SmoothL1Loss extends lossWith<F.SmoothL1LossOptions>(F.smoothL1Loss, { reduction: 'mean', beta: 1 }) {}
/** {@link F.huberLoss} as a layer. */
export class HuberLoss extends lossWith<F.HuberLossOptions>(F.huberLoss, { reduction: 'mean', delta: 1 }) {}
/** {@link F.klDiv} as a layer. */
export class KLDivLoss extends lossWith<F.KlDivOptions>(
  F.klDiv,
  { reduction: 'mean', logTarget: false },
  [],
  (op, { reduction }) => {
    if (reduction !== 'batchmean') checkReduction(op, reduction);
  },
) {}
/** {@link F.poissonNllLoss} as a layer. */
export class PoissonNLLLoss extends lossWith<F.PoissonNllLossOptions>(F.poissonNllLoss, {
  logInput: true,
  full: false,
  eps: 1e-8,
  reduction: 'mean',
}) {}
/** {@link F.hingeEmbeddingLoss} as a layer. */
export class HingeEmbeddingLoss extends lossWith<F.HingeEmbeddingLossOptions>(F.hingeEmbeddingLoss, {
  margin: 1,
  reduction: 'mean',
}) {}

const WEIGHTED = { weight: null, reduction: 'mean' } as const;

/** {@link F.nllLoss} as a layer. */
export class NLLLoss extends lossWith<F.NllLossOptions>(F.nllLoss, { ...WEIGHTED, ignoreIndex: -100 }, ['weight']) {}
/** {@link F.crossEntropy} as a layer. */
export class CrossEntropyLoss extends lossWith<F.CrossEntropyOptions>(
  F.crossEntropy,
  { ...WEIGHTED, ignoreIndex: -100, labelSmoothing: 0 },
  ['weight'],
) {}
/** {@link F.binaryCrossEntropy} as a layer. */
export class BCELoss extends lossWith<F.BinaryCrossEntropyOptions>(F.binaryCrossEntropy, WEIGHTED, ['weight']) {}
/** {@link F.binaryCrossEntropyWithLogits} as a layer. */
export class BCEWithLogitsLoss extends lossWith<F.BinaryCrossEntropyWithLogitsOptions>(
  F.binaryCrossEntropyWithLogits,
  { ...WEIGHTED, posWeight: null },
  ['weight', 'posWeight'],
) {}
/** {@link F.multilabelSoftMarginLoss} as a layer. */
export class MultiLabelSoftMarginLoss extends lossWith<F.MultilabelSoftMarginLossOptions>(
  F.multilabelSoftMarginLoss,
  WEIGHTED,
  ['weight'],
) {}
/** {@link F.multiMarginLoss} as a layer. */
export class MultiMarginLoss extends lossWith<F.MultiMarginLossOptions>(
  F.multiMarginLoss,
  { ...WEIGHTED, p: 1, margin: 1 },
  ['weight'],
  (op, { p, reduction }) => {
    checkReduction(op, reduction);
    checkMarginPower(op, p);
  },
) {}

/** {@link F.gaussianNllLoss} as a layer. */
export class GaussianNLLLoss extends Module {
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(options?: F.GaussianNllLossOptions) {
    super();
    const defaults: Required<F.GaussianNllLossOptions> = { full: false, eps: 1e-6, reduction: 'mean' };
    const given = readOptions<F.GaussianNllLossOptions>('GaussianNLLLoss', options, defaults);
    checkReduction('GaussianNLLLoss', given.reduction);
    this.full = given.full as boolean;
    this.eps = given.eps as number;
    this.reduction = given.reduction as Reduction;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}

/** The options of losses that leave a margin. */
interface MarginOptions extends LossOptions {
  margin?: number | undefined;
}

function readMargin(
  op: string,
  options: MarginOptions | undefined,
  margin: number,
): { margin: number; reduction: Reduction } {
  const given = readOptions<MarginOptions>(op, options, { margin, reduction: 'mean' });
  checkReduction(op, given.reduction);
  return given as { margin: number; reduction: Reduction };
}

/** {@link F.marginRankingLoss} as a layer. */
export class MarginRankingLoss extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options?: MarginOptions) {
    super();
    ({ margin: this.margin, reduction: this.reduction } = readMargin('MarginRankingLoss', options, 0));
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return F.marginRankingLoss(input1, input2, target, { margin, reduction });
  }
}

/** {@link F.cosineEmbeddingLoss} as a layer. */
export class CosineEmbeddingLoss extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options?: MarginOptions) {
    super();
    ({ margin: this.margin, reduction: this.reduction } = readMargin('CosineEmbeddingLoss', options, 0));
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return F.cosineEmbeddingLoss(input1, input2, target, { margin, reduction });
  }
}

/** {@link F.tripletMarginLoss} as a layer. */
export class TripletMarginLoss extends Module {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options?: F.TripletMarginLossOptions) {
    super();
    const given = readOptions(
      'TripletMarginLoss',
      options,
      F.TRIPLET_MARGIN_LOSS,
    ) as Required<F.TripletMarginLossOptions>;
    checkReduction('TripletMarginLoss', given.reduction);
    this.margin = given.margin as number;
    this.p = given.p as number;
    this.eps = given.eps as number;
    this.swap = given.swap as boolean;
    this.reduction = given.reduction as Reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

/** {@link F.tripletMarginWithDistanceLoss} as a layer. */
export class TripletMarginWithDistanceLoss extends Module {
  readonly distanceFunction: F.Distance;
  readonly margin: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  static override stateName = snakeCase;

  constructor(options?: F.TripletMarginWithDistanceLossOptions) {
    super();
    const defaults = { distanceFunction: null, margin: 1, swap: false, reduction: 'mean' } as const;
    const op = 'TripletMarginWithDistanceLoss';
    const given = readOptions<F.TripletMarginWithDistanceLossOptions>(op, options, defaults);
    checkReduction(op, given.reduction);
    this.distanceFunction = given.distanceFunction ?? new PairwiseDistance();
    this.margin = given.margin as number;
    this.swap = given.swap as boolean;
    this.reduction = given.reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

/** {@link F.ctcLoss} as a layer. */
export class CTCLoss extends Module {
  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(options?: F.CtcLossOptions) {
    super();
    const defaults: Required<F.CtcLossOptions> = { blank: 0, reduction: 'mean', zeroInfinity: false };
    const given = readOptions<F.CtcLossOptions>('CTCLoss', options, defaults);
    checkReduction('CTCLoss', given.reduction);
    this.blank = given.blank as number;
    this.reduction = given.reduction as Reduction;
    this.zeroInfinity = given.zeroInfinity as boolean;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: F.Lengths, targetLengths: F.Lengths): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return F.ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}
