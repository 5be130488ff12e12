import { checkTensor } from '../op.js';
import {
  type ChoiceOptions,
  type Choose,
  choose,
  readChoice,
  reductionPrimitives,
  requireElements,
  requireReal,
  type ValuesIndices,
} from '../reducing.js';
import { range } from '../shape.js';
import { Tensor } from '../tensor.js';

const primitives = reductionPrimitives;

// Reductions that give one tensor without a dimension, and values and indices with one. Overloads do not pass through
// `Methods`, so the methods' types stand here, too.

function extremeOf(
  op: 'max' | 'min',
  self: Tensor,
  argument: number | Tensor | ChoiceOptions | undefined,
  options: ChoiceOptions | undefined,
): Tensor | ValuesIndices {
  checkTensor(op, self);
  requireReal(op, self);
  if (argument instanceof Tensor) return op === 'max' ? self.maximum(argument) : self.minimum(argument);
  const given = readChoice(op, argument, options);
  if (given.dim === undefined) {
    requireElements(op, self, range(self.shape.length));
    return (op === 'max' ? primitives.amax : primitives.amin)(self, range(self.shape.length), false);
  }
  return choose(op, self, given, undefined, op === 'max' ? primitives.max : primitives.min);
}

interface ExtremeFunction {
  (self: Tensor): Tensor;
  (self: Tensor, other: Tensor): Tensor;
  (self: Tensor, dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
}

/**
 * `x.max()`: the largest of all elements. `x.max(dim)`: the largest along a dimension, and their places, as
 * `{ values, indices }`. `x.max(other)`: the larger of each two elements. NaN is larger than anything.
 *
 * @example torch.max(torch.tensor([[1, 5], [7, 3]]), 1) // { values: tensor([5., 7.]), indices: tensor([1, 0]) }
 */
export const max = ((self: Tensor, argument?: number | Tensor | ChoiceOptions, options?: ChoiceOptions) =>
  extremeOf('max', self, argument, options)) as ExtremeFunction;

/**
 * `x.min()`: the smallest of all elements. `x.min(dim)`: the smallest along a dimension, and their places, as
 * `{ values, indices }`. `x.min(other)`: the smaller of each two elements. NaN is smaller than anything.
 *
 * @example torch.min(torch.tensor([[1, 5], [7, 3]])) // tensor(1.)
 */
export const min = ((self: Tensor, argument?: number | Tensor | ChoiceOptions, options?: ChoiceOptions) =>
  extremeOf('min', self, argument, options)) as ExtremeFunction;

interface MedianFunction {
  (self: Tensor): Tensor;
  (self: Tensor, dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
}

function medianOf(op: string, ignoreNan: boolean) {
  return ((self: Tensor, dim?: number | ChoiceOptions, options?: ChoiceOptions): Tensor | ValuesIndices => {
    checkTensor(op, self);
    requireReal(op, self);
    const given = readChoice(op, dim, options);
    const run: Choose = (tensor, at, keepdim) => primitives.median(tensor, at, keepdim, ignoreNan);
    if (given.dim !== undefined) return choose(op, self, given, undefined, run);
    if (self.numel() === 0) return self.newFull([], Number.NaN);
    return run(self.reshape([-1]), 0, false)[0] as Tensor;
  }) as MedianFunction;
}

/**
 * The median of all elements, or along a dimension with its place: the lower of two; NaN where there is one.
 *
 * @example torch.median(torch.tensor([3, 1, 2])) // tensor(2.)
 */
export const median = medianOf('median', false);
/**
 * {@link median} of the elements that are not NaN.
 *
 * @example torch.nanmedian(torch.tensor([3, NaN, 1])) // tensor(1.)
 */
export const nanmedian = medianOf('nanmedian', true);

/** The methods of this module. */
export interface ExtremeMethods {
  /** {@link max} */
  max(): Tensor;
  max(other: Tensor): Tensor;
  max(dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
  /** {@link min} */
  min(): Tensor;
  min(other: Tensor): Tensor;
  min(dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
  /** {@link median} */
  median(): Tensor;
  median(dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
  /** {@link nanmedian} */
  nanmedian(): Tensor;
  nanmedian(dim: number | ChoiceOptions, options?: ChoiceOptions): ValuesIndices;
}
