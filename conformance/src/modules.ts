import * as torch from 'ts-torch';
import { formDifference } from './compare.js';
import { camelCase, Decoder } from './decode.js';
import type { Encoded, Group } from './oracle.js';

/** One recorded use of a module, or of a function on modules; see oracle/MODULES.md. */
export interface ModuleCase {
  readonly id: string;
  readonly module?: string;
  readonly function?: string;
  readonly args?: readonly Encoded[];
  readonly options?: Readonly<Record<string, Encoded>>;
  readonly dtype?: torch.DType;
  readonly train?: boolean;
  readonly apply?: readonly Encoded[];
  readonly state?: readonly (readonly [name: string, value: Encoded])[];
  readonly modules?: readonly (readonly [path: string, name: string])[];
  readonly repr?: string;
  readonly inputs?: readonly Encoded[];
  readonly input_options?: Readonly<Record<string, Encoded>>;
  readonly out?: Encoded;
  readonly requires_grad?: readonly boolean[];
  readonly grads?: readonly Encoded[];
  readonly param_grads?: readonly (readonly [name: string, value: Encoded])[];
  readonly state_after?: readonly (readonly [name: string, value: Encoded])[];
  readonly in_place?: boolean;
  readonly inputs_after?: readonly Encoded[];
  readonly error?: boolean;
  readonly stage?: 'constructor' | 'forward';
}

/** ts-torch has no module of the name, or the case needs what the replay does not know. */
export class Unsupported extends Error {}

type Callable = torch.nn.Module & ((...args: unknown[]) => unknown);

/** A packed sequence, by what it is made of. */
interface Packed {
  readonly input: Encoded;
  readonly lengths: Encoded;
  readonly options?: Readonly<Record<string, Encoded>>;
}

/** Values of arguments: modules, dictionaries and functions besides what {@link Decoder} knows. */
class ModuleDecoder {
  readonly decoder: Decoder;

  constructor(group: Group<ModuleCase>, requiresGrad: readonly boolean[] = []) {
    this.decoder = new Decoder(group.tensors, requiresGrad);
  }

  decode(value: Encoded): unknown {
    if (Array.isArray(value)) return value.map((item) => this.decode(item));
    if (typeof value !== 'object' || value === null) return value;
    const object = value as { readonly [key: string]: Encoded };
    if ('module' in object) return this.construct(object as unknown as ModuleCase);
    if ('dict' in object)
      return new Map((object['dict'] as [string, Encoded][]).map(([key, item]) => [key, this.decode(item)]));
    if ('function' in object) return lookUp(String(object['function']));
    if ('packed' in object) return this.packed(object['packed'] as unknown as Packed);
    if ('expression' in object) throw new Unsupported(Object.keys(object).join());
    return this.decoder.decode(value);
  }

  private packed({ input, lengths, options }: Packed): torch.nn.utils.rnn.PackedSequence {
    const [padded, given] = [this.decode(input), this.decode(lengths)] as [torch.Tensor, torch.Tensor];
    return torch.nn.utils.rnn.packPaddedSequence(padded, given, this.options(options));
  }

  options(options: Readonly<Record<string, Encoded>> = {}): Record<string, unknown> | undefined {
    const entries = Object.entries(options).map(([name, value]) => [camelCase(name), this.decode(value)] as const);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  construct({ module, args = [], options }: ModuleCase): Callable {
    const type = (torch.nn as unknown as Record<string, new (...args: unknown[]) => Callable>)[module as string];
    if (type === undefined) throw new Unsupported(`nn.${module}`);
    const given = this.options(options);
    const positional = args.map((arg) => this.decode(arg));
    // Containers take their members first, though they have a default.
    const [members] = ['modules', 'parameters', 'values'].filter((name) => given !== undefined && name in given);
    if (members !== undefined && given !== undefined) return new type(...positional, given[members]);
    return new type(...positional, ...(given === undefined ? [] : [given]));
  }
}

function lookUp(path: string): unknown {
  let place: unknown = torch;
  for (const part of path.split('.')) place = (place as Record<string, unknown> | undefined)?.[camelCase(part)];
  if (place === undefined) throw new Unsupported(path);
  return place;
}

const TOLERANCE: Partial<Record<torch.DType, number>> = { float32: 2e-5, float64: 1e-7 };

/** What differs between a result and what was expected, nested lists and records alike. */
export function deepDifference(actual: unknown, expected: unknown): string | null {
  if (expected instanceof torch.Tensor)
    return actual instanceof torch.Tensor ? tensorDifference(actual, expected) : `${actual}, expected a tensor`;
  if (Array.isArray(expected)) {
    const list = listOf(actual);
    if (list === undefined || list.length !== expected.length) return `no list of ${expected.length}`;
    for (const [k, item] of expected.entries()) {
      const problem = deepDifference(list[k], item);
      if (problem !== null) return `${k}: ${problem}`;
    }
    return null;
  }
  return (actual ?? null) === expected ? null : `${actual}, expected ${expected}`;
}

function listOf(value: unknown): unknown[] | undefined {
  const isList =
    typeof value === 'object' && value !== null && Symbol.iterator in value && !(value instanceof torch.Tensor);
  return isList ? [...(value as Iterable<unknown>)] : undefined;
}

function tensorDifference(actual: torch.Tensor, expected: torch.Tensor): string | null {
  const form = formDifference(actual, expected.shape, expected.dtype);
  if (form !== null) return form;
  const [got, want] = [actual.detach().toTypedArray(), expected.toTypedArray()];
  const tolerance = TOLERANCE[expected.dtype] ?? 0;
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [Number(got[i]), Number(want[i])];
    if (Object.is(g, w) || g === w || Math.abs(g - w) <= tolerance + tolerance * Math.abs(w)) continue;
    return `element ${i} of [${expected.shape}]: ${g}, expected ${w}`;
  }
  return null;
}

