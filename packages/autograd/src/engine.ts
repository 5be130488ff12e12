import { ShapeError, TorchError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import {
  allocate,
  checkTensors,
  fillWith,
  sameShape,
  setAutocaster,
  setRecording,
  show,
} from '@ts-torch/tensor/internal';
import { checkForNaN } from './anomaly.js';
import type { Meta } from './meta.js';
import { type Edge, type Gradient, hold, type Node } from './node.js';
import { edgeOf, metaOf, requiresGrad } from './recorder.js';

export interface BackwardOptions {
  /** Keep what was saved, so that backward can go through the graph again. By default as `createGraph`. */
  retainGraph?: boolean | undefined;
  /** Record the backward pass itself, for gradients of gradients. */
  createGraph?: boolean | undefined;
}

/** Nodes that gradients have reached, largest number first: a binary heap. Nodes are made after their inputs, so that a node
 * comes up only when all of its gradients have arrived. */
class ReadyQueue {
  private readonly heap: Node[] = [];

  get size(): number {
    return this.heap.length;
  }

  push(node: Node): void {
    const { heap } = this;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as Node).id >= node.id) break;
      heap[at] = heap[parent] as Node;
      at = parent;
    }
    heap[at] = node;
  }

  pop(): Node {
    const { heap } = this;
    const top = heap[0] as Node;
    const last = heap.pop() as Node;
    const length = heap.length;
    if (length === 0) return top;
    let at = 0;
    while (true) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && (heap[child + 1] as Node).id > (heap[child] as Node).id) child++;
      if ((heap[child] as Node).id <= last.id) break;
      heap[at] = heap[child] as Node;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

interface Run {
  readonly ready: ReadyQueue;
  /** For `grad`: only nodes on a way to an input are run, and leaves keep their `grad`. */
  readonly wanted: Set<Node> | null;
}

function send(run: Run, edge: Edge, grad: Tensor): void {
  const { node, index } = edge;
  if (run.wanted !== null && !run.wanted.has(node)) return;
  if (node.pending === null) {
    node.pending = [];
    run.ready.push(node);
  }
  const before = node.pending[index];
  node.pending[index] = before ? before.add(grad) : grad;
}

/** Runs the graph backwards from `roots`. `onGradients` sees what has come to a node, and says whether it is to be run. */
function execute(
  roots: readonly { edge: Edge; grad: Tensor }[],
  { keep, create }: { keep: boolean; create: boolean },
  wanted: Set<Node> | null,
  onGradients: ((node: Node, grads: Gradient[]) => boolean) | null,
): void {
  const run: Run = { ready: new ReadyQueue(), wanted };
  const before = setRecording(create);
  // Gradients are computed in the dtype that the op was computed in.
  const autocaster = setAutocaster(null);
  try {
    for (const { edge, grad } of roots) send(run, edge, grad);
    while (run.ready.size > 0) {
      const node = run.ready.pop();
      const grads = node.pending as Gradient[];
      node.pending = null;
      node.runHooks(grads);
      if (onGradients !== null && !onGradients(node, grads)) continue;
      runNode(run, node, grads, keep);
    }
  } finally {
    while (run.ready.size > 0) run.ready.pop().pending = null;
    setRecording(before);
    setAutocaster(autocaster);
  }
}

function runNode(run: Run, node: Node, grads: Gradient[], keep: boolean): void {
  const results = node.apply(grads);
  checkForNaN(node, results);
  if (!keep) node.release();
  const edges = node.nextFunctions;
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i];
    const grad = results[i];
    if (edge && grad) send(run, edge, grad);
  }
}

function rootsOf(op: string, outputs: readonly Tensor[], gradients: readonly (Tensor | null | undefined)[]) {
  return outputs.map((output, i) => {
    const edge = edgeOf(output);
    if (edge === null)
      throw new ValueError(`${op}: tensor ${i} does not require a gradient, and nothing that it was made of does`);
    return { edge, grad: startGradient(op, output, gradients[i] ?? null) };
  });
}

function startGradient(op: string, output: Tensor, gradient: Tensor | null): Tensor {
  if (gradient !== null) {
    if (!sameShape(gradient.shape, output.shape))
      throw new ShapeError(
        `${op}: a gradient of shape ${show(gradient.shape)} does not fit a tensor of ${show(output.shape)}`,
      );
    return hold(gradient);
  }
  if (output.numel() !== 1)
    throw new ShapeError(
      `${op}: only a tensor of one element has a gradient of its own; give one for shape ${show(output.shape)}`,
    );
  if (output.isComplex()) throw new ValueError(`${op}: a complex result needs a gradient`);
  const ones = allocate(output.shape, output.dtypeInfo, output.device);
  fillWith(ones, 1);
  return ones;
}

