import { attachIteration } from './iteration.js';
import { attachMethods, type Methods } from './methods.js';
import * as arranging from './ops/arranging.js';
import * as copying from './ops/copying.js';
import * as crossProduct from './ops/cross.js';
import * as differences from './ops/differences.js';
import * as elementwise from './ops/elementwise.js';
import type { ExtremeMethods } from './ops/extremes.js';
import * as extremes from './ops/extremes.js';
import * as histograms from './ops/histogram.js';
import * as indexing from './ops/indexing.js';
import * as linalgOps from './ops/linalg.js';
import * as matmul from './ops/matmul.js';
import * as memory from './ops/memory.js';
import * as fresh from './ops/new.js';
import * as reading from './ops/reading.js';
import * as rectifiers from './ops/rectifiers.js';
import * as reductions from './ops/reductions.js';
import * as sampling from './ops/sampling.js';
import * as scans from './ops/scans.js';
import * as softmaxes from './ops/softmax.js';
import * as sorting from './ops/sorting.js';
import * as specialOps from './ops/special.js';
import * as spectrograms from './ops/spectrogram.js';
import * as splitting from './ops/splitting.js';
import * as statistics from './ops/statistics.js';
import * as subscripts from './ops/subscripts.js';
import type { UniqueMethods } from './ops/unique.js';
import * as uniques from './ops/unique.js';
import * as viewsInPlace from './ops/view-in-place.js';
import * as views from './ops/views.js';
import * as wheres from './ops/where.js';
import { attachPrinting } from './printing.js';
import { attachTransposes, type Transposes } from './transposes.js';

