import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@ts-torch/utils';
import { expect, test, vi } from 'vitest';
import { train } from '../mnist.js';

test('mnist learns, and saves what PyTorch can load', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const save = join(tmpdir(), `mnist-${process.pid}.pt`);
  try {
    expect(train({ epochs: 1, limit: 640, save })).toBeGreaterThan(0.3);
    expect(Object.keys(load(save))).toContain('conv1.weight');
  } finally {
    rmSync(save, { force: true });
    write.mockRestore();
  }
}, 60_000);
