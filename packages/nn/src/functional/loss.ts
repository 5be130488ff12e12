import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import {
  castable,
  checkNumbers,
  checkTensor,
  lossPrimitives,
  readOptions,
  sameShape,
  show,
} from '@ts-torch/tensor/internal';
import { logSoftmax, logsigmoid } from './activation.js';
import { pairwiseDistance } from './distance.js';
import { checkMarginPower, checkReduction, type Reduction, reduce } from './reduction.js';

export type { Reduction } from './reduction.js';

export interface ReductionOptions {
  /** `'mean'` and `'sum'` give one number, `'none'` a loss for each element or sample. */
  reduction?: Reduction | undefined;
}

export interface WeightOptions extends ReductionOptions {
  weight?: Tensor | null | undefined;
}

/** Options with their defaults, the reduction checked. */
function lossOptions<T extends ReductionOptions>(op: string, options: T | undefined, defaults: Filled<T>): Filled<T> {
  const given = readOptions(op, options, defaults);
  checkReduction(op, given.reduction);
  const { weight = null, posWeight = null } = given as { weight?: unknown; posWeight?: unknown };
  if (weight !== null) checkTensor(op, weight, 'weight');
  if (posWeight !== null) checkTensor(op, posWeight, 'posWeight');
  return given;
}

type Filled<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

function checkTensorsOf(op: string, tensors: Record<string, unknown>): void {
  for (const [name, tensor] of Object.entries(tensors)) checkTensor(op, tensor, name);
}

// --- Of elements ------------------------------------------------------------------------------------------------------------

/** Declares a loss of two tensors that broadcast, by its formula for one element. */
function elementwiseLoss(op: string, formula: (input: Tensor, target: Tensor) => Tensor) {
  return castable(op, (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    checkTensorsOf(op, { input, target });
    const { reduction } = lossOptions<ReductionOptions>(op, options, { reduction: 'mean' });
    return reduce(formula(input, target), reduction);
  });
}

/**
 * `|input - target|`.
 *
 * @example F.l1Loss(torch.tensor([1, 2]), torch.tensor([2, 4])) // tensor(1.5000)
 */
export const l1Loss = elementwiseLoss('l1Loss', (input, target) => input.sub(target).abs());
/**
 * `(input - target)^2`.
 *
 * @example F.mseLoss(torch.tensor([1, 2]), torch.tensor([2, 4])) // tensor(2.5000)
 */
export const mseLoss = elementwiseLoss('mseLoss', (input, target) => input.sub(target).square());
/**
 * `log(1 + exp(-target * input))`, targets being 1 or -1.
 *
 * @example F.softMarginLoss(torch.tensor([0, 2]), torch.tensor([1, -1])) // tensor(1.4100)
 */
export const softMarginLoss = elementwiseLoss('softMarginLoss', (input, target) => logsigmoid(input.mul(target)).neg());

export interface SmoothL1LossOptions extends ReductionOptions {
  /** Where the square goes over into the absolute value. */
  beta?: number | undefined;
}

/**
 * `d^2 / (2 beta)` where `d = |input - target| < beta`, else `d - beta / 2`; Girshick 2015, arXiv:1504.08083.
 *
 * @example F.smoothL1Loss(torch.tensor([0, 0]), torch.tensor([0.5, 3]), { reduction: 'none' }) // tensor([0.1250, 2.5000])
 */
export const smoothL1Loss = castable(
  'smoothL1Loss',
  (input: Tensor, target: Tensor, options?: SmoothL1LossOptions): Tensor => {
    checkTensorsOf('smoothL1Loss', { input, target });
    const { reduction, beta } = lossOptions<SmoothL1LossOptions>('smoothL1Loss', options, {
      reduction: 'mean',
      beta: 1,
    });
    checkNumbers('smoothL1Loss', { beta });
    if (!(beta >= 0)) throw new ValueError(`smoothL1Loss: expected beta of at least 0, got ${describe(beta)}`);
    if (beta === 0) return l1Loss(input, target, { reduction });
    const distance = input.sub(target).abs();
    const near = distance.square().mul(0.5 / beta);
    return reduce(torch.where(distance.lt(beta), near, distance.sub(0.5 * beta)), reduction);
  },
);

export interface HuberLossOptions extends ReductionOptions {
  /** Where the square goes over into the absolute value. */
  delta?: number | undefined;
}

