import type { Tensor } from 'ts-torch';

/** Two tensors that must be equal. */
export type Equation = readonly [actual: Tensor, expected: Tensor];

/** The equations that a factorization's results must satisfy, from its input, its results and the recorded results. */
type Gauge = (input: Tensor, results: readonly Tensor[], recorded: readonly Tensor[]) => Equation[];

// Made of the simplest ops, so as not to test matmul with itself; the recorded factorizations with an adjoint are real.
const product = (a: Tensor, b: Tensor): Tensor => a.unsqueeze(-1).mul(b.unsqueeze(-3)).sum(-2);
const transposed = (matrix: Tensor): Tensor => matrix.transpose(-2, -1);

/** The matrix with zeros below its diagonal. */
function upperPart(matrix: Tensor): Tensor {
  const result = matrix.clone();
  for (let row = 1; row < (matrix.shape.at(-2) as number); row++)
    result.diagonal({ offset: -row, dim1: -2, dim2: -1 }).fill_(0);
  return result;
}

/** The columns of `q` are orthonormal. */
function orthonormal(q: Tensor): Equation {
  const gram = product(transposed(q), q);
  const one = gram.mul(0);
  one.diagonal({ dim1: -2, dim2: -1 }).fill_(1);
  return [gram, one];
}

const qr: Gauge = (input, [q, r]) => [[product(q!, r!), input], orthonormal(q!), [r!, upperPart(r!)]];

/** `u diag(s) vh = input`, the first columns of `u` and rows of `vh` being those that count. */
function svd(input: Tensor, u: Tensor, s: Tensor, vh: Tensor, recorded: Tensor): Equation[] {
  const k = s.shape.at(-1) as number;
  const whole = product(u.narrow(-1, 0, k).mul(s.unsqueeze(-2)), vh.narrow(-2, 0, k));
  return [[whole, input], [s, recorded], orthonormal(u), orthonormal(transposed(vh))];
}

/**
 * Factorizations are unique only up to signs and phases, so that their factors cannot be compared one by one. Those not
 * named here have results that are unique given their input.
 */
export const GAUGES: Readonly<Record<string, Gauge>> = {
  qr,
  'linalg.qr': qr,
  svd: (input, [u, s, v], recorded) => svd(input, u!, s!, transposed(v!), recorded[1]!),
  'linalg.svd': (input, [u, s, vh], recorded) => svd(input, u!, s!, vh!, recorded[1]!),
  // R'R = A'A whatever the signs in R are.
  geqrf: (input, [a]) => {
    const r = upperPart(a!).narrow(-2, 0, Math.min(a!.shape.at(-2)!, a!.shape.at(-1)!));
    return [[product(transposed(r), r), product(transposed(input), input)]];
  },
  'linalg.eig': (input, [values, vectors]) => [
    [product(input.to(vectors!.dtype), vectors!), vectors!.mul(values!.unsqueeze(-2))],
  ],
  'linalg.eigh': (input, [values, vectors], recorded) => [
    [product(input, vectors!), vectors!.mul(values!.unsqueeze(-2))],
    [values!, recorded[0]!],
    orthonormal(vectors!),
  ],
};

/**
 * Operators that return elements and where they were. Among equal elements PyTorch promises none, so that what counts is that the
 * elements at these places are those that were returned.
 */
export const CHOICES: ReadonlySet<string> = new Set(['kthvalue', 'topk', 'median', 'nanmedian', 'mode']);

/** The elements at the places chosen along a dimension, which may have been dropped. */
export function chosen(input: Tensor, dim: number, indices: Tensor): Tensor {
  if (indices.ndim === input.ndim) return input.gather(dim, indices);
  return input.gather(dim, indices.unsqueeze(dim)).squeeze(dim);
}
