// Builds the addon into build/Release/ts_torch.node; only what changed.
//   --emulated                     the CUDA devices that run on the CPU, too
//   --cuda                         the CUDA backend, too, where there is nvcc; on a machine with a GPU always
//   --sanitize address,undefined   into build/Sanitize instead, with these checks of the compiler
//   --instruction-sets x86-64-v3   the vectorized kernels for these only (a;b: for several)
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sanitize: { type: 'string', default: process.env.TS_TORCH_SANITIZE },
    'instruction-sets': { type: 'string' },
    emulated: { type: 'boolean', default: false },
    cuda: { type: 'boolean', default: existsSync('/dev/nvidiactl') },
  },
});
const source = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(source, 'build', values.sanitize ? 'Sanitize' : 'Release');
const require = createRequire(import.meta.url);
const has = (command) => spawnSync(command, ['--version']).status === 0;

const configuration = [
  ...['-S', source, '-B', build],
  ...['-G', has('ninja') ? 'Ninja' : 'Unix Makefiles'],
  `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${build}`,
  // The folders that hold napi.h and node_api.h.
  `-DNODE_ADDON_API_DIR=${dirname(require.resolve('node-addon-api/package.json'))}`,
  `-DNODE_API_HEADERS_DIR=${join(dirname(require.resolve('node-api-headers/package.json')), 'include')}`,
  `-DCMAKE_BUILD_TYPE=${values.sanitize ? 'RelWithDebInfo' : 'Release'}`,
  `-DSANITIZE=${values.sanitize ?? ''}`,
];
if (values['instruction-sets']) configuration.push(`-DINSTRUCTION_SETS=${values['instruction-sets']}`);

// CMake runs only when its arguments change: the build files call it themselves when CMakeLists.txt does.
mkdirSync(build, { recursive: true });
const stamp = join(build, 'configured.txt');
const wanted = configuration.join('\n');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  run('cmake', [...configuration, '--fresh']);
  writeFileSync(stamp, wanted);
}
const targets = ['ts_torch'];
if (values.emulated) targets.push('ts_torch_cuda_emulated');
if (values.cuda && findNvcc()) targets.push('ts_torch_cuda');
run('cmake', ['--build', build, '--parallel', String(availableParallelism()), '--target', ...targets]);

/** As CMake does. */
function findNvcc() {
  return has('nvcc') || has('/usr/local/cuda/bin/nvcc');
}

/** One build at a time in a folder, where the system has flock. */
function run(command, args) {
  const [head, ...rest] = has('flock') ? ['flock', join(build, 'lock'), command, ...args] : [command, ...args];
  const { status } = spawnSync(head, rest, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
