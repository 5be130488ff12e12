import { describe, ValueError } from '@ts-torch/core';
import { type CreationOptions, create } from './creation.js';
import { checkNumbers } from './op.js';
import { arange } from './ranges.js';
import { withoutRecording } from './recording.js';
import { i0 } from './special.js';
import type { Tensor } from './tensor.js';

// Windows for spectra (Harris 1978, "On the use of windows for harmonic analysis with the discrete Fourier transform").

export interface WindowOptions extends CreationOptions {
  /** Whether the window is one period, for spectra, rather than symmetric, for the design of filters. */
  periodic?: boolean | undefined;
}

/** A window of a function of the places 0 to 1 (a period, or its first to last element). */
function windowOf(
  op: string,
  length: number,
  options: WindowOptions | undefined,
  of: (place: Tensor) => Tensor,
): Tensor {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new ValueError(`${op}: expected a windowLength of at least 0, got ${describe(length)}`);
  const { periodic = true, ...creation } = options ?? {};
  return create(op, [length], creation, (out) => {
    if (!out.isFloatingPoint() && !out.isComplex())
      throw new ValueError(`${op}: expected a floating-point dtype, got ${out.dtype}`);
    if (length === 0) return;
    if (length === 1) out.fill_(1);
    else
      withoutRecording(() => out.copy_(of(arange(length, { dtype: 'float64' }).div(periodic ? length : length - 1))));
  });
}

/** `a0 - a1 cos(2 pi x) + a2 cos(4 pi x) ...`. */
const cosines =
  (...weights: readonly number[]) =>
  (place: Tensor): Tensor =>
    weights.reduce(
      (sum, weight, k) =>
        sum.add(
          place
            .mul(2 * Math.PI * k)
            .cos()
            .mul(k % 2 === 0 ? weight : -weight),
        ),
      place.mul(0),
    );

/** A triangle: 0 at its ends, 1 in the middle. */
export function bartlettWindow(windowLength: number, options?: WindowOptions): Tensor {
  return windowOf('bartlettWindow', windowLength, options, (x) => x.mul(2).sub(1).abs().neg().add(1));
}

/** `0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x)`. */
export function blackmanWindow(windowLength: number, options?: WindowOptions): Tensor {
  return windowOf('blackmanWindow', windowLength, options, cosines(0.42, 0.5, 0.08));
}

/** `(1 - cos(2 pi x)) / 2`. */
export function hannWindow(windowLength: number, options?: WindowOptions): Tensor {
  return windowOf('hannWindow', windowLength, options, cosines(0.5, 0.5));
}

/** `alpha - beta cos(2 pi x)`; 0.54 and 0.46 where left out. */
export function hammingWindow(
  windowLength: number,
  options?: WindowOptions & { alpha?: number | undefined; beta?: number | undefined },
): Tensor {
  const { alpha = 0.54, beta = 0.46, ...rest } = options ?? {};
  checkNumbers('hammingWindow', { alpha, beta });
  return windowOf('hammingWindow', windowLength, rest, cosines(alpha, beta));
}

/** `I0(beta sqrt(1 - (2x - 1)^2)) / I0(beta)`; beta is 12 where left out. */
export function kaiserWindow(windowLength: number, options?: WindowOptions & { beta?: number | undefined }): Tensor {
  const { beta = 12, ...rest } = options ?? {};
  checkNumbers('kaiserWindow', { beta });
  return windowOf('kaiserWindow', windowLength, rest, (x) => {
    const inner = x.mul(2).sub(1).square().neg().add(1).clampMin(0).sqrt().mul(beta);
    return i0(inner).div(i0(x.newFull([], beta)));
  });
}
