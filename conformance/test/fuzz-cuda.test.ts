import { expect, test } from 'vitest';
import { fuzz } from '../src/fuzz/run.js';

test('whatever the arguments, an op on an emulated GPU returns or throws a typed error', {
  timeout: 600_000,
}, async () => {
  const env = { TS_TORCH_CUDA: 'emulated' };
  const run = await fuzz({ seed: 3, calls: 5000, device: 'cuda', env, limitMs: 20_000 });
  console.log(`${run.calls} calls of ${run.ops} ops, ${run.returns} returned a result`);
  expect(run.findings).toEqual([]);
  expect(run.returns).toBeGreaterThan(run.calls / 3);
});
