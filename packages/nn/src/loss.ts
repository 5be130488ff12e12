import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { PairwiseDistance } from './distance.js';
import * as F from './functional/index.js';
import { checkMarginPower, checkReduction, type Reduction } from './functional/reduction.js';
import { Module } from './module.js';
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

/**
 * {@link F.l1Loss} as a layer.
 *
 * @example new nn.L1Loss()(torch.tensor([1, 2]), torch.tensor([2, 4])) // tensor(1.5000)
 */
export class L1Loss extends lossOf(F.l1Loss) {}
/**
 * {@link F.mseLoss} as a layer.
 *
 * @example new nn.MSELoss()(torch.tensor([1, 2]), torch.tensor([2, 4])) // tensor(2.5000)
 */
export class MSELoss extends lossOf(F.mseLoss) {}
/**
 * {@link F.softMarginLoss} as a layer.
 *
 * @example new nn.SoftMarginLoss()(torch.tensor([0, 2]), torch.tensor([1, -1])) // tensor(1.4100)
 */
export class SoftMarginLoss extends lossOf(F.softMarginLoss) {}
/**
 * {@link F.multilabelMarginLoss} as a layer.
 *
 * @example new nn.MultiLabelMarginLoss()(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3n, 0n, -1n, 1n]])) // tensor(0.8500)
 */
export class MultiLabelMarginLoss extends lossOf(F.multilabelMarginLoss) {}

/**
 * {@link F.smoothL1Loss} as a layer.
 *
 * @example new nn.SmoothL1Loss({ reduction: 'none' })(torch.tensor([0, 0]), torch.tensor([0.5, 3])) // tensor([0.1250, 2.5000])
 */
export class SmoothL1Loss extends lossWith<F.SmoothL1LossOptions>(F.smoothL1Loss, { reduction: 'mean', beta: 1 }) {}
/**
 * {@link F.huberLoss} as a layer.
 *
 * @example new nn.HuberLoss({ reduction: 'none' })(torch.tensor([0, 0]), torch.tensor([0.5, 3])) // tensor([0.1250, 2.5000])
 */
export class HuberLoss extends lossWith<F.HuberLossOptions>(F.huberLoss, { reduction: 'mean', delta: 1 }) {}
/**
 * {@link F.klDiv} as a layer.
 *
 * @example new nn.KLDivLoss({ reduction: 'batchmean' })(torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.5, 0.5]])) // tensor(0.1438)
 */
export class KLDivLoss extends lossWith<F.KlDivOptions>(
  F.klDiv,
  { reduction: 'mean', logTarget: false },
  [],
  (op, { reduction }) => {
    if (reduction !== 'batchmean') checkReduction(op, reduction);
  },
) {}
/**
 * {@link F.poissonNllLoss} as a layer.
 *
 * @example new nn.PoissonNLLLoss()(torch.tensor([0, 1]), torch.tensor([1, 2])) // tensor(0.8591)
 */
export class PoissonNLLLoss extends lossWith<F.PoissonNllLossOptions>(F.poissonNllLoss, {
  logInput: true,
  full: false,
  eps: 1e-8,
  reduction: 'mean',
}) {}
/**
 * {@link F.hingeEmbeddingLoss} as a layer.
 *
 * @example new nn.HingeEmbeddingLoss({ reduction: 'none' })(torch.tensor([0.5, 0.25]), torch.tensor([1, -1])) // tensor([0.5000, 0.7500])
 */
export class HingeEmbeddingLoss extends lossWith<F.HingeEmbeddingLossOptions>(F.hingeEmbeddingLoss, {
  margin: 1,
  reduction: 'mean',
}) {}

const WEIGHTED = { weight: null, reduction: 'mean' } as const;

/**
 * {@link F.nllLoss} as a layer.
 *
 * @example new nn.NLLLoss()(torch.tensor([[-1, -2], [-3, -4]]), torch.tensor([0n, 1n])) // tensor(2.5000)
 */
export class NLLLoss extends lossWith<F.NllLossOptions>(F.nllLoss, { ...WEIGHTED, ignoreIndex: -100 }, ['weight']) {}
/**
 * {@link F.crossEntropy} as a layer.
 *
 * @example new nn.CrossEntropyLoss()(torch.tensor([[0, 0], [2, 0]]), torch.tensor([0n, 0n])) // tensor(0.4100)
 */
