import { setCudaOption } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { linalg } from '@ts-torch/tensor';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// Factorizations by the equations that define them, since their factors are unique only up to signs and phases.

const DTYPES = ['float32', 'float64', 'complex64', 'complex128'] as const;
type LinalgDType = (typeof DTYPES)[number];

/** One matrix, and batches that go to the libraries in one call; then one whose matrices are too large for that. */
const SMALL: [batch: number[], n: number][] = [
  [[], 5],
  [[3], 4],
  [[2, 2], 1],
];
const BATCHES = [...SMALL, [[2], 130] as (typeof SMALL)[number]];

const isComplex = (dtype: LinalgDType): boolean => dtype.startsWith('complex');

function matrices(dtype: LinalgDType, ...shape: number[]): Tensor {
  const real = () => torch.randn(shape, { dtype: 'float64', device: 'cpu' });
  const wide = isComplex(dtype) ? torch.complex(real(), real()) : real();
  return wide.to(dtype).cuda();
}

const adjoint = (a: Tensor): Tensor => (a.isComplex() ? a.conj() : a).transpose(-2, -1);
/** Well-conditioned. */
const regular = (dtype: LinalgDType, batch: number[], n: number): Tensor =>
  matrices(dtype, ...batch, n, n).add(torch.eye(n, { dtype, device: 'cuda' }).mul(2 * n));
const hermitian = (a: Tensor): Tensor => a.add(adjoint(a));
const symmetric = (a: Tensor): Tensor => a.add(a.transpose(-2, -1));
const identityLike = (a: Tensor): Tensor => torch.eye(a.shape.at(-1) as number, { dtype: a.dtype, device: a.device });

/** Equal, up to rounding in proportion to the largest element. */
function expectEqual(actual: Tensor, expected: Tensor): void {
  expect(actual.device.type).toBe('cuda');
  const tolerance = actual.dtype === 'float32' || actual.dtype === 'complex64' ? 1e-3 : 1e-10;
  const error = actual.sub(expected).abs().max().item() as number;
  expect(error).toBeLessThanOrEqual(tolerance * (1 + (expected.abs().max().item() as number)));
}

beforeEach(() => {
  torch.manualSeed(0);
});

