import { type DType, DTypeError, type DTypeInfo, dtypeInfo, type Kernel, kernel, launch } from '@ts-torch/core';
import { allocate } from '../allocation.js';
import { castable } from '../castable.js';
import { castTo, checkTensor, type OutOptions, primitive, readOptions, writeOut } from '../op.js';
import { toFloat } from '../promotion.js';
import { type ValuesIndices, valuesIndices, writeChoice } from '../reducing.js';
import { normalizeDim } from '../shape.js';
import type { Tensor } from '../tensor.js';

const INT64 = dtypeInfo('int64');

const KERNELS = {
  cumsum: kernel('cumsum'),
  cumprod: kernel('cumprod'),
  logcumsumexp: kernel('logcumsumexp'),
  cummax: kernel('cummax'),
  cummin: kernel('cummin'),
};

function launchScan(launched: Kernel, self: Tensor, dim: number, dtype: DTypeInfo): Tensor {
  const out = allocate(self.shape, dtype, self.device);
  if (out.numel() > 0) launch(launched, [out, castTo(self, dtype)], [dim]);
  return out;
}

function launchExtremeScan(launched: Kernel, self: Tensor, dim: number): [Tensor, Tensor] {
  const values = allocate(self.shape, self.dtypeInfo, self.device);
  const indices = allocate(self.shape, INT64, self.device);
  if (self.numel() > 0) launch(launched, [values, indices, self], [dim]);
  return [values, indices];
}

const cumsumPrimitive = primitive('cumsum', ['self', 'dim', 'dtype'], (self: Tensor, dim: number, dtype: DTypeInfo) =>
  launchScan(KERNELS.cumsum, self, dim, dtype),
);
const cumprodPrimitive = primitive('cumprod', ['self', 'dim', 'dtype'], (self: Tensor, dim: number, dtype: DTypeInfo) =>
  launchScan(KERNELS.cumprod, self, dim, dtype),
);
const logcumsumexpPrimitive = primitive('logcumsumexp', ['self', 'dim'], (self: Tensor, dim: number) =>
  launchScan(KERNELS.logcumsumexp, self, dim, self.dtypeInfo),
);
const cummaxPrimitive = primitive('cummax', ['self', 'dim'], (self: Tensor, dim: number) =>
  launchExtremeScan(KERNELS.cummax, self, dim),
);
const cumminPrimitive = primitive('cummin', ['self', 'dim'], (self: Tensor, dim: number) =>
  launchExtremeScan(KERNELS.cummin, self, dim),
);

/** Scans with their arguments normalised; for derivatives. */
const scanPrimitives = {
  cumsum: cumsumPrimitive,
  cumprod: cumprodPrimitive,
  logcumsumexp: logcumsumexpPrimitive,
  cummax: cummaxPrimitive,
  cummin: cumminPrimitive,
};
export default scanPrimitives;

export interface CumulativeOptions extends OutOptions {
  /** The dtype to compute in and to return. Integers and booleans give int64 where it is left out. */
  dtype?: DType | undefined;
}

type Cumulate = (self: Tensor, dim: number, dtype: DTypeInfo) => Tensor;

function cumulate(
  op: string,
  run: Cumulate,
  self: Tensor,
  dim: number,
  options: CumulativeOptions | undefined,
): Tensor {
  checkTensor(op, self);
  const { dtype, out } = readOptions<CumulativeOptions>(op, options, { dtype: undefined, out: undefined });
  const natural = self.dtypeInfo.rank < 2 ? INT64 : self.dtypeInfo;
  const wanted = dtype === undefined ? natural : dtypeInfo(dtype);
  // Kernels exist for what sums are done in; smaller integers come from int64.
  const computed = wanted.rank < 2 ? INT64 : wanted;
  const scanned = run(self, normalizeDim(op, dim, self.shape.length), computed);
  const result = wanted === computed ? scanned : scanned.to(wanted.name);
  return out === undefined ? result : writeOut(op, out, result);
}

/**
 * The sums of the elements up to each one along a dimension.
 *
 * @example torch.cumsum(torch.tensor([1, 2, 3]), 0) // tensor([1., 3., 6.])
 */
export const cumsum = castable('cumsum', (self: Tensor, dim: number, options?: CumulativeOptions): Tensor => {
  return cumulate('cumsum', cumsumPrimitive, self, dim, options);
});

/** {@link cumsum}, written into `self`. */
export function cumsum_(self: Tensor, dim: number, options?: CumulativeOptions): Tensor {
  checkTensor('cumsum_', self);
  return self.copy_(cumulate('cumsum_', cumsumPrimitive, self, dim, options));
}

/**
 * The products of the elements up to each one along a dimension.
 *
 * @example torch.cumprod(torch.tensor([1, 2, 3]), 0) // tensor([1., 2., 6.])
 */
export const cumprod = castable('cumprod', (self: Tensor, dim: number, options?: CumulativeOptions): Tensor => {
  return cumulate('cumprod', cumprodPrimitive, self, dim, options);
});

/** {@link cumprod}, written into `self`. */
export function cumprod_(self: Tensor, dim: number, options?: CumulativeOptions): Tensor {
  checkTensor('cumprod_', self);
  return self.copy_(cumulate('cumprod_', cumprodPrimitive, self, dim, options));
}

/**
 * `log(cumsum(exp(x)))` along a dimension, without overflow.
 *
 * @example torch.logcumsumexp(torch.tensor([0, 0, 0]), 0) // tensor([0.0000, 0.6931, 1.0986])
 */
export function logcumsumexp(self: Tensor, dim: number, options?: OutOptions): Tensor {
  checkTensor('logcumsumexp', self);
  const { out } = readOptions<OutOptions>('logcumsumexp', options, { out: undefined });
  const input = self.dtypeInfo.rank < 2 ? self.to(toFloat(self.dtypeInfo).name) : self;
  const result = logcumsumexpPrimitive(input, normalizeDim('logcumsumexp', dim, self.shape.length));
  return out === undefined ? result : writeOut('logcumsumexp', out, result);
}

type ExtremeScan = (self: Tensor, dim: number) => readonly Tensor[];

function extremeScan(
  op: string,
  run: ExtremeScan,
  self: Tensor,
  dim: number,
  options?: { out?: readonly Tensor[] },
): ValuesIndices {
  checkTensor(op, self);
  if (self.isComplex()) throw new DTypeError(`${op}: complex numbers have no order, got ${self.dtype}`);
  const { out } = readOptions(op, options, { out: undefined as readonly Tensor[] | undefined });
  return writeChoice(op, valuesIndices(run(self, normalizeDim(op, dim, self.shape.length))), out);
}

/**
 * The largest element up to each one along a dimension, and its place: the last of equals.
 *
 * @example torch.cummax(torch.tensor([1, 3, 2]), 0) // { values: tensor([1., 3., 3.]), indices: tensor([0, 1, 1]) }
 */
export function cummax(self: Tensor, dim: number, options?: { out?: readonly Tensor[] }): ValuesIndices {
  return extremeScan('cummax', cummaxPrimitive, self, dim, options);
}

/**
 * The smallest element up to each one along a dimension, and its place: the last of equals.
 *
 * @example torch.cummin(torch.tensor([3, 1, 2]), 0) // { values: tensor([3., 1., 1.]), indices: tensor([0, 1, 1]) }
 */
export function cummin(self: Tensor, dim: number, options?: { out?: readonly Tensor[] }): ValuesIndices {
  return extremeScan('cummin', cumminPrimitive, self, dim, options);
}
