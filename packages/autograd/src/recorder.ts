import { TorchError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import {
  allocate,
  type OpDefinition,
  overwrite,
  type Recorder,
  type Shape,
  viewPrimitives,
  withoutRecording,
} from '@ts-torch/tensor/internal';
import { captureTrace } from './anomaly.js';
import type { Derivative } from './derivative.js';
import { Meta } from './meta.js';
import { AccumulateGrad, type Edge, fitGradient, type Gradient, Node, type TensorInfo } from './node.js';
import { SavedTensor } from './saved-tensor.js';

/** What autograd knows of a tensor, up to date: a view whose base was changed in place since gets its new history. */
export function metaOf(tensor: Tensor): Meta | null {
  if (tensor.base === null) return tensor.autograd as Meta | null;
  const base = tensor.base.autograd as Meta | null;
  const own = tensor.autograd as Meta | null;
  if (base === null || base.generation === (own?.baseGeneration ?? 0)) return own;
  const meta = own ?? new Meta();
  tensor.autograd = meta;
  meta.baseGeneration = base.generation;
  meta.gradFn = new StridedViewBackward(tensor.base, tensor);
  meta.index = 0;
  return meta;
}

export function requiresGrad(tensor: Tensor): boolean {
  const meta = metaOf(tensor);
  return meta !== null && (meta.requiresGrad || meta.gradFn !== null);
}

/** Where the gradient of a tensor goes. */
export function edgeOf(tensor: Tensor): Edge | null {
  const meta = metaOf(tensor);
  if (meta === null) return null;
  if (meta.gradFn !== null) return { node: meta.gradFn, index: meta.index };
  if (!meta.requiresGrad) return null;
  meta.accumulator ??= new AccumulateGrad(tensor);
  return { node: meta.accumulator, index: 0 };
}

function infoOf(tensor: Tensor): TensorInfo {
  const { shape, strides, offset, dtypeInfo, device } = tensor;
  return { shape, strides, offset, dtypeInfo, device };
}

function isTensorList(value: unknown): value is readonly Tensor[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof Tensor);
}

/** A list of tensors as it was when it was saved. */
class SavedList {
  readonly items: readonly SavedTensor[];
  constructor(tensors: readonly Tensor[]) {
    this.items = tensors.map((tensor) => new SavedTensor(tensor));
  }
}

/** A tensor or list of tensors among the arguments, and which edges belong to it. */
interface Place {
  readonly argument: number;
  readonly first: number;
  readonly count: number;
  readonly list: boolean;
}

function placesOf(args: readonly unknown[]): Place[] {
  const places: Place[] = [];
  let first = 0;
  args.forEach((arg, argument) => {
    const list = isTensorList(arg);
    if (!list && !(arg instanceof Tensor)) return;
    const count = list ? arg.length : 1;
    places.push({ argument, first, count, list });
    first += count;
  });
  return places;
}

/** Of the whole numbers that operators of bits take. */
const MOST_BITS = 31;

/** By a bit for each argument that is a tensor, where none is a list: all nodes of a kind share them. */
const sharedPlaces = new Map<number, readonly Place[]>();

function sharedPlacesOf(tensors: number, args: readonly unknown[]): readonly Place[] {
  let places = sharedPlaces.get(tensors);
  if (places === undefined) {
    places = placesOf(args);
    sharedPlaces.set(tensors, places);
  }
  return places;
}

/** One recorded call of a primitive. */
export class OpNode extends Node {
  readonly definition: OpDefinition;
  private readonly derivative: Derivative;
  /** By argument: saved tensors, the shape and dtype of others, and what is no tensor as it came. */
  private args: readonly unknown[] | null;
  private results: readonly SavedTensor[] | null = null;
  private readonly inputs: readonly TensorInfo[];
  private readonly places: readonly Place[];
  private outputs: readonly TensorInfo[] = [];

  constructor(definition: OpDefinition, args: readonly unknown[]) {
    const derivative = definition.derivative as Derivative;
    const edges: (Edge | null)[] = [];
    const inputs: TensorInfo[] = [];
    const kept: unknown[] = [];
    let tensors = 0;
    let hasList = args.length > MOST_BITS;
    for (let argument = 0; argument < args.length; argument++) {
      const arg = args[argument];
      const saved = derivative.savesArgument[argument] === true;
      if (arg instanceof Tensor) {
        const info = infoOf(arg);
        edges.push(edgeOf(arg));
        inputs.push(info);
        kept.push(saved ? new SavedTensor(arg) : info);
        tensors |= 1 << argument;
      } else if (isTensorList(arg)) {
        const infos = arg.map(infoOf);
        // One by one: a call takes only so many arguments, and lists may be longer.
        for (const tensor of arg) edges.push(edgeOf(tensor));
        for (const info of infos) inputs.push(info);
        kept.push(saved ? new SavedList(arg) : infos);
        hasList = true;
      } else kept.push(arg);
    }
    super(edges);
    this.definition = definition;
    this.derivative = derivative;
    this.inputs = inputs;
    this.places = hasList ? placesOf(args) : sharedPlacesOf(tensors, args);
    this.args = kept;
  }

