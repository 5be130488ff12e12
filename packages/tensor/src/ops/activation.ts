import { fused, parametrised, unary } from '../op.js';

// The activations that are functions of nn.functional only: primitives with all parameters given.

export const activationPrimitives = {
  gelu: unary('gelu', { dtype: 'float' }),
  geluTanh: unary('geluTanh', { dtype: 'float' }),
  silu: unary('silu', { dtype: 'float' }),
  mish: unary('mish', { dtype: 'float' }),
  logSigmoid: unary('logSigmoid', { dtype: 'float' }),
  hardsigmoid: unary('hardsigmoid', { dtype: 'float' }),
  hardswish: unary('hardswish', { dtype: 'float' }),
  /** scale * (x > 0 ? x : alpha (exp(inputScale x) - 1)): elu, celu and selu. */
  elu: parametrised('elu', ['alpha', 'scale', 'inputScale']),
  leakyRelu: parametrised('leakyRelu', ['negativeSlope']),
  softplus: parametrised('softplus', ['beta', 'threshold']),
  hardtanh: parametrised('hardtanh', ['minVal', 'maxVal'], true),
  softshrink: parametrised('softshrink', ['lambd']),
  hardshrink: parametrised('hardshrink', ['lambd']),
  threshold: parametrised('threshold', ['threshold', 'value'], true),
};

/** One kernel each for what derivatives would compose of several; not differentiable themselves. */
export const fusedBackwards = {
  /** (grad, self) */
  gelu: fused('geluBackward'),
  geluTanh: fused('geluTanhBackward'),
  silu: fused('siluBackward'),
  /** (grad, result) */
  sigmoid: fused('sigmoidBackward'),
  tanh: fused('tanhBackward'),
  relu: fused('reluBackward'),
};
