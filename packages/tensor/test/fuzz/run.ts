import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface Finding {
  readonly op: string;
  readonly call: string;
  readonly error: string;
  /** How to see it again. */
  readonly again: string;
}

export interface FuzzRun {
  readonly findings: readonly Finding[];
  readonly calls: number;
  readonly ops: number;
}

const PROGRAM = fileURLToPath(new URL('bad-arguments.mjs', import.meta.url));

/** Seeds and rounds may be chosen: TS_TORCH_FUZZ_SEED, TS_TORCH_FUZZ_ROUNDS. */
const SEED = Number(process.env['TS_TORCH_FUZZ_SEED'] ?? 1);
const ROUNDS = Number(process.env['TS_TORCH_FUZZ_ROUNDS'] ?? 20_000);

/**
 * Runs bad-arguments.mjs on the ops of some modules in a process of its own: a crash, or a call that never returns, is a
 * finding like others. `folder` is the package that the modules are imported from; it must be built.
 */
export async function fuzz(folder: string, modules: readonly string[], limitMs = 60_000): Promise<FuzzRun> {
  const args = [PROGRAM, String(SEED), String(ROUNDS), folder, ...modules, '--journal'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const output = collect(child.stdio[1] as Readable);
  const errors = collect(child.stdio[2] as Readable);
  const journal = collect(child.stdio[3] as Readable);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  clearTimeout(timer);
  const again = (round: string | number): string =>
    `node ${PROGRAM} ${SEED} 1 ${folder} ${modules.join(' ')} --verbose --round ${round}`;
  const lines = output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const records = lines.map((line) => JSON.parse(line));
  const findings = records
    .filter((record) => 'call' in record)
    .map(({ op, call, error, round }): Finding => ({ op, call, error, again: again(round) }));
  const summary = records.find((record) => 'calls' in record);
  if (summary !== undefined && ended === 'exit code 0') return { findings, calls: summary.calls, ops: summary.ops };
  const [round = '', call = ''] = (journal().trimEnd().split('\n').at(-1) ?? '').split(/ (.*)/);
  const error = `the process ended by ${ended}: ${errors().slice(-2000)}`;
  findings.push({ op: call.split('(')[0] ?? '', call, error, again: again(round) });
  return { findings, calls: 0, ops: 0 };
}

/** What a stream has given so far, up to its last megabyte. */
function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk) => {
    text = (text + String(chunk)).slice(-(2 ** 20));
  });
  return () => text;
}
