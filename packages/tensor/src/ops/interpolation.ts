import { kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { primitive } from '../op.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

const INTERPOLATE = kernel('interpolate');
const INTERPOLATE_BACKWARD = kernel('interpolateBackward');
const IM2COL = kernel('im2col');
const COL2IM = kernel('col2im');

/** In the order in which the kernel knows them. */
export const INTERPOLATION_KERNELS = ['nearest', 'linear', 'cubic', 'nearest-exact'] as const;

export interface Interpolation {
  readonly kernel: (typeof INTERPOLATION_KERNELS)[number];
  readonly alignCorners: boolean;
  readonly antialias: boolean;
  /** Output size over input size in each spatial dimension; 0 where it follows from the shapes. */
  readonly scales: readonly number[];
}

const params = ({ kernel, alignCorners, antialias, scales }: Interpolation) => [
  INTERPOLATION_KERNELS.indexOf(kernel),
  alignCorners,
  antialias,
  scales,
];

const like = (self: Tensor, shape: Shape): Tensor => allocate(shape, self.dtypeInfo, self.device);

const interpolate = primitive(
  'interpolate',
  ['self', 'shape', 'interpolation'],
  (self: Tensor, shape: Shape, interpolation: Interpolation): Tensor => {
    const out = like(self, shape);
    launch(INTERPOLATE, [out, self], params(interpolation));
    return out;
  },
);
const interpolateTransposed = primitive(
  'interpolateTransposed',
  ['self', 'shape', 'interpolation'],
  (self: Tensor, shape: Shape, interpolation: Interpolation): Tensor => {
    const out = like(self, shape);
    launch(INTERPOLATE_BACKWARD, [out, self], params(interpolation));
    return out;
  },
);

/** Two numbers each: height and width. */
export interface ImageWindows {
  readonly kernelSize: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
}
const windowParams = ({ kernelSize, dilation, padding, stride }: ImageWindows) => [
  kernelSize,
  dilation,
  padding,
  stride,
];

/** `[batch, channels, height, width]` to `[batch, channels * kernel, windows]`, and back, adding up. */
const im2col = primitive(
  'im2col',
  ['self', 'shape', 'windows'],
  (self: Tensor, shape: Shape, windows: ImageWindows): Tensor => {
    const out = like(self, shape);
    launch(IM2COL, [out, self], windowParams(windows));
    return out;
  },
);
const col2im = primitive(
  'col2im',
  ['self', 'shape', 'windows'],
  (self: Tensor, shape: Shape, windows: ImageWindows): Tensor => {
    const out = like(self, shape);
    launch(COL2IM, [out, self], windowParams(windows));
    return out;
  },
);

export const interpolationPrimitives = { interpolate, interpolateTransposed, im2col, col2im };
