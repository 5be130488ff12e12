import {
  type DType,
  DTypeError,
  type DTypeInfo,
  describe,
  dtypeInfo,
  type Kernel,
  kernel,
  launch,
  launch1,
  type Param,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { allocate, viewOf } from './allocation.js';
import { castTo, namedResult, type OutOptions, primitive, readOptions, writeOut } from './op.js';
import { normalizeDim, reducedShape, show } from './shape.js';
import type { Tensor } from './tensor.js';

// What reductions have in common: their options, launching their kernels, and the primitives. The ops are in
// ops/reductions.ts and ops/extremes.ts.

/** One dimension, several, or all (`null`, or left out). */
export type Dims = number | readonly number[] | null;

export interface KeepdimOptions {
  /** The dimensions to reduce; all where left out. */
  dim?: Dims | undefined;
  /** Reduced dimensions stay, with size 1. */
  keepdim?: boolean | undefined;
}

export interface ReduceOptions extends KeepdimOptions, OutOptions {
  /** The dtype to compute in and to return. */
  dtype?: DType | undefined;
}

/** `x.sum(1, { keepdim: true })` and `x.sum({ dim: 1, keepdim: true })` are the same: the options of both. */
export function optionsOf<T extends { dim?: unknown }>(
  op: string,
  dim: Dims | T | undefined,
  options: T | undefined,
  defaults: T,
): T {
  if (typeof dim === 'object' && dim !== null && !Array.isArray(dim)) return readOptions(op, dim, defaults);
  return readOptions(op, dim === undefined ? options : { ...options, dim }, defaults);
}

/** An option that says yes or no. */
export function checkBoolean(op: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean')
    throw new ValueError(`${op}: expected ${name} to be a boolean, got ${describe(value)}`);
  return value;
}

/** What a variance's divisor is less than the number of elements. */
export function readCorrection(op: string, unbiased: unknown, correction: unknown): number {
  if (unbiased !== undefined && correction !== undefined)
    throw new ValueError(`${op}: expected \`unbiased\` or \`correction\`, got both`);
  const freedom = correction ?? (unbiased === false ? 0 : 1);
  if (typeof freedom !== 'number')
    throw new ValueError(`${op}: expected correction to be a number, got ${describe(freedom)}`);
  return freedom;
}

export const INT64 = dtypeInfo('int64');
export const BOOL = dtypeInfo('bool');

// --- Launching ----------------------------------------------------------------------------------------------------------

/** The result of a kernel, which keeps reduced dimensions with size 1, without them. */
function squeezed(kept: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim) return kept;
  const strides = kept.strides.filter((_, d) => !dims.includes(d));
  return viewOf(kept, reducedShape(kept.shape, dims, false), strides, 0);
}

function launchReduce(
  launched: Kernel,
  self: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  dtype: DTypeInfo,
  params: readonly Param[] = [],
): Tensor {
  const kept = allocate(reducedShape(self.shape, dims, true), dtype, self.device);
  if (params.length === 0) launch1(launched, kept, self);
  else launch(launched, [kept, self], params);
  return squeezed(kept, dims, keepdim);
}

/** Kernels that also give places: values and int64 indices along one dimension. */
function launchChoice(
  launched: Kernel,
  self: Tensor,
  dim: number,
  keepdim: boolean,
  params: readonly Param[],
): [Tensor, Tensor] {
  const dims = self.shape.length === 0 ? [] : [dim];
  const shape = reducedShape(self.shape, dims, true);
  const values = allocate(shape, self.dtypeInfo, self.device);
  const indices = allocate(shape, INT64, self.device);
  launch(launched, [values, indices, self], params);
  return [squeezed(values, dims, keepdim), squeezed(indices, dims, keepdim)];
}

export function requireElements(op: string, self: Tensor, dims: readonly number[]): void {
  const empty = dims.find((d) => self.shape[d] === 0);
  if (empty !== undefined)
    throw new ShapeError(`${op}: no elements to choose from: dimension ${empty} of ${show(self.shape)} is empty`);
}

export function requireReal(op: string, self: Tensor): void {
  if (self.isComplex()) throw new DTypeError(`${op}: complex numbers have no order, got ${self.dtype}`);
}

export function requireFloating(op: string, self: Tensor): void {
  if (self.dtypeInfo.rank < 2)
    throw new DTypeError(`${op}: expected a floating-point or complex dtype, got ${self.dtype}; convert it with to()`);
}

// --- Primitives ---------------------------------------------------------------------------------------------------------

