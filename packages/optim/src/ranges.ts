import { describe, ValueError } from '@ts-torch/core';

/** An interval as it is written: `[0, 1)`. */
type Interval = `${'[' | '('}${string}, ${string}${']' | ')'}`;

/** For each numeric option the interval that it lies in; of an option that is a list, one for all its numbers or one for each. */
export type Ranges<Options> = { readonly [K in keyof Options]?: Interval | readonly Interval[] };

function contains(interval: Interval, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  const [low, high] = interval.slice(1, -1).split(', ').map(Number) as [number, number];
  const above = interval.startsWith('[') ? value >= low : value > low;
  return above && (interval.endsWith(']') ? value <= high : value < high);
}

/** Infinity is spelled so that `Number` reads it. */
function show(interval: Interval): string {
  return interval.replace('Infinity', 'inf');
}

/** Throws {@link ValueError} unless each option lies in its range: `Adam: expected betas[0] in [0, 1), got 1.5`. */
export function checkRanges<Options extends object>(op: string, options: Options, ranges: Ranges<Options>): void {
  const check = (name: string, value: unknown, interval: Interval): void => {
    if (!contains(interval, value))
      throw new ValueError(`${op}: expected ${name} in ${show(interval)}, got ${describe(value)}`);
  };
  for (const [name, range] of Object.entries(ranges) as [string, Interval | readonly Interval[]][]) {
    const value = options[name as keyof Options] as unknown;
    if (typeof range === 'string' && !Array.isArray(value)) check(name, value, range);
    else checkList(op, name, value, range, check);
  }
}

function checkList(
  op: string,
  name: string,
  value: unknown,
  range: Interval | readonly Interval[],
  check: (name: string, value: unknown, interval: Interval) => void,
): void {
  if (!Array.isArray(value) || value.length !== 2)
    throw new ValueError(`${op}: expected ${name} to be two numbers, got ${describe(value)}`);
  value.forEach((item, i) => {
    check(`${name}[${i}]`, item, typeof range === 'string' ? range : (range[i] as Interval));
  });
}

/** Not negative, and a number. */
export const NOT_NEGATIVE = '[0, Infinity)';