  finish(results: readonly Tensor[]): void {
    this.outputs = results.map(infoOf);
    if (this.derivative.savesResult) this.results = results.map((result) => new SavedTensor(result, this));
  }

  get name(): string {
    const { name } = this.definition;
    return `${name[0]?.toUpperCase()}${name.slice(1)}Backward`;
  }

  private context(grads: readonly Gradient[]): Record<string, unknown> {
    if (this.args === null)
      throw new TorchError(
        `${this.name}: backward through the graph a second time: what it had saved is freed after the first; ` +
          'use backward({ retainGraph: true }) there',
      );
    const context: Record<string, unknown> = { grad: grads[0] ?? this.zeros(0), grads, outputs: this.outputs };
    this.args.forEach((arg, i) => {
      context[this.definition.params[i] as string] = this.unpack(arg);
    });
    if (this.results !== null) {
      const results = this.results.map((saved) => saved.unpack(this));
      context['results'] = results;
      context['result'] = results[0];
    }
    return context;
  }

  private unpack(arg: unknown): unknown {
    if (arg instanceof SavedTensor) return arg.unpack(this);
    if (arg instanceof SavedList) return arg.items.map((saved) => saved.unpack(this));
    return arg;
  }

  private zeros(index: number): Tensor | null {
    const output = this.outputs[index];
    if (output === undefined || output.dtypeInfo.rank < 2) return null;
    return zerosOf(output.shape, output);
  }

  apply(grads: Gradient[]): readonly Gradient[] {
    const context = this.context(grads);
    const results = this.derivative.all ? this.applyAll(context) : this.applyEach(context);
    for (let i = 0; i < results.length; i++) {
      const grad = this.nextFunctions[i] ? (results[i] ?? null) : null;
      results[i] = fitGradient(this, grad, this.inputs[i] as TensorInfo);
    }
    return results;
  }

  private needs({ first, count }: Place): boolean {
    for (let i = first; i < first + count; i++) if (this.nextFunctions[i]) return true;
    return false;
  }

  private applyEach(context: Record<string, unknown>): Gradient[] {
    const result: Gradient[] = [];
    for (const place of this.places) {
      const { argument, count, list } = place;
      const grad = this.needs(place) ? this.formulaOf(argument)(context) : null;
      for (let i = 0; i < count; i++) result.push(list && grad !== null ? grad[i] : grad);
    }
    return result;
  }

  private formulaOf(argument: number) {
    const formula = this.derivative.formulas[argument];
    if (formula !== undefined) return formula;
    throw new TorchError(`${this.name}: the derivative by \`${this.definition.params[argument]}\` is not defined`);
  }

  private applyAll(context: Record<string, unknown>): Gradient[] {
    const needs: Record<string, boolean> = {};
    for (const name of this.definition.params) needs[name] = false;
    for (const place of this.places) needs[this.definition.params[place.argument] as string] = this.needs(place);
    const grads = this.derivative.all?.(context, needs) as Record<string, Gradient | readonly Gradient[] | undefined>;
    const result: Gradient[] = [];
    for (const { argument, count, list } of this.places) {
      const grad = grads[this.definition.params[argument] as string] ?? null;
      for (let i = 0; i < count; i++)
        result.push(list && grad ? ((grad as Gradient[])[i] ?? null) : (grad as Gradient));
    }
    return result;
  }

  override release(): void {
    // A node that kept no tensor can be run again: parameters that autocast has cast once are in several graphs.
    if (!this.derivative.savesTensors) return;
    this.args = null;
    this.results = null;
  }
}

/** Geometry of a view within its base: enough to cut it out of a gradient of the base's shape. */
interface Geometry {
  readonly base: TensorInfo;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
}

function geometryOf(base: Tensor, view: Tensor): Geometry {
  return {
    base: infoOf(base),
    shape: view.shape,
    strides: view.strides,
    offset: view.offset,
  };
}

/** The history of a view whose base was changed in place: its elements come from the base as it is now. */
class StridedViewBackward extends Node {
  private readonly geometry: Geometry;

  constructor(base: Tensor, view: Tensor) {
    super([edgeOf(base)]);
    this.geometry = geometryOf(base, view);
  }

  get name(): string {
    return 'AsStridedBackward';
  }

