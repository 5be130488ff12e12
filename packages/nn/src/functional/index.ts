/** The arithmetic of the layers, as functions. */
export * from './activation.js';
export * from './attention.js';
export * from './convolution.js';
export * from './ctc.js';
export * from './distance.js';
export * from './dropout.js';
export * from './embedding.js';
export * from './fractional-pooling.js';
export * from './grid-sampling.js';
export * from './interpolation.js';
export * from './linear.js';
export * from './loss.js';
export * from './lp-pooling.js';
export * from './normalization.js';
export * from './padding.js';
export * from './pooling.js';
export * from './shuffling.js';
