import type { Tensor } from '@ts-torch/tensor';
import { samplingPrimitives } from '@ts-torch/tensor/internal';
import { derivative, zeroDerivative } from '../derivative.js';

const { uniform, normal, random, dropout } = samplingPrimitives;

// What was overwritten has no influence any more.
zeroDerivative(uniform, normal, random);

derivative(dropout, {
  saves: ['result'],
  self: ({ grad, results, p }) => grad.mul(results[1] as Tensor).mul(p < 1 ? 1 / (1 - p) : 0),
});
