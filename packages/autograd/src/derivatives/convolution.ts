import { convolutionPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

// Of the two gradients, `output` is what stands in for the convolution's output: the gradient that came to it.
const { convolution, inputGrad, weightGrad } = convolutionPrimitives;

derivative(convolution, {
  saves: ['input', 'weight'],
  input: ({ grad, input, weight, settings }) => inputGrad(grad, weight, input.shape, settings),
  weight: ({ grad, input, weight, settings }) => weightGrad(grad, input, weight.shape, settings),
  bias: ({ grad }) => grad.sum([...grad.shape.keys()].filter((d) => d !== 1)),
});
derivative(inputGrad, {
  saves: ['output', 'weight'],
  output: ({ grad, output, weight, settings }) => convolution(grad, weight, null, output.shape.slice(2), settings),
  weight: ({ grad, output, weight, settings }) => weightGrad(output, grad, weight.shape, settings),
});
derivative(weightGrad, {
  saves: ['output', 'input'],
  output: ({ grad, output, input, settings }) => convolution(input, grad, null, output.shape.slice(2), settings),
  input: ({ grad, output, input, settings }) => inputGrad(output, grad, input.shape, settings),
});
