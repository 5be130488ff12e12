import { type ComplexDType, DTypeError, describe, dtypeInfo, ShapeError, ValueError } from '@ts-torch/core';
import { allocate } from './allocation.js';
import { type CreationOptions, create } from './creation.js';
import { fftPrimitives } from './fft-primitives.js';
import { cat } from './joining.js';
import { checkTensor, readOptions } from './op.js';
import { checkListLength, normalizeDim, normalizeDims, range, show } from './shape.js';
import type { Tensor } from './tensor.js';

// Discrete Fourier transforms (Cooley & Tukey 1965; lengths with large prime factors: Bluestein 1970).

export type Norm = 'forward' | 'backward' | 'ortho';

export interface FftOptions {
  /** The length to cut or zero-pad the input to; that of the input where left out. */
  n?: number | null | undefined;
  dim?: number | undefined;
  /** Where the factor 1/n goes: to the forward transform, the backward one (default), or its root to each. */
  norm?: Norm | null | undefined;
}

export interface FftnOptions {
  s?: readonly number[] | null | undefined;
  dim?: number | readonly number[] | null | undefined;
  norm?: Norm | null | undefined;
}

/** One family of transforms: what turns a tensor of n elements into its transform along `dim`. */
type Transform = (op: string, self: Tensor, n: number | null, dim: number, norm: Norm) => Tensor;

function scaleOf(op: string, norm: unknown, n: number, inverse: boolean): number {
  if (norm === 'ortho') return 1 / Math.sqrt(n);
  if (norm === 'forward') return inverse ? 1 : 1 / n;
  if (norm === 'backward') return inverse ? 1 / n : 1;
  throw new ValueError(`${op}: expected norm to be 'forward', 'backward' or 'ortho', got ${describe(norm)}`);
}

function toComplex(op: string, self: Tensor): Tensor {
  if (self.isComplex()) return self;
  if (self.dtype === 'float16' || self.dtype === 'bfloat16')
    throw new DTypeError(`${op}: not supported for ${self.dtype}`);
  const dtype: ComplexDType = self.dtype === 'float64' ? 'complex128' : 'complex64';
  return self.to(dtype);
}

function checkLength(op: string, n: number): void {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new ShapeError(`${op}: expected at least 1 element to transform, got ${describe(n)}`);
}

/** Cut or padded with zeros at the end of a dimension. */
function resized(self: Tensor, dim: number, n: number): Tensor {
  const size = self.shape[dim] as number;
  if (size === n) return self;
  if (size > n) return self.narrow(dim, 0, n);
  return cat([self, self.newZeros(self.shape.with(dim, n - size))], dim);
}

function complexTransform(inverse: boolean): Transform {
  return (op, self, n, dim, norm) => {
    const length = n ?? (self.shape[dim] as number);
    checkLength(op, length);
    return fftPrimitives.fft(
      resized(toComplex(op, self), dim, length),
      dim,
      inverse,
      scaleOf(op, norm, length, inverse),
    );
  };
}

function checkReal(op: string, self: Tensor): void {
  if (self.isComplex()) throw new DTypeError(`${op}: expected a real tensor, got ${self.dtype}`);
}

/** Of a real input half of the spectrum says all. */
const realTransform: Transform = (op, self, n, dim, norm) => {
  checkReal(op, self);
  const length = n ?? (self.shape[dim] as number);
  return forward(op, self, n, dim, norm).narrow(dim, 0, Math.floor(length / 2) + 1);
};

/** A real result from half of its spectrum: the other half is its mirrored conjugate. */
const realInverse: Transform = (op, self, n, dim, norm) => {
  const length = n ?? 2 * ((self.shape[dim] as number) - 1);
  checkLength(op, length);
  const half = resized(toComplex(op, self), dim, Math.floor(length / 2) + 1);
  const mirrored = half
    .narrow(dim, 1, Math.ceil(length / 2) - 1)
    .flip([dim])
    .conj();
  return backward(op, cat([half, mirrored], dim), length, dim, norm).real();
};

