import { installRecorder } from '@ts-torch/tensor/internal';
import './derivatives/index.js';
// By itself, so that the declaration file keeps it: it carries the types of `grad`, `backward()` and the like.
import './tensor.js';
import { recorderOfGraph } from './recorder.js';
import { extendTensor } from './tensor.js';

// Importing this package is what makes tensors differentiable.
installRecorder(recorderOfGraph);
extendTensor();

export { isGradEnabled } from '@ts-torch/tensor/internal';
export { detectAnomaly, setDetectAnomaly } from './anomaly.js';
export { derivative, notDifferentiable, withoutDerivative, zeroDerivative } from './derivative.js';
export { type BackwardOptions, backward, type GradOptions, grad } from './engine.js';
export * as forwardAd from './forward-ad.js';
export * as func from './func.js';
export { Context, Function } from './function.js';
export * as functional from './functional.js';
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from './gradcheck.js';
export * as graph from './graph.js';
export type { TensorHook } from './meta.js';
export { enableGrad, inferenceMode, isInferenceModeEnabled, noGrad, setGradEnabled } from './modes.js';
export { AccumulateGrad, type Edge, type Gradient, Node } from './node.js';
export { savedTensorsHooks } from './saved-tensor.js';
export { detach } from './tensor.js';
