import '@ts-torch/autograd';
import { tensor as makeTensor, type Tensor } from '@ts-torch/tensor';
import { describe, expect, test } from 'vitest';
import { ORACLE, readGroups } from '../../../conformance/src/oracle.js';
import * as optim from '../src/index.js';

// PyTorch's trajectories: conformance/oracle/MODULES.md describes the cases.

type Stored = ReadonlyMap<string, { dtype: string; shape: readonly number[]; bytes: Uint8Array<ArrayBuffer> }>;
type Options = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: classes by name, with options of their own
type AnyClass = new (...args: any[]) => any;

interface Case {
  id: string;
  kind: string;
  optimizer: string;
  options: Options;
  groups: { params: number[]; options: Options }[];
  initial: { t: string }[];
  steps: number;
  gradients?: { t: string }[];
  values: { t: string }[];
  losses?: { t: string } | number[];
  evaluations?: number[];
  missing?: [number, number][];
  added_group?: { before_step: number; params: number[]; options: Options };
  param_groups: Options[];
  state: [number, [string, unknown][]][];
  error?: boolean;
  stage?: string;
  scheduler: string;
  args: unknown[];
  optimizer_options: Options;
  initial_lrs: number[];
  lrs: { t: string };
  momenta?: { t: string };
  metrics?: number[];
  epochs?: (number | null)[];
}

const groups = readGroups<Case>(`${ORACLE}/optimizers`);
const groupNamed = (name: string) => groups.find((group) => group.name === name) as (typeof groups)[number];
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function load(tensors: Stored, { t }: { t: string }): Tensor {
  const { dtype, shape, bytes } = tensors.get(t) as NonNullable<ReturnType<Stored['get']>>;
  const Array = dtype === 'float64' ? Float64Array : dtype === 'float32' ? Float32Array : BigInt64Array;
  return makeTensor(new Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Array.BYTES_PER_ELEMENT)).reshape(
    shape,
  );
}

function decode(value: unknown, tensors: Stored, optimizer?: optim.Optimizer): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, tensors, optimizer));
  if (typeof value !== 'object' || value === null) return value;
  const given = value as Record<string, unknown>;
  if ('t' in given) return load(tensors, given as { t: string });
  if ('float' in given) return Number(String(given['float']).replace('inf', 'Infinity'));
  if ('expression' in given) return new Function(...(given['arguments'] as string[]), `return ${given['expression']};`);
  if ('scheduler' in given) return makeScheduler(given as unknown as Case, tensors, optimizer as optim.Optimizer);
  throw new Error(`not decoded: ${JSON.stringify(value)}`);
}

function options(given: Options, tensors: Stored): Options {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), decode(value, tensors)]));
}

function makeScheduler({ scheduler, args, options: given }: Case, tensors: Stored, optimizer: optim.Optimizer) {
  const found = ({ ...optim.lrScheduler, ...optim.swaUtils } as Record<string, unknown>)[scheduler] as AnyClass;
  const rest = decode(args, tensors, optimizer) as unknown[];
  return scheduler === 'ChainedScheduler' ? new found(...rest) : new found(optimizer, ...rest, options(given, tensors));
}

function makeOptimizer(recorded: Case, params: Tensor[], tensors: Stored): optim.Optimizer {
  const found = (optim as unknown as Record<string, AnyClass>)[recorded.optimizer] as AnyClass;
  const own = recorded.groups.map((group) => ({
    params: group.params.map((i) => params[i]),
    ...options(group.options, tensors),
  }));
  return new found(own, options(recorded.options, tensors));
}

function expectClose(
  actual: Tensor,
  expected: Tensor,
  { rtol, atol }: { rtol: number; atol: number },
  what: string,
): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const got = actual.detach().toTypedArray();
  const want = expected.toTypedArray();
  for (const [i, value] of want.entries()) {
    const error = Math.abs(Number(got[i]) - Number(value));
    if (!(error <= atol + rtol * Math.abs(Number(value)))) expect(got[i], `${what}, element ${i}`).toBe(value);
  }
}

function toleranceOf({ optimizer }: Case, dtype: string) {
  if (dtype === 'float32') return { rtol: 2e-5, atol: 1e-6 };
  return { rtol: optimizer === 'LBFGS' ? 1e-6 : 1e-7, atol: 1e-9 };
}

/** The loss that LBFGS minimizes: MODULES.md gives it with its derivative. */
function evaluateLoss(params: Tensor[]): number {
  const x = params.flatMap((param) => [...(param.detach().toTypedArray() as Float64Array)]);
  const at = (i: number): number => x[i] as number;
  const grad = x.map((value, i) => {
    const right = i < x.length - 1 ? -40 * value * (at(i + 1) - value ** 2) - 2 * (1 - value) : 0;
    const left = i > 0 ? 20 * (value - at(i - 1) ** 2) : 0;
    return right + left - 0.15 * Math.sin(3 * value);
  });
  let offset = 0;
  for (const param of params) {
    param.grad = makeTensor(Float64Array.from(grad.slice(offset, offset + param.numel()))).reshape(param.shape);
    offset += param.numel();
  }
  const terms = x.slice(0, -1).map((value, i) => 10 * (at(i + 1) - value ** 2) ** 2 + (1 - value) ** 2);
  return [...terms, ...x.map((value) => 0.05 * Math.cos(3 * value))].reduce((sum, term) => sum + term, 0);
}

