/** For the packages of ts-torch that build on this one: no promise is made to others. */
export * from './adjoint.js';
export * from './creation.js';
export { joiningPrimitives } from './joining.js';
export * from './methods.js';
export * from './op.js';
export { arrangingPrimitives } from './ops/arranging.js';
export { type ConvolutionSettings, convolutionPrimitives } from './ops/convolution.js';
export { copyPrimitives, fillWith } from './ops/copying.js';
export { type ImageWindows, type Interpolation, interpolationPrimitives } from './ops/interpolation.js';
export { matmulPrimitives } from './ops/matmul.js';
export { type AverageWindows, type DilatedWindows, poolingPrimitives, type Windows } from './ops/pooling.js';
export { reductionPrimitives } from './ops/reductions.js';
export { subscriptPrimitives } from './ops/subscripts.js';
export { viewPrimitives } from './ops/views.js';
export * from './promotion.js';
export * from './recording.js';
export * from './shape.js';
export { allocate, viewOf } from './tensor.js';