/**
 * `d^2 / 2` where `d = |input - target| < delta`, else `delta (d - delta / 2)`; Huber 1964.
 *
 * @example F.huberLoss(torch.tensor([0, 0]), torch.tensor([0.5, 3]), { reduction: 'none' }) // tensor([0.1250, 2.5000])
 */
export const huberLoss = castable('huberLoss', (input: Tensor, target: Tensor, options?: HuberLossOptions): Tensor => {
  checkTensorsOf('huberLoss', { input, target });
  const { reduction, delta } = lossOptions<HuberLossOptions>('huberLoss', options, { reduction: 'mean', delta: 1 });
  checkNumbers('huberLoss', { delta });
  if (!(delta > 0)) throw new ValueError(`huberLoss: expected delta above 0, got ${describe(delta)}`);
  const distance = input.sub(target).abs();
  const far = distance.sub(0.5 * delta).mul(delta);
  return reduce(torch.where(distance.lt(delta), distance.square().mul(0.5), far), reduction);
});

export interface KlDivOptions {
  reduction?: Reduction | 'batchmean' | undefined;
  /** Whether targets are logarithms too. */
  logTarget?: boolean | undefined;
}

/**
 * Kullback-Leibler divergence `target (log target - input)`, inputs being logarithms of probabilities. `'batchmean'` divides
 * the sum by the size of dimension 0.
 *
 * @example F.klDiv(torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[0.5, 0.5]]), { reduction: 'batchmean' }) // tensor(0.1438)
 */
export const klDiv = castable('klDiv', (input: Tensor, target: Tensor, options?: KlDivOptions): Tensor => {
  checkTensorsOf('klDiv', { input, target });
  const { reduction, logTarget } = readOptions('klDiv', options, { reduction: 'mean', logTarget: false });
  const loss = logTarget ? target.exp().mul(target.sub(input)) : torch.xlogy(target, target).sub(target.mul(input));
  if (reduction === 'batchmean') return loss.sum().div(input.shape[0] ?? 1);
  checkReduction('klDiv', reduction);
  return reduce(loss, reduction);
});

export interface PoissonNllLossOptions extends ReductionOptions {
  /** Whether the input is the logarithm of the rate. */
  logInput?: boolean | undefined;
  /** Whether Stirling's approximation of `log target!` is added. */
  full?: boolean | undefined;
  eps?: number | undefined;
}

/**
 * Negative log likelihood of counts: `exp(input) - target input`, or `input - target log(input + eps)`.
 *
 * @example F.poissonNllLoss(torch.tensor([0, 1]), torch.tensor([1, 2])) // tensor(0.8591)
 */
export const poissonNllLoss = castable(
  'poissonNllLoss',
  (input: Tensor, target: Tensor, options?: PoissonNllLossOptions): Tensor => {
    checkTensorsOf('poissonNllLoss', { input, target });
    const { logInput, full, eps, reduction } = lossOptions<PoissonNllLossOptions>('poissonNllLoss', options, {
      logInput: true,
      full: false,
      eps: 1e-8,
      reduction: 'mean',
    });
    const loss = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
    if (!full) return reduce(loss, reduction);
    const stirling = target
      .mul(target.log())
      .sub(target)
      .add(
        target
          .mul(2 * Math.PI)
          .log()
          .mul(0.5),
      );
    return reduce(loss.add(stirling.maskedFill(target.le(1), 0)), reduction);
  },
);

export interface GaussianNllLossOptions extends ReductionOptions {
  /** Whether the constant term is added. */
  full?: boolean | undefined;
  /** The least variance. */
  eps?: number | undefined;
}

