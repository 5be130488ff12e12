// npm run benchmark [-- --only REGEX --quick --json FILE --threads 2 --processor-time]: times ts-torch beside PyTorch.
//   --device cuda      on a GPU, by events, where the interpreter's PyTorch has CUDA
//   --python FILE      the interpreter that has PyTorch; by default Debian's, which is installed where it is missing
//   --seconds N        begins no workload after this time
// On a machine that does other work too, `--threads 1 --processor-time` gives the steadiest ratios.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measure, type Plan, type Result } from './measure.js';
import { findPyTorch, type PyTorch } from './pytorch.js';
import { heading, line, quantity, summary } from './report.js';
import { measureRoofs, type Roofs } from './roofline.js';
import { Side } from './side.js';
import type { WorkloadCard } from './workload.js';

// A step of training runs some thousand functions, which V8 compiles one by one as they prove hot: for about a second.
const FULL = { warmUpSeconds: 1, sampleSeconds: 0.02, rounds: 9, budgetSeconds: 6 };
const QUICK = { warmUpSeconds: 0.15, sampleSeconds: 0.02, rounds: 3, budgetSeconds: 1 };

type Sides = [ours: Side, theirs: Side | null];

/** Both processes; either is started again when a workload has ended it. */
class Pair {
  private sides: Sides | null = null;
  constructor(
    private readonly threads: number,
    private readonly device: string,
    private readonly pytorch: PyTorch | null,
  ) {}

  async get(): Promise<Sides> {
    if (this.sides?.every((side) => side === null || side.running)) return this.sides;
    await this.end();
    const { threads, device, pytorch } = this;
    this.sides = [Side.typescript(threads), pytorch && Side.python(threads, pytorch.interpreter, pytorch.libraries)];
    for (const side of this.sides) await side?.ask('describe', { threads, device });
    return this.sides;
  }

  async end(): Promise<void> {
    for (const side of this.sides ?? []) await side?.end();
    this.sides = null;
  }
}

async function printMachine([ours, theirs]: Sides, threads: number, device: string): Promise<Roofs | null> {
  const a = await ours.ask('describe', { threads, device });
  const b = await theirs?.ask('describe', { threads, device });
  console.log(`CPU        ${cpus()[0]?.model}, ${cpus().length} cores`);
  console.log(`ts-torch   ${a.threads} threads, ${a.hardware}, Node.js ${a.version}, ${a.blas}`);
  if (theirs === null || b === undefined) {
    console.log('PyTorch    none');
    return null;
  }
  const roofs = await measureRoofs(theirs);
  const rate = (value: number, unit: string) => quantity(value, unit);
  console.log(`PyTorch    ${b.threads} threads, ${b.hardware}, ${b.version}, ${b.blas}`);
  console.log(
    `roofs      ${rate(roofs.cached, 'B/s')} cached, ${rate(roofs.memory, 'B/s')} memory, ${rate(roofs.flops, 'FLOP/s')}`,
  );
  return roofs;
}

const start = performance.now();

async function runGroup(
  name: string,
  cards: readonly WorkloadCard[],
  pair: Pair,
  plan: Plan,
  roofs: Roofs | null,
): Promise<Result[]> {
  console.log(`\n${name}`);
  const results: Result[] = [];
  for (const card of cards) {
    if (performance.now() - start > seconds * 1e3) break;
    if (card.memoryRuns) await pair.end(); // a peak is that of a fresh process
    const result = await measure(card, ...(await pair.get()), plan);
    console.log(line(result, roofs));
    results.push(result);
  }
  await pair.end();
  console.log(summary('  geometric mean', results));
  return results;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    'processor-time': { type: 'boolean', default: false },
    threads: { type: 'string', default: String(cpus().length) },
    device: { type: 'string', default: 'cpu' },
    python: { type: 'string' },
    seconds: { type: 'string', default: 'Infinity' },
  },
});
const threads = Number(values.threads);
const plan: Plan = { ...(values.quick ? QUICK : FULL), processor: values['processor-time'] };
const { device } = values;
const seconds = Number(values.seconds);
const pair = new Pair(threads, device, findPyTorch(device, values.python));
const [ours, theirs] = await pair.get();
const only = new RegExp(values.only);
const cards = (await ours.ask('list', {})).filter(({ group, name }) => only.test(`${group}/${name}`));
const roofs = await printMachine([ours, theirs], threads, device);

console.log(`\n${heading()}`);
const results: Result[] = [];
for (const group of new Set(cards.map((card) => card.group))) {
  if (performance.now() - start > seconds * 1e3) break;
  const members = cards.filter((card) => card.group === group);
  results.push(...(await runGroup(group, members, pair, plan, roofs)));
}
await pair.end();
console.log(`\n${summary('all', results)}`);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ threads, device, roofs, results }, null, 2)}\n`);
process.exitCode = results.some((result) => result.error !== undefined) ? 1 : 0;
