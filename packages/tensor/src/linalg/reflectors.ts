import { adjoint, conjugate } from '../adjoint.js';
import { zeros } from '../creation.js';
import type { Tensor } from '../tensor.js';

// Products of Householder reflectors `I - tau v v^H`, whose vectors are the columns of a matrix: 1 on its diagonal, and below it as given.
// Composed of other ops, for gradients; the kernels are faster.

/** `Q other`, or `Q^H other` where `inverse`, with the Q that the first columns of a square matrix stand for. */
export function applyReflectors(self: Tensor, tau: Tensor, other: Tensor, inverse: boolean): Tensor {
  const count = tau.shape.at(-1) as number;
  const vectors = self.narrow(-1, 0, count).tril(-1).add(identityLike(self, count));
  let result = other;
  for (let step = 0; step < count; step++) {
    const i = inverse ? step : count - 1 - step;
    const v = vectors.narrow(-1, i, 1);
    const factor = tau.narrow(-1, i, 1).unsqueeze(-1);
    result = result.sub(v.mul(inverse ? conjugate(factor) : factor).matmul(adjoint(v).matmul(result)));
  }
  return result;
}

/** The first columns of the identity, as many rows as the matrix has. */
export function identityLike(matrix: Tensor, columns: number): Tensor {
  const { dtype, device } = matrix;
  const result = zeros([matrix.shape.at(-2) as number, columns], { dtype, device });
  result.diagonal().fill_(1);
  return result;
}
