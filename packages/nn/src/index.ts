export * from './activation.js';
export * from './attention.js';
export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential } from './container.js';
export * from './convolution.js';
export * from './distance.js';
export * from './dropout.js';
export * from './embedding.js';
export * as functional from './functional/index.js';
export { type Gradients, RemovableHandle } from './hooks.js';
export * as init from './init.js';
export * from './linear.js';
export * from './loss.js';
export {
  type FactoryOptions,
  type IncompatibleKeys,
  Module,
  type StateDict,
  type StateDictOptions,
} from './module.js';
export * from './normalization.js';
export * from './padding.js';
export { Buffer, Parameter } from './parameter.js';
export * from './pooling.js';
export * from './recurrent.js';
export * from './shape.js';
export * from './transformer.js';
export * as utils from './utils/index.js';
export * from './vision.js';