const forward = complexTransform(false);
const backward = complexTransform(true);

const OPPOSITE: Record<Norm, Norm> = { forward: 'backward', backward: 'forward', ortho: 'ortho' };
const opposite = (op: string, norm: Norm): Norm => {
  scaleOf(op, norm, 1, false);
  return OPPOSITE[norm];
};
/** The transforms of signals whose spectrum is real: the others with the directions exchanged. */
const hermitianTransform: Transform = (op, self, n, dim, norm) =>
  realInverse(op, self.conj(), n, dim, opposite(op, norm));
const hermitianInverse: Transform = (op, self, n, dim, norm) =>
  realTransform(op, self, n, dim, opposite(op, norm)).conj();

const ONE_DIM: FftOptions = { n: null, dim: -1, norm: 'backward' };

function oneDim(name: string, transform: Transform) {
  return (self: Tensor, options?: FftOptions): Tensor => {
    checkTensor(name, self);
    const { n, dim, norm } = readOptions<FftOptions>(name, options, ONE_DIM);
    if (self.shape.length === 0)
      throw new ShapeError(`${name}: expected at least 1 dimension, got a zero-dimensional tensor`);
    if (n !== null && n !== undefined) checkLength(name, n);
    return transform(name, self, n ?? null, normalizeDim(name, dim, self.shape.length), norm ?? 'backward');
  };
}

interface Place {
  readonly dim: number;
  readonly n: number | null;
}

function placesOf(op: string, self: Tensor, { s, dim }: FftnOptions): Place[] {
  const ndim = self.shape.length;
  if (s !== null && s !== undefined && !Array.isArray(s))
    throw new ValueError(`${op}: expected s to be a list, got ${describe(s)}`);
  const sizes = s ?? undefined;
  const dims =
    dim !== null && dim !== undefined
      ? Array.isArray(dim) && dim.length === 0
        ? []
        : normalizeDims(op, dim, ndim)
      : sizes === undefined
        ? range(ndim)
        : range(ndim).slice(Math.max(ndim - sizes.length, 0));
  if (sizes !== undefined && sizes.length !== dims.length)
    throw new ShapeError(`${op}: expected a size for each of ${dims.length} dimensions, got ${show(sizes)}`);
  return dims.map((d, i) => {
    const n = sizes?.[i] ?? -1;
    if (n !== -1) checkLength(op, n);
    return { dim: d, n: n === -1 ? null : n };
  });
}

/** Several dimensions one after the other: `last` for the last one, `rest` for the others. */
function severalDims(
  name: string,
  defaultDims: readonly number[] | null,
  last: Transform,
  rest: Transform,
  lastFirst: boolean,
) {
  return (self: Tensor, options?: FftnOptions): Tensor => {
    checkTensor(name, self);
    const given = readOptions<FftnOptions>(name, options, { s: null, dim: defaultDims, norm: 'backward' });
    const norm = given.norm ?? 'backward';
    const places = placesOf(name, self, given);
    const final = places.pop();
    if (final === undefined) {
      if (last === forward || last === backward) return toComplex(name, self);
      throw new ShapeError(`${name}: expected at least one dimension to transform`);
    }
    const inOrder = places.map((place) => ({ place, transform: rest }));
    const end = { place: final, transform: last };
    const steps = lastFirst ? [end, ...inOrder] : [...inOrder, end];
    return steps.reduce((x, { place, transform }) => transform(name, x, place.n, place.dim, norm), self);
  };
}

const LAST_TWO = [-2, -1];

/**
 * The transform along one dimension: `out[k] = sum over j of self[j] exp(-2 pi i j k / n)`.
 *
 * @example torch.fft.fft(torch.tensor([1, 0, 0, 0])) // tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
 */
