import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// A profiler interrupts the program ten thousand times a second; before signals were held back during oneDNN's products (core/native/runtime/
// signals.h), one of them corrupted the heap nearly every time.
test('signals during matrix products do no harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-torch-signals-'));
  const tensor = fileURLToPath(new URL('../lib/index.js', import.meta.url));
  const program = `
    import { randn } from ${JSON.stringify(tensor)};
    const a = randn([256, 256]);
    for (let i = 0; i < 1500; i++) a.matmul(a);`;
  const options = ['--cpu-prof', '--cpu-prof-interval', '100', '--input-type=module', '-e', program];
  const { status, signal, stderr } = spawnSync(process.execPath, options, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
