import {
  COMPLEX_OF,
  type ComplexDType,
  DTypeError,
  describe,
  dtypeInfo,
  type FloatDType,
  IndexError,
  REAL_OF,
  ShapeError,
  ValueError,
} from '@ts-torch/core';
import { viewOf } from '../allocation.js';
import { checkTensor, readOptions, viewPrimitive } from '../op.js';
import {
  checkRank,
  expandStrides,
  inferShape,
  normalizeDim,
  normalizeDims,
  numelOf,
  range,
  type Shape,
  shapeArgument,
  show,
  viewStrides,
} from '../shape.js';
import { Tensor } from '../tensor.js';
import { clone } from './copying.js';
import { item } from './reading.js';

// The views that have derivatives of their own. Their arguments are normalised: no negative dims, no -1 sizes.

const expandPrimitive = viewPrimitive('expand', ['self', 'shape'], (self, shape: Shape) =>
  viewOf(self, shape, expandStrides('expand', self.shape, self.strides, shape), self.offset),
);

const viewShape = viewPrimitive('view', ['self', 'shape'], (self, shape: Shape) => {
  const strides = viewStrides(self.shape, self.strides, shape);
  if (strides === undefined) {
    throw new ShapeError(
      `view: the elements of a tensor of shape ${show(self.shape)} and strides ${show(self.strides)} do not lie as ` +
        `${show(shape)} needs; use reshape`,
    );
  }
  return viewOf(self, shape, strides, self.offset);
});

const permuteDims = viewPrimitive('permute', ['self', 'dims'], (self, dims: readonly number[]) =>
  viewOf(
    self,
    dims.map((d) => self.shape[d] as number),
    dims.map((d) => self.strides[d] as number),
    self.offset,
  ),
);

const sliceOf = (self: Tensor, dim: number, start: number, length: number, step: number): Tensor =>
  viewOf(
    self,
    self.shape.with(dim, length),
    self.strides.with(dim, (self.strides[dim] as number) * step),
    self.offset + (length === 0 ? 0 : start * (self.strides[dim] as number)),
  );
const sliceDim = viewPrimitive('slice', ['self', 'dim', 'start', 'length', 'step'], sliceOf);

const indexOf = (self: Tensor, dim: number, index: number): Tensor =>
  viewOf(
    self,
    self.shape.toSpliced(dim, 1),
    self.strides.toSpliced(dim, 1),
    self.offset + index * (self.strides[dim] as number),
  );
const selectIndex = viewPrimitive('select', ['self', 'dim', 'index'], indexOf);

// Of their own, since the gradients of parts are joined at once: as slices each would be added up among zeros.
const splitDim = viewPrimitive('split', ['self', 'dim', 'sizes'], (self, dim: number, sizes: readonly number[]) => {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return sliceOf(self, dim, start - size, size, 1);
  });
});

const unbindDim = viewPrimitive('unbind', ['self', 'dim'], (self, dim: number) =>
  range(self.shape[dim] as number).map((index) => indexOf(self, dim, index)),
);

const asStridedView = viewPrimitive(
  'asStrided',
  ['self', 'size', 'stride', 'storageOffset'],
  (self, size: Shape, stride: Shape, storageOffset: number) => viewOf(self, size, stride, storageOffset),
);

const diagonalView = viewPrimitive(
  'diagonal',
  ['self', 'offset', 'dim1', 'dim2'],
  (self, offset: number, dim1: number, dim2: number) => {
    const rows = (self.shape[dim1] as number) + Math.min(offset, 0);
    const columns = (self.shape[dim2] as number) - Math.max(offset, 0);
    const length = Math.max(Math.min(rows, columns), 0);
    const strides = [self.strides[dim1] as number, self.strides[dim2] as number] as const;
    const start = offset >= 0 ? offset * strides[1] : -offset * strides[0];
    const kept = range(self.shape.length).filter((d) => d !== dim1 && d !== dim2);
    return viewOf(
      self,
      [...kept.map((d) => self.shape[d] as number), length],
      [...kept.map((d) => self.strides[d] as number), strides[0] + strides[1]],
      self.offset + (length === 0 ? 0 : start),
    );
  },
);

