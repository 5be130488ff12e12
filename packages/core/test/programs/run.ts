import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface NodeBinary {
  readonly name: string;
  readonly path: string;
}

/** A Node of that major version from npm, kept under node_modules/.cache. */
function fetchNode(major: string): NodeBinary {
  const package_ = `node-${process.platform}-${process.arch}`;
  const folder = here(`../../../../node_modules/.cache/node-${major}`);
  const path = join(folder, 'node_modules', package_, 'bin/node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const npm = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', `${package_}@${major}`];
    execFileSync('npm', npm, { stdio: 'inherit' });
  }
  return { name: `Node ${major}`, path };
}

/** The Node that runs the tests; with TS_TORCH_TEST_NODES=22,24 those versions too, which npm fetches on first use. */
export const nodes: readonly NodeBinary[] = [
  { name: `Node ${process.versions.node.split('.')[0]}`, path: process.execPath },
  ...(process.env['TS_TORCH_TEST_NODES'] ?? '').split(',').filter(Boolean).map(fetchNode),
];

/**
 * Runs a program beside this file, whose last line of output is JSON: what it found. A crash, an exit code other than 0 or
 * more than `limitMs` throw. The packages must be built.
 */
export async function runProgram<T>(program: string, { path }: NodeBinary, limitMs = 30_000): Promise<T> {
  // Threads that wait for one another by spinning make a busy machine fifty times slower.
  const env = { ...process.env, OMP_WAIT_POLICY: 'passive' };
  const child = spawn(path, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const ended = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  clearTimeout(timer);
  if (ended !== 'code 0') throw new Error(`${program} ended with ${ended}\n${output}\n${errors}`);
  return JSON.parse(output.trimEnd().split('\n').at(-1) as string) as T;
}

export const program = (name: string): string => here(name);
