import { ShapeError } from '@ts-torch/core';
import { adjoint as adjointOf, transposed } from '../adjoint.js';
import * as linalg from '../linalg/index.js';
import { linalgPrimitives } from '../linalg/primitives.js';
import { applyReflectors } from '../linalg/reflectors.js';
import { checkTensor, type NamedResult, namedResult, type OutOptions, readOptions } from '../op.js';
import { isGradEnabled, mayNeedGrad } from '../recording.js';
import { broadcastShapes, show } from '../shape.js';
import type { Tensor } from '../tensor.js';

// The names that these have outside of `torch.linalg`.

/**
 * {@link linalg.det}.
 *
 * @example torch.det(torch.tensor([[1, 2], [3, 4]])) // tensor(-2.0000)
 */
export const det = (self: Tensor): Tensor => linalg.det(self);
/**
 * {@link linalg.slogdet}.
 *
 * @example torch.slogdet(torch.tensor([[1, 2], [3, 4]])) // { sign: tensor(-1.), logabsdet: tensor(0.6931) }
 */
export const slogdet = (self: Tensor): NamedResult<['sign', 'logabsdet']> => linalg.slogdet(self);
/**
 * The logarithm of the determinant of real matrices; NaN where it is negative.
 *
 * @example torch.logdet(torch.tensor([[2, 0], [0, 2]])) // tensor(1.3863)
 */
export function logdet(self: Tensor): Tensor {
  const { sign, logabsdet } = linalg.slogdet(self);
  // 0 for a sign of 1 or 0, NaN for -1.
  const above = sign.add(1);
  return logabsdet.add(above.div(above).sub(1));
}
/**
 * {@link linalg.inv}.
 *
 * @example torch.inverse(torch.tensor([[2, 1], [1, 1]])) // tensor([[1., -1.], [-1., 2.]])
 */
export const inverse = (self: Tensor, options?: OutOptions): Tensor => linalg.inv(self, options);
/**
 * {@link linalg.pinv} with singular values below `rcond` times the largest taken as zero.
 *
 * @example torch.pinverse(torch.tensor([[1, 0], [0, 2], [0, 0]])) // tensor([[1.0000, 0.0000, 0.0000], [0.0000, 0.5000, 0.0000]])
 */
export function pinverse(self: Tensor, options?: { rcond?: number }): Tensor {
  const { rcond } = readOptions('pinverse', options, { rcond: 1e-15 });
  return linalg.pinv(self, { rtol: rcond });
}
/**
 * {@link linalg.matrixPower}.
 *
 * @example torch.matrixPower(torch.tensor([[1, 1], [0, 1]]), 3) // tensor([[1., 3.], [0., 1.]])
 */
export const matrixPower = (self: Tensor, n: number, options?: OutOptions): Tensor =>
  linalg.matrixPower(self, n, options);

/**
 * The conjugate transpose of each matrix: `x.mH`.
 *
 * @example torch.adjoint(torch.tensor([[1, 2], [3, 4]])) // tensor([[1., 3.], [2., 4.]])
 */
export function adjoint(self: Tensor): Tensor {
  checkTensor('adjoint', self);
  if (self.shape.length < 2) throw new ShapeError(`adjoint: expected matrices, got shape ${show(self.shape)}`);
  return adjointOf(self);
}

/**
 * {@link linalg.cholesky}.
 *
 * @example torch.cholesky(torch.tensor([[4, 2], [2, 5]])) // tensor([[2., 0.], [1., 2.]])
 */
export function cholesky(self: Tensor, options?: linalg.CholeskyOptions): Tensor {
  return linalg.cholesky(self, options);
}

/**
 * The inverse of the matrix of which `self` is the Cholesky factor.
 *
 * @example torch.choleskyInverse(torch.tensor([[2, 0], [1, 2]])) // tensor([[0.3125, -0.1250], [-0.1250, 0.2500]])
 */
export function choleskyInverse(self: Tensor, options?: linalg.CholeskyOptions): Tensor {
  const { upper } = readOptions('choleskyInverse', options, { upper: false });
  checkSquare('choleskyInverse', self);
  return linalgPrimitives.choleskyInverse(self, upper);
}

/**
 * The X with `A X = self`, where `input2` is the Cholesky factor of A.
 *
 * @example torch.choleskySolve(torch.tensor([[8], [7]]), torch.tensor([[2, 0], [1, 2]])) // tensor([[1.6250], [0.7500]])
 */