const unfoldDim = viewPrimitive(
  'unfold',
  ['self', 'dim', 'size', 'step'],
  (self, dim: number, size: number, step: number) => {
    if (self.shape.length === 0) return viewOf(self, [size], [1], self.offset);
    const stride = self.strides[dim] as number;
    const windows = Math.floor(((self.shape[dim] as number) - size) / step) + 1;
    return viewOf(
      self,
      [...self.shape.with(dim, windows), size],
      [...self.strides.with(dim, stride * step), stride],
      self.offset,
    );
  },
);

/** A complex tensor as pairs of real numbers: a last dimension of 2. */
const realPairs = viewPrimitive('viewAsReal', ['self'], (self) => {
  const real = dtypeInfo(REAL_OF[self.dtype as ComplexDType]);
  return viewOf(self, [...self.shape, 2], [...self.strides.map((stride) => 2 * stride), 1], 2 * self.offset, real);
});

const complexOfPairs = viewPrimitive('viewAsComplex', ['self'], (self) =>
  viewOf(
    self,
    self.shape.slice(0, -1),
    self.strides.slice(0, -1).map((stride) => stride / 2),
    self.offset / 2,
    dtypeInfo(COMPLEX_OF[self.dtype as FloatDType]),
  ),
);

const aliasView = viewPrimitive('alias', ['self'], (self) => viewOf(self, self.shape, self.strides, self.offset));

/** Views with their arguments already normalised; for derivatives. */
const viewPrimitives = {
  expand: expandPrimitive,
  view: viewShape,
  permute: permuteDims,
  slice: sliceDim,
  select: selectIndex,
  split: splitDim,
  unbind: unbindDim,
  asStrided: asStridedView,
  diagonal: diagonalView,
  unfold: unfoldDim,
  viewAsReal: realPairs,
  viewAsComplex: complexOfPairs,
  alias: aliasView,
};
export default viewPrimitives;

/**
 * The tensor in a larger shape, without a copy: dimensions of size 1 are repeated, new ones come in front; -1 keeps a size.
 * Throws {@link ShapeError} where the shapes do not broadcast.
 *
 * @example torch.tensor([[1], [2]]).expand(2, 3) // tensor([[1., 1., 1.], [2., 2., 2.]])
 */
export function expand(self: Tensor, ...shape: (number | Shape)[]): Tensor {
  checkTensor('expand', self);
  const target = shapeArgument('expand', shape, -1);
  const lead = target.length - self.shape.length;
  return expandPrimitive(
    self,
    target.map((size, d) => (size === -1 && d >= lead ? (self.shape[d - lead] as number) : size)),
  );
}

/**
 * {@link expand} to the shape of another tensor.
 *
 * @example torch.tensor([[1], [2]]).expandAs(torch.zeros([2, 3])) // tensor([[1., 1., 1.], [2., 2., 2.]])
 */
export function expandAs(self: Tensor, other: Tensor): Tensor {
  checkTensor('expandAs', other, 'other');
  return expand(self, other.shape);
}

/**
 * {@link expand}, by NumPy's name.
 *
 * @example torch.broadcastTo(torch.tensor([1, 2]), [2, 2]) // tensor([[1., 2.], [1., 2.]])
 */
export function broadcastTo(self: Tensor, shape: Shape): Tensor {
  return expand(self, shape);
}

/**
 * The same elements in another shape, sharing memory. One size may be -1. Throws {@link ShapeError} where the number of
 * elements differs, or the elements do not lie as the new shape needs: then {@link reshape} copies.
 *
 * @example torch.tensor([1, 2, 3, 4]).view(2, 2) // tensor([[1., 2.], [3., 4.]])
 */
export function view(self: Tensor, ...shape: (number | Shape)[]): Tensor {
  checkTensor('view', self);
  return viewShape(self, inferShape('view', shapeArgument('view', shape, -1), self.numel()));
}

/**
 * {@link view} in the shape of another tensor.
 *
 * @example torch.tensor([1, 2, 3, 4]).viewAs(torch.zeros([2, 2])) // tensor([[1., 2.], [3., 4.]])
 */
