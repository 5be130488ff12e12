import { kernel, launch } from '@ts-torch/core';
import { allocate } from './allocation.js';
import { primitive } from './op.js';
import type { Tensor } from './tensor.js';

const FFT = kernel('fft');

const fftPrimitive = primitive(
  'fft',
  ['self', 'dim', 'inverse', 'scale'],
  (self: Tensor, dim: number, inverse: boolean, scale: number): Tensor => {
    const out = allocate(self.shape, self.dtypeInfo, self.device);
    launch(FFT, [out, self], [dim, inverse, scale]);
    return out;
  },
);

/** The transform with its arguments normalised; for derivatives. */
export const fftPrimitives = { fft: fftPrimitive };
