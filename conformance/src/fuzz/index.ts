import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCall, type FuzzOptions, type FuzzRun, fuzz, type Reported } from './run.js';

const USAGE = `npm run fuzz -- [options]: calls every op with arguments that are right, nearly right and absurd

  --calls N        how many calls (100,000)
  --seed S         which ones (1)
  --call N         one of them alone
  --only REGEX     only ops whose names match, such as '^Tensor\\.add_?$'
  --device NAME    where tensors are (cpu); cuda is emulated unless TS_TORCH_CUDA says otherwise
  --processes N    at a time (1)
  --limit S        the seconds that a call may take (5; with --sanitize 60)
  --sanitize       with a native build under AddressSanitizer and UndefinedBehaviorSanitizer (the first takes long)
  --idle           name the ops that never returned a result`;

const BUILD_NATIVE = join(import.meta.dirname, '../../../packages/core/scripts/build-native.mjs');
const SANITIZED_BUILD = join(import.meta.dirname, '../../../packages/core/build/Sanitize/ts_torch.node');

/** The native build that the calls need, where it is not the usual one. */
function buildNative(sanitizes: boolean, emulates: boolean): void {
  const args = sanitizes ? ['--sanitize', 'address,undefined', '--instruction-sets', 'x86-64-v3'] : [];
  if (emulates) args.push('--emulated');
  if (args.length > 0) execFileSync(process.execPath, [BUILD_NATIVE, ...args], { stdio: 'inherit' });
}

/** The environment under which a sanitized build runs in an ordinary Node, and ends the process at its first report. */
function sanitizers(): NodeJS.ProcessEnv {
  const libraryOf = (name: string): string =>
    execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return {
    TS_TORCH_NATIVE: SANITIZED_BUILD,
    LD_PRELOAD: `${libraryOf('libasan.so')} ${libraryOf('libubsan.so')}`,
    ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:abort_on_error=1',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:abort_on_error=1',
  };
}

function options(): { fuzz: FuzzOptions; idle: boolean } | undefined {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      call: { type: 'string' },
      only: { type: 'string', default: '' },
      device: { type: 'string', default: 'cpu' },
      processes: { type: 'string', default: '1' },
      limit: { type: 'string' },
      sanitize: { type: 'boolean', default: false },
      idle: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { seed, call, only, device, sanitize, idle } = values;
  const emulation = device.startsWith('cuda') ? { TS_TORCH_CUDA: process.env['TS_TORCH_CUDA'] ?? 'emulated' } : {};
  buildNative(sanitize, emulation.TS_TORCH_CUDA === 'emulated');
  return {
    fuzz: {
      seed: Number(seed),
      calls: call === undefined ? Number(values.calls) : 1,
      first: Number(call ?? 0),
      only,
      device,
      processes: Number(values.processes),
      limitMs: 1000 * Number(values.limit ?? (sanitize ? 60 : 5)),
      env: { ...emulation, ...(sanitize ? sanitizers() : {}) },
    },
    idle,
  };
}

function printFinding({ op, call, error, stack, again }: Reported): void {
  console.log(`${op}: ${error}\n  ${call}\n  ${stack.join('\n  ')}\n  ${again}\n`);
}

function printSummary({ findings, calls, returns, ops, idle }: FuzzRun, seconds: number): void {
  const share = ((100 * returns) / calls).toFixed(1);
  console.log(
    `${calls} calls of ${ops} ops (of ${idle.length} none returned), ${share} % returned, ${seconds.toFixed(1)} s, ${findings.length} findings`,
  );
}

const chosen = options();
if (chosen === undefined) console.log(USAGE);
else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  const start = performance.now();
  if (chosen.fuzz.calls === 1) console.log(await describeCall(chosen.fuzz, chosen.fuzz.first ?? 0));
  const run = await fuzz({ ...chosen.fuzz, onFinding: printFinding });
  if (chosen.idle) console.log(run.idle);
  printSummary(run, (performance.now() - start) / 1000);
  process.exitCode = run.findings.length === 0 ? 0 : 1;
}
