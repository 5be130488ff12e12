import { type Untyped, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

type Row = readonly [name: string, ts: (a: Untyped) => unknown, py: string];

const basic: readonly Row[] = [
  ['sum', (a) => a.sum(), 'a.sum()'],
  ['sum along dim 0', (a) => a.sum(0), 'a.sum(0)'],
  ['sum along dim 1', (a) => a.sum(1), 'a.sum(1)'],
  ['max along dim 1', (a) => a.max(1), 'a.max(1)'],
  ['argmax along dim 1', (a) => a.argmax(1), 'a.argmax(1)'],
  ['var along dim 1', (a) => a.var(1), 'a.var(1)'],
  ['softmax along dim 1', (a) => a.softmax(1), 'a.softmax(1)'],
];

const more: readonly Row[] = [
  ['mean', (a) => a.mean(), 'a.mean()'],
  ['sum of a transposed tensor along dim 0', (a) => a.t().sum(0), 'a.t().sum(0)'],
  ['sum of every second column', (a) => a.at(':', '::2').sum(), 'a[:, ::2].sum()'],
  ['amax along dim 0', (a) => a.amax(0), 'a.amax(0)'],
  ['max', (a) => a.max(), 'a.max()'],
  ['argmax', (a) => a.argmax(), 'a.argmax()'],
  ['prod along dim 1', (a) => a.prod(1), 'a.prod(1)'],
  ['var along dim 0', (a) => a.var(0), 'a.var(0)'],
  ['std', (a) => a.std(), 'a.std()'],
  ['norm', (a) => a.norm(), 'a.norm()'],
  ['any of a mask', (a) => a.gt(5).any(), 'a.gt(5).any()'],
  ['softmax along dim 0', (a) => a.softmax(0), 'a.softmax(0)'],
  ['logSoftmax along dim 1', (a) => a.logSoftmax(1), 'a.log_softmax(1)'],
  ['logsumexp along dim 1', (a) => a.logsumexp(1), 'a.logsumexp(1)'],
  ['cumsum along dim 0', (a) => a.cumsum(0), 'a.cumsum(0)'],
  ['cumsum along dim 1', (a) => a.cumsum(1), 'a.cumsum(1)'],
];

const middle: Row = [
  'sum along the middle of [64, 256, 64]',
  (a) => a.view(64, 256, 64).sum(1),
  'a.view(64, 256, 64).sum(1)',
];

function workload([name, ts, py]: Row, label: string, n: number): Workload {
  return {
    name: `${name}, ${label}`,
    ts: () => {
      const a = uniform([n, n]);
      return () => ts(a);
    },
    py: { setup: `a = uniform(${n}, ${n})`, run: py },
    bytes: (name.includes('oftmax') || name.includes('cumsum') ? 8 : 4) * n * n,
  };
}

export const reductions: Group = {
  name: 'reductions',
  workloads: [
    ...[...basic, ...more, middle].map((row) => workload(row, '1 M', 1024)),
    ...basic.map((row) => workload(row, '16 M', 4096)),
  ],
};