  apply([grad]: Gradient[]): readonly Gradient[] {
    if (!grad) return [null];
    const { base, shape, strides, offset } = this.geometry;
    return [scatterStrided(grad, base.shape, base.strides, shape, strides, offset - base.offset)];
  }
}

/** A gradient of the base's shape: zeros but for the view's part. Differentiable, for gradients of gradients. */
export function scatterStrided(
  grad: Tensor,
  baseShape: Shape,
  baseStrides: Shape,
  shape: Shape,
  strides: Shape,
  offset: number,
): Tensor {
  const memory = zerosOf([Math.max(reachOf(baseShape, baseStrides), offset + reachOf(shape, strides)) + 1], grad);
  if (grad.numel() === 0) return viewPrimitives.asStrided(memory, baseShape, baseStrides, 0);
  addStrided(memory, grad, shape, strides, offset);
  return viewPrimitives.asStrided(memory, baseShape, baseStrides, 0);
}

/** Adds a gradient into a strided part of `memory`. Where elements of that part overlap, a dimension is taken apart. */
function addStrided(memory: Tensor, grad: Tensor, shape: Shape, strides: Shape, offset: number): void {
  if (!hasOverlap(shape, strides)) {
    viewPrimitives.asStrided(memory, shape, strides, offset).add_(grad);
    return;
  }
  const sizes = shape.map((size) => (size === 1 ? Number.POSITIVE_INFINITY : size));
  const dim = sizes.indexOf(Math.min(...sizes));
  for (let i = 0; i < (shape[dim] as number); i++) {
    const start = offset + i * (strides[dim] as number);
    addStrided(memory, grad.select(dim, i), shape.toSpliced(dim, 1), strides.toSpliced(dim, 1), start);
  }
}

