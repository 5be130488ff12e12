// Steps over five million parameters, in a few large tensors and in many small ones.
import { optim, type Untyped, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

const PARAMETERS = 5e6;

/** [name, reads and writes of a parameter, TypeScript, Python] */
const table: readonly (readonly [name: string, accesses: number, ts: (params: Untyped[]) => Untyped, py: string])[] = [
  ['SGD', 3, (params) => new optim.SGD(params, { lr: 1e-3 }), 'optim.SGD(params, lr=1e-3)'],
  [
    'SGD with momentum',
    5,
    (params) => new optim.SGD(params, { lr: 1e-3, momentum: 0.9 }),
    'optim.SGD(params, lr=1e-3, momentum=0.9)',
  ],
  ['Adam', 7, (params) => new optim.Adam(params, { lr: 1e-3 }), 'optim.Adam(params, lr=1e-3)'],
  ['AdamW', 7, (params) => new optim.AdamW(params, { lr: 1e-3 }), 'optim.AdamW(params, lr=1e-3)'],
  ['RMSprop', 5, (params) => new optim.RMSprop(params, { lr: 1e-3 }), 'optim.RMSprop(params, lr=1e-3)'],
  ['Adagrad', 5, (params) => new optim.Adagrad(params, { lr: 1e-3 }), 'optim.Adagrad(params, lr=1e-3)'],
  ['Adadelta', 7, (params) => new optim.Adadelta(params, { lr: 1e-3 }), 'optim.Adadelta(params, lr=1e-3)'],
];

const workloads = (count: number): Workload[] =>
  table.map(([name, accesses, ts, py]) => ({
    name: `${name}, ${count} tensors of ${PARAMETERS / count}`,
    ts: () => {
      const params = Array.from({ length: count }, () => uniform([PARAMETERS / count], { requiresGrad: true }));
      for (const param of params) param.grad = uniform([PARAMETERS / count]);
      const optimizer = ts(params);
      return () => {
        optimizer.step();
      };
    },
    py: {
      setup: `
        params = [uniform(${PARAMETERS / count}, requires_grad=True) for _ in range(${count})]
        for param in params:
            param.grad = uniform(${PARAMETERS / count})
        optimizer = ${py}
        def run():
            optimizer.step()
      `,
      run: 'run()',
    },
    bytes: accesses * 4 * PARAMETERS,
  }));

export const optimizers: Group = { name: 'optimizers', workloads: [...workloads(5), ...workloads(100)] };
