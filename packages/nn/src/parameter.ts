import { Tensor } from '@ts-torch/tensor';
import { checkTensor, readOptions, requireGrad } from '@ts-torch/tensor/internal';
import '@ts-torch/autograd';

/**
 * A tensor that a module learns: as a property of a {@link Module} it is one of `parameters()`. It shares the memory of the
 * tensor that it is made of.
 *
 * @example new nn.Parameter(torch.ones([2])).requiresGrad // true
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, options?: { requiresGrad?: boolean | undefined }) {
    checkTensor('Parameter', data, 'data');
    const { requiresGrad } = readOptions('Parameter', options, { requiresGrad: true });
    super(data.storage, data.shape, data.strides, data.offset, data.dtypeInfo);
    if (requiresGrad) requireGrad(this);
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * A tensor that belongs to a module without being learned, such as a running mean: as a property of a {@link Module} it moves with
 * it and, if `persistent`, is saved with it. It shares the memory of the tensor that it is made of.
 *
 * @example new nn.Buffer(torch.ones([2])).requiresGrad // false
 */
export class Buffer extends Tensor {
  /** Whether the buffer is part of the state dict. */
  readonly persistent: boolean;

  constructor(data: Tensor, options?: { persistent?: boolean | undefined }) {
    checkTensor('Buffer', data, 'data');
    const { persistent } = readOptions('Buffer', options, { persistent: true });
    super(data.storage, data.shape, data.strides, data.offset, data.dtypeInfo);
    this.persistent = persistent;
  }
}
