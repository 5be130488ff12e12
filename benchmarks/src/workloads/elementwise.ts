// What memory limits, or the arithmetic of one element.
import { F, torch, type Untyped, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

/** What the ops below work on: n by n floats and their like. */
function operands(n: number) {
  const a = uniform([n, n]);
  return {
    a,
    b: uniform([n, n]),
    positive: a.mul(a).add(0.01),
    row: uniform([n]),
    column: uniform([n, 1]),
    mask: a.gt(0),
    half: a.to('float16'),
    long: a.to('int64'),
    bytes: a.gt(0).to('uint8'),
  };
}
type Operands = ReturnType<typeof operands>;

const operandsPython = (n: number) => `
  a, b = uniform(${n}, ${n}), uniform(${n}, ${n})
  positive = a * a + 0.01
  row, column = uniform(${n}), uniform(${n}, 1)
  mask = a > 0
  half, long, bytes = a.half(), a.long(), mask.byte()
`;

/** [name, bytes of an element, TypeScript, Python] */
type Row = readonly [name: string, bytes: number, ts: (operands: Operands) => unknown, py: string];

const rows: readonly Row[] = [
  ['add', 12, ({ a, b }) => a.add(b), 'a.add(b)'],
  ['add_ in place', 12, ({ a, b }) => a.add_(b), 'a.add_(b)'],
  ['add of a number', 8, ({ a }) => a.add(1.5), 'a.add(1.5)'],
  ['add of a row', 8, ({ a, row }) => a.add(row), 'a.add(row)'],
  ['add of a column', 8, ({ a, column }) => a.add(column), 'a.add(column)'],
  ['add of a transposed operand', 12, ({ a, b }) => a.add(b.t()), 'a.add(b.t())'],
  ['div', 12, ({ a, b }) => a.div(b), 'a.div(b)'],
  ['maximum', 12, ({ a, b }) => a.maximum(b), 'a.maximum(b)'],
  ['gt', 9, ({ a, b }) => a.gt(b), 'a.gt(b)'],
  ['where', 13, ({ a, b, mask }) => torch.where(mask, a, b), 'torch.where(mask, a, b)'],
  ['clamp', 8, ({ a }) => a.clamp({ min: -1, max: 1 }), 'a.clamp(-1, 1)'],
  ['relu', 8, ({ a }) => a.relu(), 'a.relu()'],
  ['sqrt', 8, ({ positive }) => positive.sqrt(), 'positive.sqrt()'],
  ['exp', 8, ({ a }) => a.exp(), 'a.exp()'],
  ['log', 8, ({ positive }) => positive.log(), 'positive.log()'],
  ['sin', 8, ({ a }) => a.sin(), 'a.sin()'],
  ['tanh', 8, ({ a }) => a.tanh(), 'a.tanh()'],
  ['erf', 8, ({ a }) => a.erf(), 'a.erf()'],
  ['sigmoid', 8, ({ a }) => a.sigmoid(), 'a.sigmoid()'],
  ['gelu', 8, ({ a }) => F.gelu(a), 'F.gelu(a)'],
  ['silu', 8, ({ a }) => F.silu(a), 'F.silu(a)'],
  ['square', 8, ({ a }) => a.square(), 'a.square()'],
  ['pow 2.5', 8, ({ positive }) => positive.pow(2.5), 'positive.pow(2.5)'],
  ['addcmul', 16, ({ a, b }) => a.addcmul(a, b), 'a.addcmul(a, b)'],
  ['lerp', 12, ({ a, b }) => a.lerp(b, 0.3), 'a.lerp(b, 0.3)'],
  ['to float64', 12, ({ a }) => a.to('float64'), 'a.to(torch.float64)'],
  ['to int32', 8, ({ a }) => a.to('int32'), 'a.to(torch.int32)'],
  ['uint8 to float32', 5, ({ bytes }) => bytes.to('float32'), 'bytes.to(torch.float32)'],
  ['float16 to float32', 6, ({ half }) => half.to('float32'), 'half.to(torch.float32)'],
  ['add of int64', 24, ({ long }) => long.add(long), 'long.add(long)'],
  ['clone', 8, ({ a }) => a.clone(), 'a.clone()'],
  ['copy of a transposed tensor', 8, ({ a }) => a.t().contiguous(), 'a.t().contiguous()'],
  ['zeros', 4, ({ a }) => torch.zeros(a.shape), 'torch.zeros(a.shape)'],
];

function workload([name, bytes, ts, py]: Row, label: string, n: number): Workload {
  return {
    name: `${name}, ${label}`,
    ts: () => {
      const given: Untyped = operands(n);
      return () => ts(given);
    },
    py: { setup: operandsPython(n), run: py },
    bytes: bytes * n * n,
  };
}

export const elementwise: Group = {
  name: 'elementwise',
  workloads: [...rows.map((row) => workload(row, '1 M', 1024)), ...rows.map((row) => workload(row, '16 M', 4096))],
};
