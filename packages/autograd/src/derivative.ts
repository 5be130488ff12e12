import { InternalError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { definitions, type OpDefinition, zerosLike } from '@ts-torch/tensor/internal';
import type { Gradient, TensorInfo } from './node.js';

// --- Types: a formula sees by name what the op was called with; of tensors that were not saved only shape and dtype. -----

/** Type only: what `primitive` and its like carry. */
interface Typed {
  readonly definition: OpDefinition;
  // biome-ignore lint/suspicious/noExplicitAny: the op's own names and arguments
  readonly types?: { names: readonly string[]; args: readonly any[]; result: unknown };
}
type NamesOf<Op> = Op extends { readonly types?: { names: infer N extends readonly string[] } } ? N : never;
type ArgsOf<Op> = Op extends { readonly types?: { args: infer A extends readonly unknown[] } } ? A : never;
type IndexOf<Names extends readonly string[], Name> = {
  [I in keyof Names]: Names[I] extends Name ? I : never;
}[number];
type ArgOf<Op, Name> = Required<ArgsOf<Op>>[IndexOf<NamesOf<Op>, Name> & keyof Required<ArgsOf<Op>>];

/** An unsaved argument: of tensors the shape and dtype. */
type Unsaved<T> = T extends Tensor ? TensorInfo : T extends readonly Tensor[] ? readonly TensorInfo[] : T;

export type Saveable<Op> = NamesOf<Op>[number] | 'result';

type Context<Op, Saves> = {
  /** The gradient of the (first) result. */
  grad: Tensor;
  /** The gradients of all results; `null` where none came. */
  grads: readonly Gradient[];
  /** The shape and dtype of each result. */
  outputs: readonly TensorInfo[];
} & {
  [Name in NamesOf<Op>[number]]: Name extends Saves ? ArgOf<Op, Name> : Unsaved<ArgOf<Op, Name>>;
} & ('result' extends Saves ? { result: Tensor; results: readonly Tensor[] } : unknown);

/** One formula for each tensor argument. A list of tensors has a list of gradients. */
type Formulas<Op, Saves> = {
  [Name in NamesOf<Op>[number] as Extract<ArgOf<Op, Name>, Tensor> extends never ? never : Name]?: (
    context: Context<Op, Saves>,
  ) => Gradient;
} & {
  [Name in NamesOf<Op>[number] as ArgOf<Op, Name> extends readonly Tensor[] ? Name : never]?: (
    context: Context<Op, Saves>,
  ) => readonly Gradient[];
};

type DerivativeSpec<Op, Saves extends Saveable<Op>> = {
  /** What backward keeps alive, and all that the formulas can see the values of. */
  readonly saves: readonly Saves[];
} & (
  | (Formulas<Op, Saves> & { readonly all?: undefined })
  | {
      /** All gradients at once, for kernels that compute them together; `needs` says which are wanted. */
      readonly all: (
        context: Context<Op, Saves>,
        needs: { [Name in NamesOf<Op>[number]]: boolean },
      ) => { [Name in NamesOf<Op>[number]]?: Gradient | readonly Gradient[] };
    }
);

// --- The table ----------------------------------------------------------------------------------------------------------

// biome-ignore lint/suspicious/noExplicitAny: typed where it is declared
type Formula = (context: any, needs?: any) => any;

/** A derivative as the engine uses it. */
export interface Derivative {
  readonly savesArgument: readonly boolean[];
  readonly savesResult: boolean;
  /** Whether it saves any argument or result. */
  readonly savesTensors: boolean;
  /** By argument; `undefined` where no gradient is defined. */
  readonly formulas: readonly (Formula | undefined)[];
  readonly all: Formula | undefined;
  /** Results do not depend on the inputs in a differentiable way: nothing is recorded. */
  readonly none: boolean;
}

function setDerivative(definition: OpDefinition, given: Omit<Derivative, 'savesTensors'>): void {
  if (definition.derivative !== null) throw new InternalError(`'${definition.name}' has two derivatives`);
  const savesTensors = given.savesResult || given.savesArgument.includes(true);
  definition.derivative = { ...given, savesTensors } satisfies Derivative;
}

/**
 * Declares how gradients of an op's results become gradients of its arguments, in differentiable ops, so that gradients of
 * gradients come free. Sums over broadcast dimensions and conversions of dtype are the engine's work.
 *
 * ```ts
 * // d tanh = 1 - tanh^2: from the result, so the input is not kept.
 * derivative(tanh, { saves: ['result'], self: ({ grad, result }) => grad.mul(result.square().neg().add(1)) });
 * ```
 */
export function derivative<Op extends Typed, const Saves extends Saveable<Op> = never>(
  op: Op,
  spec: DerivativeSpec<Op, Saves>,
): void {
  const { definition } = op;
  const { saves, all, ...formulas } = spec as unknown as { saves: string[]; all?: Formula } & Record<string, Formula>;
  for (const name of [...Object.keys(formulas), ...saves]) {
    if (name !== 'result' && !definition.params.includes(name))
      throw new InternalError(`the derivative of '${definition.name}' names '${name}', which is none of its arguments`);
  }
  setDerivative(definition, {
    savesArgument: definition.params.map((name) => saves.includes(name)),
    savesResult: saves.includes('result'),
    formulas: definition.params.map((name) => formulas[name]),
    all,
    none: false,
  });
}

/** Declares ops whose gradient is zero everywhere, such as `floor`: backward goes through them with zeros. */
export function zeroDerivative(...ops: Typed[]): void {
  for (const { definition } of ops) {
    setDerivative(definition, {
      savesArgument: definition.params.map(() => false),
      savesResult: false,
      formulas: definition.params.map((_, i) =>
        i === 0 ? ({ grad }: { grad: Tensor }) => zerosLike(grad) : undefined,
      ),
      all: undefined,
      none: false,
    });
  }
}

/** Declares ops that cannot be differentiated, such as comparisons: their results never require gradients. */
export function notDifferentiable(...ops: Typed[]): void {
  for (const { definition } of ops) {
    setDerivative(definition, { savesArgument: [], savesResult: false, formulas: [], all: undefined, none: true });
  }
}

/**
 * The primitives that nobody has declared a derivative for; a test expects none.
 *
 * @example autograd.withoutDerivative() // []
 */
export function withoutDerivative(): string[] {
  return [...definitions.values()].filter((op) => op.derivative === null).map((op) => op.name);
}
