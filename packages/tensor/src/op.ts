import { inspect } from 'node:util';
import {
  type ComplexDType,
  type ComplexNumber,
  CPU,
  type Device,
  DeviceError,
  DTypeError,
  type DTypeInfo,
  describe,
  dtypeInfo,
  type Kernel,
  kernel,
  launch,
  launch1,
  launch2,
  REAL_OF,
  readElement,
  Scalar as ScalarOperand,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { allocate, viewOf } from './allocation.js';
import { castable } from './castable.js';
import { isScalar, promoteInfo, promoteWithScalar, resultType, type Scalar, scalarInfo, toFloat } from './promotion.js';
import { mayNeedGrad, recorder } from './recording.js';
import { broadcastShapes, expandStrides, type Shape, sameShape, show } from './shape.js';
import { Tensor } from './tensor.js';

/** A tensor, or a number in its place. */
export type Operand = Tensor | Scalar;

/** `out`: a tensor that takes the result; it is resized if its shape differs. */
export interface OutOptions {
  out?: Tensor | undefined;
}

/** What a result is before it is computed. */
interface ResultInfo {
  readonly shape: Shape;
  readonly info: DTypeInfo;
  readonly device: Device;
}

/**
 * A differentiable building block: what the graph records, and what has a derivative. `params` names the arguments, for the
 * derivative's formula; `forward` computes without recording.
 */
export interface OpDefinition {
  readonly name: string;
  readonly params: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: each op has arguments of its own
  readonly forward: (...args: any[]) => Tensor | readonly Tensor[];
  /** Computes into an existing tensor of the result's shape; without it the result is copied there. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly into: ((out: Tensor, ...args: any[]) => void) | null;
  /** What `forward` would make, so that `into` can write into an `out` that is so. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly result?: ((...args: any[]) => ResultInfo) | undefined;
  /** In place, the result is converted to any dtype of `self`, as by `copy_`; else only to one of its category or above. */
  readonly converts?: boolean | undefined;
  /** Set by autograd's tables. */
  derivative: unknown;
}

/** Every primitive by its name: the table that derivatives and tests go through. */
export const definitions = new Map<string, OpDefinition>();

function define(definition: Omit<OpDefinition, 'derivative'>): OpDefinition {
  if (definitions.has(definition.name)) throw new ValueError(`the op '${definition.name}' is defined twice`);
  const complete = { ...definition, derivative: null };
  definitions.set(definition.name, complete);
  return complete;
}

/** A function that records itself. */
export interface Primitive<Names extends readonly string[], Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  readonly definition: OpDefinition;
  /** Type only: the arguments by name, for derivatives. */
  readonly types?: { names: Names; args: Args; result: Result };
}

function attach<F extends object>(call: F, definition: OpDefinition): F & { readonly definition: OpDefinition } {
  Object.defineProperty(call, 'name', { value: definition.name });
  return Object.assign(call, { definition });
}

/** What a primitive that also works in place may add. */
export type PrimitiveOptions = Partial<Pick<OpDefinition, 'into' | 'converts'>>;

/**
 * Declares a primitive: `forward` gets checked, normalised arguments, launches kernels or makes a view, and never records.
 * Tensors among the arguments may also come in lists.
 */
export function primitive<
  const Names extends readonly string[],
  // biome-ignore lint/suspicious/noExplicitAny: inferred from `forward`
  F extends (...args: any[]) => Tensor | readonly Tensor[],
>(
  name: string,
  params: Names,
  forward: F,
  { into = null, converts }: PrimitiveOptions = {},
): Primitive<Names, Parameters<F>, ReturnType<F>> {
  const definition = define({ name, params, forward, into, converts });
  const call = (...args: Parameters<F>): ReturnType<F> => {
    if (recorder !== null && mayNeedGrad(args)) return recorder.record(definition, args) as ReturnType<F>;
    return forward(...args) as ReturnType<F>;
  };
  return attach(call, definition);
}

