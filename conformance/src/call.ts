import * as torch from 'ts-torch';
import { camelCase, type Decoder } from './decode.js';
import type { Case } from './oracle.js';

/** ts-torch has no function, method or property of the operator's name. */
export class MissingOperator extends Error {}

/** The arguments of a call: by position, then by name. */
export interface Arguments {
  readonly positional: unknown[];
  readonly options: Record<string, unknown> | undefined;
}

interface Signature {
  readonly recorded: string;
  readonly signature: string;
  /** What is called, where the database's name is not PyTorch's. */
  readonly name?: string;
  /** What the database makes of the recorded arguments before it calls. */
  readonly of?: (args: Arguments) => Arguments;
}

/** `a @ b.T` in the place of the first two arguments. */
function productOfFirst({ positional: [a, b, ...rest], options }: Arguments): Arguments {
  return { positional: [(a as torch.Tensor).matmul((b as torch.Tensor).mT), ...rest], options };
}

/**
 * PyTorch's signatures of operators that the recorded calls give without names, or in another order than PyTorch's because its
 * database wraps them in a function of its own. `?` marks what has a default. Methods take the recorded order: its first is `self`.
 */
const SIGNATURES: Readonly<Record<string, Signature>> = {
  einsum: { recorded: 'operands equation', signature: 'equation operands' },
  lu: { recorded: 'A pivot get_infos', signature: 'A pivot? get_infos?' },
  polygamma: { recorded: 'input n', signature: 'n input' },
  'special.polygamma': { recorded: 'input n', signature: 'n input' },
  where: { recorded: 'input condition other', signature: 'condition input other' },
  // Their database multiplies the two matrices first.
  svd_lowrank: { recorded: 'a b', signature: 'a b', of: productOfFirst },
  pca_lowrank: { recorded: 'a b', signature: 'a b', of: productOfFirst },
  uniform: { recorded: 'self', signature: 'self', name: 'uniform_' },
  'nn.functional.embedding': { recorded: 'weight indices', signature: 'indices weight' },
  'nn.functional.embedding_bag': { recorded: 'weight indices', signature: 'indices weight' },
  'nn.functional.adaptive_max_pool1d': adaptiveMaxPool(),
  'nn.functional.adaptive_max_pool2d': adaptiveMaxPool(),
  'nn.functional.adaptive_max_pool3d': adaptiveMaxPool(),
  'nn.functional.pad': { recorded: 'input pad mode value', signature: 'input pad mode? value?' },
  'nn.functional.max_pool1d': { recorded: 'input', signature: 'input kernel_size' },
  'nn.functional.max_pool2d': { recorded: 'input', signature: 'input kernel_size' },
  'nn.functional.max_pool3d': { recorded: 'input', signature: 'input kernel_size' },
};

function adaptiveMaxPool() {
  return { recorded: 'input output_size return_indices', signature: 'input output_size return_indices?' };
}

/** How an operator is called: its function, or a method of its first argument. */
export type Form = 'function' | 'method';

/** The recorded arguments, decoded, by ts-torch's rule: what is required stands by position, the rest in one options object. */
export function argumentsOf(test: Case, decoder: Decoder, form: Form = 'function'): Arguments {
  const recorded = SIGNATURES[test.op]?.recorded.split(' ') ?? [];
  const params = test.params ?? [
    ...(test.args ?? []).map((value, i) => [`${i}`, true, value] as const),
    ...Object.entries(test.kwargs ?? {}).map(([name, value]) => [name, false, value] as const),
  ];
  const values = params.map(([name, isRequired, value], i) => ({
    name: isRequired ? (recorded[i] ?? name) : name,
    isRequired,
    value: decoder.decode(value),
  }));
  const signature = SIGNATURES[test.op]?.signature.split(' ') ?? [];
  const args = arrange(
    values,
    signature.filter((name) => form === 'function' || isOptional(name)),
  );
  return SIGNATURES[test.op]?.of?.(args) ?? args;
}

const isOptional = (name: string): boolean => name.endsWith('?');

interface Argument {
  readonly name: string;
  readonly isRequired: boolean;
  readonly value: unknown;
}

/** Puts what the signature requires first, in its order, then what else is required. */
function arrange(values: readonly Argument[], signature: readonly string[]): Arguments {
  const required = signature.filter((name) => !isOptional(name));
  const first = required.flatMap((name) => values.filter((argument) => argument.name === name));
  const others = values.filter((argument) => !first.includes(argument));
  const byPosition = others.filter(({ name, isRequired }) => isRequired && !signature.includes(`${name}?`));
  const rest = others.filter((argument) => !byPosition.includes(argument));
  return {
    positional: [...first, ...byPosition].map(({ value }) => value),
    options:
      rest.length === 0 ? undefined : Object.fromEntries(rest.map(({ name, value }) => [camelCase(name), value])),
  };
}

type AnyFunction = (...args: unknown[]) => unknown;

/** The places of operators, by the spelling of their names in PyTorch. */
function lookUp(op: string): unknown {
  let place: unknown = torch;
  for (const part of op.split('.')) place = (place as Record<string, unknown> | undefined)?.[camelCase(part)];
  return place;
}

/** Indexing, which has a syntax of its own in Python: `x[key]` is `x.at(...key)`. */
const INDEXING = '__getitem__';

/** As in NumPy, a list that holds slices or lists stands for several subscripts; a list of integers is one. */
function subscripts({ positional: [self, key] }: Arguments): Arguments {
  const isSeveral = Array.isArray(key) && !key.every(Number.isInteger);
  return { positional: isSeveral ? [self, ...key] : [self, key], options: undefined };
}

/** Calls an operator as a function; where PyTorch has only a method or a property, as that. */
export function callFunction(op: string, args: Arguments): unknown {
  if (op === INDEXING) return callMember('at', subscripts(args));
  const name = SIGNATURES[op]?.name ?? op;
  const found = lookUp(name);
  if (typeof found === 'function') return (found as AnyFunction)(...flat(args));
  return callMember(camelCase(name), args);
}

/** Calls an operator's method; that of a name in a namespace is its last part. */
export function callMethod(op: string, args: Arguments): unknown {
  if (op === INDEXING) return callMember('at', subscripts(args));
  return callMember(methodName(op), args);
}

/** ts-torch's name of an operator's function: `nn.functional.conv2d`. */
export const functionName = (op: string): string => camelCase(SIGNATURES[op]?.name ?? op);

export const methodName = (op: string): string => camelCase(op.split('.').at(-1) as string);

/** Calls an operator's in-place form: the method whose name ends in `_`, or in `nn.functional` the option `inplace`. */
export function callInPlace(op: string, args: Arguments): unknown {
  if (op.startsWith('nn.functional.'))
    return callFunction(op, { ...args, options: { ...args.options, inplace: true } });
  return callMember(op.endsWith('_') ? methodName(op) : `${methodName(op)}_`, args);
}

/** Calls a method of the first argument, or reads a property of it. */
function callMember(name: string, { positional, options }: Arguments): unknown {
  const [self, ...others] = positional;
  if (!(self instanceof torch.Tensor) || !(name in self)) throw new MissingOperator(`no function or method '${name}'`);
  const member = (self as unknown as Record<string, unknown>)[name];
  if (typeof member !== 'function') return member;
  return member.call(self, ...flat({ positional: others, options }));
}

function flat({ positional, options }: Arguments): unknown[] {
  return options === undefined ? positional : [...positional, options];
}
