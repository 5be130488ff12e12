/** `torch.linalg`: factorizations and solvers, for batches of matrices (the last two dimensions). */
import { DTypeError, describe, LinalgError, ShapeError, ValueError } from '@ts-torch/core';
import { conjugate, transposed } from '../adjoint.js';
import { stack } from '../joining.js';
import {
  checkTensor,
  checkTensors,
  type NamedResult,
  namedResult,
  type OutOptions,
  readOptions,
  writeOut,
} from '../op.js';
import * as products from '../ops/matmul.js';
import { isGradEnabled, mayNeedGrad } from '../recording.js';
import { broadcastShapes, normalizeDims, numelOf, range, type Shape, sameShape, show } from '../shape.js';
import { Tensor } from '../tensor.js';
import {
  eigenvaluesOnly,
  generalEigenvaluesOnly,
  LSTSQ_DRIVERS,
  leastSquares,
  linalgPrimitives as primitives,
  type QRMode,
  significant,
  singularValuesOnly,
} from './primitives.js';
import { applyReflectors, identityLike } from './reflectors.js';

// --- Checks -----------------------------------------------------------------------------------------------------------------

function checkMatrix(op: string, value: Tensor, argument = 'A'): void {
  checkTensor(op, value, argument);
  if (value.shape.length < 2)
    throw new ShapeError(`${op}: expected ${argument} to have at least 2 dimensions, got ${show(value.shape)}`);
  if (!['float32', 'float64', 'complex64', 'complex128'].includes(value.dtype))
    throw new DTypeError(`${op}: expected float32, float64 or their complex numbers, got ${value.dtype}`);
}

function checkSquare(op: string, value: Tensor, argument = 'A'): void {
  checkMatrix(op, value, argument);
  if (value.shape.at(-1) !== value.shape.at(-2))
    throw new ShapeError(`${op}: expected ${argument} to be square matrices, got ${show(value.shape)}`);
}

function checkSameDtype(op: string, a: Tensor, b: Tensor): void {
  if (a.dtypeInfo !== b.dtypeInfo)
    throw new DTypeError(`${op}: expected tensors of one dtype, got ${a.dtype} and ${b.dtype}`);
}

/** Throws for the first matrix whose factorization says that it failed. */
function checkInfo(op: string, info: Tensor, problem: (code: number) => string): void {
  const codes = info.toTypedArray() as Int32Array;
  const failed = codes.findIndex((code) => code !== 0);
  if (failed < 0) return;
  const which = info.shape.length === 0 ? '' : `matrix ${failed} of the batch: `;
  throw new LinalgError(`${op}: ${which}${problem(codes[failed] as number)}`);
}

const singular = (code: number): string =>
  `the matrix is singular: element ${code} on the diagonal of U is zero, so that it has no inverse and no unique solution`;
const notPositive = (code: number): string =>
  `the matrix is not positive-definite: the leading minor of order ${code} is not`;

/** Both with the batch dimensions that they broadcast to. */
function broadcastBatches(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const expanded = (tensor: Tensor): Tensor => {
    const shape = [...batch, ...tensor.shape.slice(-2)];
    return sameShape(shape, tensor.shape) ? tensor : tensor.expand(shape);
  };
  return [expanded(a), expanded(b)];
}

const needsGrad = (tensor: Tensor): boolean => isGradEnabled() && mayNeedGrad([tensor]);

function finish(op: string, result: Tensor, options: OutOptions | undefined): Tensor {
  const { out } = readOptions<OutOptions>(op, options, { out: undefined });
  return out === undefined ? result : writeOut(op, out, result);
}

// --- Solving ----------------------------------------------------------------------------------------------------------------

export interface SolveOptions {
  /** Solve `A X = B`; else `X A = B`. */
  left?: boolean | undefined;
}

/** Whether B is a vector for each matrix: one of A's batch shape and rows, or one vector for all. */
function isVector(A: Tensor, B: Tensor): boolean {
  return B.shape.length === 1 || (B.shape.length === A.shape.length - 1 && sameShape(B.shape, A.shape.slice(0, -1)));
}

/**
 * The X with `A X = B`, for square and invertible A. B is a matrix or a vector.
 *
 * Throws {@link LinalgError} where A is singular.
 *
 * @example torch.linalg.solve(torch.tensor([[2, 1], [1, 3]]), torch.tensor([3, 5])) // tensor([0.8000, 1.4000])
 */
export function solve(A: Tensor, B: Tensor, options?: SolveOptions): Tensor {
  const { result, info } = solveEx(A, B, options);
  checkInfo('linalg.solve', info, singular);
  return result;
}

/**
 * {@link solve} without throwing: `info` is not zero where A is singular.
 *
 * @example torch.linalg.solveEx(torch.tensor([[2, 1], [1, 3]]), torch.tensor([3, 5])).info // tensor(0, dtype=torch.int32)
 */
