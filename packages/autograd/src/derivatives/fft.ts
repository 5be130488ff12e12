import { fftPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { fft } = fftPrimitives;

// The transform is a matrix F; its adjoint is F conjugated and transposed, the transform the other way.
derivative(fft, { saves: [], self: ({ grad, dim, inverse, scale }) => fft(grad, dim, !inverse, scale) });
