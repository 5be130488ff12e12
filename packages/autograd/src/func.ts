/** `torch.func`: functions that make functions, such as the gradient of a function. Inputs are tensors, or lists of tensors. */
import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { normalizeDim, renamed, stack, zerosLike } from '@ts-torch/tensor/internal';
import { grad as gradientsOf } from './engine.js';
import * as functional from './functional.js';

type Value = Tensor | readonly Tensor[];
type Fn<R extends Value = Value> = (...inputs: Tensor[]) => R;

export interface ArgnumsOptions {
  /** Which arguments to differentiate by; the first where left out. */
  argnums?: number | readonly number[] | undefined;
}

/** Arguments that record, without touching those of the caller. */
function tracked(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((input) => {
    if (!(input instanceof Tensor)) throw new ValueError(`func: expected tensors, got ${describe(input)}`);
    if (input.dtypeInfo.rank < 2) return input;
    return input.requiresGrad ? input.viewAs(input) : input.detach().requiresGrad_();
  });
}

const keeps = (inputs: readonly Tensor[]): boolean => inputs.some((input) => input.requiresGrad);

function chosen(argnums: number | readonly number[], count: number): number[] {
  return (typeof argnums === 'number' ? [argnums] : argnums).map((i) => normalizeDim('func', i, count));
}

/**
 * The function that gives the value of `f`, a number, and its gradients by the arguments: a list where `argnums` is one.
 *
 * @example torch.func.gradAndValue((x) => x.square().sum())(torch.tensor([1, 2])) // [tensor([2., 4.]), tensor(5.)]
 */
export function gradAndValue(
  f: Fn<Tensor>,
  { argnums = 0 }: ArgnumsOptions = {},
): (...inputs: Tensor[]) => [gradients: Tensor | Tensor[], value: Tensor] {
  return (...inputs) => {
    const by = tracked(inputs);
    const value = f(...by);
    if (value.numel() !== 1)
      throw new ShapeError(`grad: expected a function whose result is one number, got [${value.shape}]`);
    const wanted = chosen(argnums, by.length).map((i) => by[i] as Tensor);
    // Where the caller records (gradients of gradients), so does this.
    const createGraph = keeps(inputs);
    const found = value.requiresGrad
      ? gradientsOf(value.reshape([]), wanted, { createGraph, allowUnused: true })
      : wanted.map(() => null);
    const gradients = found.map((gradient, i) => gradient ?? zerosLike(wanted[i] as Tensor));
    return [typeof argnums === 'number' ? (gradients[0] as Tensor) : gradients, createGraph ? value : value.detach()];
  };
}

/**
 * The gradient of `f`, which gives one number, as a function. Gradients of gradients: `grad(grad(f))`.
 *
 * @example torch.func.grad((x) => x.square().sum())(torch.tensor([1, 2])) // tensor([2., 4.])
 */
export function grad(f: Fn<Tensor>, options: ArgnumsOptions = {}): (...inputs: Tensor[]) => Tensor | Tensor[] {
  const both = gradAndValue(f, options);
  return (...inputs) => both(...inputs)[0];
}

/**
 * The result of `f`, and the function that takes a vector to its product with the Jacobian: one gradient for each input.
 *
 * @example
 * const [output, pullback] = torch.func.vjp((x) => x.square(), torch.tensor([1, 2]));
 * pullback(torch.ones([2])) // [tensor([2., 4.])]
 */
export function vjp(f: Fn<Tensor>, ...primals: Tensor[]): [output: Tensor, vjp: (cotangent: Tensor) => Tensor[]] {
  const by = tracked(primals);
  const output = f(...by);
  const createGraph = keeps(primals);
  const pull = (cotangent: Tensor): Tensor[] => {
    const found = output.requiresGrad
      ? gradientsOf(output, by, { gradOutputs: cotangent, retainGraph: true, createGraph, allowUnused: true })
      : by.map(() => null);
    return found.map((gradient, i) => gradient ?? zerosLike(by[i] as Tensor));
  };
  return [createGraph ? output : output.detach(), pull];
}

/**
 * The result of `f`, and its derivative along the tangents, one for each input.
 *
 * @example torch.func.jvp((x) => x.square(), [torch.tensor([1, 2])], [torch.ones([2])]) // [tensor([1., 4.]), tensor([2., 4.])]
 */
