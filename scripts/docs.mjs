// npm run docs: the site in docs/build/site: a page for each function and class, and the guides.
import { buildNative, buildTypeScript, root, run, setUp, step } from './setup.mjs';

/** With `--check` nothing is written, but every declaration is read, and a broken link found. */
export async function generateDocs(...options) {
  await run(process.execPath, ['docs/dist/site.js', ...options], { cwd: root, env: { TS_TORCH_CUDA: 'emulated' } });
}

async function docs() {
  return (
    (await setUp()) &&
    // The pages name the kernels of CUDA too.
    (await step('native build', () => buildNative('--emulated'))) &&
    (await step('typescript', () => buildTypeScript('docs'))) &&
    (await step('docs', () => generateDocs()))
  );
}

if (process.argv[1] === import.meta.filename && !(await docs())) process.exit(1);
