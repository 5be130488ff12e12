export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential } from './container.js';
export * as functional from './functional/index.js';
export { type Gradients, RemovableHandle } from './hooks.js';
export {
  type FactoryOptions,
  type IncompatibleKeys,
  Module,
  type StateDict,
  type StateDictOptions,
  snakeCase,
} from './module.js';
export { Buffer, Parameter } from './parameter.js';
