import { DTypeError, ShapeError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { castable, checkTensor, matmulPrimitives, readOptions, show } from '@ts-torch/tensor/internal';

export interface LinearOptions {
  /** `[outFeatures]`, added to the result. */
  bias?: Tensor | null | undefined;
}

/**
 * `input weight^T + bias`.
 *
 * Shape: input `[*, inFeatures]`, weight `[outFeatures, inFeatures]` or `[inFeatures]`; result `[*, outFeatures]` or `[*]`.
 *
 * @example F.linear(torch.tensor([1, 2]), torch.tensor([[1, 1], [0, 1]]), { bias: torch.tensor([0, 10]) }) // tensor([3., 12.])
 */
export const linear = castable('linear', (input: Tensor, weight: Tensor, options?: LinearOptions): Tensor => {
  checkTensor('linear', input, 'input');
  checkTensor('linear', weight, 'weight');
  const { bias } = readOptions<LinearOptions>('linear', options, { bias: null });
  if (bias !== null) checkTensor('linear', bias, 'bias');
  const inFeatures = weight.shape.at(-1);
  if (weight.shape.length < 1 || weight.shape.length > 2 || input.shape.length < 1 || input.shape.at(-1) !== inFeatures)
    throw new ShapeError(
      `linear: an input of ${show(input.shape)} does not fit a weight of ${show(weight.shape)}: ` +
        `expected a last dimension of ${inFeatures}`,
    );
  if (weight.shape.length === 1) {
    const product = input.matmul(weight);
    return bias ? product.add(bias) : product;
  }
  if (bias) checkBias('linear', bias, weight);
  if (input.dtypeInfo !== weight.dtypeInfo || (bias && bias.dtypeInfo !== weight.dtypeInfo))
    throw new DTypeError(`linear: expected tensors of one dtype, got ${input.dtype} and ${weight.dtype}`);
  return matmulPrimitives.linear(input, weight, bias ?? null);
});

function checkBias(op: string, bias: Tensor, weight: Tensor): void {
  checkTensor(op, bias, 'bias');
  const outFeatures = weight.shape[0] as number;
  const fits = bias.shape.length <= 1 && (bias.shape[0] ?? 1) === (bias.shape.length === 0 ? 1 : outFeatures);
  if (!fits) throw new ShapeError(`${op}: expected a bias of [${outFeatures}], got ${show(bias.shape)}`);
}

/**
 * `input1^T weight[k] input2 + bias[k]` for each output feature k.
 *
 * Shape: inputs `[*, in1]` and `[*, in2]`, weight `[out, in1, in2]`; result `[*, out]`.
 *
 * @example F.bilinear(torch.tensor([[1, 2]]), torch.tensor([[3, 4]]), torch.ones([1, 2, 2])) // tensor([[21.]])
 */
export const bilinear = castable(
  'bilinear',
  (input1: Tensor, input2: Tensor, weight: Tensor, options?: LinearOptions): Tensor => {
    for (const [name, value] of Object.entries({ input1, input2, weight })) checkTensor('bilinear', value, name);
    const { bias } = readOptions<LinearOptions>('bilinear', options, { bias: null });
    const [out, in1, in2] = weight.shape as [number, number, number];
    const batch = input1.shape.slice(0, -1);
    if (
      weight.shape.length !== 3 ||
      input1.shape.at(-1) !== in1 ||
      input2.shape.at(-1) !== in2 ||
      `${batch}` !== `${input2.shape.slice(0, -1)}`
    )
      throw new ShapeError(
        `bilinear: inputs of ${show(input1.shape)} and ${show(input2.shape)} do not fit a weight of ${show(weight.shape)}`,
      );
    const rows = batch.reduce((product, size) => product * size, 1);
    const left = input1.reshape([rows, in1]).matmul(weight.permute(1, 0, 2).reshape([in1, out * in2]));
    const product = left
      .reshape([rows, out, in2])
      .matmul(input2.reshape([rows, in2, 1]))
      .reshape([...batch, out]);
    return bias ? product.add(bias) : product;
  },
);
