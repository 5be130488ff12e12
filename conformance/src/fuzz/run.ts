import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Finding, Order, Summary } from './order.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly calls: number;
  /** The number of the first call. */
  readonly first?: number;
  /** A regular expression for the names of the ops. */
  readonly only?: string;
  readonly device?: string;
  /** Processes at a time. */
  readonly processes?: number;
  /** A call that takes longer, alone in its process, is a finding. */
  readonly limitMs?: number;
  /** For the workers' environment, such as another native build. */
  readonly env?: NodeJS.ProcessEnv;
  /** Hears of each finding at once. */
  readonly onFinding?: (finding: Reported) => void;
}

/** A finding, and how to see it again. */
export type Reported = Finding & { readonly again: string };

export interface FuzzRun {
  readonly findings: readonly Reported[];
  readonly calls: number;
  /** Calls that returned a result. */
  readonly returns: number;
  readonly ops: number;
  /** Ops of which no call returned a result. */
  readonly idle: readonly string[];
}

const WORKER = join(import.meta.dirname, '../../dist/fuzz/worker.js');
const LIMIT_MS = 5000;
/** What starting takes: no call has begun yet. */
const START_MS = 60_000;
const MOST_ENDS = 100;

/**
 * Makes calls with random arguments in processes of their own: a crash, and a call that does not return, are findings like
 * errors that are not typed; the calls behind it are then made in a new process. Runs `dist/`, which must be built.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzRun> {
  const { calls, first = 0, processes = 1 } = options;
  const bounds = Array.from({ length: processes + 1 }, (_, i) => first + Math.round((calls * i) / processes));
  const parts = await Promise.all(bounds.slice(1).map((to, i) => runRange(options, bounds[i] as number, to)));
  const counts = [...totals(parts).entries()];
  return {
    findings: parts.flatMap(({ findings }) => findings),
    calls: counts.reduce((sum, [, { calls }]) => sum + calls, 0),
    returns: counts.reduce((sum, [, { returns }]) => sum + returns, 0),
    ops: Math.max(...parts.map(({ ops }) => ops)),
    idle: counts.filter(([, { returns }]) => returns === 0).map(([name]) => name),
  };
}

/** The counts of each op over all processes. */
function totals(parts: readonly Range[]): Map<string, { calls: number; returns: number }> {
  const byOp = new Map<string, { calls: number; returns: number }>();
  for (const [name, [calls, returns]] of parts.flatMap(({ counts }) => counts)) {
    const before = byOp.get(name) ?? { calls: 0, returns: 0 };
    byOp.set(name, { calls: before.calls + calls, returns: before.returns + returns });
  }
  return byOp;
}

/** What came of the calls from one number to another. */
interface Range {
  readonly findings: Reported[];
  readonly counts: (readonly [name: string, count: readonly [calls: number, returns: number]])[];
  ops: number;
}

async function runRange(options: FuzzOptions, from: number, to: number): Promise<Range> {
  const range: Range = { findings: [], counts: [], ops: 0 };
  let next = from;
  for (let ends = 0; next < to && ends < MOST_ENDS; ends++) {
    const end = await work(options, next, to);
    addSummary(range, end.summary);
    const findings = end.summary === undefined ? [...end.findings, ...(await findingOf(options, end))] : end.findings;
    for (const finding of findings) {
      const reported = { ...finding, again: again(options, finding) };
      range.findings.push(reported);
      options.onFinding?.(reported);
    }
    next = end.summary === undefined ? end.number + 1 : to;
  }
  return range;
}

function addSummary(range: Range, summary: Summary | undefined): void {
  if (summary === undefined) return;
  range.ops = summary.ops;
  range.counts.push(...Object.entries(summary.byOp));
}

/** The call at which a process ended is made again, alone: on a busy machine another one may have had to wait too long. */
async function findingOf(options: FuzzOptions, { number, reason, errors }: End): Promise<Finding[]> {
  const alone = await work(options, number, number + 1);
  if (alone.summary !== undefined && reason === SLOW) return [];
  const call = await describeCall(options, number);
  const shown = alone.summary === undefined ? alone : { reason: `${reason}, though not when made alone`, errors };
  return [{ number, op: call.split('(')[0] ?? '', call, error: shown.reason, stack: shown.errors.split('\n') }];
}

/** A call as one could write it. */
export async function describeCall(options: FuzzOptions, number: number): Promise<string> {
  const { output } = await work(options, number, number + 1, true);
  return output.split('\n')[0] ?? '';
}

/** How a process ended, and at which call. */
interface End {
  readonly findings: Finding[];
  readonly summary: Summary | undefined;
  readonly number: number;
  readonly reason: string;
  readonly output: string;
  readonly errors: string;
}

const SLOW = 'the call did not return in time';

async function work(options: FuzzOptions, from: number, to: number, describes = false): Promise<End> {
  const { seed, only = '', device = 'cpu', limitMs = LIMIT_MS } = options;
  const order: Order = { seed, from, to, only, device, describes };
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const progress = openSync(join(folder, 'progress'), 'w+');
  const child = spawn(process.execPath, ['--max-old-space-size=2048', WORKER, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe', progress],
    cwd: folder,
    env: { ...process.env, CUDA_LAUNCH_BLOCKING: '1', ...options.env },
  });
  const output = collect(child.stdout as Readable);
  const errors = collect(child.stderr as Readable);
  let isSlow = false;
  const watch = watchProgress(progress, limitMs, () => {
    isSlow = true;
    child.kill('SIGKILL');
  });
  // A worker within a call that does not return would outlive this process.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const ended = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  process.off('exit', end);
  clearInterval(watch);
  const reached = readNumber(progress);
  closeSync(progress);
  rmSync(folder, { recursive: true });
  if (reached === undefined && !isSlow) throw new Error(`the fuzzer made no call; it ended by ${ended}: ${errors()}`);
  const number = reached ?? from;
  const records = output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Finding | Summary);
  return {
    findings: records.filter((record): record is Finding => 'number' in record),
    summary: ended === 'exit code 0' ? records.find((record): record is Summary => 'byOp' in record) : undefined,
    number,
    reason: isSlow ? SLOW : `the process ended by ${ended}`,
    output: output(),
    errors: errors(),
  };
}

/** The number of the call that a worker makes now. */
function readNumber(progress: number): number | undefined {
  const place = new Float64Array(1);
  return readSync(progress, place, 0, 8, 0) === 8 ? place[0] : undefined;
}

/** Calls back when a worker has been at one call for too long. */
function watchProgress(progress: number, limitMs: number, onSlow: () => void): NodeJS.Timeout {
  let last: number | undefined;
  let since = performance.now();
  return setInterval(() => {
    const number = readNumber(progress);
    const now = performance.now();
    if (number !== last) since = now;
    last = number;
    if (now - since > (number === undefined ? START_MS : limitMs)) onSlow();
  }, 250);
}

/** What a stream has given so far, up to its last megabytes. */
function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk) => {
    text = (text + String(chunk)).slice(-(2 ** 22));
  });
  return () => text;
}

/** The command that makes one call again. */
function again({ seed, only = '', device = 'cpu' }: FuzzOptions, { number }: Finding): string {
  const filter = only === '' ? '' : ` --only '${only}'`;
  return `npm run fuzz -- --seed ${seed}${filter} --device ${device} --call ${number}`;
}