describe.runIf(torch.cuda.isAvailable()).each(DTYPES)('%s', (dtype) => {
  describe.each(BATCHES)('a batch of %j, %i rows', (batch, n) => {
    test('LU', () => {
      const a = regular(dtype, batch, n);
      const { P, L, U } = linalg.lu(a);
      expectEqual(P.matmul(L).matmul(U), a);
      const b = matrices(dtype, ...batch, n, 3);
      const { LU, pivots } = linalg.luFactor(a);
      expectEqual(a.matmul(linalg.luSolve(LU, pivots, b)), b);
      expectEqual(adjoint(a).matmul(linalg.luSolve(LU, pivots, b, { adjoint: true })), b);
      const rows = matrices(dtype, ...batch, 2, n);
      expectEqual(linalg.luSolve(LU, pivots, rows, { left: false }).matmul(a), rows);
      expectEqual(a.matmul(linalg.inv(a)), identityLike(a));
    });

    test('determinants', () => {
      // Scaled, so that float32 holds the product of all rows.
      const a = regular(dtype, batch, n).div(2 * n);
      expectEqual(linalg.det(a), linalg.det(a.cpu()).cuda());
      const { sign, logabsdet } = linalg.slogdet(a);
      expectEqual(sign.mul(logabsdet.exp().to(dtype)), linalg.det(a));
    });

    test('Cholesky', () => {
      const a = regular(dtype, batch, n);
      const positive = a.matmul(adjoint(a));
      const lower = linalg.cholesky(positive);
      expectEqual(lower.matmul(adjoint(lower)), positive);
      expectEqual(lower, lower.tril());
      expectEqual(linalg.cholesky(positive, { upper: true }), adjoint(lower));
    });

    test.each([true, false])('LDL, hermitian: %s', (isHermitian) => {
      const a = (isHermitian ? hermitian : symmetric)(matrices(dtype, ...batch, n, n));
      // Blocks of two rows are needed where the diagonal is small.
      const indefinite = a.mul(torch.ones([n, n], { dtype, device: 'cuda' }).sub(identityLike(a).mul(0.9999)));
      for (const matrix of [a, indefinite]) {
        const { LD, pivots } = linalg.ldlFactor(matrix, { hermitian: isHermitian });
        const onCpu = linalg.ldlFactor(matrix.cpu(), { hermitian: isHermitian });
        if (n < 100) expect(pivots.tolist()).toEqual(onCpu.pivots.tolist());
        const b = matrices(dtype, ...batch, n, 2);
        const x = linalg.ldlSolve(LD, pivots, b, { hermitian: isHermitian });
        // Such matrices may be nearly singular: the residual is small beside |A| |x|.
        const scale = matrix.abs().matmul(x.abs()).max().add(1);
        expectEqual(matrix.matmul(x).sub(b).div(scale), b.mul(0));
      }
    });

    test.each([{ upper: true }, { upper: false }, { upper: true, left: false }, { upper: false, unitriangular: true }])(
      'a triangular system: %j',
      ({ upper, left = true, unitriangular = false }) => {
        const a = regular(dtype, batch, n).div(2 * n);
        const triangle = upper ? a.triu() : a.tril();
        const diagonal = unitriangular ? identityLike(a) : triangle.mul(identityLike(a));
        const b = matrices(dtype, ...batch, ...(left ? [n, 3] : [3, n]));
        const x = linalg.solveTriangular(a, b, { upper, left, unitriangular });
        const whole = triangle.sub(triangle.mul(identityLike(a))).add(diagonal);
        expectEqual(left ? whole.matmul(x) : x.matmul(whole), b);
      },
    );
  });

  describe.each(SMALL)('a batch of %j, %i rows', (batch, n) => {
    test('eigenvalues', () => {
      const a = hermitian(matrices(dtype, ...batch, n, n));
      const { eigenvalues, eigenvectors } = linalg.eigh(a);
      expectEqual(a.matmul(eigenvectors), eigenvectors.mul(eigenvalues.unsqueeze(-2).to(dtype)));
      expectEqual(adjoint(eigenvectors).matmul(eigenvectors), identityLike(a));
      expectEqual(linalg.eigvalsh(a, { UPLO: 'U' }), eigenvalues);
      const general = matrices(dtype, ...batch, n, n);
      const { eigenvalues: values, eigenvectors: vectors } = linalg.eig(general);
      expectEqual(general.to(vectors.dtype).matmul(vectors), vectors.mul(values.unsqueeze(-2)));
      expectEqual(linalg.eigvals(general).sum(-1), values.sum(-1));
    });

    test.each([0, 2, -1])('QR, singular values and least squares with %i more rows than columns', (more) => {
      const [rows, columns] = [Math.max(n + more, n), Math.max(n - more, n)];
      const a = matrices(dtype, ...batch, rows, columns);
      for (const mode of ['reduced', 'complete'] as const) {
        const { Q, R } = linalg.qr(a, { mode });
        expectEqual(Q.matmul(R), a);
        expectEqual(adjoint(Q).matmul(Q), identityLike(Q));
      }
      for (const fullMatrices of [false, true]) {
        const { U, S, Vh } = linalg.svd(a, { fullMatrices });
        const k = Math.min(rows, columns);
        expectEqual(
          U.narrow(-1, 0, k)
            .mul(S.unsqueeze(-2).to(dtype))
            .matmul(Vh.narrow(-2, 0, k)),
          a,
        );
        expectEqual(adjoint(U).matmul(U), identityLike(U));
        expectEqual(Vh.matmul(adjoint(Vh)), identityLike(adjoint(Vh)));
        expectEqual(linalg.svdvals(a), S);
      }
      const b = matrices(dtype, ...batch, rows, 2);
      const x = linalg.lstsq(a, b).solution;
      // The residual is orthogonal to a's columns.
      expectEqual(adjoint(a).matmul(a.matmul(x)), adjoint(a).matmul(b));
      expectEqual(linalg.lstsq(a, b, { driver: 'gelsd' }).solution, x);
    });
  });

  test('products with reflectors', () => {
    const { a, tau } = torch.geqrf(matrices(dtype, 2, 5, 3));
    const q = linalg.householderProduct(a, tau);
    const whole = torch.ormqr(a, tau, torch.eye(5, { dtype, device: 'cuda' }).expand(2, 5, 5));
    expectEqual(whole.narrow(-1, 0, 3), q);
    const other = matrices(dtype, 2, 4, 5);
    expectEqual(torch.ormqr(a, tau, other, { left: false, transpose: true }), other.matmul(adjoint(whole)));
  });

  test('operands that are not contiguous', () => {
    const a = regular(dtype, [3], 8).transpose(0, 2).slice({ dim: 0, start: 0, end: 8, step: 2 });
    const square = a
      .narrow(1, 0, 4)
      .add(torch.eye(4, { dtype, device: 'cuda' }).unsqueeze(-1).mul(20))
      .permute(2, 1, 0);
    expect(square.isContiguous()).toBe(false);
    const b = matrices(dtype, 1, 4, 2).expand(3, 4, 2);
    expectEqual(square.matmul(linalg.solve(square, b)), b);
    expectEqual(square.matmul(linalg.inv(square)), identityLike(square));
    expectEqual(linalg.solveTriangular(square, b, { upper: true }), linalg.solve(square.triu(), b));
  });

  test('matrices without elements', () => {
    const none = matrices(dtype, 2, 0, 0);
    expect(linalg.det(none).tolist()).toEqual(linalg.det(none.cpu()).tolist());
    expect(linalg.inv(none).shape).toEqual([2, 0, 0]);
    expect(linalg.cholesky(none).shape).toEqual([2, 0, 0]);
    expect(linalg.eigh(none).eigenvalues.shape).toEqual([2, 0]);
    expect(linalg.eigvals(matrices(dtype, 0, 3, 3)).shape).toEqual([0, 3]);
    expectEqual(
      linalg.qr(matrices(dtype, 2, 3, 0), { mode: 'complete' }).Q,
      torch.eye(3, { dtype, device: 'cuda' }).expand(2, 3, 3),
    );
    expect(linalg.svd(matrices(dtype, 3, 0)).U.shape).toEqual([3, 3]);
    expect(linalg.lstsq(matrices(dtype, 3, 2), matrices(dtype, 3, 0)).solution.shape).toEqual([2, 0]);
  });

  test('values that an op refuses give the error of the CPU', () => {
    const bad = matrices(dtype, 2, 3, 3);
    bad.select(0, 1).select(0, 2).select(0, 1).fill_(Number.NaN);
    const b = matrices(dtype, 2, 3, 1);
    const pivots = torch.tensor(
      [
        [1, 2, 3],
        [1, 4, 3],
      ],
      { dtype: 'int32', device: 'cuda' },
    );
    const ldlPivots = torch.tensor(
      [
        [1, 2, 3],
        [1, 2, -1],
      ],
      { dtype: 'int32', device: 'cuda' },
    );
    const fine = regular(dtype, [2], 3);
    const singular = torch.ones([2, 3, 3], { dtype, device: 'cuda' });
    const zero = singular.mul(0);
    const deficient = fine.mul(torch.tensor([1, 0, 1], { dtype, device: 'cuda' }));
    const calls: Record<string, (place: (tensor: Tensor) => Tensor) => unknown> = {
      lu: (at) => linalg.luFactor(at(bad)),
      solve: (at) => linalg.solve(at(fine), at(bad)),
      det: (at) => linalg.det(at(bad)),
      inv: (at) => linalg.inv(at(bad)),
      cholesky: (at) => linalg.cholesky(at(bad)),
      ldl: (at) => linalg.ldlFactor(at(bad)),
      qr: (at) => linalg.qr(at(bad)),
      reflectors: (at) => linalg.householderProduct(at(bad), at(fine.select(-1, 0))),
      eigh: (at) => linalg.eigh(at(bad)),
      eig: (at) => linalg.eig(at(bad)),
      svd: (at) => linalg.svd(at(bad)),
      'singular values': (at) => linalg.svdvals(at(bad)),
      'least squares': (at) => linalg.lstsq(at(bad), at(b), { driver: 'gels' }),
      'rank-deficient least squares': (at) => linalg.lstsq(at(deficient), at(b), { driver: 'gels' }),
      pivots: (at) => linalg.luSolve(at(fine), at(pivots), at(b)),
      'pivots of a matrix': (at) => torch.luUnpack(at(fine), at(pivots)),
      'pivots of LDL': (at) => linalg.ldlSolve(at(fine), at(ldlPivots), at(b)),
      'a singular system': (at) => linalg.solve(at(singular), at(b)),
      'a singular inverse': (at) => linalg.inv(at(singular)),
      'a negative matrix': (at) => linalg.cholesky(at(fine.neg())),
      'a singular LDL': (at) => linalg.ldlFactor(at(zero)),
    };
    for (const [name, call] of Object.entries(calls)) {
      const expected = thrownBy(() => call((tensor) => tensor.cpu()));
      expect(expected, name).toMatch(/Error/);
      expect(
        thrownBy(() => call((tensor) => tensor)),
        name,
      ).toBe(expected);
    }
    // A bad value is reported once, and the device goes on.
    expectEqual(linalg.inv(fine).matmul(fine), identityLike(fine));
  });
});

function thrownBy(f: () => unknown): string {
  try {
    f();
    return 'nothing';
  } catch (error) {
    return `${error}`;
  }
}

describe.runIf(torch.cuda.isAvailable())('libraries', () => {
  afterEach(() => setCudaOption('cusolver', true));

  test('without cuSOLVER, the error names it; LDL needs none', () => {
    setCudaOption('cusolver', false);
    const a = torch.eye(3, { device: 'cuda' });
    expect(() => linalg.cholesky(a)).toThrow(torch.DeviceError);
    expect(() => linalg.cholesky(a)).toThrow(/libcusolver/);
    expectEqual(linalg.ldlFactor(a).LD, a);
  });
});
