import { ShapeError } from '@ts-torch/core';
import { cat, type Tensor } from '@ts-torch/tensor';
import { checkTensor } from '@ts-torch/tensor/internal';

/**
 * All parameters' elements in one vector, recorded.
 *
 * @example nn.utils.parametersToVector(new nn.Linear(2, 3).parameters()).shape // [9]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((parameter) => parameter.reshape(-1)));
}

/**
 * Gives the parameters, in order, the elements of a vector: they become views of it.
 *
 * @example
 * const layer = new nn.Linear(2, 1);
 * nn.utils.vectorToParameters(torch.tensor([1, 2, 3]), layer.parameters());
 * layer.bias?.detach() // tensor([3.])
 */
export function vectorToParameters(vec: Tensor, parameters: Iterable<Tensor>): void {
  checkTensor('vectorToParameters', vec, 'vec');
  const list = [...parameters];
  const wanted = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (vec.ndim !== 1 || vec.numel() < wanted)
    throw new ShapeError(`vectorToParameters: expected a vector of ${wanted} elements, got shape [${vec.shape}]`);
  let start = 0;
  for (const parameter of list) {
    parameter.data = vec.narrow(0, start, parameter.numel()).view(parameter.shape).data;
    start += parameter.numel();
  }
}
