import {
  type Device,
  defaultGenerator,
  defaultGeneratorOf,
  describe,
  dtypeInfo,
  Generator,
  type Kernel,
  kernel,
  launch,
  ShapeError,
  seedAll,
  ValueError,
} from '@ts-torch/core';
import { allocate } from './allocation.js';
import { CREATION_DEFAULTS, type CreationOptions, create } from './creation.js';
import { checkTensor, copyInto, isOptions, readOptions, writeOut } from './op.js';
import { withoutRecording } from './recording.js';
import { checkShape, numelOf, type Shape } from './shape.js';
import { Tensor } from './tensor.js';

// Random numbers are counted, not drawn: see core's Generator. Each call takes blocks of four 32-bit words from it.

export interface RandomOptions extends CreationOptions {
  /** Where the numbers come from; by default the one that `manualSeed` sets. */
  generator?: Generator | null | undefined;
}

// Kernels make the numbers of 64 blocks together, two from a block for doubles and wide integers.
const GROUP_BLOCKS = 64;
const FEWEST_PER_GROUP = 2 * GROUP_BLOCKS;

/** The generator that a user gave, or the device's own. */
export function generatorOf(op: string, generator: unknown, device: Device): Generator {
  if (generator === null || generator === undefined) return defaultGeneratorOf(device);
  if (!(generator instanceof Generator))
    throw new ValueError(`${op}: expected generator to be a Generator, got ${describe(generator)}`);
  return generator;
}

/** Runs a kernel of random numbers over `out`; whatever the dtype, the generator moves by the same number of blocks. */
export function drawInto(launched: Kernel, out: Tensor, params: readonly number[], generator?: Generator | null): void {
  const blocks = Math.ceil(numelOf(out.shape) / FEWEST_PER_GROUP) * GROUP_BLOCKS;
  const stream = generatorOf(launched.name, generator, out.device).take(blocks);
  if (out.isContiguous()) {
    launch(launched, [out], [...params, ...stream]);
    return;
  }
  const dense = allocate(out.shape, out.dtypeInfo, out.device);
  launch(launched, [dense], [...params, ...stream]);
  copyInto(out, dense);
}

export const UNIFORM = kernel('uniform');
export const NORMAL = kernel('normal');
export const RANDOM_INTEGERS = kernel('randomIntegers');
const RANDPERM = kernel('randperm');

function split(options: RandomOptions | undefined): { generator: Generator | null; rest: CreationOptions } {
  const { generator = null, ...rest } = options ?? {};
  return { generator, rest };
}

/**
 * Uniform numbers in [0, 1).
 *
 * @example torch.rand([2, 3]).shape // [2, 3]
 */
export function rand(shape: Shape, options?: RandomOptions): Tensor {
  const { generator, rest } = split(options);
  return create('rand', shape, rest, (out) => drawInto(UNIFORM, out, [0, 1], generator));
}

/**
 * Normal numbers of mean 0 and variance 1 (Box & Muller 1958).
 *
 * @example torch.randn([2, 3]).shape // [2, 3]
 */
export function randn(shape: Shape, options?: RandomOptions): Tensor {
  const { generator, rest } = split(options);
  return create('randn', shape, rest, (out) => drawInto(NORMAL, out, [0, 1], generator));
}

/**
 * {@link rand} with the shape, dtype and device of another tensor.
 *
 * @example torch.randLike(torch.zeros([2, 3])).shape // [2, 3]
 */
export function randLike(self: Tensor, options?: RandomOptions): Tensor {
  return rand(shapeOf('randLike', self), likeOptions(self, options));
}

/**
 * {@link randn} with the shape, dtype and device of another tensor.
 *
 * @example torch.randnLike(torch.zeros([2, 3])).shape // [2, 3]
 */
export function randnLike(self: Tensor, options?: RandomOptions): Tensor {
  return randn(shapeOf('randnLike', self), likeOptions(self, options));
}

function shapeOf(op: string, self: Tensor): Shape {
  checkTensor(op, self);
  return self.shape;
}

function likeOptions(self: Tensor, options: RandomOptions | undefined): RandomOptions {
  return { ...options, dtype: options?.dtype ?? self.dtype, device: options?.device ?? self.device };
}

/** Checks `low < high`, both integers. */
export function checkRange(op: string, low: unknown, high: unknown): void {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || (low as number) >= (high as number))
    throw new ValueError(`${op}: expected integers low < high, got ${describe(low)} and ${describe(high)}`);
}

/**
 * Integers from `low` (included; 0 where left out) to `high` (excluded): `randint(10, [3])`, `randint(5, 10, [3])`. int64
 * unless another dtype is given.
 *
 * @example torch.randint(3, 4, [2]) // tensor([3, 3])
 */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(a: number, b: number | Shape, c?: Shape | RandomOptions, d?: RandomOptions): Tensor {
  const [low, high, shape, options] =
    typeof b === 'number'
      ? [a, b, c as Shape, d]
      : [(c as { low?: number })?.low ?? 0, a, b, withoutLow(c as RandomOptions)];
  checkRange('randint', low, high);
  const { generator, rest } = split(options);
  const draw = (out: Tensor): void => drawInto(RANDOM_INTEGERS, out, [low, high - low], generator);
  return create('randint', shape, rest, draw, dtypeInfo('int64'));
}

