import { ShapeError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { checkTensor, viewOf } from '@ts-torch/tensor/internal';
import { addHook, type BackwardOptions, backward, retainGradOf } from './engine.js';
import { Meta, type TensorHook } from './meta.js';
import type { Node } from './node.js';
import { metaOf, requiresGrad, setRequiresGrad } from './recorder.js';

declare module '@ts-torch/tensor' {
  interface Tensor {
    /** Whether gradients are computed for this tensor. May be set on leaves. */
    requiresGrad: boolean;
    /** The gradient that `backward` has added up; `null` before. */
    grad: Tensor | null;
    /** The step of the graph that made this tensor; `null` for leaves. */
    readonly gradFn: Node | null;
    /** Whether {@link Tensor.retainGrad} was called on a tensor that is no leaf. */
    readonly retainsGrad: boolean;
    /** Whether no recorded op made this tensor. */
    readonly isLeaf: boolean;
    /** The same memory, unknown to the graph. Assigning replaces this tensor's memory, shape and dtype. */
    data: Tensor;
    /** Sets `requiresGrad`, and returns the tensor. */
    requiresGrad_(requiresGrad?: boolean): this;
    /** The same memory as a tensor of its own, outside of the graph. */
    detach(): Tensor;
    /** Takes this tensor out of the graph. */
    detach_(): this;
    /** Gradients of this tensor by the leaves it was made of, added to their `grad`. */
    backward(gradient?: Tensor | BackwardOptions | null, options?: BackwardOptions): void;
    /** Calls `hook` with each gradient of this tensor; what it returns takes the gradient's place. */
    registerHook(hook: TensorHook): { remove(): void };
    /** Keeps the gradient of a tensor that is no leaf in its `grad`. */
    retainGrad(): void;
  }
}

function detached(self: Tensor): Tensor {
  return viewOf(self, self.shape, self.strides, self.offset);
}

const properties: PropertyDescriptorMap & ThisType<Tensor> = {
  requiresGrad: {
    get() {
      return requiresGrad(this);
    },
    set(value: boolean) {
      setRequiresGrad(this, value);
    },
  },
  grad: {
    get() {
      return (this.autograd as Meta | null)?.grad ?? null;
    },
    set(value: Tensor | null) {
      if (value !== null && !(value instanceof Tensor)) throw new ValueError('grad: expected a tensor or null');
      if (value !== null && value.numel() !== this.numel())
        throw new ShapeError(`grad: expected shape [${this.shape}], got [${value.shape}]`);
      if (value === null && this.autograd === null) return;
      this.autograd ??= new Meta();
      (this.autograd as Meta).grad = value;
    },
  },
  gradFn: {
    get() {
      return metaOf(this)?.gradFn ?? null;
    },
  },
  retainsGrad: {
    get() {
      const meta = metaOf(this);
      return meta?.retainGrad === true && meta.gradFn !== null;
    },
  },
  isLeaf: {
    get() {
      return (metaOf(this)?.gradFn ?? null) === null;
    },
  },
  data: {
    get() {
      return detached(this);
    },
    set(value: Tensor) {
      if (!(value instanceof Tensor)) throw new ValueError('data: expected a tensor');
      this.storage = value.storage;
      this.shape = value.shape;
      this.strides = value.strides;
      this.offset = value.offset;
      this.dtypeInfo = value.dtypeInfo;
    },
  },
};

const methods: Record<string, (this: Tensor, ...args: never[]) => unknown> = {
  requiresGrad_(value = true as never) {
    setRequiresGrad(this, value);
    return this;
  },
  detach() {
    return detached(this);
  },
  detach_() {
    this.autograd = null;
    this.base = null;
    return this;
  },
  backward(gradient?: Tensor | BackwardOptions | null, options?: BackwardOptions) {
    if (gradient instanceof Tensor || gradient === null || gradient === undefined) backward(this, gradient, options);
    else backward(this, null, gradient);
  },
  registerHook(hook: TensorHook) {
    return addHook(this, hook);
  },
  retainGrad() {
    retainGradOf(this);
  },
};

/**
 * {@link Tensor.detach}.
 *
 * @example torch.ones([1], { requiresGrad: true }).detach().requiresGrad // false
 */
export function detach(input: Tensor): Tensor {
  checkTensor('detach', input, 'input');
  return detached(input);
}

/** Gives Tensor what the declaration above names. */
export function extendTensor(): void {
  for (const [name, property] of Object.entries(properties))
    Object.defineProperty(Tensor.prototype, name, { ...property, configurable: true });
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
}
