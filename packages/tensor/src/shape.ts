import { describe, IndexError, ShapeError, ValueError } from '@ts-torch/core';

/** The sizes of a tensor's dimensions. */
export type Shape = readonly number[];

export const MAX_DIMS = 64;

/** The longest list that an op makes or returns: beyond it JavaScript's own memory would run out, which ends the process. */
const MAX_LIST = 2 ** 24;

/** Throws {@link ValueError} where an op would make a list of more entries than memory has room for. */
export function checkListLength(op: string, length: number): void {
  if (!(length <= MAX_LIST))
    throw new ValueError(`${op}: expected at most ${MAX_LIST} parts or indices, got ${length}`);
}

/** How a shape reads in a message: `[2, 3]`. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function numelOf(shape: Shape): number {
  let numel = 1;
  for (let d = 0; d < shape.length; d++) numel *= shape[d] as number;
  return numel;
}

/** Row-major strides, in elements. Dimensions of no elements count as 1, as in PyTorch. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    const size = shape[d] as number;
    if (size > 1) step *= size;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

export function checkRank(op: string, shape: Shape): void {
  if (shape.length > MAX_DIMS)
    throw new ShapeError(`${op}: expected at most ${MAX_DIMS} dimensions, got ${shape.length}`);
}

/** Checks what a user gave as a shape: an array of integers of at least 0. */
export function checkShape(op: string, shape: unknown, least = 0): asserts shape is number[] {
  if (!Array.isArray(shape)) throw new ShapeError(`${op}: expected a shape such as [2, 3], got ${describe(shape)}`);
  checkRank(op, shape);
  let numel = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < least) {
      throw new ShapeError(`${op}: expected sizes of at least ${least}, got ${describe(size)} in ${describe(shape)}`);
    }
    if (size > 0) numel *= size;
  }
  if (!Number.isSafeInteger(numel)) throw new ShapeError(`${op}: the shape ${describe(shape)} has too many elements`);
}

/** Shapes may come as one array or spread: `view(2, 3)`, `view([2, 3])`. */
export function shapeArgument(op: string, args: readonly (number | Shape)[], least = 0): number[] {
  const shape = args.length === 1 && Array.isArray(args[0]) ? [...args[0]] : [...args];
  checkShape(op, shape, least);
  return shape;
}

/** A dimension counted from the front; negative ones count from the back. A scalar has dimensions 0 and -1. */
export function normalizeDim(op: string, dim: unknown, ndim: number): number {
  const bound = Math.max(ndim, 1);
  if (!Number.isInteger(dim)) throw new ValueError(`${op}: expected dim to be an integer, got ${describe(dim)}`);
  const d = dim as number;
  if (d < -bound || d >= bound) {
    throw new IndexError(`${op}: dim ${d} is out of range: expected ${-bound} to ${bound - 1} for ${ndim} dimensions`);
  }
  return d < 0 ? d + bound : d;
}

/** Distinct dimensions, counted from the front; no list or an empty one means all. */
export function normalizeDims(op: string, dim: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0)) return range(ndim);
  if (typeof dim === 'number') return [normalizeDim(op, dim, ndim)];
  const given = dim;
  if (!Array.isArray(given))
    throw new ValueError(`${op}: expected dim to be an integer or a list, got ${describe(dim)}`);
  const dims = given.map((d) => normalizeDim(op, d, ndim));
  if (dims.some((d, i) => dims.indexOf(d) !== i))
    throw new ValueError(`${op}: dim ${describe(given)} names a dimension twice`);
  return dims;
}

export function range(count: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < count; i++) result.push(i);
  return result;
}

/**
 * The shape that two or more shapes broadcast to: aligned at their last dimension, sizes are equal or 1.
 * Throws {@link ShapeError}.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const result = new Array<number>(ndim);
  for (let d = 1; d <= ndim; d++) {
    const m = a[a.length - d] ?? 1;
    const n = b[b.length - d] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${op}: cannot broadcast ${show(a)} with ${show(b)}: ${m} differs from ${n} in dimension ${ndim - d}`,
      );
    }
    result[ndim - d] = m === 1 ? n : m;
  }
  return result;
}

/** The strides under which a tensor of `shape` reads as one of `target`. The shapes must broadcast. */
export function expandStrides(op: string, shape: Shape, strides: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  const fits = lead >= 0 && shape.every((size, d) => size === target[d + lead] || size === 1);
  if (!fits) throw new ShapeError(`${op}: cannot expand ${show(shape)} to ${show(target)}`);
  return target.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : (strides[d - lead] as number)));
}

/**
 * The strides under which a tensor's elements, read row-major, have another shape; undefined where none exist and the
 * elements must be copied. PyTorch's computeStride: each run of dimensions that lie evenly in memory is split alone.
 */
export function viewStrides(shape: Shape, strides: Shape, target: Shape): number[] | undefined {
  const numel = numelOf(shape);
  if (numel === 0) return sameShape(shape, target) ? [...strides] : contiguousStrides(target);
  if (shape.length === 0) return target.map(() => 1);
  const result = new Array<number>(target.length);
  let viewDim = target.length - 1;
  let base = strides[strides.length - 1] as number;
  let runNumel = 1;
  let viewNumel = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    runNumel *= shape[d] as number;
    const runEnds = d === 0 || ((shape[d - 1] as number) !== 1 && strides[d - 1] !== runNumel * base);
    if (!runEnds) continue;
    while (viewDim >= 0 && (viewNumel < runNumel || target[viewDim] === 1)) {
      result[viewDim] = viewNumel * base;
      viewNumel *= target[viewDim] as number;
      viewDim--;
    }
    if (viewNumel !== runNumel) return undefined;
    if (d > 0) {
      base = strides[d - 1] as number;
      runNumel = 1;
      viewNumel = 1;
    }
  }
  return viewDim === -1 ? result : undefined;
}

/** Replaces one -1 by the size that is left. Throws {@link ShapeError} where the number of elements does not fit. */
export function inferShape(op: string, target: Shape, numel: number): number[] {
  const unknown = target.indexOf(-1);
  const known = target.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const misfit = () => new ShapeError(`${op}: cannot view ${numel} elements as ${show(target)}`);
  if (unknown === -1) {
    if (known !== numel) throw misfit();
    return [...target];
  }
  if (target.indexOf(-1, unknown + 1) !== -1) throw new ShapeError(`${op}: only one size of ${show(target)} may be -1`);
  if (known === 0 || numel % known !== 0) throw misfit();
  return target.map((size) => (size === -1 ? numel / known : size));
}

/** The shape with size 1 in the reduced dimensions, or without them. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  if (keepdim) return shape.map((size, d) => (dims.includes(d) ? 1 : size));
  return shape.filter((_, d) => !dims.includes(d));
}