export function viewAs(self: Tensor, other: Tensor): Tensor {
  checkTensor('viewAs', other, 'other');
  return view(self, other.shape);
}

/**
 * The same elements in another shape: a view where memory allows it, else a copy. One size may be -1.
 *
 * @example torch.reshape(torch.tensor([1, 2, 3, 4]), [2, -1]) // tensor([[1., 2.], [3., 4.]])
 */
export function reshape(self: Tensor, ...shape: (number | Shape)[]): Tensor {
  checkTensor('reshape', self);
  const target = inferShape('reshape', shapeArgument('reshape', shape, -1), self.numel());
  if (viewStrides(self.shape, self.strides, target) === undefined) return viewShape(clone(self), target);
  return viewShape(self, target);
}

/**
 * {@link reshape} to the shape of another tensor.
 *
 * @example torch.tensor([1, 2, 3, 4]).reshapeAs(torch.zeros([2, 2])) // tensor([[1., 2.], [3., 4.]])
 */
export function reshapeAs(self: Tensor, other: Tensor): Tensor {
  checkTensor('reshapeAs', other, 'other');
  return reshape(self, other.shape);
}

/**
 * The dimensions in another order: `x.permute(2, 0, 1)`.
 *
 * @example torch.permute(torch.zeros([2, 3, 4]), [2, 0, 1]).shape // [4, 2, 3]
 */
export function permute(self: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  checkTensor('permute', self);
  const order = dims.length === 1 && Array.isArray(dims[0]) ? dims[0] : (dims as number[]);
  const normal = order.length === 0 ? [] : normalizeDims('permute', order, self.shape.length);
  if (normal.length !== self.shape.length)
    throw new ShapeError(
      `permute: expected ${self.shape.length} dims for shape ${show(self.shape)}, got ${describe(order)}`,
    );
  return permuteDims(self, normal);
}

/**
 * Two dimensions exchanged.
 *
 * @example torch.transpose(torch.tensor([[1, 2], [3, 4]]), 0, 1) // tensor([[1., 3.], [2., 4.]])
 */
export function transpose(self: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor('transpose', self);
  const a = normalizeDim('transpose', dim0, self.shape.length);
  const b = normalizeDim('transpose', dim1, self.shape.length);
  const order = range(self.shape.length);
  if (order.length > 0) [order[a], order[b]] = [b, a];
  return permuteDims(self, order);
}

/**
 * The transpose of a matrix; tensors of fewer dimensions as they are. Throws {@link ShapeError} for more than two.
 *
 * @example torch.t(torch.tensor([[1, 2], [3, 4]])) // tensor([[1., 3.], [2., 4.]])
 */
export function t(self: Tensor): Tensor {
  checkTensor('t', self);
  if (self.shape.length > 2) throw new ShapeError(`t: expected at most 2 dimensions, got shape ${show(self.shape)}`);
  return permuteDims(self, range(self.shape.length).reverse());
}

/**
 * The dimension `source` moved to `destination`; lists move several.
 *
 * @example torch.movedim(torch.zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 */
export function movedim(
  self: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  checkTensor('movedim', self);
  const from = normalizeDims('movedim', Array.isArray(source) ? source : [source as number], self.shape.length);
  const to = normalizeDims(
    'movedim',
    Array.isArray(destination) ? destination : [destination as number],
    self.shape.length,
  );
  if ((Array.isArray(source) && source.length === 0) || self.shape.length === 0) return aliasView(self);
  if (from.length !== to.length)
    throw new ShapeError(`movedim: expected as many sources as destinations, got ${from.length} and ${to.length}`);
  const order = new Array<number>(self.shape.length).fill(-1);
  from.forEach((d, i) => {
    order[to[i] as number] = d;
  });
  const rest = range(self.shape.length).filter((d) => !from.includes(d));
  return permuteDims(
    self,
    order.map((d) => (d === -1 ? (rest.shift() as number) : d)),
  );
}

/**
 * A new dimension of size 1 before dimension `dim`.
 *
 * @example torch.unsqueeze(torch.tensor([1, 2]), 1) // tensor([[1.], [2.]])
 */
