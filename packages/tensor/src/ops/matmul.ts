import { DTypeError, describe, kernel, launch, ShapeError, ValueError } from '@ts-torch/core';
import { conjugate } from '../adjoint.js';
import { allocate, viewOf } from '../allocation.js';
import { castable, withoutAutocast } from '../castable.js';
import {
  broadcastTo,
  checkSameDevice,
  checkTensor,
  inPlace,
  type OutOptions,
  primitive,
  readOptions,
  writeOut,
} from '../op.js';
import { isScalar, type Scalar } from '../promotion.js';
import { broadcastShapes, normalizeDims, numelOf, type Shape, sameShape, show } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { permute, reshape, unsqueeze, view } from './views.js';

const MATMUL = kernel('matmul');

// --- The kernel -----------------------------------------------------------------------------------------------------------

/** A factor as the kernel takes it: real and imaginary part. */
function parts(value: Scalar): [re: number, im: number] {
  if (typeof value === 'object') return [value.re, value.im];
  return [Number(value), 0];
}

/** The shape of `a b`: batch dimensions broadcast. Both have the same number of dimensions, at least 2. */
function productShape(op: string, a: Shape, b: Shape): Shape {
  const [m, k] = a.slice(-2) as [number, number];
  const [rows, n] = b.slice(-2) as [number, number];
  if (k !== rows)
    throw new ShapeError(
      `${op}: cannot multiply ${show(a)} by ${show(b)}: ${k} (last of a) differs from ${rows} (second to last of b)`,
    );
  if (a.length === 2) return [m, n];
  return [...broadcastShapes(op, a.slice(0, -2), b.slice(0, -2)), m, n];
}

function checkFactors(op: string, ...factors: readonly Tensor[]): void {
  const [first] = factors as [Tensor];
  for (const factor of factors) {
    if (factor.dtypeInfo !== first.dtypeInfo)
      throw new DTypeError(`${op}: expected tensors of one dtype, got ${first.dtype} and ${factor.dtype}`);
  }
  if (first.dtype === 'bool') throw new DTypeError(`${op}: not supported for bool`);
  checkSameDevice(op, factors);
}

const matmulPrimitive = primitive('matmul', ['self', 'other'], (self: Tensor, other: Tensor): Tensor => {
  const out = allocate(productShape('matmul', self.shape, other.shape), self.dtypeInfo, self.device);
  launch(MATMUL, [out, self, other, null], [0, 0, 1, 0]);
  return out;
});

function addProduct(out: Tensor, self: Tensor, a: Tensor, b: Tensor, beta: Scalar, alpha: Scalar): void {
  launch(MATMUL, [out, a, b, broadcastTo('addmm', self, out.shape)], [...parts(beta), ...parts(alpha)]);
}

/** `beta self + alpha (mat1 mat2)`, where the factors have the same number of dimensions. */
const addmmPrimitive = primitive(
  'addmm',
  ['self', 'mat1', 'mat2', 'beta', 'alpha'],
  (self: Tensor, mat1: Tensor, mat2: Tensor, beta: Scalar, alpha: Scalar): Tensor => {
    const out = allocate(productShape('addmm', mat1.shape, mat2.shape), mat1.dtypeInfo, mat1.device);
    addProduct(out, self, mat1, mat2, beta, alpha);
    return out;
  },
  {
    into: (out: Tensor, self: Tensor, mat1: Tensor, mat2: Tensor, beta: Scalar, alpha: Scalar) => {
      const shape = productShape('addmm_', mat1.shape, mat2.shape);
      if (!sameShape(shape, out.shape))
        throw new ShapeError(`addmm_: the result's shape ${show(shape)} differs from that of self, ${show(out.shape)}`);
      // The kernel reads the factors while it writes.
      const copied = (factor: Tensor) => (factor.storage === out.storage ? factor.clone() : factor);
      addProduct(out, self, copied(mat1), copied(mat2), beta, alpha);
    },
    // Of the factors only the integer part counts where self is an integer.
    converts: true,
  },
);