export {
  type AnyTypedArray,
  type ComplexNumber,
  Device,
  DeviceError,
  type DeviceLike,
  type DeviceType,
  DisposedError,
  type DType,
  DTypeError,
  defaultDevice,
  defaultGenerator,
  device,
  emptyCache,
  Generator,
  getNumThreads,
  IndexError,
  InternalError,
  instructionSet,
  LinalgError,
  type MemoryStats,
  memoryStats,
  OutOfMemoryError,
  ShapeError,
  Storage,
  setDefaultDevice,
  setMemoryLimit,
  setNumThreads,
  TorchError,
  ValueError,
} from '@ts-torch/core';
export { type AutocastOptions, autocast } from './autocast.js';
export * as backends from './backends.js';
export { where } from './choosing.js';
export { complex, polar } from './complex-numbers.js';
export {
  asTensor,
  type CreationOptions,
  empty,
  emptyLike,
  emptyStrided,
  frombuffer,
  fromTypedArray,
  full,
  fullLike,
  ones,
  onesLike,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from './creation.js';
export * as cuda from './cuda/index.js';
export { type CdistOptions, type ComputeMode, cdist } from './distance.js';
export * from './dtypes.js';
// PyTorch's `torch.bfloat16` is the dtype; the op is the method `x.bfloat16()`.
export { bfloat16 } from './dtypes.js';
export { einsum } from './einsum.js';
export * as fft from './fft.js';
export {
  atleast1d,
  atleast2d,
  atleast3d,
  blockDiag,
  broadcastTensors,
  cartesianProd,
  cat,
  columnStack,
  concat,
  concatenate,
  dstack,
  hstack,
  type JoinOptions,
  type MeshgridOptions,
  meshgrid,
  rowStack,
  stack,
  vstack,
} from './joining.js';
export * as linalg from './linalg/index.js';
export { type LobpcgOptions, type LowRankOptions, lobpcg, pcaLowrank, svdLowrank } from './low-rank.js';
export * as masked from './masked.js';
export { type EyeOptions, eye, type TriangleIndicesOptions, trilIndices, triuIndices, vander } from './matrices.js';
export { type IsinOptions, isin } from './membership.js';
export {
  channelsLast,
  channelsLast3d,
  contiguousFormat,
  type MemoryFormat,
  type MemoryFormatOptions,
  preserveFormat,
} from './memory-format.js';
export { nativeBatchNorm, nativeLayerNorm } from './native-normalization.js';
export type { NamedResult, Operand, OutOptions } from './op.js';
export * from './ops/arranging.js';
export * from './ops/copying.js';
export * from './ops/cross.js';
export * from './ops/differences.js';
export * from './ops/elementwise.js';
export * from './ops/extremes.js';
export * from './ops/histogram.js';
export * from './ops/indexing.js';
export * from './ops/linalg.js';
export {
  type AddProductOptions,
  addbmm,
  addbmm_,
  addmm,
  addmm_,
  addmv,
  addmv_,
  addr,
  addr_,
  baddbmm,
  baddbmm_,
  bmm,
  dot,
  ger,
  inner,
  kron,
  matmul,
  mm,
  mv,
  outer,
  type TensordotOptions,
  tensordot,
  vdot,
} from './ops/matmul.js';
export * from './ops/memory.js';
export * from './ops/new.js';
export * from './ops/reading.js';
export * from './ops/rectifiers.js';
export * from './ops/reductions.js';
export * from './ops/sampling.js';
export * from './ops/scans.js';
export * from './ops/softmax.js';
export * from './ops/sorting.js';
export * from './ops/special.js';
export * from './ops/spectrogram.js';
export * from './ops/splitting.js';
export * from './ops/statistics.js';
export {
  at,
  type IndexList,
  indexPut,
  indexPut_,
  type PutOptions,
  put_,
  type Slice,
  type Subscript,
} from './ops/subscripts.js';
export * from './ops/unique.js';
export * from './ops/view-in-place.js';
export * from './ops/views.js';
export { type ConstantPadOptions, constantPadNd } from './padding.js';
export { isComplex, isFloatingPoint, isStorage, isTensor, numel } from './predicates.js';
export { type PrintOptions, setPrintoptions } from './printing.js';
export { getDefaultDtype, promoteTypes, type Scalar, setDefaultDtype } from './promotion.js';
export {
  getRngState,
  initialSeed,
  manualSeed,
  normal,
  type RandomOptions,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  seed,
  setRngState,
} from './random.js';
export * as random from './random-state.js';
export { arange, linspace, logspace, range } from './ranges.js';
export { isGradEnabled } from './recording.js';
export type { ChoiceOptions, Dims, KeepdimOptions, ReduceOptions, ValuesIndices } from './reducing.js';
export {
  areDeterministicAlgorithmsEnabled,
  getDeterministicDebugMode,
  getFloat32MatmulPrecision,
  isDeterministicAlgorithmsWarnOnlyEnabled,
  type MatmulPrecision,
  setDeterministicDebugMode,
  setFloat32MatmulPrecision,
  useDeterministicAlgorithms,
} from './settings.js';
export type { Shape } from './shape.js';
export * as special from './special.js';
// PyTorch's function takes the order first; the method is `x.polygamma(n)`.
export { polygamma } from './special.js';
export * from './tensor.js';
export * from './type-info.js';
export {
  bartlettWindow,
  blackmanWindow,
  hammingWindow,
  hannWindow,
  kaiserWindow,
  type WindowOptions,
} from './windows.js';

declare module './tensor.js' {
  interface Tensor
    extends Transposes,
      Methods<typeof arranging>,
      Methods<typeof copying>,
      Methods<typeof crossProduct>,
      Methods<typeof differences>,
      Methods<typeof elementwise>,
      Methods<typeof linalgOps>,
      Methods<typeof matmul>,
      Methods<typeof memory>,
      Methods<typeof fresh>,
      Methods<typeof reading>,
      ExtremeMethods,
      Methods<typeof histograms>,
      Methods<typeof indexing>,
      Methods<typeof rectifiers>,
      Methods<typeof reductions>,
      Methods<typeof scans>,
      Methods<typeof softmaxes>,
      Methods<typeof sorting>,
      Methods<typeof statistics>,
      Methods<typeof specialOps>,
      Methods<typeof spectrograms>,
      Methods<typeof splitting>,
      Methods<typeof subscripts>,
      UniqueMethods,
      Methods<typeof viewsInPlace>,
      Methods<typeof sampling>,
      Methods<typeof views>,
      Methods<typeof wheres> {
    /** Views along dimension 0. Throws {@link ShapeError} for zero-dimensional tensors. */
    [Symbol.iterator](): Generator<Tensor, undefined, undefined>;
  }
}

attachMethods(
  arranging,
  copying,
  crossProduct,
  differences,
  elementwise,
  fresh,
  linalgOps,
  matmul,
  memory,
  reading,
  rectifiers,
  reductions,
  specialOps,
  spectrograms,
  splitting,
  subscripts,
  uniques,
  views,
  viewsInPlace,
  extremes,
  histograms,
  indexing,
  sampling,
  scans,
  softmaxes,
  sorting,
  wheres,
  statistics,
);
attachIteration();
attachPrinting();
attachTransposes();
