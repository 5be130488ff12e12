/** `autograd.forwardAd`: derivatives along a direction, carried forward with the values. */
import { ShapeError, TorchError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { runScope, sameShape, show } from '@ts-torch/tensor/internal';
import { type Dual, tangentOf } from './tangent.js';

/** The duals of the level that is open; none where no level is. */
let level: Dual[] | null = null;

/**
 * Within `f` tensors may be duals: {@link makeDual}. Levels do not nest.
 *
 * @example
 * const { dualLevel, makeDual, unpackDual } = autograd.forwardAd;
 * dualLevel(() => unpackDual(makeDual(torch.tensor([2]), torch.tensor([1])).pow(3)).tangent?.detach()) // tensor([12.])
 */
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

/**
 * A tensor's values and its tangent, `null` where it depends on no dual.
 *
 * @example autograd.forwardAd.dualLevel(() => autograd.forwardAd.unpackDual(torch.ones([2]))) // { primal: tensor([1., 1.]), tangent: null }
 */
export function unpackDual(tensor: Tensor): { primal: Tensor; tangent: Tensor | null } {
  const duals = openLevel('unpackDual');
  return { primal: tensor.detach(), tangent: tensor.requiresGrad ? tangentOf(tensor, duals) : null };
}

function openLevel(op: string): Dual[] {
  if (level === null) throw new TorchError(`${op}: expected to be called within dualLevel`);
  return level;
}
