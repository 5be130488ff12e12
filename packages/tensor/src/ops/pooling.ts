import { dtypeInfo, kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { primitive } from '../op.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** One number for each spatial dimension: the last ones of the input. */
export interface Windows {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
}
export interface DilatedWindows extends Windows {
  readonly dilation: readonly number[];
}
export interface AverageWindows extends Windows {
  readonly countIncludePad: boolean;
  /** What sums are divided by; 0 for the number of elements. */
  readonly divisorOverride: number;
}

const MAX_POOL = kernel('maxPool');
const ADAPTIVE_MAX_POOL = kernel('adaptiveMaxPool');
const MAX_POOL_BACKWARD = kernel('maxPoolBackward');
const MAX_POOL_GATHER = kernel('maxPoolGather');
const MAX_UNPOOL = kernel('maxUnpool');
const AVG_POOL = kernel('avgPool');
const AVG_POOL_BACKWARD = kernel('avgPoolBackward');
const ADAPTIVE_AVG_POOL = kernel('adaptiveAvgPool');
const ADAPTIVE_AVG_POOL_BACKWARD = kernel('adaptiveAvgPoolBackward');
const INT64 = dtypeInfo('int64');

const like = (self: Tensor, shape: Shape): Tensor => allocate(shape, self.dtypeInfo, self.device);
const indicesLike = (self: Tensor, shape: Shape): Tensor => allocate(shape, INT64, self.device);

/** Maxima, and their places within the plane of the spatial dimensions. */
const maxPool = primitive(
  'maxPool',
  ['self', 'shape', 'windows'],
  (self: Tensor, shape: Shape, { kernelSize, stride, padding, dilation }: DilatedWindows): readonly Tensor[] => {
    const results = [like(self, shape), indicesLike(self, shape)];
    launch(MAX_POOL, [...results, self], [kernelSize, stride, padding, dilation]);
    return results;
  },
);
const adaptiveMaxPool = primitive(
  'adaptiveMaxPool',
  ['self', 'shape', 'spatialDims'],
  (self: Tensor, shape: Shape, spatialDims: number): readonly Tensor[] => {
    const results = [like(self, shape), indicesLike(self, shape)];
    launch(ADAPTIVE_MAX_POOL, [...results, self], [spatialDims]);
    return results;
  },
);

/** Adds each element of `self` to the place of its plane that `indices` names. */
const scatterPlanes = primitive(
  'scatterPlanes',
  ['self', 'indices', 'shape', 'spatialDims'],
  (self: Tensor, indices: Tensor, shape: Shape, spatialDims: number): Tensor => {
    const out = like(self, shape);
    launch(MAX_POOL_BACKWARD, [out, self, indices], [spatialDims]);
    return out;
  },
);
/** The elements of each plane that `indices` names. */
const gatherPlanes = primitive(
  'gatherPlanes',
  ['self', 'indices', 'spatialDims'],
  (self: Tensor, indices: Tensor, spatialDims: number): Tensor => {
    const out = like(self, indices.shape);
    launch(MAX_POOL_GATHER, [out, self, indices], [spatialDims]);
    return out;
  },
);
const maxUnpool = primitive(
  'maxUnpool',
  ['self', 'indices', 'shape', 'spatialDims'],
  (self: Tensor, indices: Tensor, shape: Shape, spatialDims: number): Tensor => {
    const out = like(self, shape);
    launch(MAX_UNPOOL, [out, self, indices], [spatialDims]);
    return out;
  },
);

const averageParams = ({ kernelSize, stride, padding, countIncludePad, divisorOverride }: AverageWindows) => [
  kernelSize,
  stride,
  padding,
  countIncludePad,
  divisorOverride,
];
const avgPool = primitive(
  'avgPool',
  ['self', 'shape', 'windows'],
  (self: Tensor, shape: Shape, windows: AverageWindows): Tensor => {
    const out = like(self, shape);
    launch(AVG_POOL, [out, self], averageParams(windows));
    return out;
  },
);
/** The transpose of `avgPool`: each element's share goes back to the elements that it was the average of. */
const avgPoolTransposed = primitive(
  'avgPoolTransposed',
  ['self', 'shape', 'windows'],
  (self: Tensor, shape: Shape, windows: AverageWindows): Tensor => {
    const out = like(self, shape);
    launch(AVG_POOL_BACKWARD, [out, self], averageParams(windows));
    return out;
  },
);
const adaptiveAvgPool = primitive(
  'adaptiveAvgPool',
  ['self', 'shape', 'spatialDims'],
  (self: Tensor, shape: Shape, spatialDims: number): Tensor => {
    const out = like(self, shape);
    launch(ADAPTIVE_AVG_POOL, [out, self], [spatialDims]);
    return out;
  },
);
const adaptiveAvgPoolTransposed = primitive(
  'adaptiveAvgPoolTransposed',
  ['self', 'shape', 'spatialDims'],
  (self: Tensor, shape: Shape, spatialDims: number): Tensor => {
    const out = like(self, shape);
    launch(ADAPTIVE_AVG_POOL_BACKWARD, [out, self], [spatialDims]);
    return out;
  },
);

export const poolingPrimitives = {
  maxPool,
  adaptiveMaxPool,
  scatterPlanes,
  gatherPlanes,
  maxUnpool,
  avgPool,
  avgPoolTransposed,
  adaptiveAvgPool,
  adaptiveAvgPoolTransposed,
};
