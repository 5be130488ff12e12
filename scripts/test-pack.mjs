// Packs each public package, installs the tarball with only what it depends on into an empty folder outside the
// workspace, type-checks scripts/pack/<folder>.ts there and runs it. Also measures how long `import('ts-torch')` takes.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson, root, run, runPnpm, runTool, StepError, step } from './setup.mjs';

// Milliseconds on a machine that starts Node.js in 40; a slower or busier one has as much more.
const importLimit = 80;
const usualStart = 40;

export async function testPackages() {
  const temporary = mkdtempSync(join(tmpdir(), 'ts-torch-pack-'));
  try {
    const packages = new Map();
    for (const folder of readdirSync(join(root, 'packages'))) {
      const source = join(root, 'packages', folder);
      if (!existsSync(join(source, 'package.json')) || readJson(join(source, 'package.json')).private) continue;
      const unpacked = await pack(source, join(temporary, 'unpacked', folder));
      packages.set(unpacked.manifest.name, { folder, source, ...unpacked });
    }
    const failures = [];
    for (const { manifest, folder, path } of packages.values()) {
      try {
        checkManifest(manifest, path);
        await use(folder, install(manifest.name, packages, join(temporary, 'installed', folder)));
      } catch (error) {
        failures.push(`${manifest.name}, installed from its tarball:\n${error.message.trim()}`);
      }
    }
    if (failures.length > 0) throw new StepError(failures.join('\n\n'));
    return await checkImportTime(join(temporary, 'installed/torch'));
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** The tarball's content, unpacked into `path`. */
async function pack(source, path) {
  mkdirSync(path, { recursive: true });
  await runPnpm(['pack', '--out', join(path, 'package.tgz')], { cwd: source });
  await run('tar', ['-xzf', join(path, 'package.tgz'), '--strip-components=1', '-C', path]);
  rmSync(join(path, 'package.tgz'));
  return { path, manifest: readJson(join(path, 'package.json')) };
}

function checkManifest(manifest, path) {
  const { exports, files } = manifest;
  if (JSON.stringify(manifest).includes('workspace:')) throw new StepError('a `workspace:` range was packed');
  const targets = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)));
  const promised = files.filter((file) => !/[!*]/.test(file));
  for (const file of [...targets, ...promised, manifest.types, 'README.md', 'LICENSE']) {
    if (!existsSync(join(path, file))) throw new StepError(`${file} is not in the package`);
  }
}

/** Copies `name` and what it depends on, directly or not, into the `node_modules` of `folder`. */
function install(name, packages, folder, from = root) {
  const target = join(folder, 'node_modules', name);
  if (existsSync(target)) return folder;
  const { path, source, manifest } = packages.get(name) ?? { path: realpathSync(join(from, 'node_modules', name)) };
  cpSync(path, target, { recursive: true });
  for (const dependency of Object.keys(manifest?.dependencies ?? {})) install(dependency, packages, folder, source);
  return folder;
}

async function use(folder, directory) {
  copyFileSync(join(root, 'scripts/pack', `${folder}.ts`), join(directory, 'program.ts'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  await runTool('tsc', ['-p', directory]);
  await run(process.execPath, ['program.js'], { cwd: directory });
}

async function checkImportTime(cwd) {
  const program = "const start = performance.now(); await import('ts-torch'); console.log(performance.now() - start);";
  const start = async (code) => Number(await run(process.execPath, ['--input-type=module', '-e', code], { cwd }));
  // Each import beside a start of Node.js, so that a machine whose speed changes meanwhile slows both; the median of these pairs.
  // Where that is above the limit more are taken: seconds in which a machine does something else decide less.
  const pairs = [];
  let middle;
  do {
    for (let i = 0; i < 9; i++) {
      const before = performance.now();
      await start('');
      const startOfNode = performance.now() - before;
      pairs.push({ took: await start(program), limit: importLimit * Math.max(1, startOfNode / usualStart) });
    }
    middle = pairs.sort((a, b) => a.took / a.limit - b.took / b.limit)[pairs.length >> 1];
  } while (!(middle.took <= middle.limit) && pairs.length < 45);
  const { took, limit } = middle;
  const note = `import('ts-torch') takes ${took.toFixed(0)} ms; the limit is ${limit.toFixed(0)} ms beside how long Node.js takes to start`;
  if (!(took <= limit)) throw new StepError(note);
  return note;
}

if (process.argv[1] === import.meta.filename && !(await step('packages', testPackages))) process.exit(1);
