// node scripts/bundle.mjs [folder...]: makes of each public package's modules a few files in `lib/`, which its `exports` name.
// Node takes half a millisecond to find and link a module: 185 of them would double the time that `import('ts-torch')` takes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { readJson, root } from './setup.mjs';

/** The source of each entry point of a package. */
function entryPoints(folder) {
  const { exports } = readJson(join(folder, 'package.json'));
  return Object.values(exports).flatMap((entry) =>
    entry['@ts-torch/source'] ? [join(folder, entry['@ts-torch/source'])] : [],
  );
}

export async function bundle(...folders) {
  const all = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  const chosen = (folders.length > 0 ? folders.map((folder) => resolve(folder)) : all).filter((folder) =>
    existsSync(join(folder, 'package.json')),
  );
  await Promise.all(
    chosen.map((folder) =>
      build({
        entryPoints: entryPoints(folder),
        outbase: join(folder, 'src'),
        outdir: join(folder, 'lib'),
        bundle: true,
        splitting: true,
        // Other packages stay imports: each is one module, however many import it.
        packages: 'external',
        format: 'esm',
        platform: 'node',
        target: 'node20',
        sourcemap: true,
        sourcesContent: false,
        // Classes that refer to themselves are renamed otherwise, and errors and printing show a class's name.
        keepNames: true,
        logLevel: 'error',
        metafile: true,
      }).then(({ metafile }) => nameClassesOnly(Object.keys(metafile.outputs))),
    ),
  );
}

const NAMES_ALL = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
const NAMES_CLASSES = NAMES_ALL.replace(
  '=> ',
  '=> target.prototype === undefined || target.name === value ? target : ',
);

/** esbuild's helper would define a name for each closure whenever one is made: 0.5 us, twice what an `add` takes. */
function nameClassesOnly(files) {
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (text.includes(NAMES_ALL)) writeFileSync(file, text.replace(NAMES_ALL, NAMES_CLASSES));
    else if (text.includes('var __name =')) throw new Error(`${file}: esbuild's __name is another than it was`);
  }
}

if (process.argv[1] === import.meta.filename) await bundle(...process.argv.slice(2));
