import * as torch from '@ts-torch/tensor';
import { type Sample, sample } from './sample.js';

type T = torch.Tensor;
const { linalg, fft } = torch;
const MATRIX = [[3, 3]];
const SYSTEM = [
  [3, 3],
  [3, 2],
];

/** Well conditioned: far from singular, singular values apart. */
const regular = (x: T): T =>
  x.add(
    torch.tensor(
      [
        [4, 0, 0],
        [0, 6, 0],
        [0, 0, 9],
      ],
      { dtype: 'float64' },
    ),
  );
const symmetric = (x: T): T => regular(x.add(x.transpose(-2, -1)));
const lower = (x: T): T => regular(x).tril();
const positive = (x: T): T => symmetric(x).matmul(symmetric(x));
const complexSlogdet = (x: T): T[] => {
  const { sign, logabsdet } = linalg.slogdet(x);
  return [sign.viewAsReal(), logabsdet];
};
const FACTORS = linalg.ldlFactor(
  torch.tensor(
    [
      [1, 4, 2],
      [4, 1, 3],
      [2, 3, -5],
    ],
    { dtype: 'float64' },
  ),
);
/** Eigenvectors and the like are given up to a sign or a phase: of each only what does not depend on it is looked at. */
const square = (x: T): T => x.mul(x);

export const factorizations: Sample[] = [
  sample('inv', (x) => linalg.inv(regular(x)), MATRIX),
  sample('det', (x) => linalg.det(regular(x)), MATRIX),
  sample('slogdet', (x) => linalg.slogdet(regular(x)).logabsdet, MATRIX),
  sample('cholesky', (x) => linalg.cholesky(symmetric(x)), MATRIX),
  sample('slogdet of complex matrices', (x, y) => complexSlogdet(torch.complex(regular(x), y)), [
    [3, 3],
    [3, 3],
  ]),
  sample('choleskyInverse', (x) => torch.choleskyInverse(linalg.cholesky(positive(x))), MATRIX),
  sample(
    'choleskySolve',
    (x, b) => torch.choleskySolve(b, linalg.cholesky(positive(x), { upper: true }), { upper: true }),
    SYSTEM,
  ),
  sample('ldlSolve', (b) => linalg.ldlSolve(FACTORS.LD, FACTORS.pivots, b), [[3, 2]]),
  sample('householderProduct', (x, tau) => linalg.householderProduct(x, tau), [[4, 3], [2]]),
  sample(
    'ormqr',
    (x, tau, c) => [torch.ormqr(x, tau, c), torch.ormqr(x, tau, c.mT, { left: false, transpose: true })],
    [[4, 4], [3], [4, 2]],
  ),
  sample('solve', (x, b) => linalg.solve(regular(x), b), SYSTEM),
  sample('solveTriangular', (x, b) => linalg.solveTriangular(lower(x), b, { upper: false }), SYSTEM),
  sample(
    'luFactor and luSolve',
    (x, b) => {
      const { LU, pivots } = linalg.luFactor(regular(x));
      return linalg.luSolve(LU, pivots, b);
    },
    SYSTEM,
  ),
  sample('qr', (x) => [...linalg.qr(regular(x))], MATRIX),
  sample(
    'eigh',
    (x) => [linalg.eigh(symmetric(x)).eigenvalues, square(linalg.eigh(symmetric(x)).eigenvectors)],
    MATRIX,
  ),
  sample('eig', (x) => linalg.eig(regular(x)).eigenvalues, MATRIX),
  sample(
    'svd',
    (x) => {
      const { U, S, Vh } = linalg.svd(regular(x));
      return [S, square(U), square(Vh)];
    },
    MATRIX,
  ),
  sample(
    'pinv',
    (x) =>
      linalg.pinv(
        x.add(
          torch.tensor(
            [
              [3, 0],
              [0, 5],
              [1, 0],
            ],
            { dtype: 'float64' },
          ),
        ),
      ),
    [[3, 2]],
  ),
  sample('fft', (x) => fft.fft(x), [[4]]),
  sample('irfft', (x) => fft.irfft(fft.rfft(x)), [[2, 4]]),
];