/**
 * Negative log likelihood of normal numbers: `(log var + (input - target)^2 / var) / 2`; Nix & Weigend 1994.
 *
 * @example F.gaussianNllLoss(torch.tensor([1, 2]), torch.tensor([2, 2]), torch.tensor([1, 1])) // tensor(0.2500)
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: GaussianNllLossOptions,
): Tensor {
  checkTensorsOf('gaussianNllLoss', { input, target, variance });
  const { full, eps, reduction } = lossOptions<GaussianNllLossOptions>('gaussianNllLoss', options, {
    full: false,
    eps: 1e-6,
    reduction: 'mean',
  });
  const spread = fitVariance(input, variance);
  if (spread.lt(0).any().item()) throw new ValueError('gaussianNllLoss: expected variances of at least 0');
  // The floor is a constant: gradients flow as if there were none.
  const floor = spread.detach().clamp({ min: eps }).sub(spread.detach());
  const bounded = spread.add(floor);
  const loss = bounded.log().add(input.sub(target).square().div(bounded)).mul(0.5);
  return reduce(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
}

/** One variance for each element, or for each sample: then the last dimension is missing, or 1. */
function fitVariance(input: Tensor, variance: Tensor): Tensor {
  if (sameShape(input.shape, variance.shape)) return variance;
  const samples = input.shape.slice(0, -1);
  if (sameShape(samples, variance.shape)) return variance.unsqueeze(-1);
  if (sameShape([...samples, 1], variance.shape)) return variance;
  throw new ShapeError(
    `gaussianNllLoss: variances of shape ${show(variance.shape)} do not fit an input of ${show(input.shape)}`,
  );
}

export interface BinaryCrossEntropyOptions extends WeightOptions {}

/**
 * `-(target log(input) + (1 - target) log(1 - input))`, logarithms cut off at -100.
 *
 * @example F.binaryCrossEntropy(torch.tensor([0.5, 0.5]), torch.tensor([0, 1])) // tensor(0.6931)
 */
export const binaryCrossEntropy = castable(
  'binaryCrossEntropy',
  (input: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions): Tensor => {
    const op = 'binaryCrossEntropy';
    checkTensorsOf(op, { input, target });
    const { weight, reduction } = lossOptions<BinaryCrossEntropyOptions>(op, options, {
      weight: null,
      reduction: 'mean',
    });
    requireSameShape(op, input, target);
    if (input.lt(0).logicalOr(input.gt(1)).any().item())
      throw new ValueError(`${op}: expected inputs in [0, 1]; for logits use binaryCrossEntropyWithLogits`);
    return reduce(weighted(binaryEntropy(input, target), weight), reduction);
  },
);

/** The logarithms are cut off, their gradients are not: they are (input - target) / (input (1 - input)), as PyTorch's. */
function binaryEntropy(input: Tensor, target: Tensor): Tensor {
  const log = (x: Tensor): Tensor => {
    const safe = x.clamp({ min: 1e-12 });
    const flowing = safe.detach().reciprocal().mul(x.sub(x.detach()));
    return x.detach().log().clamp({ min: -100 }).add(flowing);
  };
  return target
    .sub(1)
    .mul(log(input.neg().add(1)))
    .sub(target.mul(log(input)));
}

function requireSameShape(op: string, input: Tensor, target: Tensor): void {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      `${op}: a target of shape ${show(target.shape)} does not fit an input of ${show(input.shape)}`,
    );
}

function weighted(loss: Tensor, weight: Tensor | null): Tensor {
  return weight === null ? loss : loss.mul(weight);
}

export interface BinaryCrossEntropyWithLogitsOptions extends WeightOptions {
  /** A factor for positive targets, for each class. */
  posWeight?: Tensor | null | undefined;
}

/**
 * {@link binaryCrossEntropy} of `sigmoid(input)`, without overflow.
 *
 * @example F.binaryCrossEntropyWithLogits(torch.tensor([0, 0]), torch.tensor([0, 1])) // tensor(0.6931)
 */
export const binaryCrossEntropyWithLogits = castable(
  'binaryCrossEntropyWithLogits',
  (input: Tensor, target: Tensor, options?: BinaryCrossEntropyWithLogitsOptions): Tensor => {
    const op = 'binaryCrossEntropyWithLogits';
    checkTensorsOf(op, { input, target });
    const defaults = { weight: null, reduction: 'mean', posWeight: null } as const;
    const { weight, posWeight, reduction } = lossOptions<BinaryCrossEntropyWithLogitsOptions>(op, options, defaults);
    requireSameShape(op, input, target);
    // softplus(-x) = -log sigmoid(x)
    const positive = logsigmoid(input).neg();
    const factor = posWeight === null ? positive : positive.mul(posWeight.sub(1).mul(target).add(1));
    return reduce(weighted(target.neg().add(1).mul(input).add(factor), weight), reduction);
  },
);

// --- Of classes ---------------------------------------------------------------------------------------------------------------

export interface NllLossOptions extends WeightOptions {
  /** Targets that do not count. */
  ignoreIndex?: number | undefined;
}

