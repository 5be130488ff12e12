import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { adjoint, transposed } from './adjoint.js';
import { castable } from './castable.js';
import { cat } from './joining.js';
import * as linalg from './linalg/index.js';
import { checkTensor, type NamedResult, namedResult, readOptions } from './op.js';
import { randn } from './random.js';
import { withoutRecording } from './recording.js';
import { show } from './shape.js';
import type { Tensor } from './tensor.js';

function checkMatrices(op: string, A: Tensor, argument = 'A'): [m: number, n: number] {
  checkTensor(op, A, argument);
  if (A.shape.length < 2)
    throw new ShapeError(`${op}: expected ${argument} to be matrices, got shape ${show(A.shape)}`);
  return A.shape.slice(-2) as [number, number];
}

function checkWithin(op: string, name: string, value: unknown, most: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > most)
    throw new ValueError(`${op}: expected ${name} to be an integer from 0 to ${most}, got ${describe(value)}`);
}

/** Orthonormal columns that nearly span what A does (Halko et al. 2009, arXiv:0909.4061, algorithm 4.4). */
function basisOf(A: Tensor, q: number, niter: number, M: Tensor | null): Tensor {
  const rest = (x: Tensor): Tensor => (M === null ? A.matmul(x) : A.matmul(x).sub(M.matmul(x)));
  const restAdjoint = (x: Tensor): Tensor =>
    M === null ? adjoint(A).matmul(x) : adjoint(A).matmul(x).sub(adjoint(M).matmul(x));
  const real = A.dtype === 'complex128' ? 'float64' : A.dtype === 'complex64' ? 'float32' : A.dtype;
  const start = randn([A.shape.at(-1) as number, q], { dtype: real, device: A.device }).to(A.dtype);
  let basis = linalg.qr(rest(start)).Q;
  for (let i = 0; i < niter; i++) basis = linalg.qr(rest(linalg.qr(restAdjoint(basis)).Q)).Q;
  return basis;
}

export interface LowRankOptions {
  /** How many singular values to find; somewhat more than A's rank is best. 6 where left out. */
  q?: number | null | undefined;
  /** How often the basis is multiplied by A and its adjoint. */
  niter?: number | undefined;
  /** Of A - M instead; for means. */
  M?: Tensor | null | undefined;
}

/**
 * The largest singular values and vectors of nearly low-rank matrices, found from random vectors: `A ~ U diag(S) V^H`. Halko et al. 2009, arXiv:0909.4061, algorithm 5.1.
 *
 * @example torch.svdLowrank(torch.eye(4), { q: 2 }).S // tensor([1.0000, 1.0000])
 */
export const svdLowrank = castable(
  'svdLowrank',
  (A: Tensor, options?: LowRankOptions): NamedResult<['U', 'S', 'V']> => {
    const op = 'svdLowrank';
    const [m, n] = checkMatrices(op, A);
    const given = readOptions<LowRankOptions>(op, options, { q: 6, niter: 2, M: null });
    const q = given.q ?? 6;
    checkWithin(op, 'q', q, Math.min(m, n));
    checkWithin(op, 'niter', given.niter, Number.MAX_SAFE_INTEGER);
    if (given.M) checkTensor(op, given.M, 'M');
    const M = given.M ? given.M.expand(A.shape) : null;
    const flip = m < n;
    const tall = flip ? adjoint(A) : A;
    const mean = M !== null && flip ? adjoint(M) : M;
    const Q = basisOf(tall, q, given.niter as number, mean);
    const B = adjoint(Q).matmul(mean === null ? tall : tall.sub(mean));
    const { U, S, Vh } = linalg.svd(B, { fullMatrices: false });
    const [left, right] = [Q.matmul(U), adjoint(Vh)];
    return namedResult(['U', 'S', 'V'], flip ? [right, S, left] : [left, S, right]);
  },
);

/**
 * {@link svdLowrank} of the rows of A less their mean (`center`): V's columns are the principal directions.
 *
 * @example torch.pcaLowrank(torch.randn([5, 3])).V.shape // [3, 3]
 */
