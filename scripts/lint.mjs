// npm run lint: formatting and lint rules of both languages. npm run format (--write): mends what can be mended.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, runTool, step } from './setup.mjs';

const write = process.argv.includes('--write');

export const lintTypeScript = () => runTool('biome', ['check', '--error-on-warnings', ...(write ? ['--write'] : [])]);

export async function lintCpp() {
  const native = join(root, 'packages/core/native');
  const files = readdirSync(native, { recursive: true }).filter((file) => /\.(h|cc|cpp|cu|cuh|inc)$/.test(file));
  if (files.length === 0) return;
  await run('clang-format', [...(write ? ['-i'] : ['--dry-run', '-Werror']), ...files], { cwd: native });
}

if (process.argv[1] === import.meta.filename) {
  const passed = [await step('biome', lintTypeScript), await step('clang-format', lintCpp)];
  if (passed.includes(false)) process.exit(1);
}
