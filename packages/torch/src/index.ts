/**
 * One import for all of ts-torch: tensors and their ops, and the other packages as namespaces.
 *
 * @module torch
 */
export * as autograd from '@ts-torch/autograd';
export {
  detach,
  enableGrad,
  func,
  inferenceMode,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from '@ts-torch/autograd';
export * as nn from '@ts-torch/nn';
export * as optim from '@ts-torch/optim';
export { amp } from '@ts-torch/optim';
export * from '@ts-torch/tensor';
export * as utils from '@ts-torch/utils';
export { FormatError, load, save, serialize } from '@ts-torch/utils';
export * as vision from '@ts-torch/vision';
