import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const PACKAGES = ['python3-torch', 'libopenblas0-pthread'];

const DEBIANS = '/usr/bin/python3';

/** An interpreter that can import PyTorch, and the folder of the BLAS that it is to use. */
export interface PyTorch {
  interpreter: string;
  libraries?: string;
}

/** For the CPU Debian's PyTorch, unless another is given; for a GPU that of `interpreter` or python3, null where it has no CUDA. */
export function findPyTorch(device: string, interpreter: string | undefined): PyTorch | null {
  if (device === 'cpu')
    return interpreter === undefined ? { interpreter: DEBIANS, libraries: installPyTorch() } : { interpreter };
  const chosen = interpreter ?? 'python3';
  const hasCuda = 'import sys, torch; sys.exit(not torch.cuda.is_available())';
  return spawnSync(chosen, ['-c', hasCuda]).status === 0 ? { interpreter: chosen } : null;
}

/**
 * Makes sure that Debian's PyTorch is there, with OpenBLAS on threads of its own as its BLAS: the fastest that Debian has for
 * it. As root it is installed where it is missing. Returns the folder of that BLAS.
 */
function installPyTorch(): string {
  if (!hasPyTorch() || blasFolder() === undefined) install();
  const folder = blasFolder();
  if (!hasPyTorch() || folder === undefined)
    throw new Error(`${DEBIANS} cannot import torch, with ${PACKAGES.join(' and ')} installed`);
  return folder;
}

function hasPyTorch(): boolean {
  const finder = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
  return spawnSync(DEBIANS, ['-c', finder]).status === 0;
}

function blasFolder(): string | undefined {
  const triples = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu')) : [];
  return triples.map((triple) => `/usr/lib/${triple}/openblas-pthread`).find((folder) => existsSync(folder));
}

function install(): void {
  const commands = [
    ['apt-get', 'update'],
    ['apt-get', 'install', '--yes', '--no-install-recommends', ...PACKAGES],
  ];
  const text = commands.map((words) => `  ${words.join(' ')}`).join('\n');
  if (process.getuid?.() !== 0) throw new Error(`PyTorch is not installed. On Debian, as root:\n${text}`);
  console.log(`PyTorch is not installed; running\n${text}`);
  for (const [command, ...args] of commands) {
    const { status } = spawnSync(command!, args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: failed`);
  }
}
