import { describe, ValueError } from '@ts-torch/core';

/** One number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** A number for each of `dims` dimensions. Throws {@link ValueError} for anything but integers of at least `least`. */
export function sizesOf(op: string, name: string, value: Sizes, dims: number, least = 0): number[] {
  const sizes = typeof value === 'number' ? new Array<number>(dims).fill(value) : value;
  const fits =
    Array.isArray(sizes) && sizes.length === dims && sizes.every((n) => Number.isSafeInteger(n) && n >= least);
  if (!fits)
    throw new ValueError(
      `${op}: expected ${name} to be one integer of at least ${least} or ${dims}, got ${describe(value)}`,
    );
  return [...(sizes as readonly number[])];
}

/** Checks a count, such as of features: an integer of at least `least`. */
export function checkCount(op: string, name: string, value: unknown, least = 0): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < least)
    throw new ValueError(`${op}: expected ${name} to be an integer of at least ${least}, got ${describe(value)}`);
}