export const fft = oneDim('fft', forward);
/**
 * The inverse of {@link fft}.
 *
 * @example torch.fft.ifft(torch.fft.fft(torch.tensor([1, 2, 3, 4]))).real() // tensor([1., 2., 3., 4.])
 */
export const ifft = oneDim('ifft', backward);
/**
 * {@link fft} of a real tensor: the first n / 2 + 1 elements, which determine the rest.
 *
 * @example torch.fft.rfft(torch.tensor([1, 1, 1, 1])) // tensor([4.+0.j, 0.+0.j, 0.+0.j])
 */
export const rfft = oneDim('rfft', realTransform);
/**
 * The inverse of {@link rfft}: a real tensor of `n` elements, by default 2 (m - 1).
 *
 * @example torch.fft.irfft(torch.tensor([4, 0, 0])) // tensor([1., 1., 1., 1.])
 */
export const irfft = oneDim('irfft', realInverse);
/**
 * The transform of a signal that is Hermitian in time, given by its first half: a real spectrum.
 *
 * @example torch.fft.hfft(torch.tensor([1, 0, 0])) // tensor([1., 1., 1., 1.])
 */
export const hfft = oneDim('hfft', hermitianTransform);
/**
 * The inverse of {@link hfft}.
 *
 * @example torch.fft.ihfft(torch.tensor([4, 0, 0, 0])).real() // tensor([1., 1., 1.])
 */
export const ihfft = oneDim('ihfft', hermitianInverse);
/**
 * {@link fft} along the last two dimensions.
 *
 * @example torch.fft.fft2(torch.ones([2, 2])) // tensor([[4.+0.j, 0.+0.j], [0.+0.j, 0.+0.j]])
 */
export const fft2 = severalDims('fft2', LAST_TWO, forward, forward, false);
/**
 * {@link ifft} along the last two dimensions.
 *
 * @example torch.fft.ifft2(torch.ones([2, 2])).real() // tensor([[1., 0.], [0., 0.]])
 */
export const ifft2 = severalDims('ifft2', LAST_TWO, backward, backward, false);
/**
 * {@link rfft} along the last of two dimensions, {@link fft} along the other.
 *
 * @example torch.fft.rfft2(torch.ones([2, 2])) // tensor([[4.+0.j, 0.+0.j], [0.+0.j, 0.+0.j]])
 */
export const rfft2 = severalDims('rfft2', LAST_TWO, realTransform, forward, true);
/**
 * The inverse of {@link rfft2}.
 *
 * @example torch.fft.irfft2(torch.ones([2, 2])) // tensor([[1., 0.], [0., 0.]])
 */
export const irfft2 = severalDims('irfft2', LAST_TWO, realInverse, backward, false);
/**
 * {@link hfft} along the last of two dimensions, {@link fft} along the other.
 *
 * @example torch.fft.hfft2(torch.ones([2, 2])) // tensor([[4., 0.], [0., 0.]])
 */
export const hfft2 = severalDims('hfft2', LAST_TWO, hermitianTransform, forward, false);
/**
 * The inverse of {@link hfft2}.
 *
 * @example torch.fft.ihfft2(torch.ones([2, 2])).real() // tensor([[1., 0.], [0., 0.]])
 */
export const ihfft2 = severalDims('ihfft2', LAST_TWO, hermitianInverse, backward, true);
/**
 * {@link fft} along several dimensions.
 *
 * @example torch.fft.fftn(torch.ones([2, 2, 2])).shape // [2, 2, 2]
 */
export const fftn = severalDims('fftn', null, forward, forward, false);
/**
 * {@link ifft} along several dimensions.
 *
 * @example torch.fft.ifftn(torch.ones([2, 2, 2])).shape // [2, 2, 2]
 */
export const ifftn = severalDims('ifftn', null, backward, backward, false);
/**
 * {@link rfft} along the last of several dimensions, {@link fft} along the others.
 *
 * @example torch.fft.rfftn(torch.ones([2, 2, 4])).shape // [2, 2, 3]
 */
