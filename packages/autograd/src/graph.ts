/** `autograd.graph`: what backward keeps, and what it will do. */
import { ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { show } from '@ts-torch/tensor/internal';
import type { Node } from './node.js';
import { AccumulateGrad } from './node.js';
import { edgeOf } from './recorder.js';
import { savedTensorsHooks } from './saved-tensor.js';

export { disableSavedTensorsHooks, savedTensorsHooks } from './saved-tensor.js';

/**
 * Within `f` what backward needs is kept in the host's memory, and copied back to its device when it is needed.
 *
 * @example
 * const x = torch.tensor([3], { requiresGrad: true });
 * autograd.graph.saveOnCpu(() => x.square()).backward();
 * x.grad // tensor([6.])
 */
export function saveOnCpu<T>(f: () => T): T {
  return savedTensorsHooks(
    (tensor) => ({ device: tensor.device, kept: tensor.device.type === 'cpu' ? tensor : tensor.cpu() }),
    (packed) => {
      const { device, kept } = packed as { device: Tensor['device']; kept: Tensor };
      return kept.to(device);
    },
    f,
  );
}

export interface MermaidOptions {
  /** Names for leaves, to recognise parameters by: `Object.fromEntries(net.namedParameters())`. */
  params?: Readonly<Record<string, Tensor>> | undefined;
  /** At most so many nodes; what lies behind them is left out. */
  limit?: number | undefined;
}

/**
 * The nodes that lead from a tensor to its leaves, each one before those that it leads to.
 *
 * @example
 * autograd.graph.nodesOf(torch.ones([2], { requiresGrad: true }).mul(2).sum()).map(String)
 * // ['<SumBackward>', '<MulBackward>', '<AccumulateGrad>']
 */
export function nodesOf(tensor: Tensor): Node[] {
  if (!(tensor instanceof Tensor)) throw new ValueError('graph: expected a tensor');
  const first = edgeOf(tensor)?.node;
  if (first === undefined) return [];
  const found = new Set([first]);
  for (const node of found) {
    for (const edge of node.nextFunctions) if (edge) found.add(edge.node);
  }
  return [...found].sort((a, b) => b.id - a.id);
}

/**
 * The graph behind a tensor as a Mermaid flowchart, which GitHub and many editors draw: nodes are backward steps, rounded ones the leaves
 * whose gradients are added up.
 *
 * @example autograd.graph.toMermaid(torch.ones([2], { requiresGrad: true }).mul(2)).split('\n')[0] // 'flowchart TD'
 */
export function toMermaid(tensor: Tensor, options: MermaidOptions = {}): string {
  const names = new Map(Object.entries(options.params ?? {}).map(([name, leaf]) => [leaf, name]));
  const nodes = nodesOf(tensor).slice(0, options.limit ?? 1000);
  const shown = new Set(nodes);
  const lines = nodes.flatMap((node) => [
    `  n${node.id}${boxOf(node, names)}`,
    ...node.nextFunctions.flatMap((edge) =>
      edge && shown.has(edge.node) ? [`  n${node.id} --> n${edge.node.id}`] : [],
    ),
  ]);
  const start = nodes[0] === undefined ? [] : [`  result(["result ${show(tensor.shape)}"]) --> n${nodes[0].id}`];
  return ['flowchart TD', ...start, ...lines].join('\n');
}

function boxOf(node: Node, names: ReadonlyMap<Tensor, string>): string {
  if (!(node instanceof AccumulateGrad)) return `["${node.name}"]`;
  const name = names.get(node.variable);
  return `(["${name === undefined ? '' : `${name} `}${show(node.variable.shape)}"])`;
}
