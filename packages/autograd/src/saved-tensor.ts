import { TorchError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { show, withoutRecording } from '@ts-torch/tensor/internal';
import { Meta } from './meta.js';
import type { Node } from './node.js';

type Pack = (tensor: Tensor) => unknown;
type Unpack = (packed: unknown) => Tensor;

const hooks: { pack: Pack; unpack: Unpack }[] = [];
/** Why there may be no hooks; null where there may. */
let refusal: string | null = null;

/**
 * Within `f` every tensor that is saved for backward goes through `pack`, and comes back through `unpack`: to keep it
 * smaller, on another device, or on disk.
 *
 * @example
 * const x = torch.tensor([3], { requiresGrad: true });
 * const pack = (saved: Tensor) => saved.tolist() as number[];
 * const unpack = (kept: unknown) => torch.tensor(kept as number[]);
 * autograd.grad(autograd.savedTensorsHooks(pack, unpack, () => x.square()), x) // [tensor([6.])]
 */
export function savedTensorsHooks<T>(pack: Pack, unpack: Unpack, f: () => T): T {
  if (refusal !== null) throw new TorchError(refusal);
  hooks.push({ pack, unpack });
  try {
    return f();
  } finally {
    hooks.pop();
  }
}

/**
 * Within `f` a use of {@link savedTensorsHooks} throws an error with this message.
 *
 * @example autograd.graph.disableSavedTensorsHooks('no hooks here', () => torch.ones([2]).sum()) // tensor(2.)
 */
export function disableSavedTensorsHooks<T>(errorMessage: string, f: () => T): T {
  const before = refusal;
  refusal = errorMessage;
  try {
    return f();
  } finally {
    refusal = before;
  }
}

/** A tensor that backward will need, with the version that it had. */
export class SavedTensor {
  private readonly tensor: Tensor | null;
  private readonly version: number;
  private readonly packed: { value: unknown; unpack: Unpack } | null = null;
  private readonly node: Node | null;
  private readonly index: number;

  /** `node` is given for a result of that node itself: its history is put back when it is unpacked. */
  constructor(tensor: Tensor, node: Node | null = null) {
    const hook = hooks.at(-1);
    if (hook !== undefined)
      this.packed = { value: withoutRecording(() => hook.pack(tensor.detach())), unpack: hook.unpack };
    this.tensor = hook === undefined || node === null ? tensor : null;
    this.version = tensor.storage.version;
    this.node = node;
    this.index = (tensor.autograd as Meta | null)?.index ?? 0;
  }

  /** `owner` is named in errors. */
  unpack(owner: { readonly name: string }): Tensor {
    const { tensor, packed } = this;
    if (packed !== null) return this.withHistory(packed.unpack(packed.value));
    if (tensor === null) throw new TorchError(`${owner.name}: a saved tensor is gone`);
    if (tensor.storage.version !== this.version) {
      throw new TorchError(
        `${owner.name}: a tensor of shape ${show(tensor.shape)} that backward needs was changed in place: ` +
          `it is at version ${tensor.storage.version}, expected ${this.version}`,
      );
    }
    return tensor;
  }

  private withHistory(value: Tensor): Tensor {
    const original = this.tensor?.autograd as Meta | null | undefined;
    if (this.node === null && !original) return value;
    const meta = new Meta();
    meta.gradFn = this.node ?? original?.gradFn ?? null;
    meta.index = this.index;
    meta.requiresGrad = original?.requiresGrad ?? false;
    meta.accumulator = original?.accumulator ?? null;
    value.autograd = meta;
    return value;
  }
}
