import type { Tensor } from '@ts-torch/tensor';
import type { AccumulateGrad, Node } from './node.js';

export type TensorHook = (grad: Tensor) => Tensor | undefined | void;

/** What autograd keeps on a tensor: `tensor.autograd`. */
export class Meta {
  /** For leaves: whether gradients are wanted. Results of recorded ops have a gradFn instead. */
  requiresGrad = false;
  grad: Tensor | null = null;
  /** The node that computed the tensor, and which of its results it is. */
  gradFn: Node | null = null;
  index = 0;
  /** Where gradients of a leaf are added up. */
  accumulator: AccumulateGrad | null = null;
  retainGrad = false;
  hooks: Set<TensorHook> | null = null;
  /** How often the history of this tensor, the base of views, was replaced by in-place ops. */
  generation = 0;
  /** For a view: the base's generation that its gradFn belongs to. */
  baseGeneration = 0;
}

declare module '@ts-torch/tensor/internal' {
  interface AutogradMeta extends Meta {}
}
