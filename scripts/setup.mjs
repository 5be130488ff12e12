// What `npm start` and `npm test` share: makes a fresh checkout ready, and runs one step after the other.
// Plain Node without dependencies, since nothing is installed when it starts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const tools = join(root, '.tools');
const pnpm = join(tools, 'node_modules/.bin/pnpm');
const debianPackages = ['cmake', 'ninja-build', 'g++', 'make', 'libdnnl-dev', 'libopenblas-openmp-dev'];

/** Says what failed without a stack: the output of a command, or a message for the person at the terminal. */
export class StepError extends Error {}

/** Runs a command in the repository root and gives what it printed; throws a StepError when it fails. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new StepError(`${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new StepError(`${output}\n${command} ${args.join(' ')}: ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** Runs `node_modules/.bin/<name>`. */
export const runTool = (name, args, options) => run(join(root, 'node_modules/.bin', name), args, options);

/** Runs the pinned pnpm. */
export const runPnpm = (args, options) => run(pnpm, args, options);

/**
 * Runs `work` under a line with its name and duration, and shows the reason if it fails. Gives whether it went well.
 * What `work` gives, if anything, is a note that stands behind the duration.
 */
export async function step(name, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(8);
  process.stdout.write(name.padEnd(18));
  try {
    const note = await work();
    console.log(`ok    ${seconds()}${note ? `   ${note}` : ''}`);
    return true;
  } catch (error) {
    console.log(`FAILED${seconds()}`);
    console.log(error instanceof StepError ? error.message.trim() : error);
    return false;
  }
}

/** Compilers, libraries, pnpm and the npm packages; each only if it is missing. Gives whether all are there. */
export async function setUp({ debian = [] } = {}) {
  return (
    (await step('system packages', () => installDebianPackages([...debianPackages, ...debian]))) &&
    (await step('pnpm', installPnpm)) &&
    (await step('npm packages', async () => {
      await runPnpm(['install', '--frozen-lockfile']);
      useGitHooks();
    }))
  );
}

/** Options as `--cuda` are those of build-native.mjs. */
export async function buildNative(...options) {
  await run(process.execPath, ['packages/core/scripts/build-native.mjs', ...options]);
}

/** Compiles the TypeScript projects in these folders with what they need; all of them if none is named. */
export async function buildTypeScript(...projects) {
  await runTool('tsc', ['-b', ...projects]);
  await run(process.execPath, ['scripts/bundle.mjs']);
}

async function installDebianPackages(names) {
  if (spawnSync('dpkg-query', ['--version']).status !== 0)
    return 'not Debian: needs cmake, a C++ compiler, oneDNN, OpenBLAS';
  const missing = names.filter((name) => {
    const { stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
    return !stdout.includes('Status: install ok installed');
  });
  if (missing.length === 0) return;
  if (process.getuid() !== 0) {
    throw new StepError(
      `missing Debian packages; run as root:\n  apt-get update && apt-get install ${missing.join(' ')}`,
    );
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=600'];
  await run('apt-get', ['update', ...wait], { env });
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...wait, ...missing], { env });
  return `installed ${missing.join(', ')}`;
}

/** Puts the version that package.json names into `.tools/`; nothing global. */
async function installPnpm() {
  const [, version] = readJson(join(root, 'package.json')).packageManager.split('@');
  const manifest = join(tools, 'node_modules/pnpm/package.json');
  if (existsSync(manifest) && readJson(manifest).version === version) return;
  await run('npm', ['install', '--prefix', tools, '--no-save', '--no-audit', '--no-fund', `pnpm@${version}`]);
  return version;
}

function useGitHooks() {
  if (process.env.CI || !existsSync(join(root, '.git'))) return;
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (git('config', 'core.hooksPath').stdout === '') git('config', 'core.hooksPath', '.githooks');
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (process.argv[1] === import.meta.filename && !(await setUp())) process.exit(1);
