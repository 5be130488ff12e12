/** The arithmetic of the layers, as functions. */
export * from './convolution.js';
export * from './interpolation.js';
export * from './linear.js';
export * from './pooling.js';
