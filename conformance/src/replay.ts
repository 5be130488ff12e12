import * as torch from 'ts-torch';
import { type Arguments, argumentsOf, callFunction, callInPlace, callMethod, MissingOperator } from './call.js';
import { difference, formDifference, slackOf } from './compare.js';
import { Decoder } from './decode.js';
import { CHOICES, chosen, GAUGES } from './gauge.js';
import type { Case, Encoded, Group } from './oracle.js';

/** What a case checks. `missing`: ts-torch lacks the operator. */
export const KINDS = ['missing', 'error', 'values', 'method', 'inplace', 'gradients'] as const;
export type Kind = (typeof KINDS)[number];

/** What came of one case: the kinds that it checked, and what was wrong with them. */
export interface Outcome {
  readonly test: Case;
  readonly group: string;
  readonly checked: readonly Kind[];
  readonly failures: Readonly<Partial<Record<Kind, string>>>;
}

export const passed = (outcome: Outcome): boolean => Object.keys(outcome.failures).length === 0;

/** Replays one case; whatever goes wrong is part of the outcome. */
export function replay(test: Case, group: Group): Outcome {
  const checked: Kind[] = [];
  const failures: Partial<Record<Kind, string>> = {};
  const check = (kind: Kind, run: () => string | null): void => {
    checked.push(kind);
    try {
      const problem = run();
      if (problem !== null) failures[kind] = problem;
    } catch (error) {
      if (error instanceof MissingOperator && checked.length === 1) failures.missing = error.message;
      else failures[kind] = messageOf(error);
    }
  };
  const call = new Call(test, group);
  check(test.error ? 'error' : 'values', () => (test.error ? call.throws() : call.values()));
  if (!test.error && failures.missing === undefined) {
    if (test.method) check('method', () => call.method());
    if (test.inplace && call.fitsInPlace()) check('inplace', () => call.inPlace());
    if (test.grads !== undefined) check('gradients', () => call.gradients());
  }
  return { test, group: group.name, checked, failures };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof torch.TorchError || error instanceof MissingOperator
    ? error.message
    : `${error.name}: ${error.message}`;
}

/** Results in a row, as PyTorch's tuples have them. */
function listOf(result: unknown): unknown[] {
  if (result instanceof torch.Tensor || typeof result !== 'object' || result === null) return [result];
  return [...(result as Iterable<unknown>)].flatMap(listOf);
}

/** One recorded call. Each check makes its arguments anew, since a call may change them. */
class Call {
  private readonly test: Case;
  private readonly group: Group;

  constructor(test: Case, group: Group) {
    this.test = test;
    this.group = group;
  }

  throws(): string | null {
    const args = argumentsOf(this.test, new Decoder(this.group.tensors));
    try {
      this.run(args);
    } catch (error) {
      if (error instanceof torch.TorchError) return null;
      if (error instanceof MissingOperator) throw error;
      return `expected a TorchError, got ${messageOf(error)}`;
    }
    return 'expected an error';
  }

  values(): string | null {
    const args = argumentsOf(this.test, new Decoder(this.group.tensors));
    return this.compare(listOf(this.run(args)), args);
  }

  method(): string | null {
    const args = argumentsOf(this.test, new Decoder(this.group.tensors), 'method');
    return this.compare(listOf(callMethod(this.test.op, args)), args);
  }

  /** Whether the result fits into the first argument: PyTorch, too, has it in place only then. */
  fitsInPlace(): boolean {
    const [expected] = this.expected();
    const self = argumentsOf(this.test, new Decoder(this.group.tensors), 'method').positional[0];
    return (
      expected instanceof torch.Tensor &&
      self instanceof torch.Tensor &&
      formDifference(self, expected.shape, expected.dtype) === null
    );
  }

  inPlace(): string | null {
    const args = withCopy(argumentsOf(this.test, new Decoder(this.group.tensors), 'method'));
    const result = callInPlace(this.test.op, args);
    if (result !== args.positional[0]) return 'expected the tensor itself to be returned';
    return this.compare([result], args);
  }

  gradients(): string | null {
    const decoder = new Decoder(this.group.tensors, this.test.requires_grad);
    const results = listOf(this.run(argumentsOf(this.test, decoder)));
    backward(results);
    const flagged = decoder.tensors.filter((_, i) => this.test.requires_grad?.[i]);
    for (const [i, encoded] of (this.test.grads ?? []).entries()) {
      const problem = this.compareGradient(flagged[i]?.grad ?? null, encoded);
      if (problem !== null) return `gradient ${i}: ${problem}`;
    }
    return null;
  }

