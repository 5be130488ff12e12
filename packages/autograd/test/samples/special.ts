import * as torch from '@ts-torch/tensor';
import { type Domain, type Sample, sample } from './sample.js';

const X = [[2, 3]];
const { special } = torch;

/** Functions of one tensor, by the values that they take. */
const UNARY: [Domain, Record<string, (x: torch.Tensor) => torch.Tensor>][] = [
  ['any', { i0: torch.i0, i0e: special.i0e, i1: special.i1, i1e: special.i1e, ndtr: special.ndtr }],
  ['any', { logNdtr: special.logNdtr, erfcx: special.erfcx }],
  ['unit', { erfinv: torch.erfinv }],
  ['positive', { lgamma: torch.lgamma, digamma: torch.digamma, entr: special.entr }],
  ['positive', { polygamma: (x) => x.polygamma(2), mvlgamma: (x) => x.add(1).mvlgamma(2) }],
  // Between 0 and 1
  ['any', { ndtri: (x) => special.ndtri(x.sigmoid()) }],
];

export const specialFunctions: Sample[] = [
  ...UNARY.flatMap(([domain, functions]) =>
    Object.entries(functions).map(([name, f]) => sample(name, (x) => f(x as torch.Tensor), X, { domain })),
  ),
  sample('xlog1py', (x, y) => special.xlog1py(x, y), [[2, 3], [3]], { domain: 'positive' }),
  // No gradient by the first argument
  sample('igamma', (x) => torch.igamma(torch.full([3], 1.5, { dtype: 'float64' }), x), X, { domain: 'positive' }),
  sample('igammac', (x) => torch.igammac(torch.full([3], 1.5, { dtype: 'float64' }), x), X, { domain: 'positive' }),
  sample('zeta', (x) => special.zeta(2.5, x), X, { domain: 'positive' }),
];
