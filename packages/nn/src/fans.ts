import { ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { checkTensor, show } from '@ts-torch/tensor/internal';

/** How many inputs each output sees, and how many outputs each input: of a weight [out, in, ...kernel]. */
export function fans(op: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  checkTensor(op, tensor, 'tensor');
  const [out, into, ...kernel] = tensor.shape;
  if (out === undefined || into === undefined)
    throw new ShapeError(`${op}: fan in and fan out need at least 2 dimensions, got shape ${show(tensor.shape)}`);
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: into * field, fanOut: out * field };
}