/** `input weight^T + bias` over the last dimension. */
const linearPrimitive = primitive(
  'linear',
  ['input', 'weight', 'bias'],
  (input: Tensor, weight: Tensor, bias: Tensor | null): Tensor => {
    if (input.shape.length === 0 || weight.shape.length !== 2)
      throw new ShapeError(`linear: cannot multiply ${show(input.shape)} by the transpose of ${show(weight.shape)}`);
    const shape = input.shape.slice();
    shape[shape.length - 1] = weight.shape[0] as number;
    const out = allocate(shape, input.dtypeInfo, input.device);
    // The kernel takes factors of one number of dimensions, at least 2.
    const isVector = shape.length === 1;
    const [target, rows] = isVector ? [unsqueeze(out, 0), unsqueeze(input, 0)] : [out, input];
    const matrix = transposedWithDims(weight, target.shape.length);
    launch(MATMUL, [target, rows, matrix, bias && broadcastTo('linear', bias, target.shape)], [1, 0, 1, 0]);
    return out;
  },
);

/** A matrix transposed, with dimensions of size 1 before it; not recorded. */
function transposedWithDims(matrix: Tensor, ndim: number): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const [rowStride, columnStride] = matrix.strides as [number, number];
  if (ndim === 2) return viewOf(matrix, [columns, rows], [columnStride, rowStride], matrix.offset);
  const lead = Array<number>(ndim - 2).fill(1);
  return viewOf(matrix, [...lead, columns, rows], [...lead, columnStride, rowStride], matrix.offset);
}

/** Products with their arguments normalised; for derivatives and layers. */
export const matmulPrimitives = { matmul: matmulPrimitive, addmm: addmmPrimitive, linear: linearPrimitive };

// --- Products -------------------------------------------------------------------------------------------------------------

function finish(op: string, result: Tensor, options: OutOptions | undefined): Tensor {
  const { out } = readOptions<OutOptions>(op, options, { out: undefined });
  return out === undefined ? result : writeOut(op, out, result);
}

function withDims(tensor: Tensor, ndim: number): Tensor {
  const missing = ndim - tensor.shape.length;
  return missing === 0 ? tensor : view(tensor, [...Array<number>(missing).fill(1), ...tensor.shape]);
}

/**
 * The matrix product. Vectors on the left count as rows, on the right as columns; the dimension that this adds is dropped
 * from the result. Dimensions before the last two are batches, and broadcast.
 *
 * Throws {@link ShapeError} where the inner sizes differ, {@link DTypeError} where the dtypes do.
 *
 * @example torch.matmul(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1])) // tensor([3., 7.])
 */
export const matmul = castable('matmul', (self: Tensor, other: Tensor, options?: OutOptions): Tensor => {
  checkTensor('matmul', self);
  checkTensor('matmul', other, 'other');
  checkFactors('matmul', self, other);
  if (self.shape.length === 0 || other.shape.length === 0)
    throw new ShapeError(`matmul: expected at least one dimension, got ${show(self.shape)} and ${show(other.shape)}`);
  return finish('matmul', multiply(self, other), options);
});

function multiply(self: Tensor, other: Tensor): Tensor {
  const left = self.shape.length === 1 ? unsqueeze(self, 0) : self;
  const right = other.shape.length === 1 ? unsqueeze(other, 1) : other;
  const ndim = Math.max(left.shape.length, right.shape.length);
  const result = matmulPrimitive(withDims(left, ndim), withDims(right, ndim));
  if (left === self && right === other) return result;
  const shape = [...result.shape];
  if (right !== other) shape.pop();
  if (left !== self) shape.splice(right === other ? -2 : -1, 1);
  return view(result, shape);
}

function checkDims(op: string, tensor: Tensor, ndim: number, argument: string): void {
  checkTensor(op, tensor, argument);
  if (tensor.shape.length !== ndim)
    throw new ShapeError(`${op}: expected ${argument} to have ${ndim} dimensions, got ${show(tensor.shape)}`);
}

