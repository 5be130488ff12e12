import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { contiguousStrides, type Shape, show } from './shape.js';

/**
 * In which order elements lie in memory: row-major, or with the channels of `[N, C, H, W]` (`channelsLast`) or `[N, C, D, H, W]`
 * (`channelsLast3d`) next to each other. `preserveFormat` leaves the choice to the op.
 */
export type MemoryFormat = 'contiguousFormat' | 'preserveFormat' | 'channelsLast' | 'channelsLast3d';

export const contiguousFormat = 'contiguousFormat' satisfies MemoryFormat;
export const preserveFormat = 'preserveFormat' satisfies MemoryFormat;
export const channelsLast = 'channelsLast' satisfies MemoryFormat;
export const channelsLast3d = 'channelsLast3d' satisfies MemoryFormat;

export interface MemoryFormatOptions {
  memoryFormat?: MemoryFormat | undefined;
}

/** The dimensions that each format is defined for; `null`: any number. */
const RANKS: Readonly<Record<MemoryFormat, number | null>> = {
  contiguousFormat: null,
  preserveFormat: null,
  channelsLast: 4,
  channelsLast3d: 5,
};

/** The strides of a dense tensor in a memory format. Throws {@link ShapeError} where the format is for other shapes. */
export function formatStrides(op: string, shape: Shape, format: MemoryFormat): number[] {
  if (typeof format !== 'string' || !Object.hasOwn(RANKS, format))
    throw new ValueError(`${op}: expected memoryFormat to be one of ${Object.keys(RANKS)}, got ${describe(format)}`);
  const rank = RANKS[format];
  if (rank === null) return contiguousStrides(shape);
  if (shape.length !== rank)
    throw new ShapeError(`${op}: ${format} is for ${rank} dimensions, got shape ${show(shape)}`);
  const [batch, channels, ...space] = contiguousStrides([shape[0] as number, ...shape.slice(2), shape[1] as number]);
  const last = [channels, ...space];
  return [batch as number, last.at(-1) as number, ...(last.slice(0, -1) as number[])];
}

/** Whether strides are those of a format; those of dimensions of size 1 do not matter. */
export function hasStrides(shape: Shape, strides: Shape, wanted: Shape): boolean {
  return shape.includes(0) || shape.every((size, d) => size === 1 || strides[d] === wanted[d]);
}
