// npm test: every check, each even if one before it failed. The last line counts: vitest's tests, and one for each other check.
//   --cuda   compiles the kernels for GPUs, too, where there is nvcc: some ten minutes
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateDocs } from './docs.mjs';
import { lintCpp, lintTypeScript } from './lint.mjs';
import { buildNative, buildTypeScript, readJson, root, runTool, setUp, step } from './setup.mjs';
import { testPackages } from './test-pack.mjs';

const count = { passed: 0, failed: 0, skipped: 0 };

async function check(name, work) {
  count[(await step(name, work)) ? 'passed' : 'failed'] += 1;
}

/** Counts vitest's tests, and as failed what is broken without a failed test: a file that does not load, a stray error. */
async function unitTests() {
  const report = join(root, 'node_modules/.cache/vitest.json');
  mkdirSync(join(report, '..'), { recursive: true });
  rmSync(report, { force: true });
  const before = count.failed;
  const passed = await step('vitest', async () => {
    try {
      await runTool('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
    } finally {
      if (existsSync(report)) addReport(readJson(report));
    }
  });
  if (!passed && count.failed === before) count.failed += 1;
}

function addReport({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const isBroken = ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
  count.passed += numPassedTests;
  count.failed += numFailedTests + testResults.filter(isBroken).length;
  count.skipped += numPendingTests + numTodoTests;
}

if (await setUp({ debian: ['clang-format'] })) {
  await check('biome', lintTypeScript);
  await check('clang-format', lintCpp);
  const cuda = process.argv.includes('--cuda') ? ['--cuda'] : [];
  await check('native build', () => buildNative('--emulated', ...cuda));
  await check('typescript', () => buildTypeScript());
  await check('docs', () => generateDocs('--check'));
  await unitTests();
  await check('packages', testPackages);
} else {
  count.failed += 1;
}

console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed === 0 ? 0 : 1;