/** A primitive whose result, or results, share its first argument's memory. */
export function viewPrimitive<
  const Names extends readonly string[],
  Args extends readonly unknown[],
  Result extends Tensor | Tensor[],
>(
  name: string,
  params: Names,
  forward: (self: Tensor, ...args: Args) => Result,
): Primitive<Names, readonly [self: Tensor, ...args: Args], Result> {
  const definition = define({ name, params, forward, into: null });
  const call = (self: Tensor, ...args: Args): Result => {
    checkTensor(name, self);
    if (recorder === null) return forward(self, ...args);
    const needsGrad = self.autograd !== null || self.base !== null;
    const result = needsGrad ? (recorder.record(definition, [self, ...args]) as Result) : forward(self, ...args);
    // While recording, a view knows its base: an in-place change of either is then seen by both.
    const base = self.base ?? self;
    if (result instanceof Tensor) result.base = base;
    else for (const view of result) view.base = base;
    return result;
  };
  return attach(call, definition);
}

export function checkTensor(op: string, value: unknown, argument = 'self'): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new ValueError(`${op}: expected ${argument} to be a tensor, got ${describe(value)}`);
}

export function checkTensors(op: string, values: unknown, argument = 'tensors'): asserts values is readonly Tensor[] {
  if (!Array.isArray(values)) throw new ValueError(`${op}: expected a list of tensors, got ${describe(values)}`);
  for (const [i, value] of values.entries()) checkTensor(op, value, `${argument}[${i}]`);
}

export function checkSameDevice(op: string, tensors: readonly Tensor[]): void {
  const [lead] = tensors;
  for (const tensor of tensors) if (lead && tensor.device !== lead.device) throw apart(op, lead, tensor);
}

/**
 * The options of a call with defaults filled in. An option that the op does not have is an error, with the nearest name; one
 * whose default is a boolean takes no other values.
 */
export function readOptions<T extends object>(op: string, options: unknown, defaults: T): T {
  if (options === undefined) return defaults;
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options instanceof Tensor)
    throw new ValueError(
      `${op}: expected options such as { ${Object.keys(defaults).join(', ')} }, got ${describe(options)}`,
    );
  const result = { ...defaults } as Record<string, unknown>;
  const given = options as Record<string, unknown>;
  // Not Object.entries: it costs more than most ops on small tensors.
  for (const key in given) {
    if (!Object.hasOwn(defaults, key)) throw unknownOption(op, key, Object.keys(defaults));
    const value = given[key];
    if (value === undefined) continue;
    if (typeof result[key] === 'boolean' && typeof value !== 'boolean')
      throw new ValueError(`${op}: expected \`${key}\` to be true or false, got ${describe(value)}`);
    result[key] = value;
  }
  return result as T;
}

const HABITS: Record<string, string> = {
  axis: 'dim',
  axes: 'dim',
  keepDims: 'keepdim',
  keepdims: 'keepdim',
  rtol: 'rtol',
};

function unknownOption(op: string, key: string, known: readonly string[]): ValueError {
  const lower = key.toLowerCase();
  const near =
    known.find((name) => name === HABITS[key]) ??
    known.find((name) => name.toLowerCase() === lower || name.toLowerCase().startsWith(lower));
  const hint = near === undefined ? `; expected ${known.join(', ')}` : `; did you mean \`${near}\`?`;
  return new ValueError(`${op}: unknown option \`${key}\`${hint}`);
}

/** Several results: a tuple that has them under PyTorch's names too, `const [Q, R] = ...`, `const { Q, R } = ...`. */
export type NamedResult<
  Names extends readonly string[],
  Values extends Record<keyof Names & `${number}`, unknown> = { readonly [I in keyof Names]: Tensor },
> = Values & { readonly [I in keyof Names & `${number}` as Names[I] & string]: Values[I] };

/** Makes a {@link NamedResult}. */
export function namedResult<
  const Names extends readonly string[],
  const Values extends { readonly [I in keyof Names]: unknown },
