import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fuzz } from '../../tensor/test/fuzz/run.js';

test('whatever the arguments, a function of nn.functional returns or throws a TorchError', {
  timeout: 90_000,
}, async () => {
  const run = await fuzz(fileURLToPath(new URL('..', import.meta.url)), ['@ts-torch/nn:functional']);
  expect(run.findings).toEqual([]);
  expect(run.calls).toBeGreaterThan(0);
});