export function unsqueeze(self: Tensor, dim: number): Tensor {
  checkTensor('unsqueeze', self);
  const at = normalizeDim('unsqueeze', dim, self.shape.length + 1);
  const shape = self.shape.toSpliced(at, 0, 1);
  checkRank('unsqueeze', shape);
  return viewShape(self, shape);
}

/**
 * Without dimensions of size 1: all of them, or those of `dim` that have it.
 *
 * @example torch.squeeze(torch.zeros([1, 2, 1])).shape // [2]
 */
export function squeeze(self: Tensor, dim?: number | readonly number[]): Tensor {
  checkTensor('squeeze', self);
  const dims =
    dim === undefined
      ? range(self.shape.length)
      : Array.isArray(dim) && dim.length === 0
        ? []
        : normalizeDims('squeeze', dim, self.shape.length);
  return viewShape(
    self,
    self.shape.filter((size, d) => size !== 1 || !dims.includes(d)),
  );
}

export interface FlattenOptions {
  startDim?: number | undefined;
  endDim?: number | undefined;
}

/**
 * The dimensions from `startDim` (0 where left out) to `endDim` (the last) as one: `x.flatten(1)`.
 *
 * @example torch.flatten(torch.zeros([2, 3, 4]), 1).shape // [2, 12]
 */
export function flatten(self: Tensor, startDim?: number | FlattenOptions, endDim?: number): Tensor {
  checkTensor('flatten', self);
  const given = typeof startDim === 'object' ? startDim : { startDim, endDim };
  const dims = readOptions<FlattenOptions>('flatten', given, { startDim: 0, endDim: -1 });
  const start = normalizeDim('flatten', dims.startDim, self.shape.length);
  const end = normalizeDim('flatten', dims.endDim, self.shape.length);
  if (start > end)
    throw new ValueError(`flatten: expected startDim <= endDim, got ${dims.startDim} and ${dims.endDim}`);
  if (self.shape.length === 0) return reshape(self, [1]);
  const merged = numelOf(self.shape.slice(start, end + 1));
  return reshape(self, self.shape.toSpliced(start, end - start + 1, merged));
}

/**
 * All elements in one dimension: a view where memory allows it.
 *
 * @example torch.ravel(torch.tensor([[1, 2], [3, 4]])) // tensor([1., 2., 3., 4.])
 */
export function ravel(self: Tensor): Tensor {
  return reshape(self, [-1]);
}

/**
 * Dimension `dim` split into several; one of `sizes` may be -1.
 *
 * @example torch.unflatten(torch.zeros([2, 6]), 1, [2, -1]).shape // [2, 2, 3]
 */
export function unflatten(self: Tensor, dim: number, sizes: Shape): Tensor {
  checkTensor('unflatten', self);
  const at = normalizeDim('unflatten', dim, self.shape.length);
  const split = inferShape('unflatten', shapeArgument('unflatten', [sizes], -1), self.shape[at] ?? 1);
  return viewShape(self, self.shape.toSpliced(at, 1, ...split));
}

/**
 * The slice at `index` of a dimension, which is dropped. Negative indices count from the end.
 *
 * @example torch.select(torch.tensor([[1, 2], [3, 4]]), 0, 1) // tensor([3., 4.])
 */
export function select(self: Tensor, dim: number, index: number): Tensor {
  checkTensor('select', self);
  if (self.shape.length === 0)
    throw new IndexError('select: a zero-dimensional tensor has no dimension to select from');
  const at = normalizeDim('select', dim, self.shape.length);
  const size = self.shape[at] as number;
  if (!Number.isInteger(index)) throw new ValueError(`select: expected an integer index, got ${describe(index)}`);
  if (index < -size || index >= size)
    throw new IndexError(`select: index ${index} is out of range for dimension ${at} of size ${size}`);
  return selectIndex(self, at, index < 0 ? index + size : index);
}

/**
 * `length` elements of a dimension from `start` on, which may be a tensor of one integer.
 *
 * @example torch.narrow(torch.tensor([1, 2, 3, 4]), 0, 1, 2) // tensor([2., 3.])
 */
