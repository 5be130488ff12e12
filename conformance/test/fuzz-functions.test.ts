import { expect, test } from 'vitest';
import { fuzz } from '../src/fuzz/run.js';

test('whatever the arguments, a function returns or throws a typed error', { timeout: 600_000 }, async () => {
  const run = await fuzz({ seed: 1, calls: 50_000, only: '^(?!Tensor\\.)' });
  console.log(`${run.calls} calls of ${run.ops} functions, ${run.returns} returned a result`);
  expect(run.findings).toEqual([]);
  expect(run.returns).toBeGreaterThan(run.calls / 3);
});
