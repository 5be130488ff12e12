import { type Kernel, launch, type Param } from '@ts-torch/core';
import { fullLike, type Tensor, viewAsReal } from '@ts-torch/tensor';

/** A parameter, its gradient and its state, in the order in which a kernel takes them. */
export interface FusedEntry {
  readonly tensors: readonly [param: Tensor, grad: Tensor, ...state: Tensor[]];
  /** The numbers that this parameter has for itself. */
  readonly own?: readonly number[];
}

/**
 * Runs one kernel over many parameters at once, as one call for each dtype and device: their steps share the threads, and
 * small parameters cost no call each. Complex numbers go as pairs of real ones, as PyTorch's do.
 */
export function stepAll(
  kernel: Kernel,
  entries: readonly FusedEntry[],
  numbers: readonly Param[],
  { weightDecay = 0, maximize = false }: { weightDecay?: number; maximize?: boolean },
): void {
  for (const same of groupBy(entries, ({ tensors: [param] }) => `${param.dtype} ${param.device}`)) {
    const kinds = same[0]?.tensors.length ?? 0;
    const operands = Array.from({ length: kinds }, (_, kind) =>
      same.map(({ tensors }) => asReal(tensors[kind] as Tensor)),
    );
    launch(kernel, operands.flat(), [...numbers, weightDecay, maximize, ...same.flatMap(({ own = [] }) => own)]);
    for (const { tensors } of same) tensors[0].storage.version++;
  }
}

/** State of a parameter's shape in which every real number, also of complex ones, is `value`. */
export function filledState(param: Tensor, value: number): Tensor {
  return fullLike(param, param.isComplex() ? { re: value, im: value } : value);
}

const asReal = (tensor: Tensor): Tensor => (tensor.isComplex() ? viewAsReal(tensor) : tensor);

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
