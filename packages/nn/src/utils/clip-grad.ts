import { describe, TorchError, ValueError } from '@ts-torch/core';
import { stack, Tensor, zeros } from '@ts-torch/tensor';
import { readOptions, withoutRecording } from '@ts-torch/tensor/internal';

function gradients(op: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap((parameter) => {
    if (!(parameter instanceof Tensor)) throw new ValueError(`${op}: expected tensors, got ${describe(parameter)}`);
    return parameter.grad === null ? [] : [parameter.grad];
  });
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`. Returns the norm before. With
 * `errorIfNonfinite` a norm of NaN or infinity throws instead.
 *
 * @example
 * const w = new nn.Parameter(torch.ones([2]));
 * w.grad = torch.tensor([3, 4]);
 * nn.utils.clipGradNorm_([w], 1) // tensor(5.)
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options?: { normType?: number; errorIfNonfinite?: boolean },
): Tensor {
  const { normType, errorIfNonfinite } = readOptions('clipGradNorm_', options, {
    normType: 2,
    errorIfNonfinite: false,
  });
  const grads = gradients('clipGradNorm_', parameters);
  return withoutRecording(() => {
    const [first] = grads;
    if (first === undefined) return zeros([]);
    const norms = grads.map((grad) => grad.norm(normType).to(first.device));
    const total = normType === Number.POSITIVE_INFINITY ? stack(norms).amax() : stack(norms).norm(normType);
    if (errorIfNonfinite && !Number.isFinite(total.item() as number))
      throw new TorchError(`clipGradNorm_: the norm of order ${normType} of the gradients is ${total.item()}`);
    // Multiplied always, by at most 1: reading the norm to decide would wait for a GPU.
    const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const grad of grads) grad.mul_(factor.to(grad.device));
    return total;
  });
}

/**
 * Cuts every element of every gradient to [-clipValue, clipValue].
 *
 * @example
 * const w = new nn.Parameter(torch.ones([2]));
 * w.grad = torch.tensor([3, -4]);
 * nn.utils.clipGradValue_([w], 1);
 * w.grad // tensor([1., -1.])
 */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  const grads = gradients('clipGradValue_', parameters);
  withoutRecording(() => {
    for (const grad of grads) grad.clamp_({ min: -clipValue, max: clipValue });
  });
}
