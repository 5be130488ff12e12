// npm run lint: formatting and lint rules of both languages. npm run format (--write): mends what can be mended.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, runTool, StepError, step } from './setup.mjs';

const write = process.argv.includes('--write');

export async function lintTypeScript() {
  await runTool('biome', ['check', '--error-on-warnings', '--diagnostic-level=warn', ...(write ? ['--write'] : [])]);
}

export async function lintCpp() {
  const native = join(root, 'packages/core/native');
  const files = readdirSync(native, { recursive: true }).filter((file) => /\.(h|cc|cpp|cu|cuh|inc)$/.test(file));
  if (files.length === 0) return;
  if (write) {
    await run('clang-format', ['-i', ...files], { cwd: native });
    return;
  }
  try {
    await run('clang-format', ['--dry-run', '-Werror', ...files], { cwd: native });
  } catch (error) {
    const unformatted = files.filter((file) => error.message.includes(`${file}:`));
    throw unformatted.length > 0 ? new StepError(`\`npm run format\` would change: ${unformatted.join(', ')}`) : error;
  }
}

if (process.argv[1] === import.meta.filename) {
  const passed = [await step('biome', lintTypeScript), await step('clang-format', lintCpp)];
  if (passed.includes(false)) process.exit(1);
}