/**
 * The product of two matrices; {@link matmul} without broadcasting.
 *
 * @example torch.mm(torch.tensor([[1, 2], [3, 4]]), torch.eye(2)) // tensor([[1., 2.], [3., 4.]])
 */
export const mm = castable('mm', (self: Tensor, mat2: Tensor, options?: OutOptions): Tensor => {
  checkDims('mm', self, 2, 'self');
  checkDims('mm', mat2, 2, 'mat2');
  checkFactors('mm', self, mat2);
  productShape('mm', self.shape, mat2.shape);
  return finish('mm', matmulPrimitive(self, mat2), options);
});

/**
 * The products of two batches of matrices, `[b, m, k]` by `[b, k, n]`.
 *
 * @example torch.bmm(torch.ones([2, 1, 3]), torch.ones([2, 3, 1])).shape // [2, 1, 1]
 */
export const bmm = castable('bmm', (self: Tensor, mat2: Tensor, options?: OutOptions): Tensor => {
  checkBatches('bmm', self, mat2);
  return finish('bmm', matmulPrimitive(self, mat2), options);
});

function checkBatches(op: string, a: Tensor, b: Tensor): void {
  checkDims(op, a, 3, 'the first batch');
  checkDims(op, b, 3, 'the second batch');
  checkFactors(op, a, b);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`${op}: expected batches of one size, got ${show(a.shape)} and ${show(b.shape)}`);
  productShape(op, a.shape, b.shape);
}

/**
 * The product of a matrix and a vector.
 *
 * @example torch.mv(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1])) // tensor([3., 7.])
 */
export const mv = castable('mv', (self: Tensor, vec: Tensor, options?: OutOptions): Tensor => {
  checkDims('mv', self, 2, 'self');
  checkDims('mv', vec, 1, 'vec');
  checkFactors('mv', self, vec);
  return finish('mv', multiply(self, vec), options);
});

/**
 * The sum of the products of two vectors' elements. For complex numbers see {@link vdot}.
 *
 * @example torch.dot(torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor(11.)
 */
export const dot = castable('dot', (self: Tensor, other: Tensor, options?: OutOptions): Tensor => {
  checkVectors('dot', self, other);
  return finish('dot', multiply(self, other), options);
});

/**
 * {@link dot} with the first vector conjugated.
 *
 * @example torch.vdot(torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor(11.)
 */
export function vdot(self: Tensor, other: Tensor, options?: OutOptions): Tensor {
  checkVectors('vdot', self, other);
  return finish('vdot', multiply(conjugate(self), other), options);
}

function checkVectors(op: string, a: Tensor, b: Tensor): void {
  checkDims(op, a, 1, 'self');
  checkDims(op, b, 1, 'other');
  checkFactors(op, a, b);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`${op}: expected vectors of one length, got ${show(a.shape)} and ${show(b.shape)}`);
}

/**
 * Products summed over the last dimension of both; numbers multiply elementwise.
 *
 * @example torch.inner(torch.tensor([1, 2]), torch.tensor([[3, 4], [5, 6]])) // tensor([11., 17.])
 */
export function inner(self: Tensor, other: Tensor, options?: OutOptions): Tensor {
  checkTensor('inner', self);
  checkTensor('inner', other, 'other');
  if (self.shape.length === 0 || other.shape.length === 0) return finish('inner', self.mul(other), options);
  if (self.shape.at(-1) !== other.shape.at(-1))
    throw new ShapeError(
      `inner: expected last dimensions of one size, got ${show(self.shape)} and ${show(other.shape)}`,
    );
  return finish('inner', tensordot(self, other, { dims: [[-1], [-1]] }), options);
}

/**
 * Every product of an element of one vector with one of the other: `[n]` and `[m]` give `[n, m]`.
 *
 * @example torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor([[3., 4.], [6., 8.]])
 */