>(names: Names, values: Values): NamedResult<Names, Values> {
  const result = [...(values as readonly unknown[])];
  names.forEach((name, i) => {
    (result as unknown as Record<string, unknown>)[name] = result[i];
  });
  return Object.defineProperty(result, inspect.custom, PRINTED_BY_NAME) as unknown as NamedResult<Names, Values>;
}

/** Other values under the names of a {@link NamedResult}; a list without names stays one. */
export function renamed(like: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  const names = Object.keys(like).slice(like.length);
  return names.length === 0 ? values : namedResult(names, values);
}

const PRINTED_BY_NAME = {
  value(this: readonly unknown[]): object {
    return Object.fromEntries(Object.entries(this).slice(this.length));
  },
};

// --- Casting and writing ------------------------------------------------------------------------------------------------

const COPY = kernel('copy');
const BOOL = dtypeInfo('bool');

/** A copy in another dtype; not recorded. The tensor itself where it has the dtype. */
export function castTo(self: Tensor, dtype: DTypeInfo): Tensor {
  return self.dtypeInfo === dtype ? self : castOrCopy(self, dtype);
}

/** Writes `source`, broadcast and cast, into `out`; not recorded. The two may lie on different devices. */
export function copyInto(out: Tensor, source: Tensor, nonBlocking = false): void {
  const near = out.device === source.device ? source : moveTo(source, out, nonBlocking);
  if (near !== out) launch1(COPY, out, broadcastTo('copy_', near, out.shape));
}

/**
 * A copy of `source` on the device of `out`: as bytes, row-major. Where that is all that `out` needs it is written there, and
 * `out` returned.
 */
function moveTo(source: Tensor, out: Tensor, nonBlocking: boolean): Tensor {
  const rowMajor = source.isContiguous() ? source : castOrCopy(source, source.dtypeInfo);
  const isAll = out.dtypeInfo === source.dtypeInfo && out.isContiguous() && sameShape(out.shape, source.shape);
  const target = isAll ? out : allocate(source.shape, source.dtypeInfo, out.device);
  const { itemSize } = source.dtypeInfo;
  const bytes = rowMajor.numel() * itemSize;
  target.storage.copyFrom(rowMajor.storage, rowMajor.offset * itemSize, target.offset * itemSize, bytes, !nonBlocking);
  return target;
}

function castOrCopy(self: Tensor, dtype: DTypeInfo): Tensor {
  const out = allocate(self.shape, dtype, self.device);
  launch1(COPY, out, self);
  return out;
}

/** Writes one number everywhere; not recorded. */
export function fillWith(out: Tensor, value: Operand): void {
  if (value instanceof Tensor) copyInto(out, value);
  else launch(COPY, [out, scalarOperand(value, out.dtypeInfo)]);
}

/** A view of a tensor in a larger shape; not recorded. */
export function broadcastTo(op: string, self: Tensor, shape: Shape): Tensor {
  if (sameShape(self.shape, shape)) return self;
  return viewOf(self, shape, expandStrides(op, self.shape, self.strides, shape), self.offset);
}

/** Whether results of one dtype may be written into a tensor of another: not from a higher category into a lower. */
export function canCast(from: DTypeInfo, to: DTypeInfo): boolean {
  return from.rank <= to.rank;
}

/** Puts a result into `out`, which takes its shape. */
export function writeOut(op: string, out: Tensor, result: Tensor): Tensor {
  prepareOut(op, out, result.shape, result.dtypeInfo);
  copyInto(out, result);
  out.storage.version++;
  return out;
}

/** Checks an `out` tensor of an op whose results are not converted. */
export function checkOutDtype(op: string, out: Tensor, dtype: DTypeInfo): void {
  checkTensor(op, out, 'out');
  if (out.dtypeInfo !== dtype) throw new DTypeError(`${op}: expected \`out\` of ${dtype.name}, got ${out.dtype}`);
}