const KERNELS = {
  sum: kernel('sum'),
  nansum: kernel('nansum'),
  mean: kernel('mean'),
  prod: kernel('prod'),
  amax: kernel('amax'),
  amin: kernel('amin'),
  any: kernel('any'),
  all: kernel('all'),
  norm: kernel('norm'),
  varMean: kernel('varMean'),
  argmax: kernel('argmax'),
  argmin: kernel('argmin'),
  max: kernel('max'),
  min: kernel('min'),
  median: kernel('median'),
  kthvalue: kernel('kthvalue'),
  mode: kernel('mode'),
};

export type DimList = readonly number[];

/** A kernel that sums integers as they are where the result is int64. */
const castForSum = (self: Tensor, dtype: DTypeInfo): Tensor =>
  dtype === INT64 && self.dtypeInfo.rank < 2 ? self : castTo(self, dtype);

const sumPrimitive = primitive(
  'sum',
  ['self', 'dims', 'keepdim', 'dtype'],
  (self: Tensor, dims: DimList, keepdim: boolean, dtype: DTypeInfo): Tensor =>
    launchReduce(KERNELS.sum, castForSum(self, dtype), dims, keepdim, dtype),
);
const nansumPrimitive = primitive(
  'nansum',
  ['self', 'dims', 'keepdim', 'dtype'],
  (self: Tensor, dims: DimList, keepdim: boolean, dtype: DTypeInfo): Tensor => {
    const name = dtype.category === 'float' ? KERNELS.nansum : KERNELS.sum;
    return launchReduce(name, castForSum(self, dtype), dims, keepdim, dtype);
  },
);
const meanPrimitive = primitive(
  'mean',
  ['self', 'dims', 'keepdim', 'dtype'],
  (self: Tensor, dims: DimList, keepdim: boolean, dtype: DTypeInfo): Tensor =>
    launchReduce(KERNELS.mean, castTo(self, dtype), dims, keepdim, dtype),
);
const prodPrimitive = primitive(
  'prod',
  ['self', 'dims', 'keepdim', 'dtype'],
  (self: Tensor, dims: DimList, keepdim: boolean, dtype: DTypeInfo): Tensor =>
    launchReduce(KERNELS.prod, castForSum(self, dtype), dims, keepdim, dtype),
);

const amaxPrimitive = primitive(
  'amax',
  ['self', 'dims', 'keepdim'],
  (self: Tensor, dims: DimList, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.amax, self, dims, keepdim, self.dtypeInfo),
);
const aminPrimitive = primitive(
  'amin',
  ['self', 'dims', 'keepdim'],
  (self: Tensor, dims: DimList, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.amin, self, dims, keepdim, self.dtypeInfo),
);
const anyPrimitive = primitive(
  'any',
  ['self', 'dims', 'keepdim'],
  (self: Tensor, dims: DimList, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.any, castTo(self, BOOL), dims, keepdim, BOOL),
);
const allPrimitive = primitive(
  'all',
  ['self', 'dims', 'keepdim'],
  (self: Tensor, dims: DimList, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.all, castTo(self, BOOL), dims, keepdim, BOOL),
);

const normPrimitive = primitive(
  'norm',
  ['self', 'p', 'dims', 'keepdim'],
  (self: Tensor, p: number, dims: DimList, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.norm, self, dims, keepdim, self.dtypeInfo, [p]),
);

function launchVariance(self: Tensor, dims: DimList, correction: number, keepdim: boolean, root: boolean): Tensor {
  const kept = allocate(reducedShape(self.shape, dims, true), self.dtypeInfo, self.device);
  launch(KERNELS.varMean, [kept, null, self], [correction, root]);
  return squeezed(kept, dims, keepdim);
}
const varPrimitive = primitive(
  'var',
  ['self', 'dims', 'correction', 'keepdim'],
  (self: Tensor, dims: DimList, correction: number, keepdim: boolean): Tensor =>
    launchVariance(self, dims, correction, keepdim, false),
);
const stdPrimitive = primitive(
  'std',
  ['self', 'dims', 'correction', 'keepdim'],
  (self: Tensor, dims: DimList, correction: number, keepdim: boolean): Tensor =>
    launchVariance(self, dims, correction, keepdim, true),
);

const argmaxPrimitive = primitive(
  'argmax',
  ['self', 'dim', 'keepdim'],
  (self: Tensor, dim: number, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.argmax, self, self.shape.length === 0 ? [] : [dim], keepdim, INT64),
);
const argminPrimitive = primitive(
  'argmin',
  ['self', 'dim', 'keepdim'],
  (self: Tensor, dim: number, keepdim: boolean): Tensor =>
    launchReduce(KERNELS.argmin, self, self.shape.length === 0 ? [] : [dim], keepdim, INT64),
);

