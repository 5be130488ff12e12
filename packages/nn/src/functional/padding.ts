import { ShapeError } from '@ts-torch/core';
import { constantPadNd, type Tensor, tensor } from '@ts-torch/tensor';
import {
  checkListLength,
  checkTensor,
  type PaddingSide,
  paddingSides,
  readOptions,
  show,
} from '@ts-torch/tensor/internal';
import { checkWord } from '../options.js';

export interface PadOptions {
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular' | undefined;
  /** What `'constant'` fills with; 0 unless given. */
  value?: number | null | undefined;
}

/**
 * The tensor with elements added around it: `pad` lists how many before and after, from the last dimension on. Modes: `'constant'`,
 * `'reflect'` (without the border), `'replicate'` (the border), `'circular'`.
 *
 * @example F.pad(torch.tensor([1, 2]), [1, 2]) // tensor([0., 1., 2., 0., 0.])
 */
export function pad(input: Tensor, pad: readonly number[], options?: PadOptions): Tensor {
  checkTensor('pad', input, 'input');
  const { mode, value } = readOptions<PadOptions>('pad', options, { mode: 'constant', value: 0 });
  checkWord('pad', 'mode', mode, ['constant', 'reflect', 'replicate', 'circular']);
  if (mode === 'constant') return constantPadNd(input, pad, { value: value ?? 0 });
  const sides = paddingSides('pad', input, pad);
  checkSpatial(input, sides, mode);
  return sides.reduce((result, side) => padByIndex(result, side, mode), input);
}

/** The other modes pad one to three dimensions after batch and channels, as PyTorch's. */
function checkSpatial(input: Tensor, sides: readonly PaddingSide[], mode: string): void {
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

function padByIndex(input: Tensor, { dim, before, after }: PaddingSide, mode: IndexMode): Tensor {
  const size = input.shape[dim] as number;
  const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Number.POSITIVE_INFINITY;
  if (before > most || after > most)
    throw new ShapeError(
      `pad: mode '${mode}' adds at most ${most} to dimension ${dim} of ${show(input.shape)}, got [${before}, ${after}]`,
    );
  if (size + before + after < 1)
    throw new ShapeError(`pad: nothing is left of dimension ${dim} of ${show(input.shape)} with [${before}, ${after}]`);
  if (before === 0 && after === 0) return input;
  checkListLength('pad', size + before + after);
  const places = Array.from({ length: size + before + after }, (_, i) => SOURCES[mode](i - before, size));
  return input.indexSelect(dim, tensor(places, { dtype: 'int64', device: input.device }));
}