export function narrow(self: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  checkTensor('narrow', self);
  if (start instanceof Tensor) return narrow(self, dim, item(start), length);
  if (self.shape.length === 0) throw new IndexError('narrow: a zero-dimensional tensor has no dimension to narrow');
  const at = normalizeDim('narrow', dim, self.shape.length);
  const size = self.shape[at] as number;
  const whole = Number.isInteger(start) && Number.isInteger(length);
  const from = whole && start < 0 ? start + size : start;
  if (!whole || from < 0 || length < 0 || from + length > size) {
    throw new IndexError(
      `narrow: start ${describe(start)} and length ${describe(length)} do not fit dimension ${at} of size ${size}`,
    );
  }
  return sliceDim(self, at, from, length, 1);
}

export interface SliceOptions {
  dim?: number;
  /** Left out or `null`: from the first element. */
  start?: number | null;
  /** Left out or `null`: to the last. */
  end?: number | null;
  step?: number;
}

/**
 * Elements `start` to `end` (exclusive) of a dimension, every `step`-th; as Python's slices, without negative steps.
 *
 * @example torch.tensor([1, 2, 3, 4]).slice({ start: 1, step: 2 }) // tensor([2., 4.])
 */
export function slice(self: Tensor, options?: SliceOptions): Tensor {
  checkTensor('slice', self);
  const { dim, start, end, step } = readOptions<Required<SliceOptions>>('slice', options, {
    dim: 0,
    start: null,
    end: null,
    step: 1,
  });
  if (self.shape.length === 0) throw new IndexError('slice: a zero-dimensional tensor has no dimension to slice');
  const at = normalizeDim('slice', dim, self.shape.length);
  const size = self.shape[at] as number;
  if (!Number.isInteger(step) || step < 1)
    throw new ValueError(`slice: expected a step of at least 1, got ${describe(step)}`);
  const clamp = (index: number | null, fallback: number): number => {
    if (index === null) return fallback;
    if (!Number.isInteger(index)) throw new ValueError(`slice: expected an integer, got ${describe(index)}`);
    return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  };
  const from = clamp(start, 0);
  const to = Math.max(clamp(end, size), from);
  return sliceDim(self, at, from, Math.ceil((to - from) / step), step);
}

/**
 * A view of the tensor's storage by size, stride and offset (of the tensor itself where left out), in elements.
 * Throws {@link IndexError} where it would reach outside of the storage.
 *
 * @example torch.asStrided(torch.tensor([1, 2, 3, 4]), [2, 2], [1, 1]) // tensor([[1., 2.], [2., 3.]])
 */
export function asStrided(
  self: Tensor,
  size: Shape,
  stride: Shape,
  storageOffset?: number | { storageOffset?: number | null },
): Tensor {
  checkTensor('asStrided', self);
  const shape = shapeArgument('asStrided', [size]);
  const given =
    typeof storageOffset === 'object' && storageOffset !== null
      ? readOptions('asStrided', storageOffset, { storageOffset: null as number | null }).storageOffset
      : storageOffset;
  const offset = given ?? self.offset;
  if (typeof offset !== 'number')
    throw new ValueError(`asStrided: expected storageOffset to be a number, got ${describe(offset)}`);
  if (
    !Array.isArray(stride) ||
    stride.length !== shape.length ||
    !stride.every((s) => Number.isSafeInteger(s) && s >= 0)
  )
    throw new ShapeError(`asStrided: expected ${shape.length} strides of at least 0, got ${describe(stride)}`);
  const last = shape.reduce((sum, n, d) => sum + (n - 1) * (stride[d] as number), offset);
  const elements = Math.floor(self.storage.byteLength / self.elementSize());
  if (!Number.isSafeInteger(offset) || offset < 0 || (numelOf(shape) > 0 && !(last < elements)))
    throw new IndexError(
      `asStrided: size ${show(shape)}, stride ${show(stride)} and offset ${describe(offset)} reach outside of the storage of ${elements} elements`,
    );
  return asStridedView(self, shape, stride, offset);
}

