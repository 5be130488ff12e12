import { type DType, type DTypeInfo, dtypeInfo, kernel, launch1 } from '@ts-torch/core';
import { castTo, checkTensor, primitive, readOptions } from '../op.js';
import { normalizeDims, reducedShape } from '../shape.js';
import { allocate, type Tensor, viewOf } from '../tensor.js';

export interface ReduceOptions {
  /** The dimensions to reduce; all where left out. */
  dim?: number | readonly number[] | null | undefined;
  /** Reduced dimensions stay, with size 1. */
  keepdim?: boolean | undefined;
  /** The dtype to compute in and to return. */
  dtype?: DType | undefined;
}

const SUM = kernel('sum');

const sumPrimitive = primitive(
  'sum',
  ['self', 'dims', 'keepdim', 'dtype'],
  (self: Tensor, dims: readonly number[], keepdim: boolean, dtype: DTypeInfo): Tensor => {
    const kept = allocate(reducedShape(self.shape, dims, true), dtype, self.device);
    launch1(SUM, kept, castTo(self, dtype));
    return keepdim
      ? kept
      : viewOf(
          kept,
          reducedShape(self.shape, dims, false),
          kept.strides.filter((_, d) => !dims.includes(d)),
          0,
        );
  },
);

/** Reductions with their arguments normalised; for derivatives. */
export const reductionPrimitives = { sum: sumPrimitive };

/** The sum of all elements, or along dimensions: `x.sum()`, `x.sum(1)`, `x.sum({ dim: [0, 2], keepdim: true })`. Integers give int64. */
export function sum(self: Tensor, dim?: number | readonly number[] | ReduceOptions, options?: ReduceOptions): Tensor {
  checkTensor('sum', self);
  const given = typeof dim === 'object' && !Array.isArray(dim) ? dim : { dim: dim as number, ...options };
  const {
    dim: chosen,
    keepdim,
    dtype,
  } = readOptions<ReduceOptions>('sum', given, { dim: undefined, keepdim: false, dtype: undefined });
  const info = dtype !== undefined ? dtypeInfo(dtype) : self.dtypeInfo.rank < 2 ? dtypeInfo('int64') : self.dtypeInfo;
  return sumPrimitive(self, normalizeDims('sum', chosen, self.shape.length), keepdim ?? false, info);
}
