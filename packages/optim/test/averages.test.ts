import * as nn from '@ts-torch/nn';
import { tensor as makeTensor, type Tensor } from '@ts-torch/tensor';
import { expect, test } from 'vitest';
import { ORACLE, readGroups } from '../../../conformance/src/oracle.js';
import { swaUtils } from '../src/index.js';

// PyTorch's averages of weights: conformance/oracle/MODULES.md describes the cases.

type State = [string, { t: string }][];

interface Encoded {
  module: string;
  args: (number | Encoded)[];
  options: Record<string, unknown>;
}

interface Case extends Encoded {
  id: string;
  kind: string;
  average_options: { use_buffers?: boolean; avg_fn?: { expression: string; arguments: string[] } };
  state: State;
  states: State[];
  averages: State[];
  batches: { t: string }[];
  state_after: State;
}

const group = readGroups<Case>(`${ORACLE}/optimizers`).find(({ name }) => name === 'averages') as ReturnType<
  typeof readGroups<Case>
>[number];

function load({ t }: { t: string }): Tensor {
  const { dtype, shape, bytes } = group.tensors.get(t) as NonNullable<ReturnType<typeof group.tensors.get>>;
  const values = dtype === 'float64' ? new Float64Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
  return makeTensor(values).reshape(shape);
}

const stateOf = (state: State) => Object.fromEntries(state.map(([name, value]) => [name, load(value)]));

function make({ module, args, options }: Encoded): nn.Module {
  // biome-ignore lint/suspicious/noExplicitAny: classes by name
  const found = (nn as any)[module] as new (...args: any[]) => nn.Module;
  return new found(
    ...args.map((arg) => (typeof arg === 'object' ? make(arg) : arg)),
    ...(Object.keys(options).length ? [options] : []),
  );
}

function expectState(module: nn.Module, expected: State): void {
  const state = module.stateDict();
  expect(Object.keys(state)).toEqual(expected.map(([name]) => name));
  for (const [name, value] of expected) {
    const [got, want] = [state[name]?.toTypedArray(), load(value).toTypedArray()];
    for (const [i, element] of want.entries()) expect(Number(got?.[i]), name).toBeCloseTo(Number(element), 9);
  }
}

const ofKind = (kind: string) =>
  group.cases.filter((recorded) => recorded.kind === kind).map((recorded) => [recorded.id, recorded] as const);

test.each(ofKind('average'))('%s', (_, recorded) => {
  const { use_buffers: useBuffers, avg_fn: fn } = recorded.average_options;
  expect(fn === undefined || typeof fn === 'object').toBe(true);
  const model = make(recorded).to('float64');
  model.loadStateDict(stateOf(recorded.state));
  const average = new swaUtils.AveragedModel(model, { useBuffers, ...(fn && { avgFn: averageOf(fn) }) });
  recorded.states.forEach((state, k) => {
    model.loadStateDict(stateOf(state));
    average.updateParameters(model);
    expectState(average, recorded.averages[k] as State);
  });
});

function averageOf({ expression, arguments: names }: { expression: string; arguments: string[] }) {
  const scalar = new Function(...names, `return ${expression};`) as (...values: number[]) => number;
  return (averaged: Tensor, current: Tensor, count: Tensor): Tensor => {
    const [a, c] = [averaged.reshape(-1).tolist(), current.reshape(-1).tolist()];
    const values = a.map((value: number, i: number) => scalar(value, c[i], count.item()));
    return makeTensor(values, { dtype: averaged.dtype }).reshape(averaged.shape);
  };
}

test.each(ofKind('update_bn'))('%s', (_, recorded) => {
  const model = make(recorded).to('float64');
  model.loadStateDict(stateOf(recorded.state));
  swaUtils.updateBn(recorded.batches.map(load), model);
  expectState(model, recorded.state_after);
});
