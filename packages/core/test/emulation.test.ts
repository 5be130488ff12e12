import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const core = fileURLToPath(new URL('..', import.meta.url));
const build = join(core, 'build/Emulation');
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const call = promisify(execFile);

type Settings = Record<string, string>;

interface Outcome {
  output: string;
  errors: string;
  /** `code 0`, or the signal. */
  ended: string;
}

/** Runs a case of a test program, with `TS_TORCH_EMULATED_` settings. */
async function run(program: string, cases: string[], settings: Settings = {}): Promise<Outcome> {
  const variables = Object.entries(settings).map(([name, value]) => [`TS_TORCH_EMULATED_${name}`, value]);
  const env = { ...process.env, ...Object.fromEntries(variables) };
  try {
    const { stdout, stderr } = await call(join(build, program), cases, { env, timeout: 60_000 });
    return { output: stdout.trim(), errors: stderr, ended: 'code 0' };
  } catch (error) {
    const { stdout, stderr, signal, code } = error as { stdout: string; stderr: string; signal: string; code: number };
    return { output: stdout.trim(), errors: stderr, ended: signal ?? `code ${code}` };
  }
}

async function planted(name: string, settings: Settings = {}): Promise<string> {
  const { output, ended, errors } = await run('planted_bugs', [name], settings);
  if (ended !== 'code 0') throw new Error(`${name} ended with ${ended}\n${output}\n${errors}`);
  return output;
}

beforeAll(async () => {
  mkdirSync(build, { recursive: true });
  const generator = has('ninja') ? ['-G', 'Ninja'] : [];
  await call('cmake', ['-S', join(core, 'native/emulation/test'), '-B', build, ...generator]);
  await call('cmake', ['--build', build, '--parallel', '2']);
}, 300_000);

const orders = ['forward', 'reverse', 'shuffle'];
const streams = ['immediate', 'deferred', 'shuffled'];

describe('right programs give right results', () => {
  test.each(orders)('kernels, threads and blocks in %s order', async (ORDER) => {
    const ended = { output: '', ended: 'code 0' };
    expect(await run('kernels', [], { ORDER })).toMatchObject(ended);
    expect(await run('kernels', [], { ORDER, GUARD: '1', STREAMS: 'shuffled' })).toMatchObject(ended);
    expect(await run('portable_kernels', [], { ORDER })).toMatchObject(ended);
  });

  test.each(streams)('the runtime, streams %s', async (STREAMS) => {
    for (const SEED of ['1', '2', '3'])
      for (const GUARD of ['0', '1'])
        expect(await run('runtime', [], { STREAMS, SEED, GUARD })).toMatchObject({ output: '', ended: 'code 0' });
  });
});