export function choleskySolve(self: Tensor, input2: Tensor, options?: linalg.CholeskyOptions): Tensor {
  const { upper } = readOptions('choleskySolve', options, { upper: false });
  checkSquare('choleskySolve', input2);
  checkTensor('choleskySolve', self);
  if (self.shape.length < 2 || self.shape.at(-2) !== input2.shape.at(-1) || self.dtype !== input2.dtype)
    throw new ShapeError(
      `choleskySolve: ${show(self.shape)} of ${self.dtype} does not fit factors of ${show(input2.shape)} of ${input2.dtype}`,
    );
  const batch = broadcastShapes('choleskySolve', self.shape.slice(0, -2), input2.shape.slice(0, -2));
  return linalgPrimitives.choleskySolve(
    self.expand([...batch, ...self.shape.slice(-2)]),
    input2.expand([...batch, ...input2.shape.slice(-2)]),
    upper,
  );
}

function checkSquare(op: string, matrix: Tensor): void {
  checkTensor(op, matrix);
  if (matrix.shape.length < 2 || matrix.shape.at(-1) !== matrix.shape.at(-2))
    throw new ShapeError(`${op}: expected square matrices, got ${show(matrix.shape)}`);
}

/**
 * {@link linalg.qr}; `some: false` makes Q square.
 *
 * @example
 * torch.qr(torch.tensor([[3, 1], [4, 2]]))
 * // { Q: tensor([[-0.6000, -0.8000], [-0.8000, 0.6000]]), R: tensor([[-5.0000, -2.2000], [0.0000, 0.4000]]) }
 */
export function qr(self: Tensor, options?: { some?: boolean }): NamedResult<['Q', 'R']> {
  const { some } = readOptions('qr', options, { some: true });
  return linalg.qr(self, { mode: some ? 'reduced' : 'complete' });
}

/**
 * `self = U diag(S) V^H`; `some: false` makes U and V square. {@link linalg.svd} gives V's adjoint instead.
 *
 * @example torch.svd(torch.tensor([[3, 0], [0, 2]])).S // tensor([3., 2.])
 */
export function svd(self: Tensor, options?: { some?: boolean; computeUv?: boolean }): NamedResult<['U', 'S', 'V']> {
  const { some, computeUv } = readOptions('svd', options, { some: true, computeUv: true });
  if (!computeUv) {
    const [m, n] = self.shape.slice(-2) as [number, number];
    const batch = self.shape.slice(0, -2);
    const [U, V] = [self.newZeros([...batch, m, m]), self.newZeros([...batch, n, n])];
    return namedResult(['U', 'S', 'V'], [U, linalg.svdvals(self), V]);
  }
  const { U, S, Vh } = linalg.svd(self, { fullMatrices: !some });
  return namedResult(['U', 'S', 'V'], [U, S, adjointOf(Vh)]);
}

/**
 * The factors of {@link linalg.luFactor}, int32 pivots, and with `getInfos` whether it failed.
 *
 * @example torch.lu(torch.tensor([[2, 1], [4, 4]])) // [tensor([[4.0000, 4.0000], [0.5000, -1.0000]]), tensor([2, 2], dtype=torch.int32)]
 */
export function lu(self: Tensor, options?: { pivot?: boolean; getInfos?: boolean }): Tensor[] {
  const { pivot, getInfos } = readOptions('lu', options, { pivot: true, getInfos: false });
  const { LU, pivots, info } = linalg.luFactorEx(self, { pivot });
  return getInfos ? [LU, pivots, info] : [LU, pivots];
}

/**
 * {@link linalg.luSolve} for the right-hand sides `self`.
 *
 * @example
 * const { LU, pivots } = torch.linalg.luFactor(torch.tensor([[2, 1], [4, 4]]));
 * torch.luSolve(torch.tensor([[3], [8]]), LU, pivots) // tensor([[1.], [1.]])
 */
export function luSolve(self: Tensor, luData: Tensor, luPivots: Tensor): Tensor {
  return linalg.luSolve(luData, luPivots, self);
}

export interface LuUnpackOptions {
  unpackData?: boolean | undefined;
  unpackPivots?: boolean | undefined;
}

/**
 * The permutation and the two triangular factors of {@link linalg.luFactor}.
 *
 * @example
 * const { LU, pivots } = torch.linalg.luFactor(torch.tensor([[2, 1], [4, 4]]));
 * torch.luUnpack(LU, pivots).L // tensor([[1.0000, 0.0000], [0.5000, 1.0000]])
 */
