import type { Tensor } from '@ts-torch/tensor';
import { cat } from '@ts-torch/tensor';
import { indexingPrimitives, type Shape } from '@ts-torch/tensor/internal';
import { derivative, notDifferentiable } from '../derivative.js';

const {
  gather,
  scatter,
  scatterAdd,
  scatterCombine,
  indexSelect,
  indexAdd,
  indexCopy,
  indexFill,
  indexCombine,
  maskedFill,
  maskedSelect,
  maskedScatter,
  nonzero,
} = indexingPrimitives;

derivative(gather, {
  saves: ['index'],
  self: ({ grad, self, dim, index }) => scatterAdd(grad.newZeros(self.shape), dim, index, grad),
});

// The source is as large as its index, or its gradient would be undefined beyond it: there it is zero.
function gatherInto(grad: Tensor, dim: number, index: Tensor, shape: Shape): Tensor {
  // An empty index fits any shape.
  if (index.numel() === 0) return grad.newZeros(shape);
  const gathered = gather(grad, dim, index);
  // A single element may have no dimensions beside one that has.
  const picked = gathered.ndim === shape.length ? gathered : gathered.reshape(shape.map(() => 1));
  return shape.reduce<Tensor>((result, size, d) => {
    const missing = size - (result.shape[d] as number);
    return missing === 0 ? result : cat([result, result.newZeros(result.shape.with(d, missing))], d);
  }, picked);
}
derivative(scatter, {
  saves: ['index'],
  self: ({ grad, dim, index }) => scatter(grad, dim, index, 0),
  src: ({ grad, dim, index, src }) => gatherInto(grad, dim, index, (src as Tensor).shape),
});
derivative(scatterAdd, {
  saves: ['index'],
  self: ({ grad }) => grad,
  src: ({ grad, dim, index, src }) => gatherInto(grad, dim, index, (src as Tensor).shape),
});

/** `Combine` of the kernels. */
const MULTIPLY = 2;

interface Combined {
  readonly self: Tensor;
  readonly src: Tensor;
  readonly result: Tensor;
  readonly dim: number;
  readonly index: Tensor;
  readonly mode: 0 | 1 | 2 | 3 | 4;
}

function combinedSelf(grad: Tensor, { self, src, result, dim, index, mode }: Combined): Tensor {
  if (mode !== MULTIPLY) return self.eq(result).mul(evenShare(grad, { self, src, result, dim, index, mode }));
  const nonzeroSelf = self.maskedFill(self.eq(0), 1);
  return grad.mul(scatterCombine(nonzeroSelf, dim, index, src, MULTIPLY)).div(nonzeroSelf);
}

function combinedSource(grad: Tensor, { self, src, result, dim, index, mode }: Combined): Tensor {
  if (mode !== MULTIPLY)
    return src
      .eq(gather(result, dim, index))
      .mul(gather(evenShare(grad, { self, src, result, dim, index, mode }), dim, index));
  // Beside a single zero the product of the others counts; beside two there is nothing left.
  const zero = src.eq(0);
  const zeros = gather(scatterAdd(grad.newZeros(self.shape), dim, index, zero.to(grad.dtype)), dim, index);
  const single = zero.mul(zeros.eq(1));
  const withoutZero = scatterCombine(self, dim, index, src.maskedFill(single, 1), MULTIPLY);
  const beside = gather(grad.mul(result), dim, index).div(src.maskedFill(zero, 1));
  return beside.mul(single.eq(false)).add(gather(grad.mul(withoutZero), dim, index).mul(single));
}

/** The gradient of an extreme divided among all that are equal to it. */
function evenShare(grad: Tensor, { self, src, result, dim, index }: Combined): Tensor {
  const ties = src.eq(gather(result, dim, index)).to(grad.dtype);
  return grad.div(scatterAdd(self.eq(result).to(grad.dtype), dim, index, ties));
}

derivative(scatterCombine, {
  saves: ['self', 'index', 'src', 'result'],
  self: ({ grad, ...call }) => combinedSelf(grad, call as Combined),
  src: ({ grad, ...call }) => combinedSource(grad, call as Combined),
});

derivative(indexSelect, {
  saves: ['index'],
  self: ({ grad, self, dim, index }) => indexAdd(grad.newZeros(self.shape), dim, index, grad),
});
derivative(indexAdd, {
  saves: ['index'],
  self: ({ grad }) => grad,
  source: ({ grad, dim, index }) => indexSelect(grad, dim, index),
});
derivative(indexCopy, {
  saves: ['index'],
  self: ({ grad, dim, index }) => indexFill(grad, dim, index, 0),
  source: ({ grad, dim, index }) => indexSelect(grad, dim, index),
});
derivative(indexFill, {
  saves: ['index'],
  self: ({ grad, dim, index }) => indexFill(grad, dim, index, 0),
  value: ({ grad, dim, index }) => indexSelect(grad, dim, index).sum(),
});

/** One index along a dimension as one for each element of the source. */
function spread(index: Tensor, source: Tensor, dim: number): Tensor {
  return index.reshape(source.shape.map((_, d) => (d === dim ? index.numel() : 1))).expand(source.shape);
}
derivative(indexCombine, {
  saves: ['self', 'index', 'source', 'result'],
  self: ({ grad, self, dim, index, source, mode, result }) => {
    const src = source as Tensor;
    return combinedSelf(grad, { self, src, result, dim, index: spread(index, src, dim), mode });
  },
  source: ({ grad, self, dim, index, source, mode, result }) => {
    const src = source as Tensor;
    return combinedSource(grad, { self, src, result, dim, index: spread(index, src, dim), mode });
  },
});

derivative(maskedFill, {
  saves: ['mask'],
  self: ({ grad, mask }) => maskedFill(grad, mask, 0),
  value: ({ grad, mask }) => grad.mul(mask.to('bool')).sum(),
});
derivative(maskedSelect, {
  saves: ['mask'],
  self: ({ grad, self, mask }) => maskedScatter(grad.newZeros(self.shape), mask.expand(self.shape), grad),
});
derivative(maskedScatter, {
  saves: ['mask'],
  self: ({ grad, mask }) => maskedFill(grad, mask, 0),
  source: ({ grad, mask, source }) => {
    const taken = maskedSelect(grad, mask);
    const count = source.shape.reduce((product, size) => product * size, 1);
    const rest = grad.newZeros([count - taken.numel()]);
    return cat([taken, rest]).reshape(source.shape);
  },
});

notDifferentiable(nonzero);