/** All tensors of a result, depth first. */
function tensorsOf(value: unknown): torch.Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  return listOf(value)?.flatMap(tensorsOf) ?? [];
}

function backward(result: unknown): void {
  const roots: torch.Tensor[] = [];
  const weights: torch.Tensor[] = [];
  for (const [k, tensor] of tensorsOf(result).entries()) {
    if (!tensor.isFloatingPoint() || !tensor.requiresGrad) continue;
    const values = Float64Array.from({ length: tensor.numel() }, (_, i) => Math.cos(0.7 * i + k));
    roots.push(tensor);
    weights.push(torch.tensor(values).view(tensor.shape).to(tensor));
  }
  if (roots.length > 0) torch.autograd.backward(roots, weights);
}

/** Replays a case; returns what went wrong, by kind. Throws {@link Unsupported}. */
export function replayModule(test: ModuleCase, group: Group<ModuleCase>): Record<string, string> {
  if (test.function !== undefined) return replayFunction(test, group);
  if (test.error) return replayError(test, group);
  if (test.apply !== undefined) throw new Unsupported('apply');
  const problems: Record<string, string> = {};
  const note = (kind: string, problem: string | null): void => {
    if (problem !== null) problems[kind] = problem;
  };
  const plain = new ModuleDecoder(group);
  const module = plain.construct(test);
  if (test.dtype !== undefined) module.to(test.dtype);
  module.train(test.train ?? true);
  const state = Object.fromEntries(
    (test.state ?? []).map(([name, value]) => [name, plain.decode(value) as torch.Tensor]),
  );
  note('state names', deepDifference(Object.keys(module.stateDict()), Object.keys(state)));
  if (problems['state names'] !== undefined) return problems;
  module.loadStateDict(state);
  if (test.modules !== undefined) {
    const found = module.namedModules().slice(1);
    note(
      'modules',
      deepDifference(
        found.map(([path, child]) => [path, child.constructor.name]),
        test.modules,
      ),
    );
  }
  if (test.repr !== undefined && plainNumbers(String(module)) !== plainNumbers(test.repr))
    note('repr', `${module}, expected ${test.repr}`);
  if (test.inputs === undefined) return problems;
  const decoder = new ModuleDecoder(group, test.requires_grad);
  const inputs = test.inputs.map((input) => decoder.decode(input));
  const options = decoder.options(test.input_options);
  const result = run(module, inputs, options, test.in_place ?? false);
  note('out', deepDifference(result, plain.decode(test.out ?? null)));
  if (test.in_place) {
    const after = (test.inputs_after ?? []).map((value) => plain.decode(value));
    after.forEach((wanted, i) => {
      if (wanted !== null) note('inputs after', deepDifference(decoder.decoder.tensors[i], wanted));
    });
    return problems;
  }
  backward(result);
  if (test.grads !== undefined) {
    const flagged = decoder.decoder.tensors.filter((_, i) => test.requires_grad?.[i]);
    note(
      'grads',
      deepDifference(
        flagged.map((tensor) => tensor.grad),
        test.grads.map((value) => plain.decode(value)),
      ),
    );
  }
  if (test.param_grads !== undefined) {
    const found = module.namedParameters().map(([name, parameter]) => [name, parameter.grad]);
    note(
      'param grads',
      deepDifference(
        found,
        test.param_grads.map(([name, value]) => [name, plain.decode(value)]),
      ),
    );
  }
  const changed = new Map((test.state_after ?? []).map(([name, value]) => [name, plain.decode(value) as torch.Tensor]));
  for (const [name, tensor] of Object.entries(module.stateDict()))
    note(`state after, ${name}`, deepDifference(tensor, changed.get(name) ?? state[name]));
  return problems;
}

/** JavaScript has one kind of number: `1.0` is `1`. */
const plainNumbers = (text: string): string => text.replaceAll(/(\d)\.0\b/g, '$1');

function run(module: Callable, inputs: unknown[], options: object | undefined, inPlace: boolean): unknown {
  const call = () => module(...inputs, ...(options === undefined ? [] : [options]));
  return inPlace ? torch.noGrad(call) : call();
}

function replayError(test: ModuleCase, group: Group<ModuleCase>): Record<string, string> {
  try {
    const decoder = new ModuleDecoder(group);
    const module = decoder.construct(test);
    if (test.stage === 'forward') {
      if (test.dtype !== undefined) module.to(test.dtype);
      const options = decoder.options(test.input_options);
      const inputs = (test.inputs ?? []).map((input) => decoder.decode(input));
      run(module, inputs, options, false);
    }
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    return error instanceof torch.TorchError ? {} : { error: `threw ${error}` };
  }
  return { error: 'it did not throw' };
}

function replayFunction(test: ModuleCase, group: Group<ModuleCase>): Record<string, string> {
  const decoder = new ModuleDecoder(group);
  const call = lookUp(test.function as string) as (...args: unknown[]) => unknown;
  const options = decoder.options(test.options);
  const args = (test.args ?? []).map((arg) => decoder.decode(arg));
  const problem = deepDifference(
    call(...args, ...(options === undefined ? [] : [options])),
    decoder.decode(test.out ?? null),
  );
  return problem === null ? {} : { out: problem };
}
