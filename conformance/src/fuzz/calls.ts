import * as torch from 'ts-torch';
import { relaid } from './layouts.js';
import { emptyHuge, LAST_MUTATIONS, MUTATIONS } from './mutations.js';
import { Random } from './random.js';
import { Samples } from './samples.js';
import { allTargets, optionsOf, type Target } from './targets.js';
import { absurd, DTYPES, numberOf, shapeOf, sizesOf, tensorOf } from './values.js';

/**
 * Ops that read each element, of the input or of an index, and need no memory to do so: of 2^40 elements they take hours, rightly.
 * They get huge sizes beside one of 0.
 */
const REDUCTIONS =
  'adaptiveAvgPool1d adaptiveAvgPool2d adaptiveAvgPool3d adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d all ' +
  'amax amin aminmax any argmax argmin argwhere asStrided bincount corrcoef cosineSimilarity countNonzero cov ' +
  'einsum equal histc histogram indexAdd indexAdd_ indexPut indexPut_ indexReduce indexReduce_ kthvalue l1Loss ' +
  'logsumexp maskedSelect max mean median min mode mseLoss nanmean nanmedian nanquantile nansum nonzero norm ' +
  'normalize oneHot pairwiseDistance pcaLowrank prod put_ quantile renorm renorm_ scatter scatter_ scatterAdd ' +
  'scatterAdd_ scatterReduce scatterReduce_ std stdMean sum sumToSize svdLowrank take topk var varMean vectorNorm';
const REDUCTION_NAMES = new Set(REDUCTIONS.split(' '));

const isReduction = ({ name }: Target): boolean => REDUCTION_NAMES.has(name.slice(name.lastIndexOf('.') + 1));

/** One call: what is called, with what, and whether gradients are taken of it. */
export interface Call {
  readonly target: Target;
  readonly args: unknown[];
  readonly differentiates: boolean;
}

type Style = (target: Target, random: Random) => unknown[];

/** The calls of a seed. Each is made of its number alone, so that any of them can be repeated by itself. */
export class Calls {
  private readonly samples = new Samples();
  private readonly targets: readonly Target[];
  private readonly options = new Map<Target, string[]>();
  private readonly seed: number;

  constructor(seed: number, only: RegExp) {
    this.seed = seed;
    this.targets = allTargets(this.samples).filter(({ name }) => only.test(name));
    if (this.targets.length === 0) throw new Error(`no op's name matches ${only}`);
  }

  /** How many ops there are to call. */
  get count(): number {
    return this.targets.length;
  }

  make(number: number): Call {
    const random = new Random(Math.imul(this.seed, 1_000_003) + Math.imul(number, 7919));
    torch.manualSeed(number);
    const target = random.pick(this.targets);
    const style = random.weighted(target.samples.length > 0 ? this.styles : this.stylesWithoutSamples);
    const args = style(target, random);
    const differentiates = random.chance(0.2) && requireGradients(target, args);
    if (style !== this.recorded && random.chance(0.1)) random.weighted(LAST_MUTATIONS)(args, random);
    if (isReduction(target)) emptyHuge(args);
    return { target, args, differentiates };
  }

  private readonly recorded: Style = (target, random) => random.pick(target.samples).make();

  /** A recorded call with something else in it. */
  private readonly mutated: Style = (target, random) => {
    const args = this.recorded(target, random);
    const count = random.pick([1, 1, 2, 3]);
    for (let i = 0; i < count; i++) random.weighted(MUTATIONS)(args, random);
    if (random.chance(0.1)) this.addOptions(target, args, random);
    return args;
  };

  /** The arguments of another op. */
  private readonly borrowed: Style = (_target, random) => random.pick(this.samples.all).make();

  /** Arguments of any kind. */
  private readonly wild: Style = (target, random) => {
    const near = shapeOf(random);
    const args = [random.chance(0.9) ? anyTensor(random, near) : anyArgument(random, near)];
    for (let more = random.below(4); more > 0; more--) args.push(anyArgument(random, near));
    if (random.chance(0.5)) this.addOptions(target, args, random);
    return args;
  };

  private readonly styles: readonly (readonly [number, Style])[] = [
    [10, this.recorded],
    [65, this.mutated],
    [5, this.borrowed],
    [20, this.wild],
  ];

  private readonly stylesWithoutSamples: readonly (readonly [number, Style])[] = [
    [50, this.borrowed],
    [50, this.wild],
  ];

  private addOptions(target: Target, args: unknown[], random: Random): void {
    const names = this.optionsOf(target).filter(() => random.chance(0.4));
    if (names.length === 0) return;
    const near = args.find((arg) => arg instanceof torch.Tensor)?.shape ?? [];
    args.push(Object.fromEntries(names.map((name) => [name, optionValue(name, random, near)])));
  }

  private optionsOf(target: Target): readonly string[] {
    const known = this.options.get(target) ?? optionsOf(target);
    this.options.set(target, known);
    return known;
  }
}

function anyTensor(random: Random, near: readonly number[]): torch.Tensor {
  const x = tensorOf(random, random.chance(0.6) && near.length < 6 ? near : shapeOf(random));
  return random.chance(0.25) ? relaid(x, random) : x;
}

function anyArgument(random: Random, near: readonly number[], depth = 0): unknown {
  const make = random.weighted<() => unknown>([
    [35, () => anyTensor(random, near)],
    [20, () => numberOf(random)],
    [10, () => sizesOf(random)],
    [5, () => random.pick(DTYPES)],
    [5, () => random.chance(0.5)],
    [depth < 2 ? 5 : 0, () => random.times(random.below(4), () => anyArgument(random, near, depth + 1))],
    [10, () => absurd(random)],
  ]);
  return make();
}

const TENSOR_OPTIONS = new Set(['out', 'weight', 'bias', 'mask', 'posWeight', 'attnMask', 'source']);

function optionValue(name: string, random: Random, near: readonly number[]): unknown {
  if (random.chance(0.1)) return anyArgument(random, near);
  if (name === 'dtype') return random.pick(DTYPES);
  if (name === 'device') return random.pick(['cpu', 'cuda', 'cpu:0']);
  return TENSOR_OPTIONS.has(name) ? anyTensor(random, near) : anyArgument(random, near);
}

/** Asks for gradients of what can have one. In-place ops work on a copy: a leaf must not change. */
function requireGradients({ name }: Target, args: unknown[]): boolean {
  const tensors = args.flat().filter((arg): arg is torch.Tensor => arg instanceof torch.Tensor);
  const floating = tensors.filter((x) => x.isFloatingPoint() || x.isComplex());
  for (const x of floating) x.requiresGrad_();
  if (name.endsWith('_') && floating.includes(args[0] as torch.Tensor)) args[0] = (args[0] as torch.Tensor).clone();
  return floating.length > 0;
}