describe('planted bugs are found', () => {
  test('a missing barrier: in reverse order', async () => {
    const found = orders.map((ORDER) => planted('missing barrier', { ORDER }));
    expect((await Promise.all(found)).slice(0, 2)).toEqual(['right', 'wrong']);
    for (const ORDER of orders) expect(await planted('barrier in place', { ORDER })).toBe('right');
  });

  test('blocks that rely on their order: in reverse order and shuffled', async () => {
    expect(await planted('block order')).toBe('right');
    expect(await planted('block order', { ORDER: 'reverse' })).toBe('wrong');
    expect(await planted('block order', { ORDER: 'shuffle' })).toBe('wrong');
  });

  test('a barrier that a thread reaches too early', async () => {
    for (const ORDER of orders)
      expect(await planted('divergent barrier', { ORDER })).toMatch(
        /^0 719 .*barrier_for_one, block \(0, 0, 0\): deadlock: of 64 threads 0 have finished, 33 wait in __syncthreads and 31 in a warp collective/,
      );
  });

  test('warp collectives with wrong masks, or lanes that are absent', async () => {
    expect(await planted('absent lane')).toMatch(/^0 719 .*deadlock: of 32 threads 1 have finished.* 31 in a warp/);
    expect(await planted('mask without oneself')).toMatch(
      /^0 719 .*shuffle_with, block \(0, 0, 0\), thread \(16, 0, 0\): lane 16 .* mask 0000ffff, which leaves it out/,
    );
    expect(await planted('mask beyond block')).toMatch(
      /^0 719 .*ffffffff names lanes that the block lacks: .* 8 threads/,
    );
    expect(await planted('masks that differ')).toMatch(/^0 719 .*different masks: fffffffe and ffffffff/);
  });

  test('a barrier in a kernel that promised to have none', async () => {
    expect(await planted('barrier in independent kernel')).toMatch(/^0 719 .*__syncthreads in a kernel .* independent/);
  });

  test('accesses beyond an allocation and to freed memory: with guards', async () => {
    const place = 'write_at, block \\(1, 0, 0\\), thread \\(3, 0, 0\\): an illegal access to 0x\\w+';
    const GUARD = '1';
    expect(await planted('beyond allocation', { GUARD })).toMatch(
      new RegExp(`^0 700 .*${place}: byte 256 of an allocation of 256 bytes on cuda:0`),
    );
    expect(await planted('freed memory', { GUARD })).toMatch(
      new RegExp(`^0 700 .*${place}: memory that is not allocated on cuda:0`),
    );
  });

  test('null pointers, and pointers to host memory and other devices', async () => {
    expect(await planted('null pointer')).toMatch(/^0 700 .* access to 0x8: a null pointer/);
    expect(await planted('host memory in kernel')).toMatch(/^0 700 .* access to ordinary host memory/);
    expect(await planted('other device')).toMatch(/^0 700 .*: memory of cuda:0, to which cuda:1 has no access/);
  });

  test('shared memory out of bounds', async () => {
    expect(await planted('beyond shared array')).toMatch(/^0 700 .*shared_at.*an access beyond a shared array/);
    expect(await planted('beyond dynamic shared')).toMatch(/^0 700 .*dynamic_at.*an access beyond a shared array/);
    expect(await planted('no dynamic shared')).toMatch(/^0 700 .*the launch asked for 0 bytes/);
    expect(await planted('static shared limit')).toMatch(/^0 719 .*49156 bytes; the limit is 49152/);
  });

  test('a stack overflow, on any thread of the process', async () => {
    expect(await planted('stack overflow')).toMatch(/^0 719 .*the stack overflows/);
    expect(await planted('stack overflow in thread')).toMatch(/^0 719 .*the stack overflows/);
  });

  test('an integer division by zero', async () => {
    expect(await planted('division by zero')).toMatch(/^0 719 .*divided by zero/);
  });

  test('host code that touches device memory: the process ends, and says why', async () => {
    const { output, errors, ended } = await run('planted_bugs', ['host dereference']);
    expect({ output, ended }).toEqual({ output: '', ended: 'SIGSEGV' });
    expect(errors).toMatch(/host code touches device memory: 0x\w+ of cuda:0/);
  });

  test('faults that are not ours go to whoever handled them before', async () => {
    expect(await run('planted_bugs', ['foreign fault'])).toEqual({ output: '', errors: '', ended: 'SIGSEGV' });
  });

  test('a missing wait between streams, or for the host: with deferred streams', async () => {
    for (const STREAMS of streams) {
      const right = STREAMS === 'immediate' ? 'right' : 'wrong';
      expect(await planted('wait in place', { STREAMS })).toBe('right');
      expect(await planted('missing wait', { STREAMS })).toBe(right);
      expect(await planted('missing synchronization', { STREAMS })).toBe(right);
      expect(await planted('early reuse of pinned memory', { STREAMS })).toBe(right);
    }
  });

  test('copies of the wrong kind or beyond an allocation, and double frees', async () => {
    expect(await planted('memcpy kind')).toMatch(/^21 .*from device to host, but the pointers say host to device/);
    expect(await planted('memcpy beyond')).toMatch(/^1 .*132 bytes at 0x\w+ are not inside an allocation of 128 bytes/);
    expect(await planted('memset beyond')).toMatch(
      /^1 .*128 bytes at 0x\w+4 are not inside an allocation of 128 bytes/,
    );
    expect(await planted('double free')).toMatch(/^1 cudaFree: .*free already/);
  });

  test('launches beyond the limits', async () => {
    expect(await planted('block too large')).toMatch(/^9 .*a block of \(1025, 1, 1\); the limits/);
    expect(await planted('empty grid')).toMatch(/^9 .*a grid of \(0, 1, 1\); the limits/);
    expect(await planted('grid too high')).toMatch(/^9 .*a grid of \(1, 65536, 1\); the limits/);
    expect(await planted('dynamic shared not allowed')).toMatch(/^1 .*50000 bytes of shared memory/);
  });

  test('more memory than there is', async () => {
    expect(await planted('memory limit', { MEMORY: '1048576' })).toBe('1048576 2');
  });

  test('a host function that calls the runtime', async () => {
    for (const STREAMS of streams) expect(await planted('call from host function', { STREAMS })).toBe('800');
  });
});

describe('settings', () => {
  test('the n-th call fails', async () => {
    expect(await planted('failing call', { FAIL: '2' })).toBe('0 999 0 0 2 0');
  });

  test('how many devices there are', async () => {
    expect(await planted('devices', { DEVICES: '3' })).toBe('0 3');
    expect(await planted('devices', { DEVICES: '0' })).toBe('100 -1');
  });

  test('a wrong value is an error that names it', async () => {
    expect(await planted('devices', { ORDER: 'backward' })).toBe(
      "3 -1 TS_TORCH_EMULATED_ORDER: expected one of forward, reverse, shuffle, got 'backward'",
    );
    expect(await planted('devices', { MEMORY: '-1' })).toMatch(/^3 -1 TS_TORCH_EMULATED_MEMORY: .*, got '-1'/);
  });
});

describe('races, with ThreadSanitizer', () => {
  test('right kernels have none', async () => {
    expect(await run('races', ['good'])).toEqual({ output: '', errors: '', ended: 'code 0' });
  }, 60_000);

  test.each([
    ['missing barrier', 'reverse_in_block'],
    ['missing barrier between sums', 'two_sums'],
    ['missing __syncwarp', 'neighbours_in_warp'],
    ['blocks that overlap', 'all_write_one'],
  ])(
    '%s',
    async (name, kernel) => {
      const { errors, ended } = await run('races', [name]);
      expect(errors).toMatch(new RegExp(`SUMMARY: ThreadSanitizer: data race .*races.cc:\\d+ in .*${kernel}`));
      expect(ended).toBe('code 66');
    },
    60_000,
  );
});
