import type { Scalar, Tensor } from '@ts-torch/tensor';
import { adjoint, conjugate, matmulPrimitives, numelOf, transposed } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';
import type { TensorInfo } from '../node.js';

const { matmul, addmm, linear } = matmulPrimitives;

/** A batch of matrices as one tall matrix. */
const rows = (tensor: Tensor): Tensor =>
  tensor.shape.length === 2
    ? tensor
    : tensor.reshape([numelOf(tensor.shape.slice(0, -1)), tensor.shape.at(-1) as number]);

/** d(a b)/da: grad b^H. */
const leftGradient = (grad: Tensor, right: Tensor): Tensor => matmul(grad, adjoint(right));

/** d(a b)/db: a^H grad. Where one b serves a whole batch, the sum over the batch is part of the product. */
function rightGradient(grad: Tensor, left: Tensor, right: TensorInfo): Tensor {
  const shared = right.shape.length > 2 && numelOf(right.shape.slice(0, -2)) === 1 && grad.numel() > 0;
  if (!shared) return matmul(adjoint(left), grad);
  return matmul(
    adjoint(rows(left.expand([...grad.shape.slice(0, -1), left.shape.at(-1) as number]))),
    rows(grad),
  ).reshape(right.shape);
}

const scaled = (grad: Tensor, factor: Scalar): Tensor => {
  if (factor === 1 || factor === true) return grad;
  return grad.mul(typeof factor === 'object' ? { re: factor.re, im: -factor.im } : factor);
};

derivative(matmul, {
  saves: ['self', 'other'],
  self: ({ grad, other }) => leftGradient(grad, other),
  other: ({ grad, self, other }) => rightGradient(grad, self, other),
});

derivative(addmm, {
  saves: ['mat1', 'mat2'],
  self: ({ grad, beta }) => scaled(grad, beta),
  mat1: ({ grad, mat2, alpha }) => leftGradient(scaled(grad, alpha), mat2),
  mat2: ({ grad, mat1, mat2, alpha }) => rightGradient(scaled(grad, alpha), mat1, mat2),
});

derivative(linear, {
  saves: ['input', 'weight'],
  input: ({ grad, weight }) => grad.matmul(conjugate(weight)),
  weight: ({ grad, input }) => transposed(rows(grad)).matmul(conjugate(rows(input))),
  // The engine sums over the dimensions that the bias does not have.
  bias: ({ grad }) => grad,
});
