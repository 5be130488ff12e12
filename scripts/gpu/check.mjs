// The program of the GPU bundle: checks ts-torch on this machine's GPU within nine minutes. Each stage is reported even if another
// fails or runs out of time; the whole goes to report.md and report.json.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '525' }, // for all stages
    only: { type: 'string', default: '' }, // stages whose name matches
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: import.meta.dirname },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log('gpu-check [--seconds 525] [--only REGEX] [--python FILE] [--out FOLDER]');
  process.exit(0);
}

const here = import.meta.dirname;
const start = performance.now();
const left = () => Number(options.seconds) - (performance.now() - start) / 1e3;
const logs = join(options.out, 'logs');
mkdirSync(logs, { recursive: true });
const report = { machine: {}, stages: [] };

/** Runs this Node.js until it ends or its time is up; what it prints goes to a log, and comes back. */
function runNode(log, args, seconds, { command = join(here, 'node'), env = {} } = {}) {
  return new Promise((resolve) => {
    const file = createWriteStream(join(logs, `${log}.txt`));
    const child = spawn(command, args, {
      cwd: here,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let late = false;
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
      file.write(chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, Math.max(seconds, 1) * 1e3);
    child.on('error', (error) => keep(`${error.message}\n`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      file.end();
      const ending = late
        ? `stopped after ${Math.round(seconds)} s`
        : code === 0
          ? 'ok'
          : `ended with ${signal ?? `code ${code}`}`;
      resolve({ ok: code === 0 && !late, ending, output });
    });
  });
}

/** The last lines of an output that say something. */
const lastLines = (output, count) => output.trim().split('\n').slice(-count).join('\n');

async function stage(name, seconds, work) {
  if (!new RegExp(options.only).test(name)) return;
  const began = performance.now();
  console.log(`\n== ${name}`);
  let entry;
  try {
    const budget = Math.min(seconds, left());
    entry = budget < 3 ? { ok: false, text: 'no time was left' } : await work(budget);
  } catch (error) {
    entry = { ok: false, text: String(error?.stack ?? error) };
  }
  entry.seconds = Math.round((performance.now() - began) / 100) / 10;
  console.log(`${entry.text}\n${entry.ok ? 'ok' : 'FAILED'}, ${entry.seconds} s`);
  report.stages.push({ name, ...entry });
  writeReport();
}

function writeReport() {
  writeFileSync(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const sections = report.stages.map(
    ({ name, ok, seconds, text }) => `## ${name}: ${ok ? 'ok' : 'FAILED'} (${seconds} s)\n\n\`\`\`\n${text}\n\`\`\`\n`,
  );
  const machine = Object.entries(report.machine).map(([key, value]) => `- ${key}: ${value}`);
  writeFileSync(
    join(options.out, 'report.md'),
    `# ts-torch on a GPU\n\n${machine.join('\n')}\n\n${sections.join('\n')}`,
  );
}

// --- The stages -----------------------------------------------------------------------------------------------------------------

async function describeMachine() {
  report.machine.cpu = `${cpus()[0]?.model}, ${availableParallelism()} cores`;
  report.machine.node = process.version;
  const smi = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  report.machine.driver = smi.status === 0 ? smi.stdout.trim() : 'nvidia-smi was not found';
  const { cuda } = await import('ts-torch');
  // Throws with the reason where there is no device.
  const properties = cuda.getDeviceProperties();
  report.machine.device = properties.name;
  const lines = Object.entries(properties).map(([key, value]) => `${key}: ${value}`);
  return { ok: true, text: [...lines, JSON.stringify(cuda.versions()), cuda.libraries()].join('\n') };
}

const REAL = { TS_TORCH_CUDA: '', CUDA_LAUNCH_BLOCKING: '1' };

function testFiles() {
  return readdirSync(join(here, 'tests'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.mjs'));
}

/** Several files at a time: most of a test is spent on the CPU. */
async function runTests(seconds) {
  const until = performance.now() + seconds * 1e3;
  const queue = testFiles();
  const failures = [];
  let passed = 0;
  let failed = 0;
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const time = (until - performance.now()) / 1e3;
      const args = ['--import', './tests/default-to-cuda.mjs', join('tests', file)];
      const { output, ok, ending } = await runNode(`test-${file.replaceAll('/', '-')}`, args, time, { env: REAL });
      // The last such line: a warning may come after it.
      const [, a, b] = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
      passed += Number(a ?? 0);
      failed += Number(b ?? 1);
      if (!ok)
        failures.push(
          `${file}: ${ending}\n${(output.match(/^FAILED .*\n.*/gm) ?? [lastLines(output, 4)]).slice(0, 8).join('\n')}`,
        );
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 8) }, worker));
  return { ok: failed === 0, passed, failed, text: [...failures, `${passed} passed, ${failed} failed`].join('\n\n') };
}

async function replayOracle(seconds) {
  const programs = [
    ['operators', ['conformance/operators.mjs', '--device', 'cuda', '--verbose']],
    ['modules', ['conformance/module-list.mjs', '--device', 'cuda', '--verbose']],
  ];
  const runs = await Promise.all(programs.map(([log, args]) => runNode(log, args, seconds, { env: REAL })));
  const text = runs.map(({ output, ending }) => `${lastLines(output, 14)}\n${ending}`).join('\n\n');
  return { ok: runs.every(({ ok }) => ok), text };
}

async function sanitize(seconds) {
  const tool = ['compute-sanitizer', '/usr/local/cuda/bin/compute-sanitizer'].find(
    (path) => spawnSync(path, ['--version']).status === 0,
  );
  if (tool === undefined) return { ok: true, text: 'compute-sanitizer is not on this machine: skipped' };
  const sample = [
    'conformance/operators.mjs',
    '--device',
    'cuda',
    '--only',
    '^(add|sum|softmax|sort|cumsum|gather|matmul)/',
  ];
  const texts = [];
  let ok = true;
  for (const check of ['memcheck', 'racecheck']) {
    const args = ['--tool', check, '--error-exitcode', '9', join(here, 'node'), ...sample];
    const { output, ending } = await runNode(`sanitizer-${check}`, args, seconds / 2, { command: tool, env: REAL });
    ok &&= ending !== 'ended with code 9';
    texts.push(`${check}: ${ending}\n${lastLines(output, 4)}`);
  }
  return { ok, text: texts.join('\n\n') };
}

async function trainMnist(seconds) {
  const args = ['examples/mnist.mjs', '--device', 'cuda', '--data', 'data', '--epochs', '3'];
  const { ok, output, ending } = await runNode('mnist', args, seconds, { env: { TS_TORCH_CUDA: '' } });
  const [, accuracy] = /epoch 3\/3: ([\d.]+) %/.exec(output) ?? [];
  return { ok: ok && Number(accuracy) > 95, accuracy: Number(accuracy), text: `${lastLines(output, 6)}\n${ending}` };
}

async function benchmark(seconds) {
  const json = join(options.out, 'benchmark.json');
  const args = ['benchmarks/dist/compare.js', '--device', 'cuda', '--quick', '--threads', '8', '--json', json];
  args.push('--python', options.python, '--seconds', String(Math.max(Math.round(seconds - 15), 1)));
  const { ok, output, ending } = await runNode('benchmark', args, seconds, { env: { TS_TORCH_CUDA: '' } });
  if (existsSync(json)) report.benchmark = JSON.parse(readFileSync(json, 'utf8'));
  return { ok, text: `${output.trim()}\n${ending}` };
}

await stage('machine', 30, describeMachine);
if (report.stages[0]?.ok === false) {
  console.log(
    `\nThere is no GPU that can be used here: the other stages were not run.\nreport.md and report.json are in ${options.out}`,
  );
  process.exit(1);
}
await stage('tests', 150, runTests);
await stage('samples', 120, replayOracle);
await stage('sanitizer', 60, sanitize);
await stage('MNIST', 60, trainMnist);
await stage('benchmark', Math.max(left() - 5, 60), benchmark);
const failed = report.stages.filter(({ ok }) => !ok).map(({ name }) => name);
console.log(
  `\n${failed.length === 0 ? 'all stages passed' : `FAILED: ${failed.join(', ')}`}; report.md and report.json are in ${options.out}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