export class CrossEntropyLoss extends lossWith<F.CrossEntropyOptions>(
  F.crossEntropy,
  { ...WEIGHTED, ignoreIndex: -100, labelSmoothing: 0 },
  ['weight'],
) {}
/**
 * {@link F.binaryCrossEntropy} as a layer.
 *
 * @example new nn.BCELoss()(torch.tensor([0.5, 0.5]), torch.tensor([0, 1])) // tensor(0.6931)
 */
export class BCELoss extends lossWith<F.BinaryCrossEntropyOptions>(F.binaryCrossEntropy, WEIGHTED, ['weight']) {}
/**
 * {@link F.binaryCrossEntropyWithLogits} as a layer.
 *
 * @example new nn.BCEWithLogitsLoss()(torch.tensor([0, 0]), torch.tensor([0, 1])) // tensor(0.6931)
 */
export class BCEWithLogitsLoss extends lossWith<F.BinaryCrossEntropyWithLogitsOptions>(
  F.binaryCrossEntropyWithLogits,
  { ...WEIGHTED, posWeight: null },
  ['weight', 'posWeight'],
) {}
/**
 * {@link F.multilabelSoftMarginLoss} as a layer.
 *
 * @example new nn.MultiLabelSoftMarginLoss()(torch.tensor([[0, 0]]), torch.tensor([[0, 1]])) // tensor(0.6931)
 */
export class MultiLabelSoftMarginLoss extends lossWith<F.MultilabelSoftMarginLossOptions>(
  F.multilabelSoftMarginLoss,
  WEIGHTED,
  ['weight'],
) {}
/**
 * {@link F.multiMarginLoss} as a layer.
 *
 * @example new nn.MultiMarginLoss()(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3n])) // tensor(0.3250)
 */
export class MultiMarginLoss extends lossWith<F.MultiMarginLossOptions>(
  F.multiMarginLoss,
  { ...WEIGHTED, p: 1, margin: 1 },
  ['weight'],
  (op, { p, reduction }) => {
    checkReduction(op, reduction);
    checkMarginPower(op, p);
  },
) {}

/**
 * {@link F.gaussianNllLoss} as a layer.
 *
 * @example new nn.GaussianNLLLoss()(torch.tensor([1, 2]), torch.tensor([2, 2]), torch.tensor([1, 1])) // tensor(0.2500)
 */
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

/**
 * {@link F.marginRankingLoss} as a layer.
 *
 * @example new nn.MarginRankingLoss()(torch.tensor([1, 2]), torch.tensor([2, 1]), torch.tensor([1, 1])) // tensor(0.5000)
 */
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

/**
 * {@link F.cosineEmbeddingLoss} as a layer.
 *
 * @example new nn.CosineEmbeddingLoss()(torch.tensor([[1, 0]]), torch.tensor([[0, 1]]), torch.tensor([1])) // tensor(1.)
 */
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

/**
 * {@link F.tripletMarginLoss} as a layer.
 *
 * @example new nn.TripletMarginLoss()(torch.tensor([[0, 0]]), torch.tensor([[3, 4]]), torch.tensor([[0, 1]])) // tensor(5.0000)
 */
export class TripletMarginLoss extends Module {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options?: F.TripletMarginLossOptions) {
    super();
    const defaults: F.TripletMarginLossOptions = { margin: 1, p: 2, eps: 1e-6, swap: false, reduction: 'mean' };
    const given = readOptions('TripletMarginLoss', options, defaults);
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

/**
 * {@link F.tripletMarginWithDistanceLoss} as a layer.
 *
 * @example new nn.TripletMarginWithDistanceLoss()(torch.tensor([[0, 0]]), torch.tensor([[3, 4]]), torch.tensor([[0, 1]])) // tensor(5.0000)
 */
export class TripletMarginWithDistanceLoss extends Module {
  readonly distanceFunction: F.Distance;
  readonly margin: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  static override stateName = Module.snakeCase;

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

/**
 * {@link F.ctcLoss} as a layer.
 *
 * @example
 * const logProbs = torch.zeros([2, 1, 3]).logSoftmax(2);
 * new nn.CTCLoss()(logProbs, torch.tensor([[1n]]), torch.tensor([2n]), torch.tensor([1n])) // tensor(1.0986)
 */
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