/** Checks an `out` tensor, and gives it new memory of the right shape where its own differs. */
export function prepareOut(op: string, out: unknown, shape: Shape, dtype: DTypeInfo): asserts out is Tensor {
  checkTensor(op, out, 'out');
  if (recorder !== null && mayNeedGrad([out]) && out.autograd !== null)
    throw new ValueError(`${op}: \`out\` cannot be differentiated: it requires a gradient`);
  if (!canCast(dtype, out.dtypeInfo)) {
    throw new ValueError(`${op}: a result of ${dtype.name} cannot be written into an \`out\` of ${out.dtype}`);
  }
  if (sameShape(out.shape, shape)) return;
  if (out.shape.some((size, d) => size > 1 && out.strides[d] === 0))
    throw new ValueError(
      `${op}: \`out\` holds several elements in one place: shape ${show(out.shape)}, strides ${show(out.strides)}`,
    );
  const fresh = allocate(shape, out.dtypeInfo, out.device);
  out.storage = fresh.storage;
  out.shape = fresh.shape;
  out.strides = fresh.strides;
  out.offset = 0;
}

// --- Kinds of elementwise ops -------------------------------------------------------------------------------------------

/**
 * How an op's dtype follows from its inputs': `same` keeps it, `float` makes integers and booleans float32, `bool` is for
 * predicates; `logical` computes in bool.
 */
export type DTypeRule = 'same' | 'float' | 'bool' | 'logical';

export interface UnaryOp {
  (self: Tensor, options?: OutOptions): Tensor;
  readonly definition: OpDefinition;
  readonly types?: { names: readonly ['self']; args: [self: Tensor]; result: Tensor };
}

export interface UnaryRule {
  dtype?: DTypeRule;
  /** The kernel's name where it is not the op's. */
  kernel?: string;
  /** What to do with integers and booleans that have no kernel: they are returned as a copy, as `floor` does. */
  integers?: 'compute' | 'copy';
  /** Complex numbers give real ones. */
  complexToReal?: boolean;
}

/** Declares an elementwise op of one tensor, computed by the kernel of the same name. */
export function unary(name: string, rule: UnaryRule = {}): UnaryOp {
  const { dtype = 'same', integers = 'compute', complexToReal = false } = rule;
  const launched: Kernel = kernel(rule.kernel ?? name);
  const computeInfo = (self: Tensor): DTypeInfo => (dtype === 'float' ? toFloat(self.dtypeInfo) : self.dtypeInfo);
  const resultInfo = (input: DTypeInfo): DTypeInfo => {
    if (dtype === 'bool') return BOOL;
    return complexToReal && input.category === 'complex' ? dtypeInfo(REAL_OF[input.name as ComplexDType]) : input;
  };
  const compute = (out: Tensor, self: Tensor, info: DTypeInfo): void =>
    launch1(integers === 'copy' && info.rank < 2 ? COPY : launched, out, castTo(self, info));
  const forward = (self: Tensor): Tensor => {
    const info = computeInfo(self);
    const out = allocate(self.shape, resultInfo(info), self.device);
    compute(out, self, info);
    return out;
  };
  const into = (out: Tensor, self: Tensor): void => {
    const info = computeInfo(self);
    if (out.dtypeInfo === resultInfo(info) && sameShape(out.shape, self.shape)) compute(out, self, info);
    else copyInto(out, forward(self));
  };
  const result = (self: Tensor): ResultInfo => ({
    shape: self.shape,
    info: resultInfo(computeInfo(self)),
    device: self.device,
  });
  const definition = define({ name, params: ['self'], forward, into, result });
  const call = (self: Tensor, options?: OutOptions): Tensor => {
    checkTensor(name, self);
    if (options !== undefined) return withOut(definition, options, [self]);
    if (recorder !== null && (self.autograd !== null || self.base !== null))
      return recorder.record(definition, [self]) as Tensor;
    return forward(self);
  };
  return attach(castable(name, call), definition);
}