export const rfftn = severalDims('rfftn', null, realTransform, forward, true);
/**
 * The inverse of {@link rfftn}.
 *
 * @example torch.fft.irfftn(torch.ones([2, 2, 3])).shape // [2, 2, 4]
 */
export const irfftn = severalDims('irfftn', null, realInverse, backward, false);
/**
 * {@link hfft} along the last of several dimensions, {@link fft} along the others.
 *
 * @example torch.fft.hfftn(torch.ones([2, 2, 3])).shape // [2, 2, 4]
 */
export const hfftn = severalDims('hfftn', null, hermitianTransform, forward, false);
/**
 * The inverse of {@link hfftn}.
 *
 * @example torch.fft.ihfftn(torch.ones([2, 2, 4])).shape // [2, 2, 3]
 */
export const ihfftn = severalDims('ihfftn', null, hermitianInverse, backward, true);

function rolled(
  op: string,
  self: Tensor,
  dim: number | readonly number[] | null | undefined,
  half: (n: number) => number,
): Tensor {
  checkTensor(op, self);
  const dims = normalizeDims(op, dim, self.shape.length);
  return self.roll(
    dims.map((d) => half(self.shape[d] as number)),
    dims,
  );
}

/**
 * The zero frequency moved to the middle of each dimension.
 *
 * @example torch.fft.fftshift(torch.tensor([0, 1, 2, -2, -1])) // tensor([-2., -1., 0., 1., 2.])
 */
export function fftshift(
  self: Tensor,
  dim?: number | readonly number[] | { dim?: number | readonly number[] | null },
): Tensor {
  return rolled('fftshift', self, dimOf('fftshift', dim), (n) => Math.floor(n / 2));
}

/**
 * The inverse of {@link fftshift}.
 *
 * @example torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1, 2])) // tensor([0., 1., 2., -2., -1.])
 */
export function ifftshift(
  self: Tensor,
  dim?: number | readonly number[] | { dim?: number | readonly number[] | null },
): Tensor {
  return rolled('ifftshift', self, dimOf('ifftshift', dim), (n) => Math.ceil(n / 2));
}

function dimOf(op: string, dim: unknown): number | readonly number[] | null {
  if (typeof dim === 'object' && dim !== null && !Array.isArray(dim)) {
    return readOptions<{ dim: number | readonly number[] | null }>(op, dim, { dim: null }).dim;
  }
  return (dim as number | readonly number[] | undefined) ?? null;
}

/** `folded`: those from n / 2 on are the negative ones. */
function frequencies(
  op: string,
  n: number,
  folded: boolean,
  options: (CreationOptions & { d?: number }) | undefined,
): Tensor {
  checkLength(op, n);
  checkListLength(op, n);
  const count = folded ? n : Math.floor(n / 2) + 1;
  const { d = 1, ...rest } = options ?? {};
  if (typeof d !== 'number') throw new ValueError(`${op}: expected d to be a number, got ${describe(d)}`);
  const values = Float64Array.from({ length: count }, (_, k) => (folded && 2 * k >= n ? k - n : k) / (n * d));
  const staged = allocate([count], dtypeInfo('float64'));
  staged.storage.write(0, values);
  return create(op, [count], rest, (out) => void out.copy_(staged));
}

/**
 * The frequencies of {@link fft}'s result, in cycles for each unit of the sample spacing `d`.
 *
 * @example torch.fft.fftfreq(4) // tensor([0.0000, 0.2500, -0.5000, -0.2500])
 */
export function fftfreq(n: number, options?: CreationOptions & { d?: number }): Tensor {
  return frequencies('fftfreq', n, true, options);
}

/**
 * The frequencies of {@link rfft}'s result.
 *
 * @example torch.fft.rfftfreq(4) // tensor([0.0000, 0.2500, 0.5000])
 */
export function rfftfreq(n: number, options?: CreationOptions & { d?: number }): Tensor {
  return frequencies('rfftfreq', n, false, options);
}