/** Whether two indices may name one element: certain only for views that were not made by asStrided or expand. */
function hasOverlap(shape: Shape, strides: Shape): boolean {
  const dims = shape
    .map((size, d) => ({ size, stride: Math.abs(strides[d] as number) }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { size, stride } of dims) {
    if (stride <= reach) return true;
    reach += (size - 1) * stride;
  }
  return false;
}

/** The history of a base after an in-place op on one of its views: that op for the view's elements, the old history for the rest. */
class CopySlices extends Node {
  private readonly geometry: Geometry;
  private readonly inner: Node;

  constructor(base: Tensor, view: Tensor, inner: Node) {
    // The inner node's first input is the view before the op; what flows there belongs to the base's old history.
    super([edgeOf(base), ...inner.nextFunctions.slice(1)]);
    this.geometry = geometryOf(base, view);
    this.inner = inner;
  }

  get name(): string {
    return 'CopySlices';
  }

  apply([grad]: Gradient[]): readonly Gradient[] {
    if (!grad) return this.nextFunctions.map(() => null);
    const { base, shape, strides, offset } = this.geometry;
    const laid = withLayout(grad, base);
    const part = viewPrimitives.asStrided(laid, shape, strides, offset - base.offset);
    const [viewGrad, ...others] = this.inner.apply([part.clone()]);
    if (viewGrad) part.copy_(viewGrad);
    else part.zero_();
    return [laid, ...others];
  }

  override release(): void {
    this.inner.release();
  }
}

/** A copy of a gradient with the strides of the base, from offset 0. */
function withLayout(grad: Tensor, base: TensorInfo): Tensor {
  const memory = zerosOf([reachOf(base.shape, base.strides) + 1], grad);
  if (grad.numel() > 0) viewPrimitives.asStrided(memory, base.shape, base.strides, 0).copy_(grad);
  return viewPrimitives.asStrided(memory, base.shape, base.strides, 0);
}

/** Zeros of a shape, of what `like` has else. */
export function zerosOf(shape: Shape, like: Pick<TensorInfo, 'dtypeInfo' | 'device'>): Tensor {
  const result = allocate(shape, like.dtypeInfo, like.device);
  return withoutRecording(() => result.zero_());
}

/** How far a strided view reaches beyond its first element. */
function reachOf(shape: Shape, strides: Shape): number {
  return shape.reduce((last, size, d) => last + Math.max(size - 1, 0) * (strides[d] as number), 0);
}

// --- Recording ----------------------------------------------------------------------------------------------------------

function needsGrad(args: readonly unknown[]): boolean {
  const needs = (arg: unknown): boolean => arg instanceof Tensor && requiresGrad(arg);
  return args.some((arg) => (Array.isArray(arg) ? arg.some(needs) : needs(arg)));
}

function isDifferentiable(definition: OpDefinition): boolean {
  const derivative = definition.derivative as Derivative | null;
  if (derivative === null)
    throw new TorchError(`${definition.name}: it has no derivative; use noGrad, or detach() its inputs`);
  return !derivative.none;
}

function setHistory(tensor: Tensor, node: Node, index: number): void {
  // Integers and booleans carry no gradients.
  if (tensor.dtypeInfo.rank < 2) return;
  const meta = new Meta();
  meta.gradFn = node;
  meta.index = index;
  tensor.autograd = meta;
}

function record(definition: OpDefinition, args: readonly unknown[]): Tensor | readonly Tensor[] {
  const result = withoutRecording(() => definition.forward(...args));
  if (!needsGrad(args) || !isDifferentiable(definition)) return result;
  const node = new OpNode(definition, args);
  captureTrace(node);
  const results = result instanceof Tensor ? [result] : result;
  const base = args[0] instanceof Tensor ? args[0] : null;
  results.forEach((tensor, i) => {
    setHistory(tensor, node, i);
    // A view made here must not take its base's later changes for ones it has not seen.
    const origin = base === null ? null : (base.base ?? base);
    if (tensor.autograd && origin?.storage === tensor.storage)
      (tensor.autograd as Meta).baseGeneration = (origin.autograd as Meta | null)?.generation ?? 0;
  });
  node.finish(results);
  return result;
}

function checkInPlace(definition: OpDefinition, self: Tensor): void {
  if (!requiresGrad(self)) return;
  if (isLeaf(self))
    throw new ValueError(`${definition.name}_: a leaf that requires a gradient cannot be changed in place; use noGrad`);
  // The leaf is the base, or another view of it that was made to require gradients.
  if (self.base !== null && isLeaf(self.base))
    throw new ValueError(`${definition.name}_: a view of a leaf that requires a gradient cannot be changed in place`);
  if (self.base !== null && self.base.dtypeInfo !== self.dtypeInfo)
    throw new ValueError(
      `${definition.name}_: a view of another dtype cannot be changed in place while it is recorded`,
    );
}

function isLeaf(tensor: Tensor): boolean {
  return (metaOf(tensor)?.gradFn ?? null) === null;
}

function recordInPlace(definition: OpDefinition, args: readonly unknown[]): void {
  const self = args[0] as Tensor;
  if (!needsGrad(args) || !isDifferentiable(definition)) {
    checkInPlace(definition, self);
    withoutRecording(() => overwrite(definition, args));
    return;
  }
  checkInPlace(definition, self);
  const derivative = definition.derivative as Derivative;
  // What the formula needs of self as it was must be kept before it is overwritten.
  const before = derivative.savesArgument[0] ? historyKeptCopy(self) : self;
  const node = new OpNode(definition, [before, ...args.slice(1)]);
  captureTrace(node);
  withoutRecording(() => overwrite(definition, args));
  if (self.base === null) rebase(self, node);
  else rebaseView(self, self.base, node);
  node.finish([self]);
}

/** A copy that stands for the tensor in the graph: same history, other memory. */
function historyKeptCopy(self: Tensor): Tensor {
  const copy = withoutRecording(() => self.clone());
  const meta = metaOf(self);
  if (meta !== null) {
    const copied = new Meta();
    copied.gradFn = meta.gradFn;
    copied.index = meta.index;
    copied.requiresGrad = meta.requiresGrad;
    copied.accumulator = meta.accumulator;
    copy.autograd = copied;
  }
  return copy;
}

function rebase(self: Tensor, node: Node): void {
  const meta = (self.autograd as Meta | null) ?? new Meta();
  self.autograd = meta;
  meta.gradFn = node;
  meta.index = 0;
  meta.generation++;
}

function rebaseView(self: Tensor, base: Tensor, node: Node): void {
  const slices = new CopySlices(base, self, node);
  rebase(base, slices);
  // The view reads its new history from the base when it is next asked.
  self.autograd ??= new Meta();
}

export const recorderOfGraph: Recorder = {
  record,
  recordInPlace,
  requireGrad(tensor: Tensor): void {
    setRequiresGrad(tensor, true);
  },
  isParameter: (tensor: Tensor): boolean => tensor.base === null && requiresGrad(tensor) && isLeaf(tensor),
};

export function setRequiresGrad(tensor: Tensor, value: boolean): void {
  const meta = metaOf(tensor);
  if (meta?.gradFn) {
    if (value) return;
    throw new ValueError('requiresGrad: only leaves can be told not to require a gradient; use detach()');
  }
  if (value && tensor.dtypeInfo.rank < 2)
    throw new ValueError(`requiresGrad: only floating-point and complex tensors have gradients, not ${tensor.dtype}`);
  if (!value && meta === null) return;
  const own = meta ?? new Meta();
  own.requiresGrad = value;
  tensor.autograd = own;
}