/** Runs an op whose only option is `out`. */
export function withOut(definition: OpDefinition, options: unknown, args: readonly unknown[]): Tensor {
  const { out } = readOptions<OutOptions>(definition.name, options, { out: undefined });
  const needsGrad = recorder !== null && mayNeedGrad(args);
  if (out === undefined) {
    return (needsGrad && recorder !== null ? recorder.record(definition, args) : definition.forward(...args)) as Tensor;
  }
  if (!takesResult(definition, out, args)) return writeOut(definition.name, out, definition.forward(...args) as Tensor);
  prepareOut(definition.name, out, out.shape, out.dtypeInfo);
  definition.into?.(out, ...args);
  out.storage.version++;
  return out;
}

/** Whether an op can compute in `out`: it is as the result would be, and no argument is another view of its memory. */
function takesResult(definition: OpDefinition, out: unknown, args: readonly unknown[]): out is Tensor {
  if (definition.result === undefined || !(out instanceof Tensor)) return false;
  const { shape, info, device } = definition.result(...args);
  if (out.dtypeInfo !== info || out.device !== device || !sameShape(out.shape, shape)) return false;
  return !args.some((arg) => isShifted(out, arg));
}

export interface BinaryOp<Left = Tensor> {
  (self: Left, other: Operand, options?: OutOptions): Tensor;
  readonly definition: OpDefinition;
  readonly types?: { names: readonly ['self', 'other']; args: [self: Operand, other: Operand]; result: Tensor };
}

function isPredicate(rule: DTypeRule): boolean {
  return rule === 'bool' || rule === 'logical';
}

/** What both operands are computed in: the promoted dtype, or at least floating point. */
function binaryInfo(self: Operand, other: Operand, rule: DTypeRule): DTypeInfo {
  if (rule === 'logical') return BOOL;
  let info: DTypeInfo;
  if (self instanceof Tensor) {
    if (!(other instanceof Tensor)) info = promoteWithScalar(self.dtypeInfo, other);
    else if (self.dtypeInfo === other.dtypeInfo) info = self.dtypeInfo;
    else if ((self.shape.length === 0) === (other.shape.length === 0))
      info = promoteInfo(self.dtypeInfo, other.dtypeInfo);
    else info = resultType([self, other]);
  } else {
    info = promoteWithScalar((other as Tensor).dtypeInfo, self);
  }
  return rule === 'float' ? toFloat(info) : info;
}

export function prepared(name: string, operand: Operand, info: DTypeInfo, out: Tensor): Tensor | ScalarOperand {
  if (!(operand instanceof Tensor)) return new ScalarOperand(operand, info);
  if (out.device !== operand.device && isHostNumber(operand))
    return new ScalarOperand(readElement(operand.storage, operand.dtypeInfo, operand.offset), info);
  return broadcastTo(name, castTo(operand, info), out.shape);
}

/** Zero-dimensional tensors on the CPU join tensors of any device, as numbers do. */
function isHostNumber(operand: Tensor): boolean {
  return operand.shape.length === 0 && operand.device === CPU;
}

/** The device of a result. Throws {@link DeviceError} where the operands lie on several. */
export function commonDevice(name: string, operands: readonly Operand[]): Device {
  let lead: Tensor | undefined;
  for (const operand of operands) {
    if (!(operand instanceof Tensor) || operand.device === lead?.device) continue;
    if (lead === undefined || isHostNumber(lead)) lead = operand;
    else if (!isHostNumber(operand)) throw apart(name, lead, operand);
  }
  return lead === undefined ? CPU : lead.device;
}

/** The device of two operands that lie on one, or of the only tensor: nearly always, and without a list. */
function sharedDevice(self: Operand, other: Operand): Device | undefined {
  if (!(self instanceof Tensor)) return (other as Tensor).device;
  if (!(other instanceof Tensor)) return self.device;
  return self.device === other.device ? self.device : undefined;
}