export function solveEx(
  A: Tensor,
  B: Tensor,
  options?: SolveOptions & { checkErrors?: boolean },
): NamedResult<['result', 'info']> {
  const op = 'linalg.solve';
  checkSquare(op, A);
  checkTensor(op, B, 'B');
  checkSameDtype(op, A, B);
  const { left, checkErrors } = readOptions(op, options, { left: true, checkErrors: false });
  if (B.shape.length === 0) throw new ShapeError(`${op}: expected B to be a vector or matrices, got a number`);
  const vector = isVector(A, B);
  const right = vector ? B.unsqueeze(-1) : left ? B : transposed(B);
  if (!left && vector) throw new ValueError(`${op}: with left: false, expected B to be matrices, got ${show(B.shape)}`);
  if (right.shape.at(-2) !== A.shape.at(-1))
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit matrices of ${show(A.shape)}`);
  const [matrix, sides] = broadcastBatches(op, left ? A : transposed(A), right);
  const [solution, , , info] = primitives.solve(matrix, sides);
  if (checkErrors) checkInfo(op, info, singular);
  const result = vector ? solution.squeeze(-1) : left ? solution : transposed(solution);
  return namedResult(['result', 'info'], [result, info]);
}

export interface SolveTriangularOptions extends SolveOptions {
  /** Whether A is upper triangular; what lies on the other side of the diagonal is not read. */
  upper?: boolean | undefined;
  /** Whether the diagonal is taken to be ones. */
  unitriangular?: boolean | undefined;
}

/**
 * The X with `A X = B` (or `X A = B`) for triangular A. `upper` is required.
 *
 * @example torch.linalg.solveTriangular(torch.tensor([[1, 1], [0, 2]]), torch.tensor([[4], [2]]), { upper: true }) // tensor([[3.], [1.]])
 */
export function solveTriangular(A: Tensor, B: Tensor, options: SolveTriangularOptions & { upper: boolean }): Tensor {
  const op = 'linalg.solveTriangular';
  checkSquare(op, A);
  checkMatrix(op, B, 'B');
  checkSameDtype(op, A, B);
  const given = readOptions<SolveTriangularOptions>(op, options, {
    upper: undefined,
    left: true,
    unitriangular: false,
  });
  if (typeof given.upper !== 'boolean') throw new ValueError(`${op}: expected upper to be true or false`);
  const { upper, unitriangular = false, left } = given;
  const [matrix, sides] = broadcastBatches(op, left ? A : transposed(A), left ? B : transposed(B));
  if (matrix.shape.at(-1) !== sides.shape.at(-2))
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit matrices of ${show(A.shape)}`);
  const result = primitives.solveTriangular(matrix, sides, left ? upper : !upper, unitriangular);
  return left ? result : transposed(result);
}

/**
 * The inverse of square matrices. Throws {@link LinalgError} where one is singular.
 *
 * @example torch.linalg.inv(torch.tensor([[2, 1], [1, 1]])) // tensor([[1., -1.], [-1., 2.]])
 */
export function inv(A: Tensor, options?: OutOptions): Tensor {
  checkSquare('linalg.inv', A);
  const [result, info] = primitives.inverse(A);
  checkInfo('linalg.inv', info, singular);
  return finish('linalg.inv', result, options);
}

/**
 * {@link inv} without throwing: `info` is not zero where A is singular.
 *
 * @example torch.linalg.invEx(torch.tensor([[2, 0], [0, 4]])).info // tensor(0, dtype=torch.int32)
 */
export function invEx(A: Tensor, options?: { checkErrors?: boolean }): NamedResult<['inverse', 'info']> {
  checkSquare('linalg.invEx', A);
  const { checkErrors } = readOptions('linalg.invEx', options, { checkErrors: false });
  const [inverse, info] = primitives.inverse(A);
  if (checkErrors) checkInfo('linalg.invEx', info, singular);
  return namedResult(['inverse', 'info'], [inverse, info]);
}

/**
 * The determinant of square matrices.
 *
 * @example torch.linalg.det(torch.tensor([[1, 2], [3, 4]])) // tensor(-2.0000)
 */
export function det(A: Tensor, options?: OutOptions): Tensor {
  checkSquare('linalg.det', A);
  return finish('linalg.det', primitives.det(A), options);
}

/**
 * Sign (of modulus 1, or 0) and logarithm of the modulus of the determinant.
 *
 * @example torch.linalg.slogdet(torch.tensor([[1, 2], [3, 4]])) // { sign: tensor(-1.), logabsdet: tensor(0.6931) }
 */
export function slogdet(A: Tensor): NamedResult<['sign', 'logabsdet']> {
  checkSquare('linalg.slogdet', A);
  const [sign, logabsdet] = primitives.slogdet(A);
  return namedResult(['sign', 'logabsdet'], [sign, logabsdet]);
}

export interface LstsqOptions {
  /** Singular values below this part of the largest count as zero; by default the dtype's precision times the larger size. */
  rcond?: number | null | undefined;
  /** LAPACK's routine: by default `gelsy`; on CUDA `gels`, which asks for full rank. */
  driver?: 'gels' | 'gelsy' | 'gelsd' | 'gelss' | null | undefined;
}

/**
 * The X that minimizes `|A X - B|`; of several, the smallest. `residuals` are those squared norms where A has full rank and more rows than columns.
 *
 * @example
 * torch.linalg.lstsq(torch.tensor([[1, 0], [1, 1], [1, 2]]), torch.tensor([[1], [3], [5]])).solution // tensor([[1.0000], [2.0000]])
 */