  private compareGradient(actual: torch.Tensor | null, encoded: Encoded): string | null {
    if (encoded === null)
      return actual === null || difference(actual, torch.zerosLike(actual)) === null ? null : 'expected none';
    if (actual === null) return 'none';
    return difference(actual, this.recorded(encoded) as torch.Tensor, slackOf(this.test.op));
  }

  private run(args: Arguments): unknown {
    // In-place operators change their argument, which must not be a leaf of the graph.
    return callFunction(this.test.op, this.test.op.endsWith('_') ? withCopy(args) : args);
  }

  private recorded(encoded: Encoded): unknown {
    return new Decoder(this.group.tensors).decode(encoded);
  }

  private expected(): unknown[] {
    return listOf(this.recorded(this.test.out ?? null));
  }

  private compare(results: readonly unknown[], args: Arguments): string | null {
    const { test } = this;
    if (test.compare === 'shape') return this.compareForms(results);
    const expected = this.expected();
    // This variant of the database differentiates the first result, and records no other.
    if (test.variant === 'grad_oriented') results = results.slice(0, 1);
    if (results.length !== expected.length) return `${results.length} results, expected ${expected.length}`;
    const gauge = test.compare === 'gauge' ? GAUGES[test.op] : undefined;
    if (gauge !== undefined) {
      const pairs = gauge(args.positional[0] as torch.Tensor, results as torch.Tensor[], expected as torch.Tensor[]);
      return (
        firstProblem(pairs, (actual, wanted) => difference(actual, wanted, 20)) ??
        this.compareFactors(results, expected)
      );
    }
    if (CHOICES.has(test.op) && results.length === 2)
      return this.compareChoice(
        args.positional[0] as torch.Tensor,
        results as torch.Tensor[],
        expected as torch.Tensor[],
      );
    return firstProblem(
      results.map((result, k) => [result, expected[k]]),
      (actual, wanted) => plainOrTensor(actual, wanted, slackOf(test.op)),
    );
  }

  private compareChoice(
    input: torch.Tensor,
    [values, indices]: readonly torch.Tensor[],
    [wanted, places]: readonly torch.Tensor[],
  ): string | null {
    const dim = Number(this.test.params?.find(([name]) => name === 'dim')?.[2] ?? -1);
    return (
      difference(values!, wanted!) ??
      formDifference(indices!, places!.shape, places!.dtype) ??
      difference(chosen(input.detach(), dim, indices!), wanted!)
    );
  }

  private compareFactors(results: readonly unknown[], expected: readonly unknown[]): string | null {
    const pairs = results.map((result, k) => [result as torch.Tensor, expected[k] as torch.Tensor] as const);
    return firstProblem(pairs, (actual, wanted) => formDifference(actual, wanted.shape, wanted.dtype));
  }

  private compareForms(results: readonly unknown[]): string | null {
    const wanted = this.test.out_like ?? [];
    if (results.length !== wanted.length) return `${results.length} results, expected ${wanted.length}`;
    const pairs = wanted.map((like, k) => [results[k], like] as const);
    return firstProblem(pairs, (result, { shape, dtype }) =>
      result instanceof torch.Tensor ? formDifference(result, shape, dtype) : `${result}, expected a tensor`,
    );
  }
}

function firstProblem<A, B>(
  pairs: readonly (readonly [A, B])[],
  compare: (actual: A, expected: B) => string | null,
): string | null {
  for (const [k, [actual, expected]] of pairs.entries()) {
    const problem = compare(actual, expected);
    if (problem !== null) return pairs.length === 1 ? problem : `result ${k}: ${problem}`;
  }
  return null;
}

function plainOrTensor(actual: unknown, expected: unknown, slack: number): string | null {
  if (actual instanceof torch.Tensor && expected instanceof torch.Tensor) return difference(actual, expected, slack);
  return Object.is(actual, expected) ? null : `${describe(actual)}, expected ${describe(expected)}`;
}

const describe = (value: unknown): string => (value instanceof torch.Tensor ? 'a tensor' : String(value));

/** The first argument copied, so that it can be changed. */
function withCopy({ positional: [self, ...others], options }: Arguments): Arguments {
  return { positional: [(self as torch.Tensor).clone(), ...others], options };
}

/** Gradients of the sum over `k` of `sum(result_k * cos(0.7 i + k))`, `i` counting elements row-major. */
function backward(results: readonly unknown[]): void {
  const roots: torch.Tensor[] = [];
  const weights: torch.Tensor[] = [];
  for (const [k, result] of results.entries()) {
    if (!(result instanceof torch.Tensor) || !result.isFloatingPoint() || !result.requiresGrad) continue;
    const values = Float64Array.from({ length: result.numel() }, (_, i) => Math.cos(0.7 * i + k));
    roots.push(result);
    weights.push(torch.tensor(values).view(result.shape).to(result));
  }
  if (roots.length > 0) torch.autograd.backward(roots, weights);
}