export function outer(self: Tensor, vec2: Tensor, options?: OutOptions): Tensor {
  checkDims('outer', self, 1, 'self');
  checkDims('outer', vec2, 1, 'vec2');
  return finish('outer', unsqueeze(self, 1).mul(vec2), options);
}
/**
 * {@link outer} by another name.
 *
 * @example torch.ger(torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor([[3., 4.], [6., 8.]])
 */
export const ger = (self: Tensor, vec2: Tensor, options?: OutOptions): Tensor => outer(self, vec2, options);

export interface TensordotOptions {
  /** How many of the last dimensions of one meet the first of the other; or the dimensions of each that meet. */
  dims?: number | readonly [readonly number[], readonly number[]] | undefined;
}

/**
 * Products summed over several dimensions of both tensors. By default the last two of `self` meet the first two of `other`.
 *
 * @example torch.tensordot(torch.ones([2, 3, 4]), torch.ones([3, 4, 5]), { dims: 2 }).shape // [2, 5]
 */
export const tensordot = castable('tensordot', (self: Tensor, other: Tensor, options?: TensordotOptions): Tensor => {
  checkTensor('tensordot', self);
  checkTensor('tensordot', other, 'other');
  const { dims } = readOptions<TensordotOptions>('tensordot', options, { dims: 2 });
  const [left, right] = contractedDims(self, other, dims as NonNullable<typeof dims>);
  const sizes = (tensor: Tensor, list: readonly number[]) => list.map((d) => tensor.shape[d] as number);
  const leftKept = self.shape.map((_, d) => d).filter((d) => !left.includes(d));
  const rightKept = other.shape.map((_, d) => d).filter((d) => !right.includes(d));
  if (!sameShape(sizes(self, left), sizes(other, right)))
    throw new ShapeError(
      `tensordot: the sizes of dims ${show(left)} of ${show(self.shape)} differ from dims ${show(right)} of ${show(other.shape)}`,
    );
  const depth = numelOf(sizes(self, left));
  const rows = sizes(self, leftKept);
  const columns = sizes(other, rightKept);
  const a = reshape(permute(self, [...leftKept, ...left]), [numelOf(rows), depth]);
  const b = reshape(permute(other, [...right, ...rightKept]), [depth, numelOf(columns)]);
  return reshape(mm(a, b), [...rows, ...columns]);
});

function contractedDims(
  self: Tensor,
  other: Tensor,
  dims: number | readonly [readonly number[], readonly number[]],
): [number[], number[]] {
  if (typeof dims !== 'number') {
    if (!Array.isArray(dims) || dims.length !== 2 || !dims.every(Array.isArray))
      throw new ValueError(`tensordot: expected dims to be a number or two lists, got ${describe(dims)}`);
    const some = (list: readonly number[], ndim: number) =>
      list.length === 0 ? [] : normalizeDims('tensordot', list, ndim);
    return [some(dims[0], self.shape.length), some(dims[1], other.shape.length)];
  }
  if (!Number.isInteger(dims) || dims < 0 || dims > Math.min(self.shape.length, other.shape.length))
    throw new ValueError(
      `tensordot: expected dims in [0, ${Math.min(self.shape.length, other.shape.length)}], got ${dims}`,
    );
  const count = [...Array(dims).keys()];
  return [count.map((i) => self.shape.length - dims + i), count];
}

/**
 * The Kronecker product: each element of `self` times all of `other`, as blocks.
 *
 * @example torch.kron(torch.eye(2), torch.tensor([[1, 2]])) // tensor([[1., 2., 0., 0.], [0., 0., 1., 2.]])
 */
export function kron(self: Tensor, other: Tensor, options?: OutOptions): Tensor {
  checkTensor('kron', self);
  checkTensor('kron', other, 'other');
  const ndim = Math.max(self.shape.length, other.shape.length);
  const a = [...Array<number>(ndim - self.shape.length).fill(1), ...self.shape];
  const b = [...Array<number>(ndim - other.shape.length).fill(1), ...other.shape];
  const product = reshape(
    self,
    a.flatMap((size) => [size, 1]),
  ).mul(
    reshape(
      other,
      b.flatMap((size) => [1, size]),
    ),
  );
  return finish(
    'kron',
    reshape(
      product,
      a.map((size, d) => size * (b[d] as number)),
    ),
    options,
  );
}