export function lstsq(
  A: Tensor,
  B: Tensor,
  options?: LstsqOptions,
): NamedResult<['solution', 'residuals', 'rank', 'singularValues']> {
  const op = 'linalg.lstsq';
  checkMatrix(op, A);
  checkTensor(op, B, 'B');
  checkSameDtype(op, A, B);
  const { rcond, driver } = readOptions<LstsqOptions>(op, options, { rcond: undefined, driver: undefined });
  const vector = B.shape.length === A.shape.length - 1;
  const right = vector ? B.unsqueeze(-1) : B;
  if (right.shape.length < 2 || right.shape.at(-2) !== A.shape.at(-2))
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit matrices of ${show(A.shape)}`);
  const chosen = driver === 'gelss' ? 'gelsd' : (driver ?? (A.device.type === 'cuda' ? 'gels' : 'gelsy'));
  const number = LSTSQ_DRIVERS.indexOf(chosen);
  if (number < 0)
    throw new ValueError(`${op}: expected driver to be gels, gelsy, gelsd or gelss, got ${describe(driver)}`);
  const [matrix, sides] = broadcastBatches(op, A, right);
  const [m, n] = matrix.shape.slice(-2) as [number, number];
  const bound = rcond ?? precisionOf(A) * Math.max(m, n);
  const [x, rank, singularValues] = leastSquares(matrix, sides, bound, number);
  // gelsy does not leave what they are computed from; gels asks for full rank.
  const full = () =>
    chosen === 'gels' ? numelOf(x.shape) > 0 : (rank.toTypedArray() as BigInt64Array).every((r) => Number(r) === n);
  const residuals =
    m > n && chosen !== 'gelsy' && full() ? squaredNorms(x.narrow(-2, n, m - n)) : realPart(x.newEmpty([0]));
  const differentiable = needsGrad(A) || needsGrad(B);
  const solution = differentiable
    ? products.matmul(primitives.pinv(matrix, 0, bound, false), sides)
    : x.narrow(-2, 0, n);
  return namedResult(
    ['solution', 'residuals', 'rank', 'singularValues'],
    [
      vector ? solution.squeeze(-1) : solution.contiguous(),
      residuals,
      chosen === 'gels' ? rank.newEmpty([0]) : rank,
      chosen === 'gelsd' ? singularValues : singularValues.newEmpty([0]),
    ],
  );
}

function squaredNorms(x: Tensor): Tensor {
  return realPart(x.mul(conjugate(x))).sum(-2);
}

function realPart(x: Tensor): Tensor {
  return x.isComplex() ? x.real() : x;
}

/** The distance from 1 to the next number. */
function precisionOf(A: Tensor): number {
  return A.dtype === 'float64' || A.dtype === 'complex128' ? 2 ** -52 : 2 ** -23;
}

// --- Factorizations ---------------------------------------------------------------------------------------------------------

export interface CholeskyOptions {
  /** Whether the factor is upper triangular, and A's upper triangle is read. */
  upper?: boolean | undefined;
}

/**
 * The lower triangular L with `A = L L^H`. Throws {@link LinalgError} where A is not positive-definite.
 *
 * @example torch.linalg.cholesky(torch.tensor([[4, 2], [2, 5]])) // tensor([[2., 0.], [1., 2.]])
 */
export function cholesky(A: Tensor, options?: CholeskyOptions): Tensor {
  const { L, info } = choleskyEx(A, options);
  checkInfo('linalg.cholesky', info, notPositive);
  return L;
}

/**
 * {@link cholesky} without throwing: `info` is not zero where A is not positive-definite.
 *
 * @example torch.linalg.choleskyEx(torch.tensor([[4, 2], [2, 5]])).info // tensor(0, dtype=torch.int32)
 */
export function choleskyEx(
  A: Tensor,
  options?: CholeskyOptions & { checkErrors?: boolean },
): NamedResult<['L', 'info']> {
  checkSquare('linalg.cholesky', A);
  const { upper, checkErrors } = readOptions('linalg.cholesky', options, { upper: false, checkErrors: false });
  const [L, info] = primitives.cholesky(A, upper);
  if (checkErrors) checkInfo('linalg.cholesky', info, notPositive);
  return namedResult(['L', 'info'], [L, info]);
}

/**
 * `A = Q R` with orthonormal columns in Q and upper triangular R; mode 'complete' makes Q square, 'r' leaves it out.
 *
 * @example torch.linalg.qr(torch.tensor([[3, 1], [4, 2]])).R // tensor([[-5.0000, -2.2000], [0.0000, 0.4000]])
 */
export function qr(A: Tensor, options?: { mode?: QRMode }): NamedResult<['Q', 'R']> {
  checkMatrix('linalg.qr', A);
  const { mode } = readOptions('linalg.qr', options, { mode: 'reduced' as QRMode });
  if (!['reduced', 'complete', 'r'].includes(mode))
    throw new ValueError(`linalg.qr: expected mode to be 'reduced', 'complete' or 'r', got ${describe(mode)}`);
  const [Q, R] = primitives.qr(A, mode);
  return namedResult(['Q', 'R'], [Q, R]);
}

function checkPivot(op: string, options: { pivot?: boolean } | undefined): void {
  if (!readOptions(op, options, { pivot: true }).pivot)
    throw new ValueError(`${op}: pivot: false is not supported on the CPU`);
}

/**
 * `A = P L U` with a permutation matrix, unit lower triangular and upper triangular matrices.
 *
 * @example
 * torch.linalg.lu(torch.tensor([[2, 1], [4, 4]]))
 * // { P: tensor([[0., 1.], [1., 0.]]), L: tensor([[1.0000, 0.0000], [0.5000, 1.0000]]), U: tensor([[4., 4.], [0., -1.]]) }
 */
export function lu(A: Tensor, options?: { pivot?: boolean }): NamedResult<['P', 'L', 'U']> {
  const { LU, pivots } = luFactor(A, options);
  return luUnpack(LU, pivots);
}

/**
 * The factors of {@link lu} in one matrix, and the rows that were exchanged.
 *
 * @example
 * torch.linalg.luFactor(torch.tensor([[2, 1], [4, 4]]))
 * // { LU: tensor([[4.0000, 4.0000], [0.5000, -1.0000]]), pivots: tensor([2, 2], dtype=torch.int32) }
 */
export function luFactor(A: Tensor, options?: { pivot?: boolean }): NamedResult<['LU', 'pivots']> {
  checkMatrix('linalg.luFactor', A);
  checkPivot('linalg.luFactor', options);
  const [LU, pivots, info] = primitives.luFactor(A);
  checkInfo('linalg.luFactor', info, (code) => `element ${code} on the diagonal of U is zero`);
  return namedResult(['LU', 'pivots'], [LU, pivots]);
}

/**
 * {@link luFactor} without throwing: `info` names a zero on the diagonal of U.
 *
 * @example torch.linalg.luFactorEx(torch.tensor([[2, 1], [4, 4]])).info // tensor(0, dtype=torch.int32)
 */
export function luFactorEx(
  A: Tensor,
  options?: { pivot?: boolean; checkErrors?: boolean },
): NamedResult<['LU', 'pivots', 'info']> {
  checkMatrix('linalg.luFactor', A);
  const { pivot } = readOptions('linalg.luFactor', options, { pivot: true, checkErrors: false });
  checkPivot('linalg.luFactor', { pivot });
  const [LU, pivots, info] = primitives.luFactor(A);
  return namedResult(['LU', 'pivots', 'info'], [LU, pivots, info]);
}

/**
 * The three factors from what {@link luFactor} gives.
 *
 * @example
 * const { LU, pivots } = torch.linalg.luFactor(torch.tensor([[2, 1], [4, 4]]));
 * torch.linalg.luUnpack(LU, pivots).U // tensor([[4., 4.], [0., -1.]])
 */
export function luUnpack(LU: Tensor, pivots: Tensor): NamedResult<['P', 'L', 'U']> {
  checkMatrix('luUnpack', LU, 'LU');
  checkTensor('luUnpack', pivots, 'pivots');
  if (pivots.dtype !== 'int32') throw new DTypeError(`luUnpack: expected pivots of int32, got ${pivots.dtype}`);
  if (pivots.shape.length < 1) throw new ShapeError(`luUnpack: expected vectors of pivots, got ${show(pivots.shape)}`);
  const [m, n] = LU.shape.slice(-2) as [number, number];
  const least = Math.min(m, n);
  const ones = LU.newOnes([least]).diag();
  const lower = LU.narrow(-1, 0, least).tril(-1);
  const L = lower.add(m === least ? ones : ones.newZeros([m, least]).diagonalScatter(ones.diagonal()));
  const P = primitives.pivotMatrix(pivots, m, LU.dtype);
  return namedResult(['P', 'L', 'U'], [P, L, LU.narrow(-2, 0, least).triu()]);
}

export interface LdlOptions {
  /** Whether complex matrices are Hermitian, rather than symmetric. */
  hermitian?: boolean | undefined;
}

function readHermitian(op: string, options: LdlOptions | undefined): boolean {
  return readOptions<LdlOptions>(op, options, { hermitian: false }).hermitian === true;
}

/**
 * `A = L D L^T` of symmetric (or Hermitian) matrices, by Bunch & Kaufman 1977: L below the diagonal and D, with blocks of one or two rows, on
 * it; the rows that were exchanged. Only the lower triangle is read. Throws {@link LinalgError} where D is singular.
 *
 * @example torch.linalg.ldlFactor(torch.tensor([[4, 2], [2, 5]])).LD // tensor([[4.0000, 0.0000], [0.5000, 4.0000]])
 */
export function ldlFactor(A: Tensor, options?: LdlOptions): NamedResult<['LD', 'pivots']> {
  const { LD, pivots, info } = ldlFactorEx(A, options);
  checkInfo('linalg.ldlFactor', info, (code) => `element ${code} on the diagonal of D is zero`);
  return namedResult(['LD', 'pivots'], [LD, pivots]);
}

/**
 * {@link ldlFactor} without throwing: `info` names a zero on the diagonal of D.
 *
 * @example torch.linalg.ldlFactorEx(torch.tensor([[4, 2], [2, 5]])).info // tensor(0, dtype=torch.int32)
 */
export function ldlFactorEx(
  A: Tensor,
  options?: LdlOptions & { checkErrors?: boolean },
): NamedResult<['LD', 'pivots', 'info']> {
  const op = 'linalg.ldlFactor';
  checkSquare(op, A);
  const { hermitian, checkErrors } = readOptions(op, options, { hermitian: false, checkErrors: false });
  const [LD, pivots, info] = primitives.ldlFactor(A, hermitian);
  if (checkErrors) checkInfo(op, info, (code) => `element ${code} on the diagonal of D is zero`);
  return namedResult(['LD', 'pivots', 'info'], [LD, pivots, info]);
}

/**
 * {@link solve} for matrices that {@link ldlFactor} has factored.
 *
 * @example
 * const { LD, pivots } = torch.linalg.ldlFactor(torch.tensor([[4, 2], [2, 5]]));
 * torch.linalg.ldlSolve(LD, pivots, torch.tensor([[6], [7]])) // tensor([[1.], [1.]])
 */
export function ldlSolve(LD: Tensor, pivots: Tensor, B: Tensor, options?: LdlOptions): Tensor {
  const op = 'linalg.ldlSolve';
  checkSquare(op, LD, 'LD');
  checkMatrix(op, B, 'B');
  checkTensor(op, pivots, 'pivots');
  checkSameDtype(op, LD, B);
  if (pivots.dtype !== 'int32') throw new DTypeError(`${op}: expected pivots of int32, got ${pivots.dtype}`);
  if (!sameShape(pivots.shape, LD.shape.slice(0, -1)))
    throw new ShapeError(`${op}: expected pivots of shape ${show(LD.shape.slice(0, -1))}, got ${show(pivots.shape)}`);
  if (B.shape.at(-2) !== LD.shape.at(-1))
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit matrices of ${show(LD.shape)}`);
  const hermitian = readHermitian(op, options);
  const [factors, sides] = broadcastBatches(op, LD, B);
  return primitives.ldlSolve(factors, pivots.expand(factors.shape.slice(0, -1)), sides, hermitian);
}