function withoutLow(options: (RandomOptions & { low?: number }) | undefined): RandomOptions {
  const { low: _, ...rest } = options ?? {};
  return rest;
}

/**
 * {@link randint} with the shape, dtype and device of another tensor.
 *
 * @example torch.randintLike(torch.zeros([2]), 3, 4) // tensor([3., 3.])
 */
export function randintLike(self: Tensor, high: number, options?: RandomOptions & { low?: number }): Tensor;
export function randintLike(self: Tensor, low: number, high: number, options?: RandomOptions): Tensor;
export function randintLike(
  self: Tensor,
  a: number,
  b?: number | (RandomOptions & { low?: number }),
  c?: RandomOptions,
): Tensor {
  checkTensor('randintLike', self);
  if (typeof b === 'number') return randint(a, b, self.shape, likeOptions(self, c));
  const low = b?.low ?? 0;
  return randint(low, a, self.shape, likeOptions(self, withoutLow(b)));
}

/**
 * The integers from 0 to n - 1 in random order.
 *
 * @example torch.randperm(4).sort().values // tensor([0, 1, 2, 3])
 */
export function randperm(n: number, options?: RandomOptions): Tensor {
  checkShape('randperm', [n]);
  const { generator, rest } = split(options);
  const INT64 = dtypeInfo('int64');
  const draw = (out: Tensor): void => {
    const order = out.dtypeInfo === INT64 ? out : allocate(out.shape, INT64, out.device);
    drawInto(RANDPERM, order, [], generator);
    if (order !== out) copyInto(out, order);
  };
  return create('randperm', [n], rest, draw, INT64);
}

export interface NormalOptions extends RandomOptions {
  /** The standard deviation, of at least 0; by default 1. */
  std?: Tensor | number | undefined;
}

/**
 * Normal numbers. `mean` and `std` are numbers or tensors that broadcast; where both are numbers the shape must be given:
 * `normal(0, 1, [2, 3])`.
 *
 * @example torch.normal(torch.tensor([1, 2]), torch.tensor([0, 0])) // tensor([1., 2.])
 */
export function normal(
  mean: Tensor | number,
  std?: Tensor | number | NormalOptions,
  shape?: Shape | RandomOptions,
  options?: RandomOptions,
): Tensor {
  if (!isOptions(std)) return drawNormal(mean, (std as Tensor | number | undefined) ?? 1, shape, options);
  const { std: given, ...rest } = std as NormalOptions;
  return drawNormal(mean, given ?? 1, rest);
}

function drawNormal(
  mean: Tensor | number,
  std: Tensor | number,
  shape?: Shape | RandomOptions,
  options?: RandomOptions,
): Tensor {
  const given = Array.isArray(shape) ? options : (shape as RandomOptions | undefined);
  if (typeof std === 'number' ? std < 0 : checkTensor('normal', std, 'std') === null)
    throw new ValueError(`normal: expected std of at least 0, got ${describe(std)}`);
  if (typeof mean === 'number' && typeof std === 'number') {
    if (!Array.isArray(shape)) throw new ShapeError('normal: expected a shape, since mean and std are numbers');
    const { generator, rest } = split(given);
    return create('normal', shape, rest, (out) => drawInto(NORMAL, out, [mean, std], generator));
  }
  const { generator, out } = readOptions<RandomOptions>('normal', given, { ...CREATION_DEFAULTS, generator: null });
  const like = mean instanceof Tensor ? (std instanceof Tensor ? mean.add(std) : mean) : (std as Tensor);
  const base = randn(like.shape, { dtype: like.dtype, device: like.device, generator });
  const result = withoutRecording(() => base.mul(std).add(mean));
  return out === undefined ? result : writeOut('normal', out, result);
}

/**
 * Seeds the generator of all random ops that are not given another; returns it.
 *
 * @example
 * torch.manualSeed(7);
 * const first = torch.rand([2]);
 * torch.manualSeed(7);
 * torch.rand([2]).equal(first) // true
 */
export function manualSeed(seed: number | bigint): Generator {
  return seedAll(seed);
}

/**
 * Seeds the default generator from the system's entropy, and returns the seed.
 *
 * @example torch.seed() === torch.initialSeed() // true
 */
export function seed(): bigint {
  return defaultGenerator.seed();
}

/**
 * The seed that the default generator started from.
 *
 * @example
 * torch.manualSeed(7);
 * torch.initialSeed() // 7n
 */
export function initialSeed(): bigint {
  return defaultGenerator.initialSeed();
}

/**
 * The default generator's seed and position.
 *
 * @example torch.getRngState() // { seed: 0n, offset: 0 }
 */
export function getRngState(): { seed: bigint; offset: number } {
  return defaultGenerator.getState();
}

/**
 * Puts the default generator back to a state that {@link getRngState} gave.
 *
 * @example
 * const state = torch.getRngState();
 * const first = torch.rand([2]);
 * torch.setRngState(state);
 * torch.rand([2]).equal(first) // true
 */
export function setRngState(state: { seed: bigint; offset: number }): void {
  defaultGenerator.setState(state);
}
