import { describe, dtypeInfo, kernel, launch, ShapeError, ValueError } from '@ts-torch/core';
import { type CreationOptions, create } from './creation.js';
import { defaultDtype } from './promotion.js';
import type { Tensor } from './tensor.js';

const ARANGE = kernel('arange');
const LINSPACE = kernel('linspace');

function checkNumber(op: string, name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ValueError(`${op}: expected ${name} to be a finite number, got ${describe(value)}`);
}

/**
 * The numbers from `start` (0) to `end` (excluded), `step` (1) apart: `arange(5)`, `arange(1, 5)`, `arange(0, 1, 0.1)`. int64
 * where all are integers, else the default dtype.
 *
 * @example torch.arange(0, 10, 3) // tensor([0, 3, 6, 9])
 */
export function arange(end: number, options?: CreationOptions & { start?: number; step?: number }): Tensor;
export function arange(start: number, end: number, options?: CreationOptions & { step?: number }): Tensor;
export function arange(start: number, end: number, step: number, options?: CreationOptions): Tensor;
export function arange(...args: (number | CreationOptions | undefined)[]): Tensor {
  const numbers = args.filter((arg) => typeof arg === 'number') as number[];
  const {
    start: from,
    step: by,
    ...options
  } = (args.find((arg) => typeof arg === 'object') ?? {}) as CreationOptions & {
    start?: number;
    step?: number;
  };
  const [start, end, step] =
    numbers.length === 1 ? [from ?? 0, numbers[0], by ?? 1] : [numbers[0], numbers[1], numbers[2] ?? by ?? 1];
  checkNumber('arange', 'start', start);
  checkNumber('arange', 'end', end);
  checkNumber('arange', 'step', step);
  if (step === 0) throw new ValueError('arange: expected a step other than 0');
  if ((end - start) / step < 0)
    throw new ValueError(`arange: from ${start} to ${end} a step of ${step} goes the wrong way`);
  const integers = [start, end, step].every(Number.isInteger);
  const count = Math.ceil((end - start) / step);
  return create(
    'arange',
    [count],
    options,
    (out) => launch(ARANGE, [out], [start, step]),
    integers ? dtypeInfo('int64') : defaultDtype(),
  );
}

/**
 * As {@link arange}, but with `end` included and in the default dtype. PyTorch deprecates it.
 *
 * @example torch.range(1, 3) // tensor([1., 2., 3.])
 */
export function range(start: number, end: number, options?: CreationOptions & { step?: number }): Tensor {
  const { step = 1, ...rest } = options ?? {};
  for (const [name, value] of Object.entries({ start, end, step })) checkNumber('range', name, value);
  if (step === 0 || (end - start) / step < 0)
    throw new ValueError(`range: from ${start} to ${end} a step of ${step} goes the wrong way`);
  const count = Math.floor((end - start) / step) + 1;
  return create('range', [count], rest, (out) => launch(ARANGE, [out], [start, step]));
}

function checkSteps(op: string, start: unknown, end: unknown, steps: unknown): void {
  checkNumber(op, 'start', start);
  checkNumber(op, 'end', end);
  if (!Number.isSafeInteger(steps) || (steps as number) < 0)
    throw new ShapeError(`${op}: expected a number of steps of at least 0, got ${describe(steps)}`);
}

/**
 * `steps` numbers from `start` to `end`, both included, evenly spaced.
 *
 * @example torch.linspace(0, 1, 5) // tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
 */
export function linspace(start: number, end: number, steps: number, options?: CreationOptions): Tensor {
  checkSteps('linspace', start, end, steps);
  return create('linspace', [steps], options, (out) => launch(LINSPACE, [out], [start, end]));
}

/**
 * `base` to the power of `steps` evenly spaced exponents from `start` to `end`.
 *
 * @example torch.logspace(0, 2, 3) // tensor([1., 10., 100.])
 */
export function logspace(
  start: number,
  end: number,
  steps: number,
  options?: CreationOptions & { base?: number },
): Tensor {
  checkSteps('logspace', start, end, steps);
  const { base = 10, ...rest } = options ?? {};
  checkNumber('logspace', 'base', base);
  return create('logspace', [steps], rest, (out) => {
    const exponents = linspace(start, end, steps, { dtype: 'float64' });
    out.copy_(exponents.mul(Math.log(Math.abs(base))).exp());
    if (base <= 0)
      for (const [i, exponent] of (exponents.tolist() as number[]).entries()) out.select(0, i).fill_(base ** exponent);
  });
}
