import * as torch from '@ts-torch/tensor';
import { definitions, type OpDefinition, recorder } from '@ts-torch/tensor/internal';
import { type Domain, type Sample, sample } from './sample.js';

const X = [[2, 3]];

/** Ops of one tensor without arguments, by the values that they take. */
const UNARY: Record<Domain, string> = {
  any: `neg exp exp2 expm1 sin cos sinh cosh tanh atan asinh sigmoid relu silu gelu mish softplus abs square erf erfc sinc
    sgn sign floor ceil round trunc frac elu selu celu leakyRelu hardtanh hardswish hardsigmoid relu6 logSigmoid logsigmoid
    tanhshrink softsign hardshrink softshrink deg2rad rad2deg nanToNum positive angle conj real`,
  unit: 'asin acos atanh erfinv tan',
  positive: 'log log2 log10 log1p sqrt rsqrt reciprocal lgamma digamma i0',
  above1: 'acosh',
};

const BINARY = 'atan2 maximum minimum fmax fmin hypot logaddexp logaddexp2';
/** Those whose second operand may be a number. */
const WITH_NUMBERS = 'add sub mul div copysign rsub';
const POSITIVE_BINARY = 'pow xlogy ldexp fmod remainder floatPower';

type Op = (...inputs: (torch.Tensor | number)[]) => torch.Tensor;
const ops = torch as unknown as Record<string, Op | undefined>;

/** Those of the names that there are. */
function present(names: string): [name: string, op: Op][] {
  return names
    .split(/\s+/)
    .flatMap((name): [string, Op][] => (typeof ops[name] === 'function' ? [[name, ops[name] as Op]] : []));
}

const optional = (name: string, make: (op: Op) => Sample[]): Sample[] => present(name).flatMap(([, op]) => make(op));

/** Primitives whose front is in another package, called as the graph sees them. */
const PRIMITIVES: Record<string, readonly number[]> = {
  gelu: [],
  geluTanh: [],
  silu: [],
  mish: [],
  logSigmoid: [],
  hardsigmoid: [],
  hardswish: [],
  elu: [1.5, 1, 1],
  leakyRelu: [0.1],
  softplus: [2, 20],
  hardtanh: [-1, 1],
  softshrink: [0.5],
  hardshrink: [0.5],
  threshold: [0.4, 2],
  clampMin: [-0.4],
  clampMax: [0.4],
};

function recorded(name: string, ...args: unknown[]): torch.Tensor {
  const definition = definitions.get(name) as OpDefinition;
  return (recorder?.record(definition, args) ?? definition.forward(...args)) as torch.Tensor;
}

export const elementwise: Sample[] = [
  ...Object.entries(PRIMITIVES).map(([name, args]) => sample(name, (x) => recorded(name, x, ...args), X)),
  sample('add with alpha', (x, y) => torch.add(x, y, { alpha: -2 }), [[2, 3], [3]]),
  sample('sgn of complex numbers', (x) => x.to('complex128').add({ re: 0, im: 1 }).sgn().viewAsReal(), X),
  sample('conj', (x) => x.to('complex128').mul({ re: 1, im: 2 }).conj().viewAsReal(), X),
  sample('logit', (x) => torch.logit(x.mul(0.1).add(0.5)), X, { domain: 'unit' }),

  ...(Object.keys(UNARY) as Domain[]).flatMap((domain) =>
    present(UNARY[domain]).map(([name, op]) => sample(name, (x) => op(x), X, { domain })),
  ),
  ...present(`${BINARY} ${WITH_NUMBERS}`).flatMap(([name, op]) => [
    sample(name, op, [
      [2, 3],
      [2, 3],
    ]),
    sample(`${name}, broadcast`, op, [
      [2, 1, 3],
      [2, 1],
    ]),
  ]),
  ...present(WITH_NUMBERS).map(([name, op]) => sample(`${name} with a number`, (x) => op(x, 0.7), X)),
  ...present(POSITIVE_BINARY).map(([name, op]) =>
    sample(
      name,
      op,
      [
        [2, 3],
        [2, 3],
      ],
      { domain: 'positive' },
    ),
  ),
  ...optional('clamp', (clamp) => [
    sample('clamp', (x) => (clamp as (x: torch.Tensor, o: object) => torch.Tensor)(x, { min: -0.5, max: 1 }), X),
  ]),
  ...optional('lerp', (lerp) => [sample('lerp', lerp, [[2, 3], [2, 3], [3]])]),
  ...optional('addcmul', (addcmul) => [sample('addcmul', addcmul, [[2, 3], [3], [2, 1]])]),
  ...optional('addcdiv', (addcdiv) => [sample('addcdiv', addcdiv, [[2, 3], [3], [2, 1]])]),
  ...optional('where', (where) => [
    sample('where', (x, y) => where(torch.tensor([[true], [false]]), x, y), [[2, 3], [3]]),
  ]),
  sample('in place', (x, y) => x.mul(1).add_(y).mul_(y), [[2, 3], [3]]),
];
