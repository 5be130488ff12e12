import type { Tensor } from '@ts-torch/tensor';
import { type Sample, sample } from './sample.js';

const X = [[2, 3]];
const CUBE = [[2, 3, 2]];
const distinct = { ties: false };

const along = (name: string, f: (x: Tensor, options: { dim?: number; keepdim?: boolean }) => Tensor, options = {}) => [
  sample(name, (x) => f(x, {}), X, options),
  sample(`${name} along 1`, (x) => f(x, { dim: 1 }), CUBE, options),
  sample(`${name} along -1, kept`, (x) => f(x, { dim: -1, keepdim: true }), CUBE, options),
];

export const reductions: Sample[] = [
  ...along('sum', (x, options) => x.sum(options)),
  ...along('nansum', (x, options) => x.nansum(options)),
  ...along('mean', (x, options) => x.mean(options)),
  ...along('prod', (x, options) => x.prod(options)),
  ...along('amax', (x, options) => x.amax(options), distinct),
  ...along('amin', (x, options) => x.amin(options), distinct),
  ...along('var', (x, options) => x.var(options)),
  ...along('std', (x, options) => x.std(options), distinct),
  ...along('norm', (x, options) => x.norm(options)),
  sample('prod with a zero', (x) => x.mul(1).put_([0, 0], 0).prod({ dim: 1 }), X),
  sample('norm, p 1', (x) => x.norm({ p: 1, dim: 1 }), X),
  sample('norm, p 3', (x) => x.norm({ p: 3, dim: 0 }), X),
  sample('norm, p infinite', (x) => x.norm({ p: Number.POSITIVE_INFINITY }), X, distinct),
  sample('var, correction 0', (x) => x.var({ dim: 0, correction: 0 }), X),
  sample('max along 1', (x) => x.max(1).values, X, distinct),
  sample('min along 0', (x) => x.min(0).values, X, distinct),
  sample('max', (x) => x.max(), X, distinct),
  sample('median', (x) => x.median(1).values, X, distinct),
  sample('nanmedian', (x) => x.nanmedian(1).values, X, distinct),
  sample('mode', (x) => x.mode(1).values, X, distinct),
  sample('kthvalue', (x) => x.kthvalue(2, 1).values, X, distinct),
  sample('logsumexp', (x) => x.logsumexp(1), X),
];