const CLASSES = { weight: null, ignoreIndex: -100, reduction: 'mean' } as const;

/**
 * Minus the input at the target's class; inputs are logarithms of probabilities. `'mean'` divides by the sum of the targets' weights.
 *
 * Shape: input `[N, C, ...]` or `[C]`, target of int64 `[N, ...]` or `[]`, weight `[C]`.
 *
 * @example F.nllLoss(torch.tensor([[-1, -2], [-3, -4]]), torch.tensor([0n, 1n])) // tensor(2.5000)
 */
export const nllLoss = castable('nllLoss', (input: Tensor, target: Tensor, options?: NllLossOptions): Tensor => {
  checkTensorsOf('nllLoss', { input, target });
  const { weight, ignoreIndex, reduction } = lossOptions<NllLossOptions>('nllLoss', options, CLASSES);
  checkClasses('nllLoss', input, target);
  return lossPrimitives.nllLoss(input, target, weight, reduction, ignoreIndex)[0];
});

function checkClasses(op: string, input: Tensor, target: Tensor): void {
  const classDim = input.ndim === 1 ? 0 : 1;
  if (input.ndim === 0 || !sameShape(input.shape.toSpliced(classDim, 1), target.shape))
    throw new ShapeError(
      `${op}: a target of shape ${show(target.shape)} does not fit an input of ${show(input.shape)}`,
    );
  if (target.dtype !== 'int64') throw new DTypeError(`${op}: expected targets of int64, got ${target.dtype}`);
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** How much of each target is spread evenly over all classes; Szegedy et al. 2015, arXiv:1512.00567. */
  labelSmoothing?: number | undefined;
}

/**
 * {@link nllLoss} of {@link logSoftmax}: the loss of logits. A floating-point target of the input's shape holds a probability for each class.
 *
 * Shape: input `[N, C, ...]` or `[C]`, target of int64 `[N, ...]` or `[]`, or as the input; weight `[C]`.
 *
 * @example F.crossEntropy(torch.tensor([[0, 0], [2, 0]]), torch.tensor([0n, 0n]), { reduction: 'none' }) // tensor([0.6931, 0.1269])
 */
export function crossEntropy(input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  checkTensorsOf('crossEntropy', { input, target });
  const given = lossOptions<CrossEntropyOptions>('crossEntropy', options, { ...CLASSES, labelSmoothing: 0 });
  const { labelSmoothing, weight, reduction, ignoreIndex } = given;
  checkNumbers('crossEntropy', { labelSmoothing, ignoreIndex });
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`crossEntropy: expected labelSmoothing in [0, 1], got ${describe(labelSmoothing)}`);
  if (input.ndim === 0) throw new ShapeError('crossEntropy: expected at least one dimension, of classes, got shape []');
  const classDim = input.ndim === 1 ? 0 : 1;
  const logs = logSoftmax(input, classDim);
  if (sameShape(input.shape, target.shape) && target.isFloatingPoint())
    return softTargets(logs, target, classDim, given);
  const picked = nllLoss(logs, target, { weight, ignoreIndex, reduction });
  if (labelSmoothing === 0) return picked;
  const even = evenTargets(logs, target, classDim, given);
  return picked.mul(1 - labelSmoothing).add(even.mul(labelSmoothing / (input.shape[classDim] as number)));
}

type ClassOptions = { weight: Tensor | null; ignoreIndex: number; reduction: Reduction; labelSmoothing: number };

/** A weight for each class, along the class dimension. */
function classWeight(weight: Tensor, classDim: number, ndim: number): Tensor {
  return classDim === 0 ? weight : weight.view([-1, ...new Array<number>(ndim - 2).fill(1)]);
}

function softTargets(logs: Tensor, target: Tensor, classDim: number, options: ClassOptions): Tensor {
  const { weight, reduction, labelSmoothing, ignoreIndex } = options;
  if (ignoreIndex >= 0)
    throw new ValueError('crossEntropy: ignoreIndex is for targets that are classes, not probabilities');
  const classes = logs.shape[classDim] as number;
  const smooth = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const terms = weighted(logs.mul(smooth), weight && classWeight(weight, classDim, logs.ndim));
  const each = terms.sum(classDim).neg();
  if (reduction === 'mean') return each.sum().div(Math.max(logs.numel() / Math.max(classes, 1), 1));
  return reduce(each, reduction);
}