function apart(name: string, self: Tensor, other: Tensor): DeviceError {
  return new DeviceError(`${name}: expected all tensors on one device, got ${self.device} and ${other.device}`);
}

function checkOperand(op: string, value: unknown, argument: string): void {
  if (!(value instanceof Tensor) && !isScalar(value))
    throw new ValueError(`${op}: expected ${argument} to be a tensor or a number, got ${describe(value)}`);
}

export interface BinaryRule {
  dtype?: DTypeRule;
  /** The kernel's name where it is not the op's. */
  kernel?: string;
  /** Which operands may be numbers: by default the right one. */
  numbers?: 'none' | 'right' | 'either';
}

/** Declares an elementwise op of two operands that broadcast and promote, computed by the kernel of the same name. */
export function binary<Left = Tensor>(
  name: string,
  { dtype = 'same', kernel: kernelName = name, numbers = 'right' }: BinaryRule = {},
): BinaryOp<Left> {
  const launched = kernel(kernelName);
  const resultInfo = (info: DTypeInfo): DTypeInfo => (isPredicate(dtype) ? BOOL : info);
  const shapeOf = (self: Operand, other: Operand): Shape => {
    if (!(self instanceof Tensor)) return (other as Tensor).shape;
    return other instanceof Tensor ? broadcastShapes(name, self.shape, other.shape) : self.shape;
  };
  const compute = (out: Tensor, info: DTypeInfo, self: Operand, other: Operand): void =>
    launch2(launched, out, prepared(name, self, info, out), prepared(name, other, info, out));
  const forward = (self: Operand, other: Operand): Tensor => {
    const info = binaryInfo(self, other, dtype);
    const device = sharedDevice(self, other) ?? commonDevice(name, [self, other]);
    const out = allocate(shapeOf(self, other), resultInfo(info), device);
    compute(out, info, self, other);
    return out;
  };
  const into = (out: Tensor, self: Operand, other: Operand): void => {
    checkOperand(`${name}_`, other, 'other');
    const info = binaryInfo(self, other, dtype);
    const shape = shapeOf(self, other);
    if (!sameShape(shape, out.shape))
      throw new ShapeError(`${name}_: the result's shape ${show(shape)} differs from that of self, ${show(out.shape)}`);
    if (out.dtypeInfo === resultInfo(info)) compute(out, info, self, other);
    else copyInto(out, forward(self, other));
  };
  const result = (self: Operand, other: Operand): ResultInfo => ({
    shape: shapeOf(self, other),
    info: resultInfo(binaryInfo(self, other, dtype)),
    device: commonDevice(name, [self, other]),
  });
  const definition = define({ name, params: ['self', 'other'], forward, into, result });
  const call = (self: Left, other: Operand, options?: OutOptions): Tensor => {
    const left = self as Operand;
    if (!(left instanceof Tensor) || !(other instanceof Tensor)) checkOperands(name, left, other, numbers);
    if (options !== undefined) return withOut(definition, options, [left, other]);
    if (recorder !== null && (tracked(left) || tracked(other)))
      return recorder.record(definition, [left, other]) as Tensor;
    return forward(left, other);
  };
  return attach(castable(name, call), definition);
}

/** Whether an operand may need a gradient. */
function tracked(operand: Operand): boolean {
  return operand instanceof Tensor && (operand.autograd !== null || operand.base !== null);
}

function checkOperands(name: string, self: Operand, other: Operand, numbers: 'none' | 'right' | 'either'): void {
  if (numbers === 'either') checkOperand(name, self, 'self');
  else checkTensor(name, self);
  if (numbers === 'none') checkTensor(name, other, 'other');
  else checkOperand(name, other, 'other');
  if (!(self instanceof Tensor) && !(other instanceof Tensor))
    throw new ValueError(`${name}: expected a tensor among the operands, got two numbers`);
}