export function jvp(
  f: Fn<Tensor>,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
): [output: Tensor, tangent: Tensor] {
  return functional.jvp(f, primals, tangents, { createGraph: keeps(primals) });
}

/**
 * The Jacobian of `f` by one argument as a function: row by row.
 *
 * @example torch.func.jacrev((x) => x.square())(torch.tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacrev(f: Fn<Tensor>, { argnums = 0 }: { argnums?: number } = {}): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const at = normalizeDim('jacrev', argnums, inputs.length);
    const ofOne = (x: Tensor): Tensor => f(...inputs.with(at, x));
    return functional.jacobian(ofOne, inputs[at] as Tensor, { createGraph: keeps(inputs) });
  };
}

/**
 * The Jacobian of `f` by one argument as a function: column by column. Cheaper than {@link jacrev} where there are fewer inputs than results.
 *
 * @example torch.func.jacfwd((x) => x.square())(torch.tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacfwd(f: Fn<Tensor>, { argnums = 0 }: { argnums?: number } = {}): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const at = normalizeDim('jacfwd', argnums, inputs.length);
    const input = inputs[at] as Tensor;
    const createGraph = keeps(inputs);
    const columns = Array.from({ length: input.numel() }, (_, i) => {
      const tangent = zerosLike(input).reshape([-1]);
      tangent.select(0, i).fill_(1);
      const ofOne = (x: Tensor): Tensor => f(...inputs.with(at, x));
      return functional.jvp(ofOne, input, tangent.reshape(input.shape), { createGraph })[1];
    });
    if (columns.length === 0) return input.newZeros([...f(...inputs).shape, ...input.shape]);
    const joined = stack(columns, { dim: (columns[0] as Tensor).ndim });
    return joined.reshape([...(columns[0] as Tensor).shape, ...input.shape]);
  };
}

/**
 * The Hessian of `f`, which gives one number, by one argument.
 *
 * @example torch.func.hessian((x) => x.square().sum())(torch.tensor([1, 2])) // tensor([[2., 0.], [0., 2.]])
 */
export function hessian(f: Fn<Tensor>, options: { argnums?: number } = {}): (...inputs: Tensor[]) => Tensor {
  return jacrev(grad(f, options) as Fn<Tensor>, options);
}

export interface VmapOptions {
  /** For each argument the dimension to go along; `null` for those that stay as they are. One for all, or a list. */
  inDims?: number | null | readonly (number | null)[] | undefined;
  /** Where the results have the new dimension. */
  outDims?: number | undefined;
}

/**
 * The function that calls `f` for each slice of its arguments and stacks the results: `f` is written for one example, and gets a
 * batch. Differentiable; any op and any control flow may be used. It calls `f` so many times: what is written for batches is faster.
 *
 * @example torch.func.vmap((x, y) => x.dot(y))(torch.tensor([[1, 2], [3, 4]]), torch.ones([2, 2])) // tensor([3., 7.])
 */
export function vmap<R extends Value>(
  f: Fn<R>,
  { inDims = 0, outDims = 0 }: VmapOptions = {},
): (...inputs: Tensor[]) => R {
  return (...inputs) => {
    const dims = Array.isArray(inDims)
      ? (inDims as readonly (number | null)[])
      : inputs.map(() => inDims as number | null);
    if (dims.length !== inputs.length)
      throw new ValueError(`vmap: expected inDims for ${inputs.length} arguments, got ${describe(inDims)}`);
    const slices = inputs.map((input, i) => {
      const dim = dims[i] ?? null;
      return dim === null ? null : input.unbind(dim);
    });
    const sizes = new Set(slices.flatMap((parts) => (parts === null ? [] : [parts.length])));
    const [size] = sizes;
    if (sizes.size !== 1 || size === undefined || size === 0)
      throw new ShapeError(
        `vmap: expected one size above 0 of the mapped dimensions, got ${[...sizes].join(', ') || 'none'}`,
      );
    const results = Array.from({ length: size }, (_, k) => f(...inputs.map((input, i) => slices[i]?.[k] ?? input)));
    const [first] = results;
    if (first instanceof Tensor) return stack(results as Tensor[], { dim: outDims }) as Value as R;
    const lists = results as readonly (readonly Tensor[])[];
    const columns = (first as readonly Tensor[]).map((_, i) => lists.map((list) => list[i] as Tensor));
    const stacked = columns.map((column) => stack(column, { dim: outDims }));
    return renamed(first as readonly Tensor[], stacked) as Value as R;
  };
}
