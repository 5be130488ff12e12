// What the running program knows of an op: kernels, derivative, variants. Nothing of it is written by hand.
import { kernelTable } from '@ts-torch/core';
import { definitions } from '@ts-torch/tensor/internal';
import * as torch from 'ts-torch';
import { type Example, runExample, SCOPE } from './examples.js';

/** What happened when an example ran with inputs that require gradients. */
export interface Trace {
  /** Whether a result requires gradients; `undefined` where no result is a tensor. */
  readonly differentiable: boolean | undefined;
  /** The primitives that the graph recorded. */
  readonly primitives: readonly string[];
}

export interface Facts {
  readonly gradient: string | undefined;
  readonly madeOf: readonly string[];
  /** The dtypes of its kernels by device. */
  readonly kernels: readonly { name: string; cpu: string; cuda: string }[];
  readonly isMethod: boolean;
  readonly hasInPlace: boolean;
}

/** Loads the CUDA backend, so that the table knows its kernels; without one the pages show those of the CPU. */
torch.cuda.isAvailable();
const kernels = kernelTable();

const { tensor, ones, zeros, full, complex, randn, eye } = torch;
const MAKERS = { tensor, ones, zeros, full, complex, randn, eye };

/** The functions that make an example's inputs, as tensors that gradients are asked for. */
function withGradients(): typeof SCOPE {
  const asked =
    (make: (...args: never[]) => torch.Tensor) =>
    (...args: never[]) => {
      const made = make(...args);
      // Not a leaf, which could not be changed in place.
      return made.isFloatingPoint() || made.isComplex() ? made.detach().requiresGrad_().clone() : made;
    };
  const makers = Object.fromEntries(Object.entries(MAKERS).map(([name, make]) => [name, asked(make)]));
  return { ...SCOPE, torch: { ...torch, ...makers } };
}

/** Traces an example; `undefined` where it does not run with gradients, as ops on dtypes that have none. */
async function trace(example: Example): Promise<Trace | undefined> {
  try {
    const tensors = (await runExample(example, withGradients())).flatMap(({ value }) => tensorsIn(value));
    const nodes = tensors.flatMap((tensor) => torch.autograd.graph.nodesOf(tensor));
    const names = nodes.map(({ name }) => name.replace(/Backward$/, ''));
    const primitives = names.map((name) => `${name[0]?.toLowerCase()}${name.slice(1)}`);
    return {
      differentiable: tensors.length > 0 ? tensors.some((tensor) => tensor.requiresGrad) : undefined,
      primitives: [...new Set(primitives)].filter((name) => definitions.has(name) && name !== 'clone'),
    };
  } catch {
    return undefined;
  }
}

/** The traces of all examples that run with gradients. */
export async function traceAll(examples: readonly Example[]): Promise<Map<Example, Trace>> {
  const traces = new Map<Example, Trace>();
  for (const example of examples) {
    const traced = await trace(example);
    if (traced !== undefined) traces.set(example, traced);
  }
  return traces;
}

function tensorsIn(value: unknown): torch.Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  const isPlain = typeof value === 'object' && value !== null && !(value instanceof torch.nn.Module);
  return isPlain ? Object.values(value).flatMap(tensorsIn) : [];
}

/** The facts about `path`, such as `torch.linalg.det`; `undefined` where it is no function of the running program. */
export function factsOf(path: readonly string[], traced: Trace | undefined): Facts | undefined {
  const name = path.at(-1) as string;
  const namespace = lookUp(path.slice(0, -1));
  if (typeof namespace?.[name] !== 'function') return undefined;
  const op = name.replace(/_$/, '');
  const primitives = traced?.primitives ?? [];
  const own = primitives.includes(op) || definitions.has(op);
  const used = [...new Set([...(own || kernels.has(op) ? [op] : []), ...(own ? [] : primitives)])];
  return {
    gradient: gradientOf(op, traced),
    madeOf: own ? [] : primitives,
    kernels: used.flatMap((kernel) => {
      const found = kernels.get(kernel);
      return found ? [{ name: kernel, cpu: dtypes(found.cpu), cuda: dtypes(found.cuda) }] : [];
    }),
    isMethod: path.length === 2 && name in torch.Tensor.prototype,
    hasInPlace: `${name}_` in namespace,
  };
}

function lookUp(path: readonly string[]): Record<string, unknown> | undefined {
  return path.reduce<Record<string, unknown> | undefined>(
    (at, name) => at?.[name] as Record<string, unknown> | undefined,
    { torch },
  );
}

function gradientOf(name: string, traced: Trace | undefined): string | undefined {
  const derivative = definitions.get(name)?.derivative as { none: boolean } | undefined;
  if (traced?.differentiable || derivative?.none === false) return 'Differentiable.';
  if (traced?.differentiable === false || derivative?.none) return 'Not differentiable.';
  return undefined;
}

const FLOAT = ['float64', 'float32', 'float16', 'bfloat16'];
const INT = ['int64', 'int32', 'int16', 'int8', 'uint8'];
const COMPLEX = ['complex64', 'complex128'];
const GROUPS: [name: string, dtypes: string[]][] = [
  [
    'all dtypes',
    [...'float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128'.split(' ')],
  ],
  ['float', FLOAT],
  ['int', INT],
  ['complex', COMPLEX],
];

/** A list of dtypes in words: `float, int, bool`, where float stands for all floating-point dtypes. */
function dtypes(names: readonly string[]): string {
  const left = new Set(names);
  const groups = GROUPS.filter(([, members]) => {
    const complete = members.every((member) => left.has(member));
    if (complete) for (const member of members) left.delete(member);
    return complete;
  });
  return [...groups.map(([name]) => name), ...left].join(', ');
}
