import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { type Tensor, tensor } from '@ts-torch/tensor';
import { checkTensor, readOptions, show } from '@ts-torch/tensor/internal';
import { checkWord } from '../options.js';

export interface PadOptions {
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular' | undefined;
  /** What `'constant'` fills with; 0 unless given. */
  value?: number | null | undefined;
}

/** Elements to add before and after a dimension; negative ones are cut off. */
interface Side {
  readonly dim: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The tensor with elements added around it: `pad` lists how many before and after, from the last dimension on. Modes: `'constant'`,
 * `'reflect'` (without the border), `'replicate'` (the border), `'circular'`.
 *
 * @example
 * pad(x, [1, 2]); // one before and two after the last dimension
 */
export function pad(input: Tensor, pad: readonly number[], options?: PadOptions): Tensor {
  checkTensor('pad', input, 'input');
  const { mode, value } = readOptions<PadOptions>('pad', options, { mode: 'constant', value: 0 });
  checkWord('pad', 'mode', mode, ['constant', 'reflect', 'replicate', 'circular']);
  const sides = sidesOf(input, pad);
  if (mode === 'constant') return padConstant(input, sides, value ?? 0);
  checkSpatial(input, sides, mode);
  return sides.reduce((result, side) => padByIndex(result, side, mode), input);
}

function sidesOf(input: Tensor, pad: readonly number[]): Side[] {
  const fits =
    Array.isArray(pad) && pad.length % 2 === 0 && pad.length <= 2 * input.ndim && pad.every(Number.isInteger);
  if (!fits)
    throw new ValueError(
      `pad: expected at most ${input.ndim} pairs of integers for shape ${show(input.shape)}, got ${describe(pad)}`,
    );
  const sides: Side[] = [];
  for (let i = 0; i < pad.length; i += 2)
    sides.push({ dim: input.ndim - 1 - i / 2, before: pad[i] as number, after: pad[i + 1] as number });
  return sides;
}

function padConstant(input: Tensor, sides: readonly Side[], value: number): Tensor {
  const shape = [...input.shape];
  let inner = input;
  for (const { dim, before, after } of sides) {
    const size = shape[dim] as number;
    shape[dim] = size + before + after;
    if (shape[dim] < 0)
      throw new ShapeError(
        `pad: shape ${show(input.shape)} has too few elements in dimension ${dim} for [${before}, ${after}]`,
      );
    const from = Math.max(-before, 0);
    inner = inner.narrow(dim, from, size - from - Math.max(-after, 0));
  }
  const out = input.newFull(shape, value);
  let place = out;
  for (const { dim, before } of sides) place = place.narrow(dim, Math.max(before, 0), inner.shape[dim] as number);
  place.copy_(inner);
  return out;
}

/** The other modes pad one to three dimensions after batch and channels, as PyTorch's. */
function checkSpatial(input: Tensor, sides: readonly Side[], mode: string): void {
  const spatial = sides.length;
  if (spatial < 1 || spatial > 3 || (input.ndim !== spatial + 1 && input.ndim !== spatial + 2))
    throw new ShapeError(
      `pad: mode '${mode}' takes one to three pairs after the channels, got ${spatial} for shape ${show(input.shape)}`,
    );
  if (input.shape.slice(-spatial - 1).includes(0))
    throw new ShapeError(`pad: mode '${mode}' needs elements to copy, got shape ${show(input.shape)}`);
}

type IndexMode = 'reflect' | 'replicate' | 'circular';

/** Which element stands at place `i`, which may lie outside of 0 to size - 1. */
const SOURCES: Record<IndexMode, (i: number, size: number) => number> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, size) => ((i % size) + size) % size,
};

function padByIndex(input: Tensor, { dim, before, after }: Side, mode: IndexMode): Tensor {
  const size = input.shape[dim] as number;
  const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Number.POSITIVE_INFINITY;
  if (before > most || after > most)
    throw new ShapeError(
      `pad: mode '${mode}' adds at most ${most} to dimension ${dim} of ${show(input.shape)}, got [${before}, ${after}]`,
    );
  if (size + before + after < 1)
    throw new ShapeError(`pad: nothing is left of dimension ${dim} of ${show(input.shape)} with [${before}, ${after}]`);
  if (before === 0 && after === 0) return input;
  const places = Array.from({ length: size + before + after }, (_, i) => SOURCES[mode](i - before, size));
  return input.indexSelect(dim, tensor(places, { dtype: 'int64', device: input.device }));
}
