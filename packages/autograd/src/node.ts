import { type Device, DTypeError, type DTypeInfo, ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { isGradEnabled, type Shape, sameShape, show } from '@ts-torch/tensor/internal';
import type { Meta } from './meta.js';

/** A gradient, or `null` where none flows. */
export type Gradient = Tensor | null;

/** Where a gradient goes: result number `index` of a node. */
export interface Edge {
  readonly node: Node;
  readonly index: number;
}

/** What the graph knows of a tensor whose values it does not keep. */
export interface TensorInfo {
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
  readonly dtypeInfo: DTypeInfo;
  readonly device: Device;
}

let created = 0;

/**
 * A step of the recorded graph, walked backwards: gradients of its results come in, gradients of its inputs go out. Nodes
 * are numbered as they are made, so that each one's inputs have smaller numbers.
 */
export abstract class Node {
  readonly id: number = ++created;
  /** For each input the node that made it; `null` where no gradient is wanted. */
  readonly nextFunctions: readonly (Edge | null)[];
  /** The forward call, in anomaly mode. */
  trace: string | undefined = undefined;
  /** @internal the gradients that the running backward pass has brought so far; `null` outside of one */
  pending: Gradient[] | null = null;
  /** Hooks on gradients of results, by the result's number. */
  private resultHooks: Map<number, Set<(grad: Tensor) => Tensor | undefined | void>> | null = null;

  constructor(nextFunctions: readonly (Edge | null)[]) {
    this.nextFunctions = nextFunctions;
  }

  /** PyTorch's name for it, such as `AddBackward`. */
  abstract get name(): string;

  /** The gradients of the inputs, one for each of `nextFunctions`. */
  abstract apply(grads: Gradient[]): readonly Gradient[];

  /** Forgets what was kept for backward. */
  release(): void {}

  /** @internal */
  hooksOf(index: number): Set<(grad: Tensor) => Tensor | undefined | void> {
    this.resultHooks ??= new Map();
    const hooks = this.resultHooks.get(index) ?? new Set();
    this.resultHooks.set(index, hooks);
    return hooks;
  }

  /** @internal the incoming gradients as the hooks leave them */
  runHooks(grads: Gradient[]): void {
    if (this.resultHooks === null) return;
    for (const [index, hooks] of this.resultHooks) {
      for (const hook of hooks) {
        const grad = grads[index];
        if (!grad) continue;
        const next = hook(grad) ?? grad;
        grads[index] = hold(next);
        hold(grad);
      }
    }
  }

  toString(): string {
    return `<${this.name}>`;
  }

  /** The nodes that this one leads to, by name, one to a line; for printing. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const next = this.nextFunctions.map((edge) => edge?.node.name ?? 'null');
    return next.length === 0 ? `<${this.name}>` : `<${this.name} nextFunctions=[${next.join(', ')}]>`;
  }
}

/** The end of the graph: adds up the gradients of a leaf in its `grad`. */
export class AccumulateGrad extends Node {
  readonly variable: Tensor;

  constructor(variable: Tensor) {
    super([]);
    this.variable = variable;
  }

  get name(): string {
    return 'AccumulateGrad';
  }

  apply([grad]: Gradient[]): readonly Gradient[] {
    if (!grad) return [];
    const meta = this.variable.autograd as Meta;
    if (meta.grad === null) meta.grad = ownGradient(grad);
    else if (isGradEnabled()) meta.grad = meta.grad.add(grad);
    else meta.grad.add_(grad);
    return [];
  }
}

/** Says that someone keeps a gradient. */
export function hold(grad: Tensor): Tensor {
  grad.storage.isHeld = true;
  return grad;
}

/**
 * A gradient that a leaf can have for itself, to be changed in place: the one that came, unless it is someone else's too, as that
 * of a sum is both operands'; part of more memory; or in a graph of its own.
 */
function ownGradient(grad: Tensor): Tensor {
  const { storage, dtypeInfo } = grad;
  const isWhole = storage.byteLength === grad.numel() * dtypeInfo.itemSize && grad.isContiguous();
  return hold(isWhole && !storage.isHeld && !isGradEnabled() ? grad : grad.clone());
}

/** Fits a formula's gradient to the input that it belongs to: sums over broadcast dimensions, converts dtype and device. */
export function fitGradient(node: Node, grad: Gradient, input: TensorInfo): Gradient {
  if (grad === null) return null;
  let result = grad;
  if (!sameShape(grad.shape, input.shape)) result = sumToShape(node, grad, input.shape);
  if (result.dtypeInfo !== input.dtypeInfo) result = convert(node, result, input.dtypeInfo);
  if (result.device !== input.device) result = result.to(input.device);
  return result;
}

function sumToShape(node: Node, grad: Tensor, shape: Shape): Tensor {
  const lead = grad.shape.length - shape.length;
  const dims: number[] = [];
  grad.shape.forEach((size, d) => {
    if (d < lead || (shape[d - lead] === 1 && size !== 1)) dims.push(d);
    else if (shape[d - lead] !== size) throw misfit(node, grad, shape);
  });
  if (lead < 0) throw misfit(node, grad, shape);
  const summed = dims.length === 0 ? grad : grad.sum({ dim: dims, keepdim: true });
  return lead > 0 ? summed.view(shape) : summed;
}

function misfit(node: Node, grad: Tensor, shape: Shape): ShapeError {
  return new ShapeError(
    `${node.name}: a gradient of shape ${show(grad.shape)} does not fit an input of shape ${show(shape)}`,
  );
}

function convert(node: Node, grad: Tensor, dtype: DTypeInfo): Tensor {
  if (dtype.rank < 2) throw new DTypeError(`${node.name}: a tensor of ${dtype.name} has no gradient`);
  // Of a complex gradient the cast to a real dtype takes the real part.
  return grad.to(dtype.name);
}
