import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import { tensor } from '../creation.js';
import * as fft from '../fft.js';
import { checkTensor, readOptions } from '../op.js';
import { constantPadNd } from '../padding.js';
import { withoutRecording } from '../recording.js';
import { checkListLength, range, show } from '../shape.js';
import type { Tensor } from '../tensor.js';

// Spectra of overlapping pieces of a signal (Allen & Rabiner 1977, "A unified approach to short-time Fourier analysis and synthesis").

export interface SpectrogramOptions {
  /** How far apart the pieces begin; a quarter of `nFft` where left out. */
  hopLength?: number | null | undefined;
  /** The window's length, at most `nFft`; the window is padded with zeros on both sides. `nFft` where left out. */
  winLength?: number | null | undefined;
  /** What each piece is multiplied with; ones where left out. */
  window?: Tensor | null | undefined;
  /** Whether the signal is padded so that piece number t has its middle at `t * hopLength`. */
  center?: boolean | undefined;
  /** Whether the spectra are divided by the root of `nFft`. */
  normalized?: boolean | undefined;
  /** Whether only the first half of each spectrum is given, which for real signals says all; as by default for these. */
  onesided?: boolean | null | undefined;
}

export interface StftOptions extends SpectrogramOptions {
  padMode?: 'constant' | 'reflect' | 'replicate' | 'circular' | undefined;
  /** Complex results; else real ones with a last dimension for the real and imaginary part, as PyTorch gives real signals. */
  returnComplex?: boolean | null | undefined;
}

export interface IstftOptions extends SpectrogramOptions {
  /** The length to cut or zero-pad the signal to. */
  length?: number | null | undefined;
  returnComplex?: boolean | undefined;
}

const DEFAULTS: SpectrogramOptions = {
  hopLength: undefined,
  winLength: undefined,
  window: undefined,
  center: true,
  normalized: false,
  onesided: undefined,
};

function checkCount(op: string, name: string, value: unknown): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new ValueError(`${op}: expected ${name} to be an integer above 0, got ${describe(value)}`);
}

/** The window, in the middle of zeros up to `nFft` elements; null for ones. */
function readWindow(op: string, nFft: number, { hopLength, winLength, window }: SpectrogramOptions) {
  checkCount(op, 'nFft', nFft);
  const hop = hopLength ?? Math.floor(nFft / 4);
  const length = winLength ?? nFft;
  checkCount(op, 'hopLength', hop);
  checkCount(op, 'winLength', length);
  if (length > nFft) throw new ValueError(`${op}: expected winLength of at most nFft, ${nFft}, got ${length}`);
  if (window === undefined || window === null) return { hop, length, window: null };
  checkTensor(op, window, 'window');
  if (window.shape.length !== 1 || window.shape[0] !== length)
    throw new ShapeError(`${op}: expected a window of ${length} elements, got shape ${show(window.shape)}`);
  return { hop, length, window };
}

function centered(window: Tensor, nFft: number): Tensor {
  const missing = nFft - (window.shape[0] as number);
  const left = Math.floor(missing / 2);
  return missing === 0 ? window : constantPadNd(window, [left, missing - left]);
}

const SOURCES: Record<NonNullable<StftOptions['padMode']>, (i: number, n: number) => number> = {
  constant: (i) => i,
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => (i + n) % n,
};

/** The signal with `amount` elements more on both sides. */
function padded(self: Tensor, amount: number, mode: NonNullable<StftOptions['padMode']>): Tensor {
  const source = SOURCES[mode];
  if (source === undefined)
    throw new ValueError(`stft: expected padMode to be ${Object.keys(SOURCES).join(', ')}, got ${describe(mode)}`);
  if (mode === 'constant') return constantPadNd(self, [amount, amount]);
  const size = self.shape.at(-1) as number;
  if (amount >= size + (mode === 'reflect' ? 0 : 1))
    throw new ShapeError(`stft: cannot pad ${size} elements by ${amount} in mode '${mode}'`);
  checkListLength('stft', size + 2 * amount);
  const places = range(size + 2 * amount).map((i) => source(i - amount, size));
  return self.indexSelect(-1, tensor(places, { dtype: 'int64', device: self.device }));
}

/**
 * The spectra of overlapping pieces of a signal of shape `[length]` or `[batch, length]`: shape `[..., frequencies, pieces]`, with a last
 * dimension of 2 unless `returnComplex`.
 *
 * @example torch.stft(torch.ones([16]), 4, { returnComplex: true }).shape // [3, 17]
 */
