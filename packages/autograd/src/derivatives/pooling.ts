import { interpolationPrimitives, poolingPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { maxPool, adaptiveMaxPool, scatterPlanes, gatherPlanes, maxUnpool } = poolingPrimitives;
const { avgPool, avgPoolTransposed, adaptiveAvgPool, adaptiveAvgPoolTransposed } = poolingPrimitives;
const { interpolate, interpolateTransposed, im2col, col2im } = interpolationPrimitives;

derivative(maxPool, {
  saves: ['result'],
  self: ({ grad, results, self, windows }) =>
    scatterPlanes(grad, results[1] as typeof grad, self.shape, windows.kernelSize.length),
});
derivative(adaptiveMaxPool, {
  saves: ['result'],
  self: ({ grad, results, self, spatialDims }) =>
    scatterPlanes(grad, results[1] as typeof grad, self.shape, spatialDims),
});
derivative(scatterPlanes, {
  saves: ['indices'],
  self: ({ grad, indices, spatialDims }) => gatherPlanes(grad, indices, spatialDims),
});
derivative(gatherPlanes, {
  saves: ['indices'],
  self: ({ grad, self, indices, spatialDims }) => scatterPlanes(grad, indices, self.shape, spatialDims),
});
derivative(maxUnpool, {
  saves: ['indices'],
  self: ({ grad, indices, spatialDims }) => gatherPlanes(grad, indices, spatialDims),
});

// The rest are linear: the gradient of each is its transpose, and of that again the op itself.
derivative(avgPool, { saves: [], self: ({ grad, self, windows }) => avgPoolTransposed(grad, self.shape, windows) });
derivative(avgPoolTransposed, { saves: [], self: ({ grad, self, windows }) => avgPool(grad, self.shape, windows) });
derivative(adaptiveAvgPool, {
  saves: [],
  self: ({ grad, self, spatialDims }) => adaptiveAvgPoolTransposed(grad, self.shape, spatialDims),
});
derivative(adaptiveAvgPoolTransposed, {
  saves: [],
  self: ({ grad, self, spatialDims }) => adaptiveAvgPool(grad, self.shape, spatialDims),
});
derivative(interpolate, {
  saves: [],
  self: ({ grad, self, interpolation }) => interpolateTransposed(grad, self.shape, interpolation),
});
derivative(interpolateTransposed, {
  saves: [],
  self: ({ grad, self, interpolation }) => interpolate(grad, self.shape, interpolation),
});
derivative(im2col, { saves: [], self: ({ grad, self, windows }) => col2im(grad, self.shape, windows) });
derivative(col2im, { saves: [], self: ({ grad, self, windows }) => im2col(grad, self.shape, windows) });