export interface LuSolveOptions extends SolveOptions {
  /** Solve with the conjugate transpose of A. */
  adjoint?: boolean | undefined;
}

/**
 * {@link solve} for a matrix that {@link luFactor} has factored.
 *
 * @example
 * const { LU, pivots } = torch.linalg.luFactor(torch.tensor([[2, 1], [4, 4]]));
 * torch.linalg.luSolve(LU, pivots, torch.tensor([[3], [8]])) // tensor([[1.], [1.]])
 */
export function luSolve(LU: Tensor, pivots: Tensor, B: Tensor, options?: LuSolveOptions): Tensor {
  const op = 'linalg.luSolve';
  checkSquare(op, LU, 'LU');
  checkMatrix(op, B, 'B');
  checkTensor(op, pivots, 'pivots');
  checkSameDtype(op, LU, B);
  if (pivots.dtype !== 'int32') throw new DTypeError(`${op}: expected pivots of int32, got ${pivots.dtype}`);
  if (!sameShape(pivots.shape, LU.shape.slice(0, -1)))
    throw new ShapeError(`${op}: pivots of ${show(pivots.shape)} do not fit factors of ${show(LU.shape)}`);
  const given = readOptions(op, options, { left: true, adjoint: false });
  // X A = B is A^T X^T = B^T; with the adjoint of A, conj(A) X^T = B^T.
  const side = given.left ? B : transposed(B);
  if (side.shape.at(-2) !== LU.shape.at(-1))
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit factors of ${show(LU.shape)}`);
  const batch = broadcastShapes(op, LU.shape.slice(0, -2), side.shape.slice(0, -2));
  const [factors, sides] = broadcastBatches(op, LU, side);
  const rows = pivots.expand([...batch, pivots.shape.at(-1) as number]);
  const solved = (right: Tensor, flip: boolean) => primitives.luSolve(factors, rows, right, flip);
  const flip = given.left === given.adjoint;
  // A^H X = B is A^T conj(X) = conj(B).
  const conjugates = given.adjoint && LU.isComplex();
  const x = conjugates ? conjugate(solved(conjugate(sides), flip)) : solved(sides, flip);
  return given.left ? x : transposed(x);
}

export interface SvdOptions {
  /** Whether U and Vh are square. */
  fullMatrices?: boolean | undefined;
  driver?: null | undefined;
}

/**
 * `A = U diag(S) Vh`, with singular values from the largest on. Unique up to signs (phases) of the vectors.
 *
 * @example torch.linalg.svd(torch.tensor([[3, 0], [0, 2]])).S // tensor([3., 2.])
 */
export function svd(A: Tensor, options?: SvdOptions): NamedResult<['U', 'S', 'Vh']> {
  checkMatrix('linalg.svd', A);
  const { fullMatrices } = readOptions<SvdOptions>('linalg.svd', options, { fullMatrices: true, driver: undefined });
  const [U, S, Vh] = primitives.svd(A, fullMatrices ?? true);
  return namedResult(['U', 'S', 'Vh'], [U, S, Vh]);
}

/**
 * The singular values, from the largest on.
 *
 * @example torch.linalg.svdvals(torch.tensor([[3, 0], [0, 2]])) // tensor([3., 2.])
 */
export function svdvals(A: Tensor, options?: { driver?: null }): Tensor {
  checkMatrix('linalg.svdvals', A);
  readOptions('linalg.svdvals', options, { driver: undefined as null | undefined });
  return needsGrad(A) ? (primitives.svd(A, false)[1] as Tensor) : singularValuesOnly(A);
}

export interface HermitianOptions {
  /** The triangle that is read. */
  UPLO?: 'L' | 'U' | undefined;
}

function isUpper(op: string, options: HermitianOptions | undefined): boolean {
  const { UPLO } = readOptions<HermitianOptions>(op, options, { UPLO: 'L' });
  const letter = String(UPLO).toUpperCase();
  if (letter !== 'L' && letter !== 'U')
    throw new ValueError(`${op}: expected UPLO to be 'L' or 'U', got ${describe(UPLO)}`);
  return letter === 'U';
}

/**
 * Eigenvalues (ascending) and orthonormal eigenvectors, as columns, of Hermitian matrices.
 *
 * @example torch.linalg.eigh(torch.tensor([[2, 1], [1, 2]])).eigenvalues // tensor([1., 3.])
 */
export function eigh(A: Tensor, options?: HermitianOptions): NamedResult<['eigenvalues', 'eigenvectors']> {
  checkSquare('linalg.eigh', A);
  const [eigenvalues, eigenvectors] = primitives.eigh(A, isUpper('linalg.eigh', options));
  return namedResult(['eigenvalues', 'eigenvectors'], [eigenvalues, eigenvectors]);
}

/**
 * The eigenvalues of Hermitian matrices, ascending.
 *
 * @example torch.linalg.eigvalsh(torch.tensor([[2, 1], [1, 2]])) // tensor([1., 3.])
 */
export function eigvalsh(A: Tensor, options?: HermitianOptions): Tensor {
  checkSquare('linalg.eigvalsh', A);
  const upper = isUpper('linalg.eigvalsh', options);
  return needsGrad(A) ? (primitives.eigh(A, upper)[0] as Tensor) : eigenvaluesOnly(A, upper);
}

/**
 * Eigenvalues and eigenvectors (of norm 1, as columns) of square matrices, complex and in no order.
 *
 * @example torch.linalg.eig(torch.tensor([[2, 0], [0, 3]])).eigenvalues // tensor([2.+0.j, 3.+0.j])
 */
export function eig(A: Tensor): NamedResult<['eigenvalues', 'eigenvectors']> {
  checkSquare('linalg.eig', A);
  const [eigenvalues, eigenvectors] = primitives.eig(A);
  return namedResult(['eigenvalues', 'eigenvectors'], [eigenvalues, eigenvectors]);
}

/**
 * The eigenvalues of square matrices.
 *
 * @example torch.linalg.eigvals(torch.tensor([[2, 0], [0, 3]])) // tensor([2.+0.j, 3.+0.j])
 */
export function eigvals(A: Tensor): Tensor {
  checkSquare('linalg.eigvals', A);
  return needsGrad(A) ? (primitives.eig(A)[0] as Tensor) : generalEigenvaluesOnly(A);
}

/**
 * The first columns of the product of Householder reflectors, as LAPACK's `geqrf` leaves them.
 *
 * @example
 * const { a, tau } = torch.geqrf(torch.tensor([[3, 1], [4, 2]]));
 * torch.linalg.householderProduct(a, tau) // tensor([[-0.6000, -0.8000], [-0.8000, 0.6000]])
 */
export function householderProduct(A: Tensor, tau: Tensor): Tensor {
  const op = 'linalg.householderProduct';
  checkMatrix(op, A);
  checkTensor(op, tau, 'tau');
  checkSameDtype(op, A, tau);
  const [m, n] = A.shape.slice(-2) as [number, number];
  const reflectors = tau.shape.at(-1) ?? 0;
  if (m < n || reflectors > n || !sameShape(tau.shape.slice(0, -1), A.shape.slice(0, -2)))
    throw new ShapeError(`${op}: tau of ${show(tau.shape)} does not fit matrices of ${show(A.shape)}`);
  if (needsGrad(A) || needsGrad(tau)) return applyReflectors(A, tau, identityLike(A, n), false);
  return primitives.householderProduct(A, tau);
}

// --- Made of these ----------------------------------------------------------------------------------------------------------

export interface RankOptions {
  /** Singular values up to this count as zero. */
  atol?: number | Tensor | null | undefined;
  /** Singular values up to this part of the largest count as zero; by default the precision times the larger size, or 0 with `atol`. */
  rtol?: number | Tensor | null | undefined;
  hermitian?: boolean | undefined;
}

function tolerances(A: Tensor, { atol, rtol }: RankOptions): [atol: number | Tensor, rtol: number | Tensor] {
  for (const [name, value] of Object.entries({ atol, rtol })) {
    const fits = value === undefined || value === null || typeof value === 'number' || value instanceof Tensor;
    if (!fits) throw new ValueError(`linalg: expected ${name} to be a number or a tensor, got ${describe(value)}`);
  }
  const usual =
    atol === undefined || atol === null
      ? precisionOf(A) * Math.max(A.shape.at(-1) as number, A.shape.at(-2) as number)
      : 0;
  const positive = typeof atol === 'number' && atol <= 0 && (rtol === undefined || rtol === null);
  return [
    atol ?? 0,
    rtol ?? (positive ? precisionOf(A) * Math.max(A.shape.at(-1) as number, A.shape.at(-2) as number) : usual),
  ];
}

/**
 * The Moore-Penrose inverse, for matrices of any shape and rank.
 *
 * @example torch.linalg.pinv(torch.tensor([[1, 0], [0, 2], [0, 0]])) // tensor([[1.0000, 0.0000, 0.0000], [0.0000, 0.5000, 0.0000]])
 */
export function pinv(A: Tensor, options?: RankOptions): Tensor {
  checkMatrix('linalg.pinv', A);
  const given = readOptions<RankOptions>('linalg.pinv', options, {
    atol: undefined,
    rtol: undefined,
    hermitian: false,
  });
  const [atol, rtol] = tolerances(A, given);
  return primitives.pinv(A, atol, rtol, given.hermitian === true);
}

/**
 * The number of singular values that are not (nearly) zero.
 *
 * @example torch.linalg.matrixRank(torch.tensor([[1, 2], [2, 4]])) // tensor(1)
 */
export function matrixRank(A: Tensor, options?: RankOptions): Tensor {
  checkMatrix('linalg.matrixRank', A);
  const given = readOptions<RankOptions>('linalg.matrixRank', options, {
    atol: undefined,
    rtol: undefined,
    hermitian: false,
  });
  const [atol, rtol] = tolerances(A, given);
  if (numelOf(A.shape) === 0) return A.newZeros(A.shape.slice(0, -2), { dtype: 'int64' });
  const matrix = given.hermitian ? A.tril().add(transposed(conjugate(A.tril(-1)))) : A;
  return significant(singularValuesOnly(matrix), atol, rtol).sum(-1);
}

/**
 * A to an integer power: by repeated squaring; of the inverse where negative.
 *
 * @example torch.linalg.matrixPower(torch.tensor([[1, 1], [0, 1]]), 3) // tensor([[1., 3.], [0., 1.]])
 */
export function matrixPower(A: Tensor, n: number, options?: OutOptions): Tensor {
  const op = 'linalg.matrixPower';
  checkTensor(op, A, 'A');
  if (A.shape.length < 2 || A.shape.at(-1) !== A.shape.at(-2))
    throw new ShapeError(`${op}: expected A to be square matrices, got ${show(A.shape)}`);
  if (!Number.isSafeInteger(n)) throw new ValueError(`${op}: expected n to be an integer, got ${describe(n)}`);
  let base = n < 0 ? inv(A) : A;
  let result: Tensor | null = null;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null ? base : products.matmul(result, base);
    if (rest > 1) base = products.matmul(base, base);
  }
  const size = A.shape.at(-1) as number;
  return finish(
    op,
    n === 0 ? A.clone().copy_(A.newOnes([size]).diag()) : n === 1 ? A.clone() : (result as Tensor),
    options,
  );
}

/**
 * The product of several matrices, in the order that needs the fewest multiplications. The first and the last may be vectors.
 *
 * @example torch.linalg.multiDot([torch.ones([2, 3]), torch.ones([3, 4]), torch.ones([4])]) // tensor([12., 12.])
 */
export function multiDot(tensors: readonly Tensor[], options?: OutOptions): Tensor {
  const op = 'linalg.multiDot';
  checkTensors(op, tensors);
  if (tensors.length < 2) throw new ValueError(`${op}: expected at least 2 tensors, got ${tensors.length}`);
  const last = tensors.length - 1;
  const chain = tensors.map((tensor, i) => {
    const vector = tensor.shape.length === 1 && (i === 0 || i === last);
    if (!vector && tensor.shape.length !== 2)
      throw new ShapeError(`${op}: expected tensors[${i}] to be a matrix, got ${show(tensor.shape)}`);
    return vector ? tensor.unsqueeze(i === 0 ? 0 : 1) : tensor;
  });
  for (let i = 1; i < chain.length; i++) {
    if (chain[i - 1]?.shape[1] !== chain[i]?.shape[0])
      throw new ShapeError(
        `${op}: cannot multiply ${show(chain[i - 1]?.shape as Shape)} by ${show(chain[i]?.shape as Shape)}`,
      );
  }
  let result = multiplyChain(chain);
  if (tensors[last]?.shape.length === 1) result = result.squeeze(1);
  if (tensors[0]?.shape.length === 1) result = result.squeeze(0);
  return finish(op, result, options);
}

/** Cormen et al., "Introduction to Algorithms", section 15.2: the cheapest bracketing, by dynamic programming. */
function multiplyChain(chain: readonly Tensor[]): Tensor {
  const sizes = [chain[0]?.shape[0] as number, ...chain.map((matrix) => matrix.shape[1] as number)];
  const n = chain.length;
  const cost = chain.map(() => new Array<number>(n).fill(0));
  const split = chain.map(() => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      const row = cost[i] as number[];
      row[j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const product = (sizes[i] as number) * (sizes[k + 1] as number) * (sizes[j + 1] as number);
        const total = (row[k] as number) + ((cost[k + 1] as number[])[j] as number) + product;
        if (total >= (row[j] as number)) continue;
        row[j] = total;
        (split[i] as number[])[j] = k;
      }
    }
  }
  const multiply = (i: number, j: number): Tensor => {
    if (i === j) return chain[i] as Tensor;
    const k = (split[i] as number[])[j] as number;
    return products.mm(multiply(i, k), multiply(k + 1, j));
  };
  return multiply(0, n - 1);
}

/**
 * {@link products.matmul} by its name here.
 *
 * @example torch.linalg.matmul(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1])) // tensor([3., 7.])
 */
export function matmul(self: Tensor, other: Tensor, options?: OutOptions): Tensor {
  return products.matmul(self, other, options);
}

/**
 * Sums of products along a dimension, the first conjugated.
 *
 * @example torch.linalg.vecdot(torch.tensor([[1, 2], [3, 4]]), torch.ones([2])) // tensor([3., 7.])
 */
export function vecdot(x: Tensor, y: Tensor, options?: { dim?: number }): Tensor {
  checkTensor('linalg.vecdot', x, 'x');
  checkTensor('linalg.vecdot', y, 'y');
  const { dim } = readOptions('linalg.vecdot', options, { dim: -1 });
  return conjugate(x).mul(y).sum(dim);
}

/**
 * The diagonal of each matrix, or another one of its diagonals.
 *
 * @example torch.linalg.diagonal(torch.tensor([[1, 2], [3, 4]])) // tensor([1., 4.])
 */
export function diagonal(A: Tensor, options: { offset?: number; dim1?: number; dim2?: number } = {}): Tensor {
  checkTensor('linalg.diagonal', A, 'A');
  return A.diagonal({ dim1: -2, dim2: -1, ...options });
}

/**
 * The inverse of A as a linear map of its last dimensions to its first `ind`.
 *
 * @example torch.linalg.tensorinv(torch.eye(4).reshape(2, 2, 4)).shape // [4, 2, 2]
 */
export function tensorinv(A: Tensor, options?: { ind?: number }): Tensor {
  const op = 'linalg.tensorinv';
  checkMatrix(op, A);
  const { ind } = readOptions(op, options, { ind: 2 });
  if (!Number.isInteger(ind) || ind < 1)
    throw new ValueError(`${op}: expected ind to be at least 1, got ${describe(ind)}`);
  const [first, rest] = [A.shape.slice(0, ind), A.shape.slice(ind)];
  if (numelOf(first) !== numelOf(rest))
    throw new ShapeError(`${op}: expected ${show(A.shape)} to be square when split at ${ind}`);
  return inv(A.reshape([numelOf(first), numelOf(rest)])).reshape([...rest, ...first]);
}

/**
 * The X with `tensordot(A, X, { dims: X.ndim }) = B`.
 *
 * @example torch.linalg.tensorsolve(torch.eye(4).reshape(2, 2, 4), torch.ones([2, 2])) // tensor([1., 1., 1., 1.])
 */
export function tensorsolve(A: Tensor, B: Tensor, options?: { dims?: readonly number[] | null }): Tensor {
  const op = 'linalg.tensorsolve';
  checkTensor(op, A, 'A');
  checkTensor(op, B, 'B');
  const { dims } = readOptions<{ dims?: readonly number[] | null | undefined }>(op, options, { dims: undefined });
  const moved = dims ? normalizeDims(op, dims, A.shape.length) : [];
  const matrix = A.permute([...range(A.shape.length).filter((d) => !moved.includes(d)), ...moved]);
  const shape = matrix.shape.slice(B.shape.length);
  if (numelOf(shape) !== B.numel())
    throw new ShapeError(`${op}: ${show(B.shape)} does not fit ${show(A.shape)}: it is not square`);
  return solve(matrix.reshape([B.numel(), numelOf(shape)]), B.reshape([B.numel()])).reshape(shape);
}

/**
 * Rows `1, x, x^2, ...`: `N` of them, by default as many as x has elements.
 *
 * @example torch.linalg.vander(torch.tensor([1, 2, 3])) // tensor([[1., 1., 1.], [1., 2., 4.], [1., 3., 9.]])
 */
export function vander(x: Tensor, options?: { N?: number | null }): Tensor {
  const op = 'linalg.vander';
  checkTensor(op, x, 'x');
  const { N } = readOptions<{ N?: number | null | undefined }>(op, options, { N: undefined });
  const n = N ?? x.shape.at(-1) ?? 1;
  if (!Number.isSafeInteger(n) || n < 1) throw new ValueError(`${op}: expected N to be at least 1, got ${describe(N)}`);
  const vector = x.shape.length === 0 ? x.unsqueeze(0) : x;
  const base = x.dtypeInfo.rank < 2 ? vector.to('int64') : vector;
  const columns = [base.newOnes(base.shape)];
  while (columns.length < n) columns.push((columns.at(-1) as Tensor).mul(base));
  return stackLast(columns);
}

function stackLast(columns: readonly Tensor[]): Tensor {
  const [first] = columns as [Tensor];
  return stack(columns, { dim: first.shape.length });
}

export { LinalgError as LinAlgError } from '@ts-torch/core';
/**
 * The matrix exponential, by scaling and squaring (Higham 2005, "The Scaling and Squaring Method for the Matrix Exponential
 * Revisited") of the Taylor polynomial of degree 18.
 *
 * @example torch.linalg.matrixExp(torch.tensor([[0, 1], [0, 0]])) // tensor([[1., 1.], [0., 1.]])
 */
export function matrixExp(self: Tensor): Tensor {
  checkTensor('linalg.matrixExp', self);
  if (self.shape.length < 2 || self.shape.at(-1) !== self.shape.at(-2))
    throw new ShapeError(`linalg.matrixExp: expected square matrices, got ${show(self.shape)}`);
  if (self.dtypeInfo.rank < 2)
    throw new DTypeError(`linalg.matrixExp: expected floating-point matrices, got ${self.dtype}`);
  if (self.numel() === 0) return self.clone();
  // Each squaring doubles the relative error, which single precision has no room for.
  const wide = self.to(self.isComplex() ? 'complex128' : 'float64');
  const norm = Number(wide.abs().sum(-2).amax().item());
  const squarings = Number.isFinite(norm) ? Math.max(0, Math.ceil(Math.log2(norm))) : 0;
  const scaled = wide.div(2 ** squarings);
  const identity = wide.newOnes([self.shape.at(-1) as number]).diag();
  let result: Tensor = scaled.div(18).add(identity);
  for (let k = 17; k >= 1; k--) result = scaled.matmul(result).div(k).add(identity);
  for (let i = 0; i < squarings; i++) result = result.matmul(result);
  return result.to(self.dtype);
}

export { cond, cross, type LinalgNormOptions, matrixNorm, type NormOrder, norm, vectorNorm } from './norms.js';
