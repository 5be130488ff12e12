import { kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { primitive } from '../op.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

// Convolution, and its gradients by the input and by the weight. Each is linear in both of its tensors, and the gradients of
// each are the other two: the three are closed under differentiation. The gradient by the input is the transposed convolution.

const CONVOLUTION = kernel('convolution');
const INPUT_GRAD = kernel('convolutionInputGrad');
const WEIGHT_GRAD = kernel('convolutionWeightGrad');

/** One number for each spatial dimension. */
export interface ConvolutionSettings {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** `weight`: the one that is read; it may be kept in another order for as long as it does not change. */
const params = ({ stride, padding, dilation, groups }: ConvolutionSettings, weight?: Tensor) => [
  stride,
  padding,
  dilation,
  groups,
  ...(weight?.storage.contents ?? [0, 0]),
];

/** `input` is `[batch, channels, ...]`, `weight` `[outChannels, channels / groups, ...]`; `outputSize` the spatial sizes. */
const convolution = primitive(
  'convolution',
  ['input', 'weight', 'bias', 'outputSize', 'settings'],
  (input: Tensor, weight: Tensor, bias: Tensor | null, outputSize: Shape, settings: ConvolutionSettings): Tensor => {
    const shape = [input.shape[0] as number, weight.shape[0] as number, ...outputSize];
    const out = allocate(shape, input.dtypeInfo, input.device);
    launch(CONVOLUTION, [out, input, weight, bias], params(settings, weight));
    return out;
  },
);

const inputGrad = primitive(
  'convolutionInputGrad',
  ['output', 'weight', 'inputShape', 'settings'],
  (output: Tensor, weight: Tensor, inputShape: Shape, settings: ConvolutionSettings): Tensor => {
    const out = allocate(inputShape, output.dtypeInfo, output.device);
    launch(INPUT_GRAD, [out, output, weight], params(settings, weight));
    return out;
  },
);

const weightGrad = primitive(
  'convolutionWeightGrad',
  ['output', 'input', 'weightShape', 'settings'],
  (output: Tensor, input: Tensor, weightShape: Shape, settings: ConvolutionSettings): Tensor => {
    const out = allocate(weightShape, output.dtypeInfo, output.device);
    launch(WEIGHT_GRAD, [out, output, input], params(settings));
    return out;
  },
);

export const convolutionPrimitives = { convolution, inputGrad, weightGrad };
