// node scripts/bundle.mjs [folder...]: makes of each public package's modules a few files in `lib/`, which its `exports` name.
// Node takes half a millisecond to find and link a module: 185 of them would double the time that `import('ts-torch')` takes.
import { existsSync, readdirSync } from 'node:fs';
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
      }),
    ),
  );
}

if (process.argv[1] === import.meta.filename) await bundle(...process.argv.slice(2));