const CHOICE = ['self', 'dim', 'keepdim'] as const;
const maxPrimitive = primitive('max', CHOICE, (self: Tensor, dim: number, keepdim: boolean) =>
  launchChoice(KERNELS.max, self, dim, keepdim, []),
);
const minPrimitive = primitive('min', CHOICE, (self: Tensor, dim: number, keepdim: boolean) =>
  launchChoice(KERNELS.min, self, dim, keepdim, []),
);
const medianPrimitive = primitive(
  'median',
  ['self', 'dim', 'keepdim', 'ignoreNan'],
  (self: Tensor, dim: number, keepdim: boolean, ignoreNan: boolean) =>
    launchChoice(KERNELS.median, self, dim, keepdim, [dim, ignoreNan]),
);
const kthvaluePrimitive = primitive(
  'kthvalue',
  ['self', 'dim', 'keepdim', 'k'],
  (self: Tensor, dim: number, keepdim: boolean, k: number) =>
    launchChoice(KERNELS.kthvalue, self, dim, keepdim, [dim, k]),
);
const modePrimitive = primitive('mode', CHOICE, (self: Tensor, dim: number, keepdim: boolean) =>
  launchChoice(KERNELS.mode, self, dim, keepdim, [dim]),
);

/** Reductions with their arguments normalised; for derivatives. */
export const reductionPrimitives = {
  sum: sumPrimitive,
  nansum: nansumPrimitive,
  mean: meanPrimitive,
  prod: prodPrimitive,
  amax: amaxPrimitive,
  amin: aminPrimitive,
  any: anyPrimitive,
  all: allPrimitive,
  norm: normPrimitive,
  var: varPrimitive,
  std: stdPrimitive,
  argmax: argmaxPrimitive,
  argmin: argminPrimitive,
  max: maxPrimitive,
  min: minPrimitive,
  median: medianPrimitive,
  kthvalue: kthvaluePrimitive,
  mode: modePrimitive,
};

// --- Choices ----------------------------------------------------------------------------------------------------------------

/** What a choice along a dimension gives: the elements, and where they were found. */
// Not a tuple type, whose method `values` the field would have to be as well. It is destructured as exactly.
export interface ValuesIndices extends Iterable<Tensor> {
  readonly values: Tensor;
  readonly indices: Tensor;
  readonly 0: Tensor;
  readonly 1: Tensor;
  readonly length: 2;
}

export function valuesIndices(results: readonly Tensor[]): ValuesIndices {
  return namedResult(['values', 'indices'], results as readonly [Tensor, Tensor]);
}

export interface ChoiceOptions {
  dim?: number | undefined;
  keepdim?: boolean | undefined;
  out?: readonly Tensor[] | undefined;
}

const CHOICE_DEFAULTS: ChoiceOptions = { dim: undefined, keepdim: false, out: undefined };

export function writeChoice(op: string, result: ValuesIndices, out: readonly Tensor[] | undefined): ValuesIndices {
  if (out === undefined) return result;
  if (!Array.isArray(out) || out.length !== 2)
    throw new ValueError(`${op}: expected out to be two tensors, got ${describe(out)}`);
  writeOut(op, out[0] as Tensor, result.values);
  writeOut(op, out[1] as Tensor, result.indices);
  return valuesIndices(out);
}

export type Choose = (self: Tensor, dim: number, keepdim: boolean) => readonly Tensor[];

/** Normalises the arguments of ops that choose one element along a dimension. */
export function choose(
  op: string,
  self: Tensor,
  options: ChoiceOptions,
  fallback: number | undefined,
  run: Choose,
): ValuesIndices {
  const dim = normalizeDim(op, options.dim ?? fallback, self.shape.length);
  if (self.shape.length > 0) requireElements(op, self, [dim]);
  return writeChoice(op, valuesIndices(run(self, dim, checkBoolean(op, 'keepdim', options.keepdim))), options.out);
}

/** Whether a call of `max` and its like is about one dimension. */
export function readChoice(
  op: string,
  dim: number | ChoiceOptions | undefined,
  options: ChoiceOptions | undefined,
): ChoiceOptions {
  return optionsOf<ChoiceOptions>(op, dim as number, options, CHOICE_DEFAULTS);
}

/** What does not change the largest or smallest of other elements. */
export function neutralExtreme(self: Tensor, reduce: 'amax' | 'amin'): number | bigint | boolean {
  const largest = reduce === 'amax';
  if (self.dtypeInfo.rank >= 2) return largest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (self.dtype === 'bool') return !largest;
  if (self.dtype === 'int64') return largest ? -(2n ** 63n) : 2n ** 63n - 1n;
  if (self.dtype === 'uint8') return largest ? 0 : 255;
  const half = 2 ** (8 * self.elementSize() - 1);
  return largest ? -half : half - 1;
}
