import { dtypeInfo, type FloatDType, kernel, launch, REAL_OF } from '@ts-torch/core';
import { conjugate } from '../adjoint.js';
import { allocate } from '../allocation.js';
import { cat } from '../joining.js';
import { primitive } from '../op.js';
import { withoutRecording } from '../recording.js';
import { numelOf, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

// Factorizations and solvers as the graph records them: matrices are the last two dimensions, dtypes are those of LAPACK,
// batches have been broadcast.

const INT32 = dtypeInfo('int32');
const INT64 = dtypeInfo('int64');

const batchOf = (a: Tensor): Shape => a.shape.slice(0, -2);
const rowsOf = (a: Tensor): number => a.shape.at(-2) as number;
const columnsOf = (a: Tensor): number => a.shape.at(-1) as number;
const like = (a: Tensor, ...sizes: readonly number[]): Tensor =>
  allocate([...batchOf(a), ...sizes], a.dtypeInfo, a.device);
const integersLike = (a: Tensor, ...sizes: readonly number[]): Tensor =>
  allocate([...batchOf(a), ...sizes], INT32, a.device);
/** The dtype of norms, singular and Hermitian eigenvalues. */
const realInfo = (a: Tensor) =>
  dtypeInfo(a.isComplex() ? REAL_OF[a.dtype as keyof typeof REAL_OF] : (a.dtype as FloatDType));
const realsLike = (a: Tensor, ...sizes: readonly number[]): Tensor =>
  allocate([...batchOf(a), ...sizes], realInfo(a), a.device);
const complexLike = (a: Tensor, ...sizes: readonly number[]): Tensor =>
  allocate([...batchOf(a), ...sizes], dtypeInfo(realInfo(a).name === 'float64' ? 'complex128' : 'complex64'), a.device);

const KERNELS = {
  luFactor: kernel('luFactor'),
  luSolve: kernel('luSolve'),
  luDet: kernel('luDet'),
  luSlogdet: kernel('luSlogdet'),
  pivotMatrix: kernel('pivotMatrix'),
  inverse: kernel('inverse'),
  cholesky: kernel('cholesky'),
  ldlFactor: kernel('ldlFactor'),
  ldlSolve: kernel('ldlSolve'),
  solveTriangular: kernel('solveTriangular'),
  geqrf: kernel('geqrf'),
  householderProduct: kernel('householderProduct'),
  ormqr: kernel('ormqr'),
  eigh: kernel('eigh'),
  eig: kernel('eig'),
  svd: kernel('svd'),
  lstsq: kernel('lstsq'),
};

/** L below the diagonal and U above, in one matrix; int32 pivots from 1; info. */
const luFactor = primitive('luFactor', ['self'], (self: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const [m, n] = [rowsOf(self), columnsOf(self)];
  const results = [like(self, m, n), integersLike(self, Math.min(m, n)), integersLike(self)] as const;
  launch(KERNELS.luFactor, [...results, self]);
  return results;
});

/** X with `A X = B`, or with `A^T X = B`. */
const luSolve = primitive(
  'luSolve',
  ['lu', 'pivots', 'other', 'transposed'],
  (lu: Tensor, pivots: Tensor, other: Tensor, transposed: boolean): Tensor => {
    const out = like(other, rowsOf(other), columnsOf(other));
    launch(KERNELS.luSolve, [out, lu, pivots, other], [transposed]);
    return out;
  },
);

/** X with `A X = B`; LU, pivots and info of A. */
const solve = primitive(
  'solve',
  ['self', 'other'],
  (self: Tensor, other: Tensor): readonly [Tensor, Tensor, Tensor, Tensor] => {
    const factors = luFactor.definition.forward(self) as readonly [Tensor, Tensor, Tensor];
    const result = like(other, rowsOf(other), columnsOf(other));
    launch(KERNELS.luSolve, [result, factors[0], factors[1], other], [false]);
    return [result, ...factors];
  },
);

const inverse = primitive('inverse', ['self'], (self: Tensor): readonly [Tensor, Tensor] => {
  const results = [like(self, rowsOf(self), rowsOf(self)), integersLike(self)] as const;
  launch(KERNELS.inverse, [...results, self]);
  return results;
});

const det = primitive('det', ['self'], (self: Tensor): Tensor => {
  const [lu, pivots] = luFactor.definition.forward(self) as readonly [Tensor, Tensor];
  const out = like(self);
  launch(KERNELS.luDet, [out, lu, pivots]);
  return out;
});

const slogdet = primitive('slogdet', ['self'], (self: Tensor): readonly [Tensor, Tensor] => {
  const [lu, pivots] = luFactor.definition.forward(self) as readonly [Tensor, Tensor];
  const results = [like(self), realsLike(self)] as const;
  launch(KERNELS.luSlogdet, [...results, lu, pivots]);
  return results;
});

/** The permutation matrices that pivots of `rows` rows stand for. */
const pivotMatrix = primitive(
  'pivotMatrix',
  ['pivots', 'rows', 'dtype'],
  (pivots: Tensor, rows: number, dtype: Tensor['dtype']): Tensor => {
    const out = allocate([...pivots.shape.slice(0, -1), rows, rows], dtypeInfo(dtype), pivots.device);
    launch(KERNELS.pivotMatrix, [out, pivots]);
    return out;
  },
);

const cholesky = primitive('cholesky', ['self', 'upper'], (self: Tensor, upper: boolean): readonly [Tensor, Tensor] => {
  const results = [like(self, rowsOf(self), rowsOf(self)), integersLike(self)] as const;
  launch(KERNELS.cholesky, [...results, self], [upper]);
  return results;
});

/** L below the diagonal and D on it (and beside it, for blocks of two rows), in one matrix; int32 pivots; info. */
const ldlFactor = primitive(
  'ldlFactor',
  ['self', 'hermitian'],
  (self: Tensor, hermitian: boolean): readonly [Tensor, Tensor, Tensor] => {
    const n = rowsOf(self);
    const results = [like(self, n, n), integersLike(self, n), integersLike(self)] as const;
    launch(KERNELS.ldlFactor, [...results, self], [hermitian]);
    return results;
  },
);

/** X with `A X = B`. */
const ldlSolve = primitive(
  'ldlSolve',
  ['ld', 'pivots', 'other', 'hermitian'],
  (ld: Tensor, pivots: Tensor, other: Tensor, hermitian: boolean): Tensor => {
    const out = like(other, rowsOf(other), columnsOf(other));
    launch(KERNELS.ldlSolve, [out, ld, pivots, other], [hermitian]);
    return out;
  },
);

const solveTriangular = primitive(
  'solveTriangular',
  ['self', 'other', 'upper', 'unitriangular'],
  (self: Tensor, other: Tensor, upper: boolean, unitriangular: boolean): Tensor => {
    const out = like(other, rowsOf(other), columnsOf(other));
    launch(KERNELS.solveTriangular, [out, self, other], [upper, false, unitriangular]);
    return out;
  },
);

/** The solution of `A X = B` where `A = L L^H`, by both factors; not recorded. */
function solveFactored(lower: Tensor, other: Tensor): Tensor {
  const half = solveTriangular.definition.forward(lower, other, false, false) as Tensor;
  return solveTriangular.definition.forward(adjointOf(lower), half, true, false) as Tensor;
}

/** X with `A X = self`, `input2` being A's Cholesky factor. */
const choleskySolve = primitive(
  'choleskySolve',
  ['self', 'input2', 'upper'],
  (self: Tensor, input2: Tensor, upper: boolean): Tensor => solveFactored(upper ? adjointOf(input2) : input2, self),
);

/** The inverse of the matrix of which `self` is the Cholesky factor. */
const choleskyInverse = primitive('choleskyInverse', ['self', 'upper'], (self: Tensor, upper: boolean): Tensor => {
  const identity = allocate(self.shape, self.dtypeInfo, self.device);
  fillIdentity(identity);
  return solveFactored(upper ? adjointOf(self) : self, identity);
});

const geqrf = primitive('geqrf', ['self'], (self: Tensor): readonly [Tensor, Tensor] => {
  const [m, n] = [rowsOf(self), columnsOf(self)];
  const results = [like(self, m, n), like(self, Math.min(m, n))] as const;
  launch(KERNELS.geqrf, [...results, self]);
  return results;
});

const householderProduct = primitive('householderProduct', ['self', 'tau'], (self: Tensor, tau: Tensor): Tensor => {
  const out = like(self, rowsOf(self), columnsOf(self));
  launch(KERNELS.householderProduct, [out, self, tau]);
  return out;
});

const ormqr = primitive(
  'ormqr',
  ['self', 'tau', 'other', 'left', 'transpose'],
  (self: Tensor, tau: Tensor, other: Tensor, left: boolean, transpose: boolean): Tensor => {
    const out = like(other, rowsOf(other), columnsOf(other));
    launch(KERNELS.ormqr, [out, self, tau, other], [left, transpose]);
    return out;
  },
);

export type QRMode = 'reduced' | 'complete' | 'r';

const qr = primitive('qr', ['self', 'mode'], (self: Tensor, mode: QRMode): readonly [Tensor, Tensor] => {
  const [m, n] = [rowsOf(self), columnsOf(self)];
  const [factors, tau] = geqrf.definition.forward(self) as readonly [Tensor, Tensor];
  const columns = mode === 'complete' ? m : Math.min(m, n);
  const r = factors.narrow(-2, 0, columns).triu();
  if (mode === 'r') return [allocate([0], self.dtypeInfo, self.device), r];
  const q = like(self, m, columns);
  launch(KERNELS.householderProduct, [q, factors.narrow(-1, 0, Math.min(m, n)), tau]);
  return [q, r];
});

/** Ascending eigenvalues and eigenvectors of Hermitian matrices, of which one triangle is read. */
const eigh = primitive('eigh', ['self', 'upper'], (self: Tensor, upper: boolean): readonly [Tensor, Tensor] => {
  const results = [realsLike(self, rowsOf(self)), like(self, rowsOf(self), rowsOf(self))] as const;
  launch(KERNELS.eigh, [...results, self], [upper]);
  return results;
});

const eig = primitive('eig', ['self'], (self: Tensor): readonly [Tensor, Tensor] => {
  const results = [complexLike(self, rowsOf(self)), complexLike(self, rowsOf(self), rowsOf(self))] as const;
  launch(KERNELS.eig, [...results, self]);
  return results;
});

const svd = primitive(
  'svd',
  ['self', 'fullMatrices'],
  (self: Tensor, fullMatrices: boolean): readonly [Tensor, Tensor, Tensor] => {
    const [m, n] = [rowsOf(self), columnsOf(self)];
    const least = Math.min(m, n);
    const results = [
      like(self, m, fullMatrices ? m : least),
      realsLike(self, least),
      like(self, fullMatrices ? n : least, n),
    ] as const;
    // LAPACK has nothing to do for empty matrices: the bases are those of the identity.
    if (numelOf(self.shape) === 0) for (const basis of [results[0], results[2]]) fillIdentity(basis);
    launch(KERNELS.svd, [...results, self]);
    return results;
  },
);

function fillIdentity(matrices: Tensor): void {
  matrices.zero_();
  matrices.diagonal({ dim1: -2, dim2: -1 }).fill_(1);
}

/** Without vectors; not differentiable. */
export function eigenvaluesOnly(self: Tensor, upper: boolean): Tensor {
  const out = realsLike(self, rowsOf(self));
  launch(KERNELS.eigh, [out, null, self], [upper]);
  return out;
}
export function generalEigenvaluesOnly(self: Tensor): Tensor {
  const out = complexLike(self, rowsOf(self));
  launch(KERNELS.eig, [out, null, self]);
  return out;
}
export function singularValuesOnly(self: Tensor): Tensor {
  const out = realsLike(self, Math.min(rowsOf(self), columnsOf(self)));
  launch(KERNELS.svd, [null, out, null, self]);
  return out;
}

/** Moore-Penrose inverses; singular values up to max(atol, rtol * the largest) count as zero. */
const pinv = primitive(
  'pinv',
  ['self', 'atol', 'rtol', 'hermitian'],
  (self: Tensor, atol: number | Tensor, rtol: number | Tensor, hermitian: boolean): Tensor => {
    // Of Hermitian matrices only the lower triangle counts.
    const matrix = hermitian ? self.tril().add(adjointOf(self.tril(-1))) : self;
    const [u, s, vh] = svd.definition.forward(matrix, false) as readonly [Tensor, Tensor, Tensor];
    if (numelOf(self.shape) === 0) return like(self, columnsOf(self), rowsOf(self)).zero_();
    const reciprocal = reciprocals(s, significant(s, atol, rtol));
    return adjointOf(vh).mul(reciprocal.unsqueeze(-2).to(u.dtype)).matmul(adjointOf(u));
  },
);

/** Which singular values (descending) are larger than both bounds. */
export function significant(s: Tensor, atol: number | Tensor, rtol: number | Tensor): Tensor {
  const relative = s.narrow(-1, 0, 1).mul(typeof rtol === 'number' ? rtol : rtol.unsqueeze(-1));
  return s.gt(relative).mul(s.gt(typeof atol === 'number' ? atol : atol.unsqueeze(-1)));
}

/** 1 / s where s counts, 0 elsewhere. */
function reciprocals(s: Tensor, counted: Tensor): Tensor {
  return counted.to(s.dtype).div(s.mul(counted).add(counted.eq(false)));
}

function adjointOf(matrix: Tensor): Tensor {
  return conjugate(matrix).transpose(-2, -1);
}

export const LSTSQ_DRIVERS = ['gels', 'gelsy', 'gelsd'] as const;

/** x, rank and singular values of the least squares problem; x has max(m, n) rows, the residual's in those after the first n. */
export function leastSquares(a: Tensor, b: Tensor, rcond: number, driver: number): readonly [Tensor, Tensor, Tensor] {
  // GPUs' libraries have no other driver than gels; what the others find is found by singular values.
  const bySvd = a.device.type === 'cuda' && LSTSQ_DRIVERS[driver] !== 'gels';
  if (bySvd && numelOf(a.shape) > 0 && numelOf(b.shape) > 0)
    return withoutRecording(() => leastSquaresBySvd(a, b, rcond));
  const [m, n] = [rowsOf(a), columnsOf(a)];
  const results = [
    like(a, Math.max(m, n), columnsOf(b)),
    allocate(batchOf(a), INT64, a.device),
    realsLike(a, Math.min(m, n)),
  ] as const;
  launch(KERNELS.lstsq, [...results, a, b], [rcond, bySvd ? 0 : driver]);
  return results;
}

function leastSquaresBySvd(a: Tensor, b: Tensor, rcond: number): readonly [Tensor, Tensor, Tensor] {
  const [m, n] = [rowsOf(a), columnsOf(a)];
  const [u, s, vh] = svd.definition.forward(a, m > n) as readonly [Tensor, Tensor, Tensor];
  const counted = significant(s, 0, rcond);
  const coordinates = adjointOf(u).matmul(b);
  const scaled = coordinates.narrow(-2, 0, Math.min(m, n)).mul(reciprocals(s, counted).unsqueeze(-1).to(u.dtype));
  const solution = adjointOf(vh).matmul(scaled);
  const x = m > n ? cat([solution, coordinates.narrow(-2, n, m - n)], { dim: -2 }) : solution;
  return [x, counted.sum(-1), s];
}

export const linalgPrimitives = {
  luFactor,
  luSolve,
  solve,
  inverse,
  det,
  slogdet,
  pivotMatrix,
  ldlFactor,
  ldlSolve,
  cholesky,
  choleskyInverse,
  choleskySolve,
  solveTriangular,
  geqrf,
  householderProduct,
  ormqr,
  qr,
  eigh,
  eig,
  svd,
  pinv,
};
