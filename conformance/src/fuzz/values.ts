import { DTYPES as CORE_DTYPES } from '@ts-torch/core';
import * as torch from 'ts-torch';
import type { Random } from './random.js';

export const DTYPES: readonly torch.DType[] = CORE_DTYPES.map(({ name }) => name);
const USUAL_DTYPES: readonly torch.DType[] = ['float32', 'float32', 'float64', 'int64', 'bool'];
const SIZES = [0, 1, 1, 2, 2, 3, 3, 4, 5];
const NUMBERS = [0, 1, -1, 2, 3, -2, 0.5, -1.5, 1e10, -0, 7];

/** Sizes beyond what any memory holds, and beyond what 31, 32 and 53 bits count. */
export const HUGE_SIZES = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32, 2 ** 40, 2 ** 52];

export const ABSURD_NUMBERS: readonly unknown[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  -1,
  0,
  0.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 40,
  1e12,
  2 ** 53,
  2 ** 60,
  -(2 ** 63),
  1e308,
  3n,
  2n ** 70n,
  -(2n ** 63n),
  true,
  false,
];

const ABSURD_SIZES: readonly unknown[] = [
  -1,
  -2,
  2 ** 31,
  2 ** 53,
  Number.NaN,
  Infinity,
  1.5,
  '2',
  undefined,
  null,
  3n,
];

/** What no op takes, or hardly any; made anew each time, since a call may change it. */
const ABSURD: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => '',
  () => 'abc',
  () => 'mean',
  () => 'sum',
  () => 'none',
  () => 'float32',
  () => 'cuda',
  () => ':',
  () => '...',
  () => ({}),
  () => [],
  () => [[]],
  () => [null],
  () => [undefined],
  () => () => 1,
  () => Symbol('s'),
  () => new Map(),
  () => new Float32Array(3),
  () => new ArrayBuffer(8),
  () => new Date(0),
  () => /x/,
  () => ({ re: 1, im: -1 }),
  () => Object.create(null),
  () => new Proxy({}, {}),
  () => [Number.NaN],
  () => 'x'.repeat(300),
  // A class, but one that can be called: an error that a callback throws itself is none of ours.
  () => String,
];

const SPECIAL_FLOATS = [Number.NaN, Infinity, -Infinity, -0, -1, 0, 1e30, -1e30, 1e-40, 2 ** 31, 2 ** 53];
const SPECIAL_INTEGERS = [-1, 0, 1, 127, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53), 100];

export const absurd = (random: Random): unknown => random.pick(ABSURD)();
export const shapeOf = (random: Random): number[] => random.times(random.below(5), () => random.pick(SIZES));

export function numberOf(random: Random): unknown {
  return random.chance(0.8) ? random.pick(NUMBERS) : random.pick(ABSURD_NUMBERS);
}

export function sizesOf(random: Random): unknown[] {
  return random.times(random.below(5), () => random.pick(random.chance(0.85) ? SIZES : ABSURD_SIZES));
}

export function dtypeOf(random: Random): torch.DType {
  return random.pick(random.chance(0.7) ? USUAL_DTYPES : DTYPES);
}

/** A tensor of small whole numbers. */
export function tensorOf(random: Random, shape: readonly number[], dtype = dtypeOf(random)): torch.Tensor {
  const numel = shape.reduce((product, size) => product * size, 1);
  const values = random.times(numel, () => random.pick([0, 1, 2, -1, 3]));
  return torch.tensor(values, { dtype: 'float64' }).to(dtype).reshape(shape);
}

/** A number that the dtype can hold, but an op may not expect. */
export function specialNumber(random: Random, { dtype }: torch.Tensor): number {
  if (dtype === 'bool') return random.below(2);
  const isInteger = /int/.test(dtype);
  return random.pick(isInteger ? SPECIAL_INTEGERS : SPECIAL_FLOATS);
}