/** The loss of an even target: minus the sum of all logarithms, for targets that count. */
function evenTargets(logs: Tensor, target: Tensor, classDim: number, options: ClassOptions): Tensor {
  const { weight, reduction, ignoreIndex } = options;
  const each = weighted(logs, weight && classWeight(weight, classDim, logs.ndim))
    .sum(classDim)
    .neg();
  const ignored = target.eq(ignoreIndex);
  const counted = each.maskedFill(ignored, 0);
  if (reduction !== 'mean') return reduce(counted, reduction);
  const counts = ignored.logicalNot();
  if (weight === null) return counted.sum().div(counts.sum());
  const weights = weight.indexSelect(0, target.maskedFill(ignored, 0).reshape(-1)).reshape(target.shape);
  return counted.sum().div(weights.mul(counts).sum());
}

export interface MultiMarginLossOptions extends WeightOptions {
  p?: number | undefined;
  margin?: number | undefined;
}

/**
 * `sum over i != target of max(0, margin - input[target] + input[i])^p / C`. Shape: `[N, C]` or `[C]`, target `[N]` or `[]`.
 *
 * @example F.multiMarginLoss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3n])) // tensor(0.3250)
 */
export const multiMarginLoss = castable(
  'multiMarginLoss',
  (input: Tensor, target: Tensor, options?: MultiMarginLossOptions): Tensor => {
    const op = 'multiMarginLoss';
    checkTensorsOf(op, { input, target });
    const defaults = { p: 1, margin: 1, weight: null, reduction: 'mean' } as const;
    const { p, margin, weight, reduction } = lossOptions<MultiMarginLossOptions>(op, options, defaults);
    checkMarginPower(op, p);
    const rows = matrixOf(op, input);
    const labels = target.reshape(-1);
    requireLabels(op, rows, labels, input, target);
    const classes = rows.shape[1] as number;
    const right = rows.gather(1, labels.unsqueeze(1));
    const gaps = rows.sub(right).add(margin).clamp({ min: 0 });
    const powers = p === 1 ? gaps : gaps.square();
    const scaled = weight === null ? powers : powers.mul(weight.indexSelect(0, labels).unsqueeze(1));
    const others = torch.arange(classes, { device: input.device }).ne(labels.unsqueeze(1));
    const each = scaled.mul(others).sum(1).div(classes);
    return reduce(input.ndim < 2 ? each.reshape([]) : each, reduction);
  },
);

/** `[N, C]` of `[N, C]`, `[C]` or a single number. */
function matrixOf(op: string, input: Tensor): Tensor {
  if (input.ndim > 2 || input.shape.at(-1) === 0)
    throw new ShapeError(`${op}: expected [N, C] or [C] with at least one class, got ${show(input.shape)}`);
  return input.ndim === 2 ? input : input.reshape(1, -1);
}

function requireLabels(op: string, rows: Tensor, labels: Tensor, input: Tensor, target: Tensor): void {
  if (labels.shape[0] !== rows.shape[0] || target.ndim > 1)
    throw new ShapeError(
      `${op}: a target of shape ${show(target.shape)} does not fit an input of ${show(input.shape)}`,
    );
  if (labels.dtype !== 'int64') throw new DTypeError(`${op}: expected targets of int64, got ${labels.dtype}`);
}

/**
 * `sum over targets j and all other classes i of max(0, 1 - input[j] + input[i]) / C`. A row of targets lists classes and ends at
 * its first -1. Shape: `[N, C]` or `[C]`, both.
 *
 * @example F.multilabelMarginLoss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3n, 0n, -1n, 1n]])) // tensor(0.8500)
 */
export const multilabelMarginLoss = castable(
  'multilabelMarginLoss',
  (input: Tensor, target: Tensor, options?: ReductionOptions): Tensor => {
    const op = 'multilabelMarginLoss';
    checkTensorsOf(op, { input, target });
    const { reduction } = lossOptions<ReductionOptions>(op, options, { reduction: 'mean' });
    requireSameShape(op, input, target);
    if (target.dtype !== 'int64') throw new DTypeError(`${op}: expected targets of int64, got ${target.dtype}`);
    const rows = matrixOf(op, input);
    const lists = matrixOf(op, target);
    const classes = rows.shape[1] as number;
    if (lists.lt(-1).logicalOr(lists.ge(classes)).any().item())
      throw new ValueError(`${op}: expected targets from -1 to ${classes - 1}`);
    const listed = lists.lt(0).to('int64').cumsum(1).eq(0);
    const labels = lists.mul(listed.to('int64'));
    const isTarget = torch
      .zeros(rows.shape, { dtype: 'int64', device: input.device })
      .scatterAdd(1, labels, listed.to('int64'))
      .gt(0);
    const right = rows.gather(1, labels).unsqueeze(2);
    const gaps = rows.unsqueeze(1).sub(right).add(1).clamp({ min: 0 });
    const counted = gaps.mul(listed.unsqueeze(2)).mul(isTarget.logicalNot().unsqueeze(1));
    const each = counted.sum([1, 2]).div(classes);
    return reduce(input.ndim < 2 ? each.reshape([]) : each, reduction);
  },
);