export function pcaLowrank(
  A: Tensor,
  options?: { q?: number | null | undefined; center?: boolean | undefined; niter?: number | undefined },
): NamedResult<['U', 'S', 'V']> {
  const op = 'pcaLowrank';
  const [m, n] = checkMatrices(op, A);
  const { q, center, niter } = readOptions(op, options, { q: null as number | null, center: true, niter: 2 });
  const rank = q ?? Math.min(6, m, n);
  checkWithin(op, 'q', rank, Math.min(m, n));
  return svdLowrank(center ? A.sub(A.mean(-2, { keepdim: true })) : A, { q: rank, niter });
}

export interface LobpcgOptions {
  /** How many eigenvalues. */
  k?: number | undefined;
  /** The other matrix of `A X = B X diag(E)`, positive-definite; the identity where left out. */
  B?: Tensor | null | undefined;
  /** The vectors to start from, `[..., n, k]`; random ones where left out. */
  X?: Tensor | null | undefined;
  /** A preconditioner: nearly the inverse of A. */
  iK?: Tensor | null | undefined;
  /** At most so many steps. */
  niter?: number | undefined;
  /** How small the residual must become beside A. */
  tol?: number | null | undefined;
  largest?: boolean | undefined;
}

/**
 * The largest (or smallest) eigenvalues and vectors of symmetric matrices, by products with them only. Knyazev 2001, "Toward the optimal preconditioned eigensolver". Not differentiable.
 *
 * @example torch.lobpcg(torch.diag(torch.arange(1, 10)).float(), { k: 1 })[0].round() // tensor([9.])
 */
export const lobpcg = castable(
  'lobpcg',
  (A: Tensor, options?: LobpcgOptions): [eigenvalues: Tensor, eigenvectors: Tensor] => {
    const op = 'lobpcg';
    const [m, n] = checkMatrices(op, A);
    if (m !== n) throw new ShapeError(`${op}: expected square matrices, got shape ${show(A.shape)}`);
    const given = readOptions<LobpcgOptions>(op, options, {
      k: undefined,
      B: null,
      X: null,
      iK: null,
      niter: 100,
      tol: null,
      largest: true,
    });
    const k = given.k ?? (given.X ? (given.X.shape.at(-1) as number) : 1);
    if (!Number.isSafeInteger(k) || k < 1 || 3 * k > n)
      throw new ValueError(`${op}: expected k from 1 to a third of ${n}, got ${describe(k)}`);
    return withoutRecording(() => iterate(A, k, given));
  },
);

function iterate(A: Tensor, k: number, { B, X, iK, niter, tol, largest }: LobpcgOptions): [Tensor, Tensor] {
  const n = A.shape.at(-1) as number;
  const start = X ?? randn([...A.shape.slice(0, -2), n, k], { dtype: A.dtype, device: A.device });
  const bound = (tol ?? (A.dtype === 'float64' ? 1e-8 : 1e-4)) * Number(A.norm().item());
  let { values, vectors } = ritz(A, B ?? null, start, k, largest !== false);
  let direction: Tensor | null = null;
  for (let i = 0; i < (niter ?? 100); i++) {
    const image = B ? B.matmul(vectors) : vectors;
    const residual = A.matmul(vectors).sub(image.mul(values.unsqueeze(-2)));
    if (Number(residual.norm().item()) <= bound) break;
    const step = iK ? iK.matmul(residual) : residual;
    const space = cat(direction === null ? [vectors, step] : [vectors, step, direction], -1);
    const next = ritz(A, B ?? null, space, k, largest !== false);
    direction = next.vectors.sub(vectors.matmul(transposed(vectors).matmul(B ? B.matmul(next.vectors) : next.vectors)));
    ({ values, vectors } = next);
  }
  return [values, vectors];
}

/** The best eigenvalues and vectors within a space (Rayleigh & Ritz). */
function ritz(A: Tensor, B: Tensor | null, space: Tensor, k: number, largest: boolean) {
  let { Q } = linalg.qr(space);
  if (B !== null)
    Q = linalg.solveTriangular(transposed(linalg.cholesky(transposed(Q).matmul(B).matmul(Q))), Q, {
      upper: true,
      left: false,
    });
  const { eigenvalues, eigenvectors } = linalg.eigh(transposed(Q).matmul(A).matmul(Q));
  const size = eigenvalues.shape.at(-1) as number;
  const pick = (x: Tensor): Tensor => (largest ? x.narrow(-1, size - k, k).flip(-1) : x.narrow(-1, 0, k));
  return { values: pick(eigenvalues), vectors: Q.matmul(pick(eigenvectors)) };
}