// --- Products added to something --------------------------------------------------------------------------------------------

export interface AddProductOptions extends OutOptions {
  /** Multiplies `self`; at 0, `self` is not read. For integers its fraction is dropped. */
  beta?: Scalar | undefined;
  /** Multiplies the product. For integers its fraction is dropped. */
  alpha?: Scalar | undefined;
}

type Factors = { beta: Scalar; alpha: Scalar; out: Tensor | undefined };

function factorsOf(op: string, options: AddProductOptions | undefined): Factors {
  const factors = readOptions<AddProductOptions>(op, options, { beta: 1, alpha: 1, out: undefined }) as Factors;
  const { beta, alpha } = factors;
  if (!isScalar(beta) || !isScalar(alpha))
    throw new ValueError(`${op}: expected beta and alpha to be numbers, got ${describe(beta)} and ${describe(alpha)}`);
  return factors;
}

function addedProduct(op: string, self: Tensor, a: Tensor, b: Tensor, options: AddProductOptions | undefined): Tensor {
  checkTensor(op, self);
  checkFactors(op, self, a, b);
  const { beta, alpha, out } = factorsOf(op, options);
  const shape = productShape(op, a.shape, b.shape);
  if (!sameShape(broadcastShapes(op, self.shape, shape), shape))
    throw new ShapeError(`${op}: cannot expand self, ${show(self.shape)}, to the product's shape ${show(shape)}`);
  const result = addmmPrimitive(self, a, b, beta, alpha);
  if (out === undefined) return result;
  return writeOut(op, out, result);
}

/**
 * `beta self + alpha (mat1 mat2)`; `self` broadcasts.
 *
 * @example torch.addmm(torch.ones([2, 2]), torch.ones([2, 3]), torch.ones([3, 2]), { beta: 2 }) // tensor([[5., 5.], [5., 5.]])
 */
export const addmm = castable(
  'addmm',
  (self: Tensor, mat1: Tensor, mat2: Tensor, options?: AddProductOptions): Tensor => {
    checkDims('addmm', mat1, 2, 'mat1');
    checkDims('addmm', mat2, 2, 'mat2');
    return addedProduct('addmm', self, mat1, mat2, options);
  },
);

/**
 * `beta self + alpha (batch1 batch2)`, matrix by matrix; `self` broadcasts.
 *
 * @example torch.baddbmm(torch.ones([1, 2, 2]), torch.ones([1, 2, 3]), torch.ones([1, 3, 2])) // tensor([[[4., 4.], [4., 4.]]])
 */
export const baddbmm = castable(
  'baddbmm',
  (self: Tensor, batch1: Tensor, batch2: Tensor, options?: AddProductOptions): Tensor => {
    checkBatches('baddbmm', batch1, batch2);
    return addedProduct('baddbmm', self, batch1, batch2, options);
  },
);

/**
 * `beta self + alpha (mat vec)`; `self` broadcasts.
 *
 * @example torch.addmv(torch.ones([2]), torch.tensor([[1, 2], [3, 4]]), torch.ones([2])) // tensor([4., 8.])
 */
export const addmv = castable(
  'addmv',
  (self: Tensor, mat: Tensor, vec: Tensor, options?: AddProductOptions): Tensor => {
    checkTensor('addmv', self);
    checkDims('addmv', mat, 2, 'mat');
    checkDims('addmv', vec, 1, 'vec');
    const column = self.shape.length === 0 ? self : unsqueeze(self, self.shape.length);
    const { out, ...factors } = options ?? {};
    return finish('addmv', addedProduct('addmv', column, mat, unsqueeze(vec, 1), factors).squeeze(1), { out });
  },
);

/**
 * `beta self + alpha` times the sum of the products of two batches of matrices; `self` broadcasts.
 *
 * @example torch.addbmm(torch.ones([2, 2]), torch.ones([3, 2, 4]), torch.ones([3, 4, 2])) // tensor([[13., 13.], [13., 13.]])
 */
