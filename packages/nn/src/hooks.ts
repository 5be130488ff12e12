import { Function as AutogradFunction, type Context } from '@ts-torch/autograd';
import { Tensor } from '@ts-torch/tensor';
import { isGradEnabled, renamed } from '@ts-torch/tensor/internal';

/** What registering a hook returns: `remove()` takes the hook away again. */
export class RemovableHandle {
  readonly #remove: () => void;

  constructor(remove: () => void) {
    this.#remove = remove;
  }

  remove(): void {
    this.#remove();
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

/** Gradients of a module's inputs or outputs, in order; `null` where none flows. */
export type Gradients = readonly (Tensor | null)[];

type BackwardHook = (gradInput: Gradients, gradOutput: Gradients) => Gradients | undefined | void;
type BackwardPreHook = (gradOutput: Gradients) => Gradients | undefined | void;

/** The hooks of one module. Those of the backward pass come bound to the module. */
export class Hooks {
  // biome-ignore lint/suspicious/noExplicitAny: typed where they are registered
  readonly forwardPre = new Set<(module: any, inputs: any) => unknown>();
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly forward = new Set<(module: any, inputs: any, output: any) => unknown>();
  readonly backward = new Set<BackwardHook>();
  readonly backwardPre = new Set<BackwardPreHook>();

  /** Adds a hook; the handle takes this registration away, and no other of the same function. */
  static register<F extends (...args: never[]) => unknown>(hooks: Set<F>, hook: F): RemovableHandle {
    const own = ((...args: never[]) => hook(...args)) as F;
    hooks.add(own);
    return new RemovableHandle(() => hooks.delete(own));
  }

  /** Runs `forward` with all hooks around it. */
  run(module: unknown, forward: (...inputs: unknown[]) => unknown, given: unknown[]): unknown {
    let inputs = given;
    for (const hook of this.forwardPre) {
      const result = hook(module, inputs);
      if (result !== undefined && result !== null) inputs = Array.isArray(result) ? result : [result];
    }
    const watch = this.backward.size + this.backwardPre.size > 0 && isGradEnabled() ? new BackwardWatch(this) : null;
    let output = forward(...(watch === null ? inputs : watch.inputs(inputs)));
    for (const hook of this.forward) output = hook(module, inputs, output) ?? output;
    return watch === null ? output : watch.output(output);
  }
}

/** Passes tensors through unchanged and shows their gradients to a function, which may replace them. */
class Observe extends AutogradFunction {
  static forward(context: Context, show: (grads: Gradients) => Gradients, ...tensors: Tensor[]): readonly Tensor[] {
    context['show'] = show;
    context.setMaterializeGrads(false);
    return tensors;
  }

  static backward(context: Context, ...grads: Tensor[]): Gradients {
    return [null, ...(context['show'] as (grads: Gradients) => Gradients)(grads.map((grad) => grad ?? null))];
  }
}

/**
 * Sees the gradients of one call's outputs and inputs: both pass through {@link Observe}. Where no input needs a gradient the hooks
 * run as soon as those of the outputs are known.
 */
class BackwardWatch {
  readonly #hooks: Hooks;
  #gradOutput: Gradients = [];
  #inputCount = 0;
  #inputsNeedGrad = false;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  inputs(values: unknown[]): unknown[] {
    this.#inputCount = values.length;
    const tensors = values.filter((value): value is Tensor => value instanceof Tensor);
    this.#inputsNeedGrad = tensors.some((tensor) => tensor.requiresGrad);
    if (!this.#inputsNeedGrad) return values;
    const places = values.flatMap((value, i) => (value instanceof Tensor ? [i] : []));
    const observed = Observe.apply(
      (grads) => {
        const all = values.map((_, i) => grads[places.indexOf(i)] ?? null);
        const changed = this.#runHooks(all);
        return places.map((i) => changed[i] ?? null);
      },
      ...tensors,
    );
    return values.map((value, i) => (places.includes(i) ? observed[places.indexOf(i)] : value));
  }

  output(value: unknown): unknown {
    const list = Array.isArray(value) ? value : [value];
    if (!list.some((item) => item instanceof Tensor && item.requiresGrad)) return value;
    const tensors = list.filter((item): item is Tensor => item instanceof Tensor);
    const observed = [...Observe.apply((grads) => this.#outputGradients(grads), ...tensors)];
    if (!Array.isArray(value)) return observed[0];
    return renamed(
      value,
      list.map((item) => (item instanceof Tensor ? observed.shift() : item)),
    );
  }

  #outputGradients(grads: Gradients): Gradients {
    let gradOutput = grads;
    for (const hook of this.#hooks.backwardPre) gradOutput = hook(gradOutput) ?? gradOutput;
    this.#gradOutput = gradOutput;
    if (!this.#inputsNeedGrad) this.#runHooks(new Array<null>(this.#inputCount).fill(null));
    return gradOutput;
  }

  #runHooks(gradInput: Gradients): Gradients {
    let result = gradInput;
    for (const hook of this.#hooks.backward) result = hook(result, this.#gradOutput) ?? result;
    return result;
  }
}