/**
 * Declares a primitive of any number of operands that broadcast and promote together, computed by one kernel. It has no
 * front: functions call it with all operands.
 */
export function elementwise<const Names extends readonly string[]>(
  name: string,
  params: Names,
  { dtype = 'same', kernel: kernelName = name }: { dtype?: DTypeRule; kernel?: string } = {},
): Primitive<Names, { [I in keyof Names]: Operand }, Tensor> {
  const launched = kernel(kernelName);
  const shapeOf = (operands: readonly Operand[]): Shape =>
    operands.reduce<Shape>((shape, x) => (x instanceof Tensor ? broadcastShapes(name, shape, x.shape) : shape), []);
  const infoOf = (operands: readonly Operand[]): DTypeInfo =>
    dtype === 'float' ? toFloat(resultType(operands)) : resultType(operands);
  const compute = (out: Tensor, info: DTypeInfo, operands: readonly Operand[]): void =>
    launch(launched, [out, ...operands.map((operand) => prepared(name, operand, info, out))]);
  const check = (operands: readonly unknown[]): void => {
    params.forEach((param, i) => {
      checkOperand(name, operands[i], param);
    });
  };
  const forward = (...operands: Operand[]): Tensor => {
    check(operands);
    const info = infoOf(operands);
    const out = allocate(shapeOf(operands), info, commonDevice(name, operands));
    compute(out, info, operands);
    return out;
  };
  const into = (out: Tensor, ...operands: Operand[]): void => {
    check(operands);
    const info = infoOf(operands);
    if (out.dtypeInfo === info && sameShape(shapeOf(operands), out.shape)) compute(out, info, operands);
    else if (sameShape(shapeOf(operands), out.shape)) copyInto(out, forward(...operands));
    else throw new ShapeError(`${name}_: the result's shape differs from that of self, ${show(out.shape)}`);
  };
  const definition = define({ name, params, forward, into });
  const call = (...operands: Operand[]): Tensor =>
    recorder !== null && mayNeedGrad(operands)
      ? (recorder.record(definition, operands) as Tensor)
      : forward(...operands);
  return attach(call as unknown as (...args: { [I in keyof Names]: Operand }) => Tensor, definition);
}

/** A kernel of operands that already have one shape and dtype, not recorded: the fused backward of an activation. */
export function fused(name: string): (...operands: Tensor[]) => Tensor {
  const launched = kernel(name);
  return (...operands) => {
    const [first] = operands as [Tensor];
    const out = allocate(first.shape, first.dtypeInfo, first.device);
    launch(launched, [out, ...operands]);
    return out;
  };
}

/** An elementwise primitive with numbers as parameters, in the order in which its kernel reads them. */
export function parametrised<const Names extends readonly string[]>(name: string, params: Names, integers = false) {
  const launched = kernel(name);
  const forward = (self: Tensor, ...numbers: { [I in keyof Names]: number }): Tensor => {
    const input = integers ? self : castTo(self, toFloat(self.dtypeInfo));
    const out = allocate(self.shape, input.dtypeInfo, self.device);
    launch(launched, [out, input], numbers as readonly number[]);
    return out;
  };
  return primitive<['self', ...Names], typeof forward>(name, ['self', ...params] as ['self', ...Names], forward);
}

/** Checks parameters that must be numbers. */
export function checkNumbers(op: string, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new ValueError(`${op}: expected ${name} to be a number, got ${describe(value)}`);
  }
}

/** Whether a value is an options object, rather than a number, a tensor or a list. */
export function isOptions(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Tensor) &&
    !Array.isArray(value) &&
    !isScalar(value)
  );
}

/** A number as the operand of a kernel that computes in `info`. */
export function scalarOperand(value: Scalar, info: DTypeInfo = scalarInfo(value)): ScalarOperand {
  return new ScalarOperand(value as number | bigint | boolean | ComplexNumber, info);
}

// --- In place -----------------------------------------------------------------------------------------------------------

