import { ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { adjoint, cat, conjugate, linalgPrimitives, transposed } from '@ts-torch/tensor/internal';
import { derivative, notDifferentiable } from '../derivative.js';
import type { Gradient } from '../node.js';

// The formulas are Giles 2008, "An extended collection of matrix derivative results", with conjugates for complex numbers as in
// PyTorch's FunctionsManual.cpp (which derives those for eigenvectors and singular vectors).

const { luFactor, luSolve, solve, inverse, det, slogdet, pivotMatrix, cholesky, solveTriangular } = linalgPrimitives;
const {
  choleskyInverse,
  choleskySolve,
  ldlFactor,
  ldlSolve,
  geqrf,
  householderProduct,
  ormqr,
  qr,
  eigh,
  eig,
  svd,
  pinv,
} = linalgPrimitives;

type Grads = readonly Gradient[];
const sumOf = (...terms: readonly (Tensor | null | undefined)[]): Tensor | null =>
  terms.reduce<Tensor | null>((sum, term) => (sum && term ? sum.add(term) : (term ?? sum)), null);

/** X with `X A = B`, for triangular A. */
const solveRight = (a: Tensor, b: Tensor, upper: boolean, unit = false): Tensor =>
  transposed(solveTriangular(transposed(a), transposed(b), !upper, unit));

const diagonalOf = (matrices: Tensor): Tensor => matrices.diagonal({ dim1: -2, dim2: -1 });

/** Values on the diagonal of square matrices. */
const onDiagonal = (values: Tensor): Tensor => values.diagEmbed();

/** The matrix with its diagonal replaced by ones, to divide by. */
function withUnitDiagonal(matrices: Tensor): Tensor {
  const diagonal = diagonalOf(matrices);
  return matrices.add(onDiagonal(diagonal.neg().add(1)));
}

/** Differences of all pairs: entry (i, j) is `values[j] - values[i]`. */
const differences = (values: Tensor): Tensor => values.unsqueeze(-2).sub(values.unsqueeze(-1));

const realPart = (x: Tensor): Tensor => (x.isComplex() ? x.real() : x);
const asComplexLike = (x: Tensor, like: Tensor): Tensor => (x.dtype === like.dtype ? x : x.to(like.dtype));

// --- Solving ----------------------------------------------------------------------------------------------------------------

// A X = B: dB = A^-H dX, dA = -dB X^H.
derivative(solve, {
  saves: ['self', 'result'],
  all: ({ grads: [grad], self, results: [x] }) => {
    if (!grad) return {};
    const other = solve(adjoint(self), grad)[0];
    return { self: other.matmul(adjoint(x as Tensor)).neg(), other };
  },
});

derivative(solveTriangular, {
  saves: ['self', 'result'],
  all: ({ grad, self, result, upper, unitriangular }) => {
    const other = solveTriangular(adjoint(self), grad, !upper, unitriangular);
    const full = other.matmul(adjoint(result)).neg();
    const border = unitriangular ? 1 : 0;
    return { self: upper ? full.triu(border) : full.tril(-border), other };
  },
});

// dA = -A^-H dR A^-H.
derivative(inverse, {
  saves: ['result'],
  self: ({ grads: [grad], results: [result] }) => {
    if (!grad) return null;
    const r = adjoint(result as Tensor);
    return r.matmul(grad).matmul(r).neg();
  },
});

// d det = conj(det) A^-H; where A is singular, the matrix of cofactors by way of the singular values.
derivative(det, {
  saves: ['self', 'result'],
  self: ({ grad, self, result }) => {
    if (self.numel() === 0) return self.newZeros(self.shape);
    if (!hasZero(result)) {
      const scale = grad.mul(conjugate(result)).unsqueeze(-1).unsqueeze(-1);
      return adjoint(inverse(self)[0]).mul(scale);
    }
    return cofactors(self).mul(grad.unsqueeze(-1).unsqueeze(-1));
  },
});

function hasZero(values: Tensor): boolean {
  const parts = values.toTypedArray() as Float64Array;
  const step = values.isComplex() ? 2 : 1;
  for (let i = 0; i < parts.length; i += step) if (parts[i] === 0 && (step === 1 || parts[i + 1] === 0)) return true;
  return false;
}

/** conj(det(U) det(Vh)) U diag(products of the other singular values) Vh. */
function cofactors(self: Tensor): Tensor {
  const [u, s, vh] = svd(self, false);
  const n = s.shape.at(-1) as number;
  const others = Array.from({ length: n }, (_, i) => {
    let product = s.newOnes(s.shape.slice(0, -1));
    for (let j = 0; j < n; j++) if (j !== i) product = product.mul(s.select(-1, j));
    return product.unsqueeze(-1);
  });
  const phase = conjugate(det(u).mul(det(vh)))
    .unsqueeze(-1)
    .unsqueeze(-1);
  return u
    .mul(asComplexLike(cat(others, -1).unsqueeze(-2), u))
    .matmul(vh)
    .mul(phase);
}

/** The gradient of `s = exp(i t)`, that of t, times -i: what is left of it along the circle. */
function angleGradient(grad: Tensor, sign: Tensor): Tensor {
  const along = conjugate(sign).mul(grad);
  return along.sub(asComplexLike(realPart(along), grad));
}

derivative(slogdet, {
  saves: ['self', 'result'],
  self: ({ grads: [sign, logabsdet], self, results }) => {
    // With d log det = A^-H: its real part is that of log |det|, its imaginary part the angle of the sign.
    const turn = sign && self.isComplex() ? angleGradient(sign, results[0] as Tensor) : null;
    const scale = sumOf(logabsdet && asComplexLike(logabsdet, self), turn);
    if (!scale) return null;
    return adjoint(inverse(self)[0]).mul(scale.unsqueeze(-1).unsqueeze(-1));
  },
});

// --- LU ---------------------------------------------------------------------------------------------------------------------

/** From the gradient of L and U in one matrix. */
derivative(luFactor, {
  saves: ['result'],
  self: ({ grads: [grad], results: [lu, pivots], self }) => {
    if (!grad || !lu || !pivots) return null;
    const [m, n] = self.shape.slice(-2) as [number, number];
    const k = Math.min(m, n);
    // The leading square parts, and what is beyond them.
    const square = lu.narrow(-2, 0, k).narrow(-1, 0, k);
    const squareGrad = grad.narrow(-2, 0, k).narrow(-1, 0, k);
    const below = lu.narrow(-2, k, m - k);
    const right = lu.narrow(-1, k, n - k);
    const belowGrad = grad.narrow(-2, k, m - k);
    const rightGrad = grad.narrow(-1, k, n - k);
    const upper = square.triu();
    const lower = square.tril(-1);
    const unit = lower.add(onDiagonal(lower.newOnes(lower.shape.slice(0, -1))));
    let low = adjoint(unit).matmul(squareGrad.tril(-1));
    let up = squareGrad.triu().matmul(adjoint(upper));
    if (n > k) low = low.sub(rightGrad.matmul(adjoint(right)));
    if (m > k) up = up.sub(adjoint(below).matmul(belowGrad));
    const inner = low.tril(-1).add(up.triu());
    let result = solveRight(adjoint(upper), inner, false);
    if (n > k) result = cat([result, rightGrad], -1);
    result = solveTriangular(adjoint(unit), result, true, true);
    if (m > k) result = cat([result, solveRight(adjoint(upper), belowGrad, false)], -2);
    return pivotMatrix(pivots, m, grad.dtype).matmul(result);
  },
});

// For factors that do not change: B's gradient by the transposed system; the factors' by those of L and U.
derivative(luSolve, {
  saves: ['lu', 'pivots', 'other', 'result'],
  all: ({ grad, lu, pivots, result, transposed: flip }, needs) => {
    const other = conjugate(luSolve(lu, pivots, conjugate(grad), !flip));
    if (!needs.lu) return { other };
    // With A = P L U: dA = -dB X^H (or its transpose); then dL = dA' U^H, dU = L^H dA', where dA' = P^T dA.
    const product = other.matmul(adjoint(result)).neg();
    const matrix = flip ? transposed(product) : product;
    const inner = transposed(pivotMatrix(pivots, lu.shape.at(-1) as number, grad.dtype)).matmul(matrix);
    const unit = lu.tril(-1).add(onDiagonal(lu.newOnes(lu.shape.slice(0, -1))));
    const lower = inner.matmul(adjoint(lu.triu())).tril(-1);
    return { other, lu: lower.add(adjoint(unit).matmul(inner).triu()) };
  },
});

/** d of `L L^H` to that of the factor: of the whole matrix, as in PyTorch, whose other triangle is not read. */
function factorGradient(product: Tensor, factor: Tensor, upper: boolean): Tensor {
  const symmetric = product.add(adjoint(product));
  return (upper ? factor.matmul(symmetric) : symmetric.matmul(factor)).neg();
}

derivative(choleskySolve, {
  saves: ['input2', 'result'],
  all: ({ grad, input2, result, upper }, needs) => {
    const self = choleskySolve(grad, input2, upper);
    return { self, input2: needs.input2 ? factorGradient(self.matmul(adjoint(result)), input2, upper) : null };
  },
});

derivative(choleskyInverse, {
  saves: ['self', 'result'],
  self: ({ grad, self, result, upper }) => factorGradient(result.matmul(grad).matmul(result), self, upper),
});

// --- Cholesky, QR -----------------------------------------------------------------------------------------------------------

// With Phi(X): the lower triangle, the diagonal halved; dA = L^-H Phi(L^H dL) L^-1, made Hermitian.
derivative(cholesky, {
  saves: ['result'],
  self: ({ grads: [grad], results: [factor], upper }) => {
    if (!grad || !factor) return null;
    const l = upper ? adjoint(factor) : factor;
    const phi = adjoint(l)
      .matmul(upper ? adjoint(grad) : grad)
      .tril();
    const halved = phi.sub(onDiagonal(diagonalOf(phi).mul(0.5)));
    const inner = solveRight(l, solveTriangular(adjoint(l), halved, true, false), false);
    return inner.add(adjoint(inner)).mul(0.5);
  },
});

/** For at least as many rows as columns: [dQ + Q copyltu(dR R^H - Q^H dQ)] R^-H. */
function tallQR(q: Tensor, r: Tensor, gq: Gradient, gr: Gradient): Tensor {
  const inner = sumOf(gr?.matmul(adjoint(r)), gq && adjoint(q).matmul(gq).neg()) as Tensor;
  const triangle = inner.triu();
  const symmetric = triangle.add(adjoint(triangle)).sub(onDiagonal(realDiagonal(triangle)));
  const product = q.matmul(symmetric);
  return solveRight(adjoint(r), gq ? product.add(gq) : product, false);
}

/** The diagonal's real parts, in the matrix's dtype. */
const realDiagonal = (matrix: Tensor): Tensor => asComplexLike(realPart(diagonalOf(matrix)), matrix);

derivative(qr, {
  saves: ['self', 'result'],
  self: ({ grads: [gq, gr], self, results: [q, r], mode }) => {
    if ((!gq && !gr) || !q || !r) return null;
    const [m, n] = self.shape.slice(-2) as [number, number];
    if (mode === 'r') throw new ValueError("qr: mode 'r' has no derivative: it leaves out Q; use 'reduced'");
    if (mode === 'complete' && m > n)
      throw new ValueError("qr: mode 'complete' has a derivative only where there are no more rows than columns");
    if (m >= n) return tallQR(q, r, gq ?? null, gr ?? null);
    // A = Q [X Y]: the first columns are the QR of a square matrix, and Y = Q^H A2.
    const rest = self.narrow(-1, m, n - m);
    const restGrad = gr ? gr.narrow(-1, m, n - m) : null;
    const qGrad = sumOf(gq, restGrad && rest.matmul(adjoint(restGrad)));
    const first = tallQR(q, r.narrow(-1, 0, m), qGrad, gr ? gr.narrow(-1, 0, m) : null);
    return cat([first, restGrad ? q.matmul(restGrad) : rest.newZeros(rest.shape)], -1);
  },
});

// --- Eigenvalues, singular values -------------------------------------------------------------------------------------------

// dA = V (diag(dL) + (V^H dV) / E) V^H, with E(i, j) = L(j) - L(i).
derivative(eigh, {
  saves: ['result'],
  self: ({ grads: [gl, gv], results: [l, v] }) => {
    if ((!gl && !gv) || !l || !v) return null;
    if (!gv) return v.mul(asComplexLike((gl as Tensor).unsqueeze(-2), v)).matmul(adjoint(v));
    const inner = adjoint(v)
      .matmul(gv)
      .div(withUnitDiagonal(differences(l)));
    const free = inner.sub(onDiagonal(diagonalOf(inner)));
    const middle = gl ? free.add(onDiagonal(asComplexLike(gl, v))) : free;
    return v.matmul(middle).matmul(adjoint(v));
  },
});

// As above for vectors of norm 1 that are not orthogonal.
derivative(eig, {
  saves: ['result'],
  self: ({ grads: [gl, gv], results: [l, v], self }) => {
    if ((!gl && !gv) || !l || !v) return null;
    let middle = gl ? onDiagonal(gl) : null;
    if (gv) {
      const inner = adjoint(v).matmul(gv);
      const kept = inner.sub(adjoint(v).matmul(v.mul(realDiagonal(inner).unsqueeze(-2))));
      const quotient = kept.div(withUnitDiagonal(conjugate(differences(l))));
      const free = quotient.sub(onDiagonal(diagonalOf(quotient)));
      middle = middle ? free.add(middle) : free;
    }
    const result = solve(adjoint(v), (middle as Tensor).matmul(adjoint(v)))[0];
    return self.dtypeInfo.category === 'complex' ? result : realPart(result);
  },
});

const skew = (x: Tensor): Tensor => x.sub(adjoint(x));

derivative(svd, {
  saves: ['result'],
  self: ({ grads, results, self }) => singularGradient(grads, results, self.shape),
});

function singularGradient([gu, gs, gvh]: Grads, results: readonly Tensor[], shape: readonly number[]): Tensor | null {
  const [m, n] = shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  const first = (x: Gradient | undefined, dim: number): Tensor | null => (x ? x.narrow(dim, 0, k) : null);
  const u = first(results[0], -1) as Tensor;
  const vh = first(results[2], -2) as Tensor;
  const s = results[1] as Tensor;
  const [uGrad, vhGrad] = [first(gu, -1), first(gvh, -2)];
  if (!uGrad && !gs && !vhGrad) return null;
  const row = asComplexLike(s.unsqueeze(-2), u);
  const column = asComplexLike(s.unsqueeze(-1), u);
  if (!uGrad && !vhGrad) return u.mul(asComplexLike((gs as Tensor).unsqueeze(-2), u)).matmul(vh);
  const squares = withUnitDiagonal(differences(s.mul(s)));
  const fromU = uGrad && skew(adjoint(u).matmul(uGrad));
  const fromV = vhGrad && skew(vh.matmul(adjoint(vhGrad)));
  let inner = (sumOf(fromU?.mul(row), fromV?.mul(column)) as Tensor).div(squares);
  inner = inner.sub(onDiagonal(diagonalOf(inner)));
  if (fromU && u.isComplex()) inner = inner.add(onDiagonal(diagonalOf(fromU).div(s.mul(2))));
  if (gs) inner = inner.add(onDiagonal(asComplexLike(gs, u)));
  // What leaves the space of the vectors.
  if (m > k && uGrad) {
    const scaled = uGrad.div(row);
    return u
      .matmul(inner)
      .add(scaled)
      .sub(u.matmul(adjoint(u).matmul(scaled)))
      .matmul(vh);
  }
  if (n > k && vhGrad) {
    const scaled = vhGrad.div(column);
    return u.matmul(
      inner
        .matmul(vh)
        .add(scaled)
        .sub(scaled.matmul(adjoint(vh)).matmul(vh)),
    );
  }
  return u.matmul(inner).matmul(vh);
}

// Golub & Pereyra 1973, eq. 4.12, for matrices of constant rank.
derivative(pinv, {
  saves: ['self', 'result'],
  self: ({ grad, self: a, result: p }) => {
    const [g, ph] = [adjoint(grad), adjoint(p)];
    const [m, n] = a.shape.slice(-2) as [number, number];
    if (m <= n) {
      const k = g.matmul(p);
      const kph = k.matmul(ph);
      const rest = ph.matmul(p).matmul(g.sub(k.matmul(a)));
      return adjoint(p.matmul(k)).neg().add(kph).sub(a.matmul(p).matmul(kph)).add(rest);
    }
    const k = p.matmul(g);
    const phk = ph.matmul(k);
    const rest = g.sub(a.matmul(k)).matmul(p).matmul(ph);
    return adjoint(k.matmul(p)).neg().add(rest).add(phk).sub(phk.matmul(p).matmul(a));
  },
});

// A X = B: dB = A^-H dX, where A is Hermitian or symmetric. The factors have no gradient, as in PyTorch.
derivative(ldlSolve, {
  saves: ['ld', 'pivots'],
  other: ({ grad, ld, pivots, hermitian }) =>
    hermitian ? ldlSolve(ld, pivots, grad, true) : conjugate(ldlSolve(ld, pivots, conjugate(grad), false)),
});

// The products of reflectors are composed of other ops where they are to be differentiated.
notDifferentiable(pivotMatrix, geqrf, ldlFactor, householderProduct, ormqr);