export interface MultilabelSoftMarginLossOptions extends WeightOptions {}

/**
 * The mean over classes of {@link binaryCrossEntropyWithLogits}. Shape: `[N, C]`, both.
 *
 * @example F.multilabelSoftMarginLoss(torch.tensor([[0, 0]]), torch.tensor([[0, 1]])) // tensor(0.6931)
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options?: MultilabelSoftMarginLossOptions,
): Tensor {
  const op = 'multilabelSoftMarginLoss';
  checkTensorsOf(op, { input, target });
  const { weight, reduction } = lossOptions<WeightOptions>(op, options, { weight: null, reduction: 'mean' });
  const logs = target
    .mul(logsigmoid(input))
    .add(target.neg().add(1).mul(logsigmoid(input.neg())))
    .neg();
  return reduce(weighted(logs, weight).mean(-1), reduction);
}

// --- Of distances -------------------------------------------------------------------------------------------------------------

export interface HingeEmbeddingLossOptions extends ReductionOptions {
  margin?: number | undefined;
}

/**
 * The input where the target is 1, `max(0, margin - input)` where it is -1.
 *
 * @example F.hingeEmbeddingLoss(torch.tensor([0.5, 0.25]), torch.tensor([1, -1]), { reduction: 'none' }) // tensor([0.5000, 0.7500])
 */
export const hingeEmbeddingLoss = castable(
  'hingeEmbeddingLoss',
  (input: Tensor, target: Tensor, options?: HingeEmbeddingLossOptions): Tensor => {
    checkTensorsOf('hingeEmbeddingLoss', { input, target });
    const { margin, reduction } = lossOptions<HingeEmbeddingLossOptions>('hingeEmbeddingLoss', options, {
      margin: 1,
      reduction: 'mean',
    });
    const apart = input.neg().add(margin).clamp({ min: 0 });
    const far = torch.where(target.ne(1), apart, torch.zerosLike(apart));
    return reduce(far.add(torch.where(target.ne(-1), input, torch.zerosLike(input))), reduction);
  },
);

export interface MarginOptions extends ReductionOptions {
  margin?: number | undefined;
}

/**
 * `1 - cos(input1, input2)` where the target is 1, `max(0, cos - margin)` where it is -1. Shape: `[N, D]` and `[N]`, or `[D]` and `[]`.
 *
 * @example F.cosineEmbeddingLoss(torch.tensor([[1, 0]]), torch.tensor([[0, 1]]), torch.tensor([1])) // tensor(1.)
 */
export const cosineEmbeddingLoss = castable(
  'cosineEmbeddingLoss',
  (input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
    const op = 'cosineEmbeddingLoss';
    checkTensorsOf(op, { input1, input2, target });
    const { margin, reduction } = lossOptions<MarginOptions>(op, options, { margin: 0, reduction: 'mean' });
    if (target.ndim > 1)
      throw new ShapeError(`${op}: expected a target of 0 or 1 dimensions, got ${show(target.shape)}`);
    if (input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1)
      throw new ShapeError(
        `${op}: inputs ${show(input1.shape)} and ${show(input2.shape)} do not fit a target of ${show(target.shape)}`,
      );
    // PyTorch's epsilon, added to the squared lengths.
    const epsilon = 1e-12;
    const dot = input1.mul(input2).sum(-1);
    const lengths = input1.mul(input1).sum(-1).add(epsilon).mul(input2.mul(input2).sum(-1).add(epsilon));
    const cos = dot.div(lengths.sqrt());
    const near = torch.where(target.eq(1), cos.neg().add(1), torch.zerosLike(cos));
    const far = torch.where(target.eq(-1), cos.sub(margin).clamp({ min: 0 }), torch.zerosLike(cos));
    return reduce(near.add(far), reduction);
  },
);

