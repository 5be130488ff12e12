import * as torch from 'ts-torch';
import { CREATION } from './creation.js';
import type { Sample, Samples } from './samples.js';

/** Something that a program may call with any arguments. */
export interface Target {
  readonly name: string;
  readonly call: (args: readonly unknown[]) => unknown;
  readonly samples: readonly Sample[];
}

type AnyFunction = (...args: unknown[]) => unknown;

/** They change how everything else behaves, run functions given to them, write files, or throw by design. */
const LEFT_OUT = new Set([
  'load',
  'save',
  'setDefaultDtype',
  'setDefaultDevice',
  'setMemoryLimit',
  'setNumThreads',
  'emptyCache',
  'setPrintoptions',
  'setGradEnabled',
  'manualSeed',
  'seed',
  'scope',
  'device',
  'constructor',
  'valueOf',
]);

const isClass = (f: AnyFunction): boolean => /^class\b/.test(Function.prototype.toString.call(f));

function isNamespace(value: unknown): value is Record<string, unknown> {
  return (value as { [Symbol.toStringTag]?: string } | undefined)?.[Symbol.toStringTag] === 'Module';
}

/** The packages whose functions are no ops of tensors. */
const OTHER_PACKAGES = new Set(['nn', 'optim', 'utils', 'vision', 'autograd']);

/** Each function of a namespace and of those within it, by its path. */
function functionsOf(namespace: Record<string, unknown>, prefix: string): [name: string, f: AnyFunction][] {
  return Object.entries(namespace).flatMap(([name, member]): [string, AnyFunction][] => {
    if (LEFT_OUT.has(name) || (prefix === '' && OTHER_PACKAGES.has(name))) return [];
    if (isNamespace(member)) return functionsOf(member, `${prefix}${name}.`);
    return typeof member === 'function' && !isClass(member as AnyFunction)
      ? [[`${prefix}${name}`, member as AnyFunction]]
      : [];
  });
}

function memberCall(name: string): (args: readonly unknown[]) => unknown {
  return ([self, ...args]) => {
    const target = self instanceof torch.Tensor ? self : torch.ones([2, 2]);
    const member = (target as unknown as Record<string, unknown>)[name];
    return typeof member === 'function' ? member.apply(target, args) : member;
  };
}

/** Methods and properties of tensors. */
function memberNames(): string[] {
  return Object.getOwnPropertyNames(torch.Tensor.prototype).filter((name) => !LEFT_OUT.has(name));
}

/** Everything that is called; each name has the samples recorded for it, or for another name of the same function. */
export function allTargets(samples: Samples): Target[] {
  const functions = [
    ...functionsOf(torch as unknown as Record<string, unknown>, ''),
    ...functionsOf(torch.nn.functional as unknown as Record<string, unknown>, 'nn.functional.'),
  ];
  const byFunction = new Map<AnyFunction, Sample[]>();
  for (const [name, f] of functions) byFunction.set(f, [...(byFunction.get(f) ?? []), ...samplesOf(samples, name)]);
  return [
    ...functions.map(([name, f]) => ({
      name,
      call: (args: readonly unknown[]) => f(...args),
      samples: byFunction.get(f) ?? [],
    })),
    ...memberNames().map((name) => ({
      name: `Tensor.${name}`,
      call: memberCall(name),
      samples: samplesOf(samples, `Tensor.${name}`),
    })),
  ];
}

/** What is recorded for a name, else for its last part: `special.expm1` is `expm1`. */
function samplesOf(samples: Samples, name: string): readonly Sample[] {
  const own = CREATION[name]?.map((make) => ({ make })) ?? samples.of(name);
  if (own.length > 0) return own;
  return samples.of(name.slice(name.lastIndexOf('.') + 1));
}

const UNKNOWN = { surelyNoOption: 1 };

/** Options that an op has, from what it says about one that it has not. */
export function optionsOf({ call, samples }: Target): string[] {
  const x = torch.ones([2, 2]);
  const positional = samples[0]?.make().filter((arg) => arg instanceof torch.Tensor || typeof arg !== 'object') ?? [];
  const tries = [
    [UNKNOWN],
    [x, UNKNOWN],
    [x, x, UNKNOWN],
    [x, 1, UNKNOWN],
    [x, 0, x, UNKNOWN],
    [[2], UNKNOWN],
    [x, x, x, UNKNOWN],
    [...positional, UNKNOWN],
  ];
  return [...new Set(tries.flatMap((args) => namedOptions(call, args)))];
}

function namedOptions(call: Target['call'], args: readonly unknown[]): string[] {
  try {
    const result = call(args);
    // Arguments are wrong on purpose here: whether this fails now or later does not matter.
    if (result instanceof Promise) result.catch(() => undefined);
    return [];
  } catch (error) {
    const list = /unknown option `surelyNoOption`; expected (.*)$/.exec((error as Error).message)?.[1];
    return list?.split(', ') ?? [];
  }
}