type InPlace<F> = F extends (self: infer S extends Tensor, ...args: infer A) => Tensor
  ? (self: S, ...args: WithoutOptions<A>) => S
  : never;
// Required first: an optional last element matches only if it is written as one.
type WithoutOptions<A extends readonly unknown[]> = Required<A> extends readonly [...infer Rest, OutOptions] ? Rest : A;

/** Declares the in-place variant of an op: the result is written into the first argument, which keeps dtype and shape. */
export function inPlace<F extends { (self: Tensor, ...args: never[]): Tensor; readonly definition: OpDefinition }>(
  op: F,
): InPlace<F> {
  const { definition } = op;
  const name = `${definition.name}_`;
  const parameters = definition.params.length;
  const call = (self: Tensor, ...args: unknown[]): Tensor => {
    checkTensor(name, self);
    const surplus = args[parameters - 1];
    if (surplus !== undefined) throw new ValueError(`${name}: unexpected argument ${describe(surplus)}`);
    return runInPlace(definition, self, args.length < parameters ? args : args.slice(0, parameters - 1));
  };
  Object.defineProperty(call, 'name', { value: name });
  return call as InPlace<F>;
}

/** Overwrites `self` with an op's result, recorded where a gradient is needed. */
export function runInPlace(definition: OpDefinition, self: Tensor, args: readonly unknown[]): Tensor {
  const all = [self, ...args];
  if (recorder !== null && mayNeedGrad(all)) recorder.recordInPlace(definition, all);
  else overwrite(definition, all);
  return self;
}

/** @internal what `runInPlace` does to memory */
export function overwrite(definition: OpDefinition, given: readonly unknown[]): void {
  const self = given[0] as Tensor;
  const args = given.some((arg) => isShifted(self, arg)) ? given.map((arg) => unshifted(self, arg)) : given;
  checkInPlaceDtype(definition, self, args);
  if (definition.into !== null) definition.into(self, ...args);
  else {
    const result = definition.forward(...args) as Tensor;
    if (!sameShape(result.shape, self.shape))
      throw new ShapeError(
        `${definition.name}_: the result's shape ${show(result.shape)} differs from that of self, ${show(self.shape)}`,
      );
    checkResultDtype(definition, self, result.dtypeInfo);
    copyInto(self, result);
  }
  self.storage.version++;
}

/** Whether an argument is another view of the memory that is overwritten: it could be read too late. */
function isShifted(self: Tensor, arg: unknown): arg is Tensor {
  if (!(arg instanceof Tensor) || arg === self) return false;
  const { storage } = self;
  if (arg.storage !== storage && (storage.buffer === undefined || arg.storage.buffer !== storage.buffer)) return false;
  if (arg.storage !== storage) return true;
  if (arg.offset > lastOf(self) || self.offset > lastOf(arg)) return false;
  return arg.offset !== self.offset || !sameShape(arg.strides, self.strides) || !sameShape(arg.shape, self.shape);
}

/** Where the last element lies. */
function lastOf({ shape, strides, offset }: Tensor): number {
  return shape.reduce((last, size, d) => last + Math.max(size - 1, 0) * (strides[d] as number), offset);
}

const unshifted = (self: Tensor, arg: unknown): unknown =>
  isShifted(self, arg) ? castOrCopy(arg, arg.dtypeInfo) : arg;

function checkInPlaceDtype(definition: OpDefinition, self: Tensor, args: readonly unknown[]): void {
  if (definition.into === null || definition.converts || args.length < 2) return;
  const operands = args.filter((arg) => arg instanceof Tensor || isScalar(arg)) as Operand[];
  checkResultDtype(definition, self, resultType(operands));
}

function checkResultDtype(definition: OpDefinition, self: Tensor, result: DTypeInfo): void {
  if (!canCast(result, self.dtypeInfo))
    throw new ValueError(
      `${definition.name}_: a result of ${result.name} cannot be written into self, which is ${self.dtype}`,
    );
}
