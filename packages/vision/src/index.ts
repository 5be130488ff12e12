export * as datasets from './datasets/index.js';
export * as transforms from './transforms.js';
