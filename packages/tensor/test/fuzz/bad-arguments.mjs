// Calls every exported op with arguments that are right, nearly right and absurd. A call may return or throw a TorchError;
// anything else is a finding: a plain TypeError, a crash (the parent sees it), a call that takes too long.
//
//   node bad-arguments.mjs <seed> <rounds> <folder of a package> <module>[:<member>] ... [--only <op>] [--round <n>] [--verbose]
//
// Each round is made from its own seed, so that `--round` repeats a finding alone. Prints a line of JSON for each finding,
// and before each call its number and description to file descriptor 3 where there is one.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    round: { type: 'string' },
    verbose: { type: 'boolean' },
    journal: { type: 'boolean' },
  },
});
const [seedText, roundsText, folder, ...modules] = positionals;
const seed = Number(seedText);
const rounds = Number(roundsText);
const SLOW_MS = 5000;

const require = createRequire(join(resolve(folder), 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const torch = await load('@ts-torch/tensor');
torch.setMemoryLimit(2 ** 28);
torch.setNumThreads(1);

// --- Random choices ---------------------------------------------------------------------------------------------------

/** mulberry32 */
function generator(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let random = generator(seed);
const chance = (p) => random() < p;
const pick = (list) => list[Math.floor(random() * list.length)];
const times = (n, make) => Array.from({ length: n }, make);

const DTYPES = [
  'float64',
  'float32',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
  'complex64',
  'complex128',
];
const USUAL_DTYPES = ['float32', 'float32', 'float64', 'int64', 'bool'];
const SIZES = [0, 1, 1, 2, 2, 3, 3, 4, 5];
const ABSURD_SIZES = [-1, -2, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, Number.NaN, Infinity, 1.5, '2', undefined, null, 3n];
const NUMBERS = [0, 1, -1, 2, 3, -2, 0.5, -1.5, 1e10, -0, 7];
const ABSURD_NUMBERS = [
  NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  -(2 ** 31),
  2 ** 40,
  2 ** 53,
  -(2 ** 63),
  1e308,
  3n,
  2n ** 70n,
  true,
  false,
];
const ABSURD = [
  undefined,
  null,
  '',
  'abc',
  'mean',
  'sum',
  'none',
  'float32',
  'cuda',
  ':',
  '...',
  {},
  [],
  [[]],
  [null],
  [undefined],
  () => 1,
  Symbol('s'),
  new Map(),
  new Float32Array(3),
  new ArrayBuffer(8),
  new Date(0),
  /x/,
  { re: 1, im: -1 },
  Object.create(null),
  new Proxy({}, {}),
  [NaN],
  'x'.repeat(300),
];

const shape = () => times(Math.floor(random() * 5), () => pick(SIZES));
const aNumber = () => pick(chance(0.8) ? NUMBERS : ABSURD_NUMBERS);
const aSize = () => pick(chance(0.85) ? SIZES : ABSURD_SIZES);

function plainTensor(size, dtype = pick(chance(0.7) ? USUAL_DTYPES : DTYPES)) {
  const numel = size.reduce((a, b) => a * b, 1);
  const values = times(numel, () => pick([0, 1, 2, -1, 3]));
  return torch.tensor(values, { dtype: 'float64' }).to(dtype).reshape(size);
}

const VARIANTS = [
  (x) => x.permute(...x.shape.map((_, d) => d).reverse()),
  (x) => (x.ndim > 0 ? x.slice({ dim: 0, step: 2 }) : x),
  (x) => x.unsqueeze(0).expand(2, ...x.shape),
  (x) => x.to('int64'),
  (x) => torch.zeros([]).expand(x.shape),
];

function aTensor(near) {
  const x = plainTensor(near !== undefined && chance(0.6) ? near : shape());
  if (chance(0.03)) {
    x.dispose();
    return x;
  }
  return chance(0.25) ? pick(VARIANTS)(x) : x;
}

function anArgument(near, optionNames, depth = 0) {
  const kind = random();
  if (kind < 0.35) return aTensor(near);
  if (kind < 0.55) return aNumber();
  if (kind < 0.65) return times(Math.floor(random() * 5), aSize);
  if (kind < 0.7) return pick(DTYPES);
  if (kind < 0.75) return chance(0.5);
  if (kind < 0.8 && depth < 2) return times(Math.floor(random() * 4), () => anArgument(near, optionNames, depth + 1));
  if (kind < 0.93 && optionNames.length > 0) return someOptions(near, optionNames);
  return pick(ABSURD);
}

function someOptions(near, optionNames) {
  const options = {};
  for (const name of optionNames) if (chance(0.4)) options[name] = optionValue(name, near);
  return options;
}

function optionValue(name, near) {
  if (chance(0.1)) return anArgument(near, []);
  if (name === 'dtype') return pick(DTYPES);
  if (name === 'device') return pick(['cpu', 'cuda', 'cpu:0']);
  if (['out', 'weight', 'bias', 'mask', 'posWeight', 'attnMask', 'source'].includes(name)) return aTensor(near);
  return anArgument(near, []);
}

function someArguments(optionNames) {
  const near = shape();
  const list = [chance(0.9) ? aTensor(near) : anArgument(near, optionNames)];
  const more = Math.floor(random() * 4);
  for (let i = 0; i < more; i++) list.push(anArgument(near, optionNames));
  if (optionNames.length > 0 && chance(0.5)) list.push(someOptions(near, optionNames));
  return list;
}

// --- What is called ---------------------------------------------------------------------------------------------------

/** Change how everything else behaves, or are no ops. */
const LEFT_OUT = new Set([
  'setDefaultDtype',
  'setMemoryLimit',
  'setNumThreads',
  'emptyCache',
  'setPrintoptions',
  'setGradEnabled',
  'installRecorder',
  'manualSeed',
  'seed',
  'scope',
  'device',
]);
const isClass = (f) => /^class\b/.test(Function.prototype.toString.call(f));

function opsOf(namespace, prefix) {
  return Object.entries(namespace).flatMap(([name, member]) => {
    if (typeof member === 'function' && !isClass(member) && !LEFT_OUT.has(name)) return [[`${prefix}${name}`, member]];
    if (member?.[Symbol.toStringTag] === 'Module') return opsOf(member, `${prefix}${name}.`);
    return [];
  });
}

/** Options that an op has, from what it says about one that it has not. */
async function optionsOf(op) {
  const found = new Set();
  const x = torch.ones([2, 2]);
  const unknown = { surelyNoOption: 1 };
  for (const args of [
    [unknown],
    [x, unknown],
    [x, x, unknown],
    [x, 1, unknown],
    [x, 0, x, unknown],
    [[2], unknown],
    [x, x, x, unknown],
  ]) {
    try {
      await op(...args);
    } catch (error) {
      const list = /unknown option `surelyNoOption`; expected (.*)$/.exec(error.message)?.[1];
      for (const name of list?.split(', ') ?? []) found.add(name);
    }
  }
  return [...found];
}

function show(value, depth = 0) {
  if (value instanceof torch.Tensor)
    return `${value.dtype}[${value.shape}]${value.isContiguous() ? '' : ` strides [${value.strides}]`}`;
  if (Array.isArray(value)) return `[${value.map((item) => show(item, depth + 1)).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 20));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype || depth > 1) return `a ${prototype?.constructor?.name ?? 'bare object'}`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${show(item, depth + 1)}`)
    .join(', ')} }`;
}

function journal(line) {
  if (flags.journal) writeSync(3, `${line}\n`);
}

const ops = [];
for (const entry of modules) {
  const [name, member] = entry.split(':');
  const module = await load(name);
  ops.push(...opsOf(member === undefined ? module : module[member], member === undefined ? '' : `${member}.`));
}
const chosen = flags.only === undefined ? ops : ops.filter(([name]) => name === flags.only);
const known = new Map();
for (const [name, op] of chosen) known.set(name, await optionsOf(op));
const findings = new Map();
let calls = 0;
let returned = 0;

async function oneRound(round) {
  random = generator(seed * 1_000_003 + round);
  const [name, op] = chosen[Math.floor(random() * chosen.length)];
  const args = someArguments(known.get(name));
  const call = `${name}(${args.map((arg) => show(arg)).join(', ')})`;
  if (flags.verbose) console.log(call);
  journal(`${round} ${call}`);
  calls++;
  const start = performance.now();
  try {
    await op(...args);
    returned++;
  } catch (error) {
    if (flags.verbose) console.log(error);
    if (!(error instanceof torch.TorchError) || error instanceof torch.InternalError) note(name, round, call, error);
  }
  const took = performance.now() - start;
  if (took > SLOW_MS) note(name, round, call, new Error(`took ${Math.round(took)} ms`));
}

function note(name, round, call, error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${show(error)}`;
  const frame = error?.stack
    ?.split('\n')
    .find((line) => line.includes('/dist/') || line.includes('/src/'))
    ?.trim();
  const key = `${name} ${text.replace(/\d+/g, '#')}`;
  if (findings.has(key)) return;
  findings.set(key, true);
  console.log(JSON.stringify({ op: name, seed, round, call, error: text, at: frame }));
}

if (flags.round !== undefined) await oneRound(Number(flags.round));
else for (let round = 0; round < rounds; round++) await oneRound(round);
console.log(JSON.stringify({ ops: chosen.length, calls, returned, findings: findings.size }));
