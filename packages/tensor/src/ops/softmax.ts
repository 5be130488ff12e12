import { type DType, DTypeError, kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { castable } from '../castable.js';
import { checkTensor, primitive, readOptions } from '../op.js';
import { normalizeDim } from '../shape.js';
import type { Tensor } from '../tensor.js';

const KERNELS = {
  softmax: kernel('softmax'),
  logSoftmax: kernel('logSoftmax'),
  softmaxBackward: kernel('softmaxBackward'),
  logSoftmaxBackward: kernel('logSoftmaxBackward'),
};

const softmaxPrimitive = primitive('softmax', ['self', 'dim'], (self: Tensor, dim: number): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  launch(KERNELS.softmax, [out, self], [dim]);
  return out;
});
const logSoftmaxPrimitive = primitive('logSoftmax', ['self', 'dim'], (self: Tensor, dim: number): Tensor => {
  const out = allocate(self.shape, self.dtypeInfo, self.device);
  launch(KERNELS.logSoftmax, [out, self], [dim]);
  return out;
});

/** The gradient of softmax's input from that of its result: (grad - sum(grad * result)) * result. */
const softmaxBackward = primitive(
  'softmaxBackward',
  ['grad', 'output', 'dim'],
  (grad: Tensor, output: Tensor, dim: number): Tensor => {
    const out = allocate(output.shape, output.dtypeInfo, output.device);
    launch(KERNELS.softmaxBackward, [out, grad, output], [dim]);
    return out;
  },
);
/** grad - exp(result) * sum(grad) */
const logSoftmaxBackward = primitive(
  'logSoftmaxBackward',
  ['grad', 'output', 'dim'],
  (grad: Tensor, output: Tensor, dim: number): Tensor => {
    const out = allocate(output.shape, output.dtypeInfo, output.device);
    launch(KERNELS.logSoftmaxBackward, [out, grad, output], [dim]);
    return out;
  },
);

/** Softmax and its gradients with their arguments normalised; for derivatives. */
const softmaxPrimitives = {
  softmax: softmaxPrimitive,
  logSoftmax: logSoftmaxPrimitive,
  softmaxBackward,
  logSoftmaxBackward,
};
export default softmaxPrimitives;

export interface SoftmaxOptions {
  /** The dtype to convert to before anything is computed. */
  dtype?: DType | undefined;
}

type Softmax = (self: Tensor, dim: number) => Tensor;

function along(op: string, run: Softmax, self: Tensor, dim: number, options: SoftmaxOptions | undefined): Tensor {
  checkTensor(op, self);
  const { dtype } = readOptions<SoftmaxOptions>(op, options, { dtype: undefined });
  const input = dtype === undefined ? self : self.to(dtype);
  if (input.dtypeInfo.category !== 'float')
    throw new DTypeError(`${op}: expected a floating-point dtype, got ${input.dtype}; give one as \`dtype\``);
  return run(input, normalizeDim(op, dim, input.shape.length));
}

/**
 * `exp(x) / sum(exp(x))` along a dimension: positive numbers with sum 1.
 *
 * @example torch.softmax(torch.tensor([0, 0, Math.log(2)]), 0) // tensor([0.2500, 0.2500, 0.5000])
 */
export const softmax = castable('softmax', (self: Tensor, dim: number, options?: SoftmaxOptions): Tensor => {
  return along('softmax', softmaxPrimitive, self, dim, options);
});

/**
 * `log(softmax(x))` along a dimension, without loss of accuracy.
 *
 * @example torch.logSoftmax(torch.tensor([0, 0]), 0) // tensor([-0.6931, -0.6931])
 */
export const logSoftmax = castable('logSoftmax', (self: Tensor, dim: number, options?: SoftmaxOptions): Tensor => {
  return along('logSoftmax', logSoftmaxPrimitive, self, dim, options);
});
