import { type Sample, sample } from './sample.js';

const X = [[3, 2, 2]];

export const scans: Sample[] = [
  sample('cumsum', (x) => x.cumsum(1), X),
  sample('cumprod', (x) => x.cumprod(0), X),
  sample('cumprod with a zero', (x) => x.mul(1).put_([1, 0, 0], 0).cumprod(0), X),
  sample('logcumsumexp', (x) => x.logcumsumexp(0), X),
  sample('cummax', (x) => x.cummax(0).values, X, { ties: false }),
  sample('cummin', (x) => x.cummin(0).values, X, { ties: false }),
  sample('sort', (x) => x.sort(1).values, X, { ties: false }),
  sample('sort, descending', (x) => x.sort({ dim: 0, descending: true }).values, X, { ties: false }),
  sample('topk', (x) => x.topk(2, 0).values, X, { ties: false }),
];
