import { describe, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { checkNumbers } from '@ts-torch/tensor/internal';

/**
 * The options of a call whose first one may also stand by position: `softmax(x, 1)` is `softmax(x, { dim: 1 })`.
 */
export function withFirst(name: string, first: unknown, options?: object): object | undefined {
  if (first === undefined) return options;
  const isOptions = typeof first === 'object' && first !== null && !Array.isArray(first) && !(first instanceof Tensor);
  return isOptions ? first : { ...options, [name]: first };
}

/** Checks that a value is one of a few words. */
export function checkWord<W extends string>(
  op: string,
  name: string,
  value: unknown,
  words: readonly W[],
): asserts value is W {
  if (!words.includes(value as W))
    throw new ValueError(
      `${op}: expected ${name} to be ${words.map((w) => `'${w}'`).join(' or ')}, got ${describe(value)}`,
    );
}

/** Checks a probability. */
export function checkProbability(op: string, p: unknown): asserts p is number {
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new ValueError(`${op}: expected p in [0, 1], got ${describe(p)}`);
}

/** Checks the bounds of an interval that is not empty. */
export function checkBounds(op: string, minVal: number, maxVal: number): void {
  checkNumbers(op, { minVal, maxVal });
  if (!(minVal < maxVal)) throw new ValueError(`${op}: expected minVal < maxVal, got ${minVal} and ${maxVal}`);
}