/**
 * The diagonal of the dimensions `dim1` and `dim2` as a new last dimension; `offset` > 0 lies above the main one.
 *
 * @example torch.diagonal(torch.tensor([[1, 2], [3, 4]])) // tensor([1., 4.])
 */
export function diagonal(self: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }): Tensor {
  checkTensor('diagonal', self);
  const { offset, dim1, dim2 } = readOptions('diagonal', options, { offset: 0, dim1: 0, dim2: 1 });
  if (self.shape.length < 2)
    throw new ShapeError(`diagonal: expected at least 2 dimensions, got shape ${show(self.shape)}`);
  const a = normalizeDim('diagonal', dim1, self.shape.length);
  const b = normalizeDim('diagonal', dim2, self.shape.length);
  if (a === b) throw new ValueError(`diagonal: expected two different dimensions, got ${dim1} and ${dim2}`);
  if (!Number.isSafeInteger(offset))
    throw new ValueError(`diagonal: expected an integer offset, got ${describe(offset)}`);
  return diagonalView(self, offset, a, b);
}

/**
 * Windows of `size` elements of a dimension, `step` apart, as a new last dimension.
 *
 * @example torch.tensor([1, 2, 3, 4]).unfold(0, 2, 1) // tensor([[1., 2.], [2., 3.], [3., 4.]])
 */
export function unfold(self: Tensor, dimension: number, size: number, step: number): Tensor {
  checkTensor('unfold', self);
  const dim = normalizeDim('unfold', dimension, self.shape.length);
  const length = self.shape[dim] ?? 1;
  if (!Number.isInteger(size) || size < 0 || size > length)
    throw new ShapeError(`unfold: expected a size from 0 to ${length}, got ${describe(size)}`);
  if (!Number.isInteger(step) || step < 1)
    throw new ValueError(`unfold: expected a step of at least 1, got ${describe(step)}`);
  return unfoldDim(self, dim, size, step);
}

/**
 * A complex tensor as a real one with a last dimension of 2: real and imaginary parts. Shares memory.
 *
 * @example torch.viewAsReal(torch.complex(torch.tensor([1]), torch.tensor([2]))) // tensor([[1., 2.]])
 */
export function viewAsReal(self: Tensor): Tensor {
  checkTensor('viewAsReal', self);
  if (!self.isComplex()) throw new DTypeError(`viewAsReal: expected a complex tensor, got ${self.dtype}`);
  return realPairs(self);
}

/**
 * A float32 or float64 tensor whose last dimension holds 2 elements as a complex one. Shares memory.
 *
 * @example torch.viewAsComplex(torch.tensor([[1, 2]])) // tensor([1.+2.j])
 */
export function viewAsComplex(self: Tensor): Tensor {
  checkTensor('viewAsComplex', self);
  if (self.dtype !== 'float32' && self.dtype !== 'float64')
    throw new DTypeError(`viewAsComplex: expected float32 or float64, got ${self.dtype}`);
  const aligned = self.strides.slice(0, -1).every((stride) => stride % 2 === 0) && self.offset % 2 === 0;
  if (self.shape.at(-1) !== 2 || self.strides.at(-1) !== 1 || !aligned) {
    throw new ShapeError(
      `viewAsComplex: expected pairs that lie together in the last dimension, got shape ${show(self.shape)} and strides ${show(self.strides)}`,
    );
  }
  return complexOfPairs(self);
}

/**
 * The real parts, as a view; a real tensor is returned as it is.
 *
 * @example torch.real(torch.complex(torch.tensor([1]), torch.tensor([2]))) // tensor([1.])
 */
export function real(self: Tensor): Tensor {
  checkTensor('real', self);
  return self.isComplex() ? select(realPairs(self), -1, 0) : self;
}

/**
 * The imaginary parts, as a view. Throws {@link DTypeError} for real tensors.
 *
 * @example torch.imag(torch.complex(torch.tensor([1]), torch.tensor([2]))) // tensor([2.])
 */
export function imag(self: Tensor): Tensor {
  checkTensor('imag', self);
  if (!self.isComplex()) throw new DTypeError(`imag: expected a complex tensor, got ${self.dtype}`);
  return select(realPairs(self), -1, 1);
}
