import { describe, ShapeError, TorchError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { isGradEnabled, mayNeedGrad, sameShape, show, withoutRecording, zerosLike } from '@ts-torch/tensor/internal';
import { captureTrace } from './anomaly.js';
import { Meta } from './meta.js';
import { type Edge, type Gradient, hold, Node } from './node.js';
import { edgeOf, requiresGrad } from './recorder.js';
import { SavedTensor } from './saved-tensor.js';

/** What `forward` leaves for `backward`. Any other property may be set on it too. */
export class Context {
  /** Which of the arguments need a gradient. */
  needsInputGrad: readonly boolean[] = [];
  /** Missing gradients come as zeros unless this is false. */
  materializeGrads = true;
  /** @internal */
  saved: readonly (SavedTensor | null)[] = [];
  /** @internal */
  pending: readonly (Tensor | null)[] = [];
  /** @internal */
  nonDifferentiable = new Set<Tensor>();
  /** @internal */
  dirty = new Set<Tensor>();
  [key: string]: unknown;

  /** Keeps tensors for backward: arguments or results of forward. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    this.pending = tensors;
  }

  /** What was saved. Typed as tensors, since nearly always they are. */
  get savedTensors(): [Tensor, ...Tensor[]] {
    return this.saved.map((saved) => saved?.unpack({ name: 'savedTensors' }) ?? null) as unknown as [
      Tensor,
      ...Tensor[],
    ];
  }

  /** Results that need no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.nonDifferentiable = new Set(tensors);
  }

  /** Arguments that forward has changed in place. */
  markDirty(...tensors: Tensor[]): void {
    this.dirty = new Set(tensors);
  }

  setMaterializeGrads(value: boolean): void {
    this.materializeGrads = value;
  }
}

type Forward = (context: Context, ...args: never[]) => Tensor | readonly Tensor[];

interface FunctionClass<F extends Forward> {
  readonly name: string;
  forward: F;
  backward(context: Context, ...grads: Tensor[]): Gradient | readonly Gradient[];
}

class FunctionNode extends Node {
  private context: Context | null;
  private readonly owner: FunctionClass<Forward>;
  private readonly inputs: readonly { readonly argument: number; readonly shape: readonly number[] }[];
  readonly outputs: Tensor[] = [];

  constructor(owner: FunctionClass<Forward>, context: Context, args: readonly unknown[]) {
    const edges: (Edge | null)[] = [];
    const inputs: { argument: number; shape: readonly number[] }[] = [];
    args.forEach((arg, argument) => {
      if (!(arg instanceof Tensor)) return;
      edges.push(edgeOf(arg));
      inputs.push({ argument, shape: arg.shape });
    });
    super(edges);
    this.owner = owner;
    this.context = context;
    this.inputs = inputs;
  }

  get name(): string {
    return `${this.owner.name}Backward`;
  }

  apply(grads: Gradient[]): readonly Gradient[] {
    const { context } = this;
    if (context === null)
      throw new TorchError(
        `${this.name}: backward through the graph a second time; use backward({ retainGraph: true })`,
      );
    const complete = this.outputs.map((output, i) => grads[i] ?? (context.materializeGrads ? zerosLike(output) : null));
    const returned = this.owner.backward(context, ...(complete as Tensor[]));
    const list = Array.isArray(returned) ? (returned as readonly Gradient[]) : [returned as Gradient];
    return this.inputs.map(({ argument, shape }, i) => {
      // As in PyTorch one gradient for each argument; a list with one for each tensor is taken as well.
      const gradient = list[list.length === this.inputs.length ? i : argument] ?? null;
      if (gradient === null || !this.nextFunctions[i]) return null;
      if (!(gradient instanceof Tensor))
        throw new ValueError(`${this.name}: expected gradients to be tensors or null, got ${describe(gradient)}`);
      if (!sameShape(gradient.shape, shape))
        throw new ShapeError(
          `${this.name}: returned a gradient of shape ${show(gradient.shape)} for an argument of ${show(shape)}`,
        );
      return hold(gradient);
    });
  }

  override release(): void {
    this.context = null;
  }
}

/** Arguments of `apply`: those of `forward` without the context. */
// biome-ignore lint/suspicious/noExplicitAny: inferred from the subclass
type Applied<C> = C extends { forward(context: any, ...args: infer A): infer R } ? (...args: A) => R : never;

/**
 * An operation of one's own: static `forward(ctx, ...args)` computes, static `backward(ctx, ...grads)` returns a gradient
 * for each argument (`null` for those that need none). Call it with `apply`.
 *
 * @example
 * class Cube extends autograd.Function {
 *   static forward(ctx: autograd.Context, x: Tensor): Tensor {
 *     ctx.saveForBackward(x);
 *     return x.pow(3);
 *   }
 *   static backward(ctx: autograd.Context, grad: Tensor): Tensor {
 *     const [x] = ctx.savedTensors as [Tensor];
 *     return grad.mul(x.square().mul(3));
 *   }
 * }
 * const x = torch.tensor([2], { requiresGrad: true });
 * Cube.apply(x).backward();
 * x.grad // tensor([12.])
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's form
export abstract class Function {
  static apply<C>(this: C, ...args: Parameters<Applied<C>>): ReturnType<Applied<C>> {
    return applyFunction(this as unknown as FunctionClass<Forward>, args) as ReturnType<Applied<C>>;
  }
}

function applyFunction(owner: FunctionClass<Forward>, args: readonly unknown[]): Tensor | readonly Tensor[] {
  const context = new Context();
  const tensors = args.map((arg) => arg instanceof Tensor && requiresGrad(arg));
  const recording = isGradEnabled() && mayNeedGrad(args) && tensors.includes(true);
  context.needsInputGrad = tensors;
  const result = withoutRecording(() => owner.forward(context, ...(args as never[])));
  if (!recording) return result;
  const node = new FunctionNode(owner, context, args);
  captureTrace(node);
  const results = (result instanceof Tensor ? [result] : result).map((output) => ownResult(output, args, context));
  results.forEach((output, i) => {
    node.outputs.push(output);
    if (context.nonDifferentiable.has(output) || output.dtypeInfo.rank < 2) return;
    const meta = new Meta();
    meta.gradFn = node;
    meta.index = i;
    output.autograd = meta;
  });
  context.saved = context.pending.map((tensor) => {
    if (tensor === null) return null;
    return new SavedTensor(tensor, results.includes(tensor) ? node : null);
  });
  context.pending = [];
  return result instanceof Tensor ? (results[0] as Tensor) : results;
}

/** An argument that is returned unchanged gets a history of its own only as another tensor. */
function ownResult(output: Tensor, args: readonly unknown[], context: Context): Tensor {
  return args.includes(output) && !context.dirty.has(output) ? output.detach() : output;
}