export function luUnpack(self: Tensor, luPivots: Tensor, options?: LuUnpackOptions): NamedResult<['P', 'L', 'U']> {
  const { unpackData, unpackPivots } = readOptions<LuUnpackOptions>('luUnpack', options, {
    unpackData: true,
    unpackPivots: true,
  });
  const { P, L, U } = linalg.luUnpack(self, luPivots);
  const none = self.newEmpty([0]);
  return namedResult(['P', 'L', 'U'], [unpackPivots ? P : none, unpackData ? L : none, unpackData ? U : none]);
}

/**
 * Householder reflectors below the diagonal of `a`, their coefficients in `tau`, and R on and above it.
 *
 * @example torch.geqrf(torch.tensor([[3, 1], [4, 2]])).a // tensor([[-5.0000, -2.2000], [0.5000, 0.4000]])
 */
export function geqrf(self: Tensor): NamedResult<['a', 'tau']> {
  checkTensor('geqrf', self);
  if (self.shape.length < 2) throw new ShapeError(`geqrf: expected matrices, got ${show(self.shape)}`);
  const [a, tau] = linalgPrimitives.geqrf(self);
  return namedResult(['a', 'tau'], [a, tau]);
}

/**
 * {@link linalg.householderProduct}.
 *
 * @example
 * const { a, tau } = torch.geqrf(torch.tensor([[3, 1], [4, 2]]));
 * torch.orgqr(a, tau) // tensor([[-0.6000, -0.8000], [-0.8000, 0.6000]])
 */
export const orgqr = (self: Tensor, input2: Tensor): Tensor => linalg.householderProduct(self, input2);

/**
 * The product of `input3` with the Q that `self` and `input2` stand for, as {@link geqrf} gives them.
 *
 * @example
 * const { a, tau } = torch.geqrf(torch.tensor([[3, 1], [4, 2]]));
 * torch.ormqr(a, tau, torch.eye(2)) // tensor([[-0.6000, -0.8000], [-0.8000, 0.6000]])
 */
export function ormqr(
  self: Tensor,
  input2: Tensor,
  input3: Tensor,
  options?: { left?: boolean; transpose?: boolean },
): Tensor {
  for (const value of [self, input2, input3]) checkTensor('ormqr', value);
  const { left, transpose } = readOptions('ormqr', options, { left: true, transpose: false });
  const order = input3.shape.at(left ? -2 : -1);
  if (self.shape.length < 2 || input3.shape.length !== self.shape.length || order !== self.shape.at(-2))
    throw new ShapeError(`ormqr: reflectors of ${show(self.shape)} do not fit matrices of ${show(input3.shape)}`);
  if (isGradEnabled() && mayNeedGrad([self, input2, input3]))
    return left
      ? applyReflectors(self, input2, input3, transpose)
      : adjointOf(applyReflectors(self, input2, adjointOf(input3), !transpose));
  return linalgPrimitives.ormqr(self, input2, input3, left, transpose);
}

export interface TriangularSolveOptions {
  upper?: boolean | undefined;
  transpose?: boolean | undefined;
  unitriangular?: boolean | undefined;
}

/**
 * {@link linalg.solveTriangular} for the right-hand sides `self`; also gives A back, its batches expanded.
 *
 * @example torch.triangularSolve(torch.tensor([[4], [2]]), torch.tensor([[1, 1], [0, 2]])).solution // tensor([[3.], [1.]])
 */
export function triangularSolve(
  self: Tensor,
  A: Tensor,
  options?: TriangularSolveOptions,
): NamedResult<['solution', 'clonedCoefficient']> {
  checkTensor('triangularSolve', self);
  checkTensor('triangularSolve', A, 'A');
  const given = readOptions<TriangularSolveOptions>('triangularSolve', options, {
    upper: true,
    transpose: false,
    unitriangular: false,
  });
  const upper = given.upper ?? true;
  const flip = given.transpose ?? false;
  const solution = linalg.solveTriangular(flip ? transposed(A) : A, self, {
    upper: flip ? !upper : upper,
    unitriangular: given.unitriangular,
  });
  const batch = broadcastShapes('triangularSolve', self.shape.slice(0, -2), A.shape.slice(0, -2));
  const clonedCoefficient = A.expand([...batch, ...A.shape.slice(-2)]).clone();
  return namedResult(['solution', 'clonedCoefficient'], [solution, clonedCoefficient]);
}

/**
 * {@link linalg.matrixExp}.
 *
 * @example torch.matrixExp(torch.zeros([2, 2])) // tensor([[1., 0.], [0., 1.]])
 */
export const matrixExp = (self: Tensor): Tensor => linalg.matrixExp(self);