/**
 * Gradients of `tensors` by all leaves that they were made of, added to the leaves' `grad`.
 *
 * @example
 * const x = torch.tensor([1, 2], { requiresGrad: true });
 * autograd.backward(x.square().sum());
 * x.grad // tensor([2., 4.])
 */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradients?: Tensor | readonly (Tensor | null)[] | null,
  options: BackwardOptions = {},
): void {
  const outputs = Array.isArray(tensors) ? tensors : [tensors as Tensor];
  checkTensors('backward', outputs);
  const given =
    gradients === undefined || gradients === null ? [] : Array.isArray(gradients) ? gradients : [gradients as Tensor];
  const create = options.createGraph ?? false;
  execute(rootsOf('backward', outputs, given), { keep: options.retainGraph ?? create, create }, null, null);
}

export interface GradOptions extends BackwardOptions {
  /** The gradients that backward starts from; needed for outputs of more than one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null | undefined;
  /** Inputs that the outputs do not depend on get `null` instead of an error. */
  allowUnused?: boolean | undefined;
}

/**
 * Gradients of `outputs` by `inputs`, returned; no tensor's `grad` changes.
 *
 * @example
 * const x = torch.tensor([1, 2], { requiresGrad: true });
 * autograd.grad(x.square().sum(), x) // [tensor([2., 4.])]
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const from = Array.isArray(outputs) ? outputs : [outputs as Tensor];
  const by = Array.isArray(inputs) ? (inputs as readonly Tensor[]) : [inputs as Tensor];
  checkTensors('grad', from, 'outputs');
  checkTensors('grad', by, 'inputs');
  const { gradOutputs = null, allowUnused = false, createGraph = false, retainGraph = createGraph } = options;
  const given = gradOutputs === null ? [] : Array.isArray(gradOutputs) ? gradOutputs : [gradOutputs as Tensor];
  const targets = by.map((input, i) => {
    const edge = edgeOf(input);
    if (edge === null) throw new ValueError(`grad: input ${i} does not require a gradient`);
    return edge;
  });
  const found: (Tensor | null)[] = by.map(() => null);
  const roots = rootsOf('grad', from, given);
  const wanted = nodesTowards(
    roots.map(({ edge }) => edge.node),
    new Set(targets.map((edge) => edge.node)),
  );
  const inner = new Set([...wanted].filter((node) => node.nextFunctions.some((edge) => edge && wanted.has(edge.node))));
  execute(roots, { keep: retainGraph, create: createGraph }, wanted, (node, grads) => {
    targets.forEach((edge, i) => {
      if (edge.node === node) found[i] = grads[edge.index] ?? null;
    });
    return inner.has(node);
  });
  const missing = found.indexOf(null);
  if (missing !== -1 && !allowUnused)
    throw new TorchError(`grad: the outputs do not depend on input ${missing}; use allowUnused to get null for it`);
  return found;
}

/** The nodes that lie on a way from `roots` to one of `targets`. Iterative: graphs may be a million nodes deep. */
function nodesTowards(roots: readonly Node[], targets: ReadonlySet<Node>): Set<Node> {
  const reached = new Set<Node>();
  const stack = [...roots];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (reached.has(node)) continue;
    reached.add(node);
    for (const edge of node.nextFunctions) if (edge) stack.push(edge.node);
  }
  // Inputs have smaller numbers than what was made of them: one pass in that order finds all that lead to a target.
  const leading = new Set<Node>();
  for (const node of [...reached].sort((a, b) => a.id - b.id)) {
    if (targets.has(node) || node.nextFunctions.some((edge) => edge && leading.has(edge.node))) leading.add(node);
  }
  return leading;
}

/** @internal hooks on a tensor: on its node's gradient, or on the leaf's */
export function addHook(tensor: Tensor, hook: (grad: Tensor) => Tensor | undefined | void): { remove(): void } {
  const edge = edgeOf(tensor);
  if (edge === null) throw new ValueError('registerHook: the tensor does not require a gradient');
  const hooks = edge.node.hooksOf(edge.index);
  hooks.add(hook);
  return { remove: () => void hooks.delete(hook) };
}

/** @internal */
export function retainGradOf(tensor: Tensor): void {
  const meta = metaOf(tensor);
  if (!requiresGrad(tensor) || meta === null)
    throw new ValueError('retainGrad: the tensor does not require a gradient');
  if (meta.gradFn === null || meta.retainGrad) return;
  meta.retainGrad = true;
  addHook(tensor, (gradient) => {
    (tensor.autograd as Meta).grad = gradient;
  });
}
