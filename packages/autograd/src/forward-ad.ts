/** `autograd.forwardAd`: derivatives along a direction, carried forward with the values. */
import { ShapeError, TorchError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { runScope, sameShape, show, zerosLike } from '@ts-torch/tensor/internal';
import { grad } from './engine.js';

interface Dual {
  readonly primal: Tensor;
  readonly tangent: Tensor;
}

/** The duals of the level that is open; none where no level is. */
let level: Dual[] | null = null;

/** Within `f` tensors may be duals: {@link makeDual}. Levels do not nest. */
export function dualLevel<T>(f: () => T): T {
  if (level !== null) throw new ValueError('dualLevel: levels do not nest');
  level = [];
  return runScope('dualLevel', f, () => {
    level = null;
  });
}

/**
 * A tensor that carries a tangent: what is computed from it has the derivative in that direction.
 *
 * @example
 * const { dualLevel, makeDual, unpackDual } = autograd.forwardAd;
 * dualLevel(() => unpackDual(makeDual(torch.tensor([3]), torch.tensor([1])).square()).tangent?.detach()) // tensor([6.])
 */
export function makeDual(tensor: Tensor, tangent: Tensor): Tensor {
  const duals = openLevel('makeDual');
  for (const value of [tensor, tangent])
    if (!(value instanceof Tensor)) throw new ValueError('makeDual: expected a tensor and its tangent');
  if (!sameShape(tensor.shape, tangent.shape))
    throw new ShapeError(`makeDual: a tangent of shape ${show(tangent.shape)} does not fit ${show(tensor.shape)}`);
  const primal = tensor.requiresGrad ? tensor.viewAs(tensor) : tensor.detach().requiresGrad_();
  duals.push({ primal, tangent });
  return primal;
}

/** A tensor's values and its tangent, `null` where it depends on no dual. */
export function unpackDual(tensor: Tensor): { primal: Tensor; tangent: Tensor | null } {
  const duals = openLevel('unpackDual');
  return { primal: tensor.detach(), tangent: tensor.requiresGrad ? tangentOf(tensor, duals) : null };
}

function openLevel(op: string): Dual[] {
  if (level === null) throw new TorchError(`${op}: expected to be called within dualLevel`);
  return level;
}

/**
 * The derivative of `output` along the tangents of its inputs, by two backward passes: the product of a vector with the Jacobian is
 * linear in that vector, and its derivative by the vector is the product from the other side.
 */
export function tangentOf(output: Tensor, inputs: readonly Dual[], createGraph = true): Tensor | null {
  const vector = zerosLike(output.detach()).requiresGrad_();
  const pulled = grad(
    output,
    inputs.map(({ primal }) => primal),
    { gradOutputs: vector, createGraph: true, allowUnused: true },
  );
  const used = pulled.flatMap((gradient, i) =>
    gradient?.requiresGrad ? [{ gradient, tangent: (inputs[i] as Dual).tangent }] : [],
  );
  if (used.length === 0) return null;
  const [result] = grad(
    used.map(({ gradient }) => gradient),
    vector,
    { gradOutputs: used.map(({ tangent }) => tangent), createGraph, allowUnused: true },
  );
  return result ?? null;
}
