import type { Tensor } from '@ts-torch/tensor';
import { cat } from '@ts-torch/tensor';
import { numelOf, range } from '@ts-torch/tensor/internal';

/** For each element the product of the others along dimensions: prefix times suffix, without dividing by zeros. */
export function exclusiveProducts(self: Tensor, dims: readonly number[]): Tensor {
  if (dims.length === 0 || self.shape.length === 0) return self.newOnes(self.shape);
  const others = range(self.shape.length).filter((d) => !dims.includes(d));
  const order = [...others, ...dims];
  const moved = self.permute(order);
  const lines = moved.reshape([
    ...others.map((d) => self.shape[d] as number),
    numelOf(dims.map((d) => self.shape[d] as number)),
  ]);
  const last = others.length;
  const before = shifted(lines, last).cumprod(last);
  const after = shifted(lines.flip(last), last).cumprod(last).flip(last);
  const inverse = order.map((_, d) => order.indexOf(d));
  return before.mul(after).reshape(moved.shape).permute(inverse);
}

/** One, then all elements but the last. */
function shifted(lines: Tensor, dim: number): Tensor {
  const size = lines.shape[dim] as number;
  if (size === 0) return lines;
  return cat([lines.newOnes(lines.shape.with(dim, 1)), lines.narrow(dim, 0, size - 1)], dim);
}

/**
 * The gradient of cumprod. Element k has a part in every later product; where there are zeros, which cannot be divided by, the products
 * without it are formed for each k.
 */
export function cumprodGradient(grad: Tensor, self: Tensor, result: Tensor, dim: number): Tensor {
  const size = self.shape[dim] ?? 1;
  if (self.shape.length === 0) return grad;
  if (size === 0 || self.numel() === 0) return self;
  if (!self.eq(0).any().item()) return reverseCumsum(grad.mul(result.conj()), dim).div(self.conj());
  const parts = range(size).map((k) => {
    const before = k === 0 ? null : self.narrow(dim, 0, k).prod(dim, { keepdim: true });
    const after = self.narrow(dim, k + 1, size - k - 1).cumprod(dim);
    const first = before ?? self.newOnes(self.shape.with(dim, 1));
    const without = cat([first, before === null ? after : after.mul(before)], dim);
    return grad
      .narrow(dim, k, size - k)
      .mul(without.conj())
      .sum(dim, { keepdim: true });
  });
  return cat(parts, dim);
}

/** The sums of the elements from each one on. */
export function reverseCumsum(self: Tensor, dim: number): Tensor {
  return self.shape.length === 0 ? self : self.flip(dim).cumsum(dim).flip(dim);
}
