import type { Tensor } from '@ts-torch/tensor';
import { zerosLike } from '@ts-torch/tensor/internal';
import { grad } from './engine.js';

/** A tensor and the direction in which it changes. */
export interface Dual {
  readonly primal: Tensor;
  readonly tangent: Tensor;
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
