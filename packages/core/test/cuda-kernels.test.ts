// Which kernels the CUDA objects have; no GPU is needed to know that.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nativePath } from '../src/native.js';

type Table = [name: string, { cpu: string[]; cuda: string[] }][];

const program = `
  const { cudaDeviceCount, kernelTable } = await import('@ts-torch/core');
  cudaDeviceCount(); // loads the object, and registers its kernels whether or not there is a device
  console.log(JSON.stringify([...kernelTable()]));`;

/** The table with the kernels of an object: '' for the one that nvcc compiled. */
function tableWith(object: '' | 'emulated'): Table {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, TS_TORCH_CUDA: object },
    encoding: 'utf8',
  });
  return JSON.parse(output) as Table;
}

const kernelsOf = (table: Table): string[] =>
  table.flatMap(([name, { cuda }]) => cuda.map((dtype) => `${name} of ${dtype}`)).sort();

test('what the CPU computes, a CUDA device does', () => {
  const missing = tableWith('emulated').flatMap(([name, { cpu, cuda }]) =>
    cpu.filter((dtype) => !cuda.includes(dtype)).map((dtype) => `${name} of ${dtype}`),
  );
  expect(missing).toEqual([]);
});

test.skipIf(!existsSync(join(dirname(nativePath), 'ts_torch_cuda.so')))(
  'the object that nvcc compiled has the kernels of the emulated one',
  () => {
    expect(kernelsOf(tableWith(''))).toEqual(kernelsOf(tableWith('emulated')));
  },
);
