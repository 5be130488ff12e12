import { type Kernel, launch, type Param } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';

/** A parameter, its gradient and its state, in the order in which a kernel takes them. */
export type FusedEntry = readonly [param: Tensor, grad: Tensor, ...state: Tensor[]];

/**
 * Runs one kernel over many parameters at once, as one call for each dtype and device: their steps share the threads, and
 * small parameters cost no call each. `params` gives the numbers of a call for the entries it is about.
 */
export function launchForAll<Entry extends { tensors: FusedEntry }>(
  kernel: Kernel,
  entries: readonly Entry[],
  params: (entries: readonly Entry[]) => readonly Param[],
): void {
  for (const same of groupBy(entries, ({ tensors: [param] }) => `${param.dtype} ${param.device}`)) {
    const kinds = same[0]?.tensors.length ?? 0;
    const operands = Array.from({ length: kinds }, (_, kind) => same.map(({ tensors }) => tensors[kind] as Tensor));
    launch(kernel, operands.flat(), params(same));
    for (const { tensors } of same) tensors[0].storage.version++;
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