function replayOptimizer(recorded: Case, tensors: Stored): void {
  const params = recorded.initial.map((initial) => load(tensors, initial).requiresGrad_());
  const optimizer = makeOptimizer(recorded, params, tensors);
  const gradients = recorded.gradients?.map((gradient) => load(tensors, gradient));
  const values = recorded.values.map((value) => load(tensors, value));
  const tolerance = toleranceOf(recorded, params[0]?.dtype as string);
  for (let step = 0; step < recorded.steps; step++) {
    if (recorded.added_group?.before_step === step) {
      const { params: added, options: given } = recorded.added_group;
      optimizer.addParamGroup({ params: added.map((i) => params[i] as Tensor), ...options(given, tensors) });
    }
    if (gradients === undefined) {
      let evaluations = 0;
      optimizer.step(() => {
        evaluations++;
        return evaluateLoss(params);
      });
      expect(evaluations, `evaluations in step ${step}`).toBe(recorded.evaluations?.[step]);
    } else {
      params.forEach((param, i) => {
        const missing = recorded.missing?.some(([s, p]) => s === step && p === i);
        param.grad = missing ? null : (gradients[i] as Tensor).select(0, step).clone();
      });
      optimizer.step();
    }
    params.forEach((param, i) => {
      expectClose(param, (values[i] as Tensor).select(0, step), tolerance, `parameter ${i} after step ${step}`);
    });
  }
  expectState(recorded, optimizer.stateDict(), tensors, tolerance);
}

function expectState(
  recorded: Case,
  { state, param_groups }: optim.OptimizerStateDict,
  tensors: Stored,
  tolerance: { rtol: number; atol: number },
): void {
  recorded.param_groups.forEach((group, i) => {
    for (const [name, value] of Object.entries(group))
      expect(param_groups[i]?.[name], name).toEqual(decode(value, tensors));
  });
  for (const [position, entries] of recorded.state) {
    const own = (state as Map<number, Options>).get(position) ?? {};
    for (const [name, value] of entries) {
      const expected = decode(value, tensors);
      if (typeof expected === 'number') expect(own[name], name).toBe(expected);
      else expectClose(own[name] as Tensor, expected as Tensor, tolerance, name);
    }
  }
}

function replayScheduler(recorded: Case, tensors: Stored): void {
  const params = recorded.initial_lrs.map((lr) => ({ params: [makeTensor([0, 0]).requiresGrad_()], lr }));
  const found = (optim as unknown as Record<string, AnyClass>)[recorded.optimizer] as AnyClass;
  const optimizer: optim.Optimizer = new found(params, { lr: 0.1, ...options(recorded.optimizer_options, tensors) });
  const scheduler = makeScheduler(recorded, tensors, optimizer);
  const lrs = recorded.error ? [] : (load(tensors, recorded.lrs).tolist() as number[][]);
  const momenta = recorded.momenta === undefined ? undefined : (load(tensors, recorded.momenta).tolist() as number[][]);
  const compare = (step: number): void => {
    if (recorded.error) return;
    optimizer.paramGroups.forEach((group, i) => {
      const { lr, momentum, betas } = group as { lr: number; momentum?: number; betas?: [number, number] };
      expectNumber(lr, lrs[step]?.[i] as number, `rate of group ${i} after step ${step}`);
      if (momenta)
        expectNumber(betas?.[0] ?? momentum, momenta[step]?.[i] as number, `momentum ${i} after step ${step}`);
    });
  };
  compare(0);
  for (let step = 0; step < recorded.steps; step++) {
    optimizer.step();
    const argument = recorded.metrics?.[step] ?? recorded.epochs?.[step];
    if (argument === undefined || argument === null) scheduler.step();
    else scheduler.step(decode(argument, tensors));
    compare(step + 1);
  }
}

function expectNumber(actual: number | undefined, expected: number, what: string): void {
  if (!(Math.abs((actual as number) - expected) <= 1e-12 + 1e-7 * Math.abs(expected)))
    expect(actual, what).toBe(expected);
}

const replay = { optimizer: replayOptimizer, scheduler: replayScheduler } as Record<string, typeof replayOptimizer>;

describe.each(['optimizers', 'schedulers'])('%s as in PyTorch', (name) => {
  const { cases, tensors } = groupNamed(name);
  test.each(cases.map((recorded) => [recorded.id, recorded] as const))('%s', (_, recorded) => {
    replay[recorded.kind]?.(recorded, tensors);
  });
});

describe('errors', () => {
  const { cases, tensors } = groupNamed('errors');
  const own = cases.filter(({ kind }) => kind in replay);
  test.each(own.map((recorded) => [recorded.id, recorded] as const))('%s', (_, recorded) => {
    const run = (): unknown =>
      recorded.kind === 'scheduler'
        ? replayScheduler(recorded, tensors)
        : makeOptimizer(
            recorded,
            recorded.initial.map((value) => load(tensors, value).requiresGrad_()),
            tensors,
          );
    expect(run).toThrow(/^\w+: /);
  });
});
