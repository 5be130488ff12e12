import * as torch from 'ts-torch';

/** PyTorch's own tolerances; integers and booleans are exact. */
const TOLERANCES: Readonly<Partial<Record<torch.DType, { readonly rtol: number; readonly atol: number }>>> = {
  float64: { rtol: 1e-7, atol: 1e-7 },
  complex128: { rtol: 1e-7, atol: 1e-7 },
  float32: { rtol: 1.3e-6, atol: 1e-5 },
  complex64: { rtol: 1.3e-6, atol: 1e-5 },
  float16: { rtol: 1e-3, atol: 1e-5 },
  bfloat16: { rtol: 1.6e-2, atol: 1e-5 },
};

/** Operators whose results may differ by more, as many times, and why. At most 20. */
const SLACK: Readonly<Record<string, number>> = {
  // Recorded in single precision near poles, by a reflection that loses digits there; ours computes in double.
  polygamma: 10,
  'special.polygamma': 10,
  // PyTorch's is off by 1.8e-7 at -5.46: -0.0211598080241961 is right to all digits (computed to 50).
  'special.bessel_j0': 2,
  // exp(x^2) of 8.6 doubles the rounding of single precision; ours computes in double.
  'special.erfcx': 2,
  // Sums of 50 products of up to 81 that cancel each other, in another order.
  addbmm: 4,
  // Recorded in single precision, where each of several squarings doubled the error; ours computes in double.
  matrix_exp: 16,
};

/** How many times the tolerances an operator's results may differ. */
export function slackOf(op: string): number {
  return SLACK[op] ?? 1;
}

/** A tensor's elements as they are compared: floating point as numbers, complex numbers as pairs, integers as they are. */
function elements(tensor: torch.Tensor): ArrayLike<number | bigint> {
  const narrow = tensor.dtype === 'float16' || tensor.dtype === 'bfloat16';
  return (narrow ? tensor.to('float32') : tensor).toTypedArray();
}

/** What differs between a result and what was expected, in words; `null` where nothing does. Shape and dtype are exact. */
export function difference(actual: torch.Tensor, expected: torch.Tensor, slack = 1): string | null {
  const form = formDifference(actual, expected.shape, expected.dtype);
  if (form !== null) return form;
  return torch.noGrad(() => valueDifference(actual.detach(), expected, slack));
}

/** What differs in shape or dtype. */
export function formDifference(actual: torch.Tensor, shape: torch.Shape, dtype: string): string | null {
  if (`${actual.shape}` !== `${shape}`) return `shape [${actual.shape}], expected [${shape}]`;
  return actual.dtype === dtype ? null : `dtype ${actual.dtype}, expected ${dtype}`;
}

function valueDifference(actual: torch.Tensor, expected: torch.Tensor, slack: number): string | null {
  const got = elements(actual);
  const want = elements(expected);
  const { rtol, atol } = TOLERANCES[expected.dtype] ?? { rtol: 0, atol: 0 };
  const parts = expected.isComplex() ? 2 : 1;
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [got[i] as number | bigint, want[i] as number | bigint];
    if (g === w || (Number.isNaN(g) && Number.isNaN(w))) continue;
    const size = parts === 2 ? Math.hypot(Number(want[i & ~1]), Number(want[i | 1])) : Math.abs(Number(w));
    const isClose =
      rtol > 0 && Math.abs(Number(g) - Number(w)) <= slack * (atol + rtol * size) && Number.isFinite(size);
    if (!isClose) return `element ${Math.floor(i / parts)} of [${expected.shape}]: ${g}, expected ${w}`;
  }
  return null;
}
