import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { checkTensor, readOptions } from './op.js';
import { copy_ } from './ops/copying.js';
import { newFull } from './ops/new.js';
import { narrow } from './ops/views.js';
import type { Scalar } from './promotion.js';
import { show } from './shape.js';
import type { Tensor } from './tensor.js';

/** Elements to add before and after a dimension; negative ones are cut off. */
export interface PaddingSide {
  readonly dim: number;
  readonly before: number;
  readonly after: number;
}

/** Padding as PyTorch writes it, pairs from the last dimension on. Throws {@link ValueError}. */
export function paddingSides(op: string, input: Tensor, pad: readonly number[]): PaddingSide[] {
  const fits =
    Array.isArray(pad) && pad.length % 2 === 0 && pad.length <= 2 * input.ndim && pad.every(Number.isInteger);
  if (!fits)
    throw new ValueError(
      `${op}: expected at most ${input.ndim} pairs of integers for shape ${show(input.shape)}, got ${describe(pad)}`,
    );
  const sides: PaddingSide[] = [];
  for (let i = 0; i < pad.length; i += 2)
    sides.push({ dim: input.ndim - 1 - i / 2, before: pad[i] as number, after: pad[i + 1] as number });
  return sides;
}

export interface ConstantPadOptions {
  /** What the new elements are. */
  value?: Scalar | undefined;
}

/**
 * The tensor with elements of one value added around it: `pad` lists how many before and after, from the last dimension on.
 *
 * @example torch.constantPadNd(torch.tensor([1, 2]), [1, 2], { value: 9 }) // tensor([9., 1., 2., 9., 9.])
 */
export function constantPadNd(self: Tensor, pad: readonly number[], options?: ConstantPadOptions): Tensor {
  checkTensor('pad', self);
  const { value } = readOptions<ConstantPadOptions>('pad', options, { value: 0 });
  const sides = paddingSides('pad', self, pad);
  const shape = [...self.shape];
  let inner = self;
  for (const { dim, before, after } of sides) {
    const size = shape[dim] as number;
    shape[dim] = size + before + after;
    if (shape[dim] < 0)
      throw new ShapeError(
        `pad: shape ${show(self.shape)} has too few elements in dimension ${dim} for [${before}, ${after}]`,
      );
    const from = Math.max(-before, 0);
    inner = narrow(inner, dim, from, size - from - Math.max(-after, 0));
  }
  const out = newFull(self, shape, value as Scalar);
  let place = out;
  for (const { dim, before } of sides) place = narrow(place, dim, Math.max(before, 0), inner.shape[dim] as number);
  copy_(place, inner);
  return out;
}