export const addbmm = castable(
  'addbmm',
  (self: Tensor, batch1: Tensor, batch2: Tensor, options?: AddProductOptions): Tensor => {
    checkBatches('addbmm', batch1, batch2);
    const [batch, m, k] = batch1.shape as [number, number, number];
    const n = batch2.shape[2] as number;
    // A sum of products is one product: the batches side by side.
    const left = reshape(permute(batch1, [1, 0, 2]), [m, batch * k]);
    return addedProduct('addbmm', self, left, reshape(batch2, [batch * k, n]), options);
  },
);

/**
 * `beta self + alpha (vec1 outer vec2)`; `self` broadcasts. Dtypes promote.
 *
 * @example torch.addr(torch.zeros([2, 2]), torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor([[3., 4.], [6., 8.]])
 */
export const addr = castable(
  'addr',
  (self: Tensor, vec1: Tensor, vec2: Tensor, options?: AddProductOptions): Tensor => {
    checkTensor('addr', self);
    const { beta, alpha, out } = factorsOf('addr', options);
    const scaled = (tensor: Tensor, by: Scalar): Tensor =>
      by === 1 || by === true ? tensor : tensor.mul(tensor.dtype === 'bool' ? Boolean(by) : by);
    const product = scaled(outer(vec1, vec2), alpha as Scalar);
    if (!sameShape(broadcastShapes('addr', self.shape, product.shape), product.shape))
      throw new ShapeError(
        `addr: cannot expand self, ${show(self.shape)}, to the product's shape ${show(product.shape)}`,
      );
    const ignored = beta === 0 || beta === false;
    return finish('addr', ignored ? product : scaled(self, beta as Scalar).add(product), { out });
  },
);

type InPlaceProduct = (self: Tensor, a: Tensor, b: Tensor, options?: Omit<AddProductOptions, 'out'>) => Tensor;

const addmmInPlace = inPlace(addmmPrimitive);

/** {@link addmm}, written into `self`. */
export const addmm_: InPlaceProduct = (self, mat1, mat2, options) => {
  checkDims('addmm_', mat1, 2, 'mat1');
  checkDims('addmm_', mat2, 2, 'mat2');
  checkFactors('addmm_', self, mat1, mat2);
  const { beta, alpha } = factorsOf('addmm_', options);
  return addmmInPlace(self, mat1, mat2, beta, alpha);
};
/** {@link baddbmm}, written into `self`. */
export const baddbmm_: InPlaceProduct = (self, batch1, batch2, options) => {
  checkBatches('baddbmm_', batch1, batch2);
  checkFactors('baddbmm_', self, batch1, batch2);
  const { beta, alpha } = factorsOf('baddbmm_', options);
  return addmmInPlace(self, batch1, batch2, beta, alpha);
};
/** {@link addmv}, written into `self`. */
export const addmv_: InPlaceProduct = (self, mat, vec, options) =>
  replace('addmv_', self, () => addmv(self, mat, vec, options));
/** {@link addbmm}, written into `self`. */
export const addbmm_: InPlaceProduct = (self, batch1, batch2, options) =>
  replace('addbmm_', self, () => addbmm(self, batch1, batch2, options));
/** {@link addr}, written into `self`. */
export const addr_: InPlaceProduct = (self, vec1, vec2, options) =>
  replace('addr_', self, () => addr(self, vec1, vec2, options));

function replace(op: string, self: Tensor, compute: () => Tensor): Tensor {
  // Ops in place are not cast.
  const result = withoutAutocast(compute);
  if (!sameShape(self.shape, result.shape))
    throw new ShapeError(
      `${op}: the result's shape ${show(result.shape)} differs from that of self, ${show(self.shape)}`,
    );
  if (result.dtypeInfo.rank > self.dtypeInfo.rank)
    throw new ValueError(`${op}: a result of ${result.dtype} cannot be written into self, which is ${self.dtype}`);
  return self.copy_(result);
}