/**
 * `max(0, -target (input1 - input2) + margin)`: with target 1 the first input should rank higher.
 *
 * @example F.marginRankingLoss(torch.tensor([1, 2]), torch.tensor([2, 1]), torch.tensor([1, 1])) // tensor(0.5000)
 */
export const marginRankingLoss = castable(
  'marginRankingLoss',
  (input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
    const op = 'marginRankingLoss';
    checkTensorsOf(op, { input1, input2, target });
    const { margin, reduction } = lossOptions<MarginOptions>(op, options, { margin: 0, reduction: 'mean' });
    if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim)
      throw new ShapeError(
        `${op}: expected three tensors of as many dimensions, got ${show(input1.shape)}, ${show(input2.shape)} and ${show(target.shape)}`,
      );
    // The margin is a floating-point number in PyTorch: integers give float32.
    const gap = input1.sub(input2);
    const distance = gap.isFloatingPoint() ? gap : gap.to(torch.getDefaultDtype());
    return reduce(target.neg().mul(distance).add(margin).clamp({ min: 0 }), reduction);
  },
);

export interface TripletMarginLossOptions extends ReductionOptions {
  margin?: number | undefined;
  p?: number | undefined;
  eps?: number | undefined;
  /** Whether the distance from positive to negative counts where it is smaller; Balntas et al. 2016. */
  swap?: boolean | undefined;
}

const TRIPLET_MARGIN_LOSS: Filled<TripletMarginLossOptions> = {
  margin: 1,
  p: 2,
  eps: 1e-6,
  swap: false,
  reduction: 'mean',
};

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)`, d being {@link pairwiseDistance}.
 *
 * @example F.tripletMarginLoss(torch.tensor([[0, 0]]), torch.tensor([[3, 4]]), torch.tensor([[0, 1]])) // tensor(5.0000)
 */
export const tripletMarginLoss = castable(
  'tripletMarginLoss',
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginLossOptions): Tensor => {
    const op = 'tripletMarginLoss';
    checkTensorsOf(op, { anchor, positive, negative });
    const { margin, p, eps, swap, reduction } = lossOptions(op, options, TRIPLET_MARGIN_LOSS);
    if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim)
      throw new ShapeError(
        `${op}: expected three tensors of as many dimensions, got ${show(anchor.shape)}, ${show(positive.shape)} and ${show(negative.shape)}`,
      );
    const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps });
    return reduce(tripletLoss(anchor, positive, negative, distance, margin, swap), reduction);
  },
);

/** A distance between rows of two tensors. */
export type Distance = (a: Tensor, b: Tensor) => Tensor;

function tripletLoss(a: Tensor, p: Tensor, n: Tensor, distance: Distance, margin: number, swap: boolean): Tensor {
  const near = distance(a, p);
  const far = swap ? torch.minimum(distance(a, n), distance(p, n)) : distance(a, n);
  return near.sub(far).add(margin).clamp({ min: 0 });
}

export interface TripletMarginWithDistanceLossOptions extends ReductionOptions {
  /** {@link pairwiseDistance} unless given. */
  distanceFunction?: Distance | null | undefined;
  margin?: number | undefined;
  swap?: boolean | undefined;
}

/**
 * {@link tripletMarginLoss} with a distance of one's own.
 *
 * @example F.tripletMarginWithDistanceLoss(torch.tensor([[0, 0]]), torch.tensor([[3, 4]]), torch.tensor([[0, 1]])) // tensor(5.0000)
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginWithDistanceLossOptions,
): Tensor {
  const op = 'tripletMarginWithDistanceLoss';
  checkTensorsOf(op, { anchor, positive, negative });
  const defaults = { distanceFunction: null, margin: 1, swap: false, reduction: 'mean' } as const;
  const given = lossOptions<TripletMarginWithDistanceLossOptions>(op, options, defaults);
  if (given.distanceFunction !== null && typeof given.distanceFunction !== 'function')
    throw new ValueError(`${op}: expected distanceFunction to be a function, got ${describe(given.distanceFunction)}`);
  const distance = given.distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
  return reduce(tripletLoss(anchor, positive, negative, distance, given.margin, given.swap), given.reduction);
}
