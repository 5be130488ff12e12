import * as torch from 'ts-torch';
import type { Random } from './random.js';
import { HUGE_SIZES } from './values.js';

const hasElements = (x: torch.Tensor): boolean => x.numel() > 0;

/** Takes a dimension's first element as often as the size says: stride 0, however large. */
export function stretched(x: torch.Tensor, dim: number, size: number): torch.Tensor {
  const shape = x.shape.map((old, d) => (d === dim ? size : old));
  return x.narrow(dim, 0, 1).expand(...shape);
}

function transposedMemory(x: torch.Tensor): torch.Tensor {
  return x.ndim < 2 ? x : x.mT.contiguous().mT;
}

function everySecond(x: torch.Tensor): torch.Tensor {
  return torch.stack([x, x], { dim: -1 }).select(-1, 0);
}

function withOffset(x: torch.Tensor): torch.Tensor {
  return torch.stack([x, x]).select(0, 1);
}

function stretchedOver(x: torch.Tensor, random: Random): torch.Tensor {
  if (x.ndim === 0 || !hasElements(x)) return x;
  const dim = random.below(x.ndim);
  return stretched(x, dim, x.shape[dim] as number);
}

/** Each element begins one place after its neighbour, in every dimension: most places belong to several elements. */
function overlapping(x: torch.Tensor): torch.Tensor {
  if (!hasElements(x)) return x;
  return x.contiguous().asStrided(
    x.shape,
    x.shape.map(() => 1),
  );
}

/** The same shape and dtype, the elements elsewhere in memory. */
const LAYOUTS = [transposedMemory, everySecond, withOffset, stretchedOver, overlapping];

export const relaid = (x: torch.Tensor, random: Random): torch.Tensor => random.pick(LAYOUTS)(x, random);

/** A tensor whose dimension has another size: cut off, or its elements over again. */
export function resized(x: torch.Tensor, dim: number, size: number): torch.Tensor {
  const old = x.shape[dim] as number;
  if (size <= old) return x.narrow(dim, 0, size);
  if (old === 0) {
    const shape = x.shape.map((other, d) => (d === dim ? size : other));
    return torch.zeros([], { dtype: x.dtype }).expand(...shape);
  }
  if (size > 64) return stretched(x, dim, size);
  return x.indexSelect(dim, torch.arange(size).remainder(old));
}

/** The element count that `numel` may have: JavaScript counts no further. */
const MAX_NUMEL = 2 ** 53 - 1;

/** The largest of the huge sizes that a dimension may have, or a random one below. */
export function hugeSize(random: Random, shape: readonly number[], dim: number): number | undefined {
  const others = shape.reduce((product, size, d) => (d === dim || size === 0 ? product : product * size), 1);
  const possible = HUGE_SIZES.filter((size) => size * others <= MAX_NUMEL);
  return possible.length === 0 ? undefined : random.pick(possible);
}