export function stft(self: Tensor, nFft: number, options?: StftOptions): Tensor {
  const op = 'stft';
  checkTensor(op, self);
  const given = readOptions<StftOptions>(op, options, {
    ...DEFAULTS,
    padMode: 'reflect',
    returnComplex: undefined,
  });
  if (self.dtypeInfo.rank < 2) throw new DTypeError(`${op}: expected floating-point numbers, got ${self.dtype}`);
  if (self.shape.length < 1 || self.shape.length > 2)
    throw new ShapeError(`${op}: expected shape [length] or [batch, length], got ${show(self.shape)}`);
  const { hop, length, window } = readWindow(op, nFft, given);
  const signal = given.center ? padded(self, Math.floor(nFft / 2), given.padMode ?? 'reflect') : self;
  if ((signal.shape.at(-1) as number) < nFft)
    throw new ShapeError(`${op}: expected at least ${nFft} elements, got shape ${show(signal.shape)}`);
  let pieces = signal.unfold(-1, nFft, hop);
  const factor = window ?? (length < nFft ? self.newOnes([length]) : null);
  if (factor !== null) pieces = pieces.mul(centered(factor, nFft));
  const complex = pieces.isComplex();
  if (complex && given.onesided) throw new ValueError(`${op}: the spectra of complex signals cannot be onesided`);
  const norm = given.normalized ? 'ortho' : 'backward';
  const onesided = given.onesided ?? !complex;
  const spectra = (onesided ? fft.rfft(pieces, { norm }) : fft.fft(pieces, { norm })).transpose(-2, -1);
  return (given.returnComplex ?? complex) ? spectra : spectra.viewAsReal();
}

/**
 * The signal that {@link stft} made these spectra of: the pieces, each times the window again, are added where they lie, and divided by
 * the sum of the squared windows there (Griffin & Lim 1984). Takes complex spectra, or real ones with a last dimension of 2.
 *
 * @example
 * const window = torch.hannWindow(4);
 * const spectra = torch.stft(torch.ones([16]), 4, { window, returnComplex: true });
 * torch.istft(spectra, 4, { window }).shape // [16]
 */
export function istft(self: Tensor, nFft: number, options?: IstftOptions): Tensor {
  const op = 'istft';
  checkTensor(op, self);
  const given = readOptions<IstftOptions>(op, options, { ...DEFAULTS, length: undefined, returnComplex: false });
  const { hop, length: winLength, window } = readWindow(op, nFft, given);
  const complex = self.isComplex() ? self : asComplex(op, self);
  if (complex.shape.length < 2 || complex.shape.length > 3 || complex.numel() === 0)
    throw new ShapeError(
      `${op}: expected shape [frequencies, pieces] or [batch, frequencies, pieces], got ${show(self.shape)}`,
    );
  const batched = complex.shape.length === 3 ? complex : complex.unsqueeze(0);
  const [batch, frequencies, pieces] = batched.shape as [number, number, number];
  const onesided = given.onesided ?? frequencies !== nFft;
  if (frequencies !== (onesided ? Math.floor(nFft / 2) + 1 : nFft))
    throw new ShapeError(`${op}: nFft ${nFft} does not fit ${frequencies} frequencies`);
  if (hop > winLength) throw new ValueError(`${op}: expected hopLength of at most ${winLength}, got ${hop}`);
  const norm = given.normalized ? 'ortho' : 'backward';
  const spectra = batched.transpose(1, 2);
  const waves = given.returnComplex
    ? fft.ifft(spectra, { norm })
    : // Of a real signal the first half of the spectrum says all.
      fft.irfft(spectra.narrow(-1, 0, Math.floor(nFft / 2) + 1), { n: nFft, norm });
  const factor = centered(window ?? waves.newOnes([winLength]), nFft);
  const total = nFft + hop * (pieces - 1);
  checkListLength(op, nFft * pieces);
  const places = tensor(
    range(nFft * pieces).map((i) => Math.floor(i / nFft) * hop + (i % nFft)),
    { dtype: 'int64', device: self.device },
  );
  const lay = (values: Tensor, rows: number): Tensor =>
    values.newZeros([rows, total]).indexAdd(1, places, values.reshape([rows, nFft * pieces]));
  const sums = lay(waves.mul(factor), batch);
  const squares = lay(factor.mul(factor).expand([pieces, nFft]), 1);
  const start = given.center ? Math.floor(nFft / 2) : 0;
  const end = given.length == null ? (given.center ? total - Math.floor(nFft / 2) : total) : start + given.length;
  const kept = Math.max(Math.min(end, total) - start, 0);
  const envelope = squares.narrow(1, start, kept);
  const least = withoutRecording(() => (kept === 0 ? 1 : Number(envelope.abs().amin().item())));
  if (!(least > 1e-11))
    throw new ValueError(`${op}: the windows leave gaps: the sum of their squares is ${least} somewhere`);
  const signal = sums.narrow(1, start, kept).div(envelope);
  const cut = end > total ? constantPadNd(signal, [0, end - start - kept]) : signal;
  return complex.shape.length === 3 ? cut : cut.squeeze(0);
}

function asComplex(op: string, self: Tensor): Tensor {
  if (self.shape.at(-1) !== 2)
    throw new ShapeError(`${op}: expected complex spectra, or a last dimension of 2, got shape ${show(self.shape)}`);
  return self.contiguous().viewAsComplex();
}
