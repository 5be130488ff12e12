import { ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { zerosLike } from '@ts-torch/tensor/internal';
import { grad } from './engine.js';
import { tangentOf } from './tangent.js';

type Inputs = Tensor | readonly Tensor[];
type Fn = (...inputs: Tensor[]) => Tensor;

/** Copies that require gradients, and remember where they came from when gradients of gradients are wanted. */
function tracked(inputs: Inputs, createGraph: boolean): Tensor[] {
  const list = inputs instanceof Tensor ? [inputs] : inputs;
  return list.map((input) =>
    createGraph && input.requiresGrad ? input.viewAs(input) : input.detach().requiresGrad_(),
  );
}

export interface FunctionalOptions {
  createGraph?: boolean;
}

/**
 * For one input the tensor d f(x)[i] / d x[j], of shape [...f(x).shape, ...x.shape]; for a list of inputs a list.
 *
 * @example autograd.functional.jacobian((x) => x.square(), torch.tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacobian<I extends Inputs>(
  f: Fn,
  inputs: I,
  { createGraph = false }: FunctionalOptions = {},
): I extends Tensor ? Tensor : Tensor[] {
  const by = tracked(inputs, createGraph);
  const output = f(...by);
  const flat = output.reshape(-1);
  const rows = Array.from({ length: flat.numel() }, (_, k) => {
    const found = output.requiresGrad
      ? grad(flat.select(0, k), by, { retainGraph: true, createGraph, allowUnused: true })
      : by.map(() => null);
    return found.map((gradient, i) => gradient ?? zerosLike(by[i] as Tensor));
  });
  const results = by.map((input, i) => {
    const shape = [...output.shape, ...input.shape];
    if (rows.length === 0) return input.newZeros(shape);
    return stackRows(rows.map((row) => row[i] as Tensor)).reshape(shape);
  });
  return (inputs instanceof Tensor ? results[0] : results) as I extends Tensor ? Tensor : Tensor[];
}

function stackRows(rows: readonly Tensor[]): Tensor {
  const first = rows[0] as Tensor;
  const result = first.newZeros([rows.length, ...first.shape]);
  rows.forEach((row, i) => {
    result.select(0, i).copy_(row);
  });
  return result;
}

/**
 * Second derivatives of a function of one value: d2 f(x) / d x[i] d x[j].
 *
 * @example autograd.functional.hessian((x) => x.square().sum(), torch.tensor([1, 2])) // tensor([[2., 0.], [0., 2.]])
 */
export function hessian(f: Fn, input: Tensor, { createGraph = false }: FunctionalOptions = {}): Tensor {
  const gradient = (x: Tensor): Tensor => {
    const value = f(x);
    if (value.numel() !== 1) throw new ValueError('hessian: expected a function whose result is one number');
    return grad(value.reshape([]), x, { createGraph: true, allowUnused: true })[0] ?? zerosLike(x);
  };
  return jacobian(gradient, input, { createGraph });
}

/**
 * The result of `f`, and the product of the vector `v` with its jacobian.
 *
 * @example autograd.functional.vjp((x) => x.square(), torch.tensor([1, 2]), torch.ones([2])) // [tensor([1., 4.]), tensor([2., 4.])]
 */
export function vjp<I extends Inputs>(
  f: Fn,
  inputs: I,
  v?: Tensor,
  { createGraph = false }: FunctionalOptions = {},
): [output: Tensor, vjp: I extends Tensor ? Tensor : Tensor[]] {
  const by = tracked(inputs, createGraph);
  const output = f(...by);
  const found = grad(output, by, { gradOutputs: v ?? null, createGraph, allowUnused: true });
  const results = found.map((gradient, i) => gradient ?? zerosLike(by[i] as Tensor));
  return [output.detach(), (inputs instanceof Tensor ? results[0] : results) as I extends Tensor ? Tensor : Tensor[]];
}

/**
 * The result of `f`, and the product of its jacobian with the vectors `v`: the derivative along `v` (by two backward passes).
 *
 * @example autograd.functional.jvp((x) => x.square(), torch.tensor([1, 2]), torch.ones([2])) // [tensor([1., 4.]), tensor([2., 4.])]
 */
export function jvp(
  f: Fn,
  inputs: Inputs,
  v: Inputs,
  { createGraph = false }: FunctionalOptions = {},
): [output: Tensor, jvp: Tensor] {
  const by = tracked(inputs, createGraph);
  const along = v instanceof Tensor ? [v] : v;
  const output = f(...by);
  if (!output.requiresGrad) return [output.detach(), zerosLike(output.detach())];
  const duals = by.map((primal, i) => ({ primal, tangent: along[i] as Tensor }));
  return [output.detach(), tangentOf(output, duals, createGraph) ?? zerosLike(output.detach())];
}

/**
 * The value of a function of one number, and the product of its hessian with `v`.
 *
 * @example autograd.functional.hvp((x) => x.square().sum(), torch.tensor([1, 2]), torch.ones([2])) // [tensor(5.), tensor([2., 2.])]
 */
export function hvp(f: Fn, input: Tensor, v: Tensor): [output: Tensor, hvp: Tensor] {
  const x = input.detach().requiresGrad_();
  const output = f(x);
  const [gradient] = grad(output, x, { createGraph: true });
  const [result] = grad(gradient as Tensor, x, { gradOutputs: v, allowUnused: true });
  return [output.detach(), result ?? zerosLike(input)];
}

/**
 * {@link hvp}, with the vector on the left of the Hessian, which is symmetric: the same.
 *
 * @example autograd.functional.vhp((x) => x.square().sum(), torch.tensor([1, 2]), torch.ones([2])) // [tensor(5.), tensor([2., 2.])]
 */
export function vhp(f: Fn, input: Tensor, v: Tensor): [output: Tensor, vhp: Tensor] {
  return hvp(f, input, v);
}
