import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@ts-torch/autograd';
import { DTYPES } from '@ts-torch/core';
import { cuda, defaultDevice, ones, Tensor, tensor, zeros } from '@ts-torch/tensor';
import { afterAll, describe, expect, test } from 'vitest';
import { FormatError, load, save, serialize } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'ts-torch-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

function python(program: string): string {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const hasPyTorch = spawnSync('/usr/bin/python3', ['-c', 'import torch']).status === 0;

test('what was saved is loaded: tensors, numbers, text, lists, dictionaries', () => {
  const value = {
    weight: tensor([
      [1, 2],
      [3, -4.5],
    ]),
    epoch: 3,
    rate: 1e-3,
    big: 2n ** 70n,
    negative: [-1, -0, -129, -70000, 2 ** 40, -(2 ** 31)],
    text: 'Grüße \u{1f600}',
    flags: [true, false, null],
    state: new Map<number, unknown>([
      [0, { step: 5 }],
      [300, {}],
    ]),
    ['__proto__']: { hidden: 1 },
  };
  save(value, path('all.pt'));
  const loaded = load(path('all.pt'));
  expect(Object.getPrototypeOf(loaded)).toBe(null);
  expect(loaded.weight.tolist()).toEqual([
    [1, 2],
    [3, -4.5],
  ]);
  expect(loaded.state.get(0).step).toBe(5);
  expect({ ...loaded, weight: 0, state: 0 }).toEqual({ ...value, weight: 0, state: 0 });
});

test('views of one tensor share memory in the file and when loaded', () => {
  const x = zeros([100]);
  const bytes = serialize({ whole: x, row: x.view(10, 10).select(0, 3), transposed: x.view(10, 10).t() });
  const { whole, row, transposed } = load(bytes);
  whole.put_([31], 5);
  expect(row.at(1).item()).toBe(5);
  expect(transposed.at(1, 3).item()).toBe(5);
  expect(bytes.length).toBeLessThan(2500);
});

test('requiresGrad is kept', () => {
  const { weight } = load(serialize({ weight: ones([2], { requiresGrad: true }) }));
  expect(weight.requiresGrad).toBe(true);
});

test('an interrupted save leaves the old file, and nothing beside it', () => {
  save({ a: 1 }, path('kept.pt'));
  expect(() => save({ a: () => 1 }, path('kept.pt'))).toThrow(/save: cannot write a function, a/);
  expect(load(path('kept.pt')).a).toBe(1);
  expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
});

test('what a file cannot hold is named', () => {
  expect(() => serialize({ model: { layer: new Date() } })).toThrow(/cannot write a Date, model.layer/);
  const loop: unknown[] = [];
  loop.push(loop);
  expect(() => serialize({ loop })).toThrow(/loop\[0\]: it contains itself/);
});

test('data of entries lies at multiples of 64 bytes', () => {
  const bytes = Buffer.from(serialize({ x: tensor([1.5, 2.5]) }));
  const needle = Buffer.from(Float32Array.of(1.5, 2.5).buffer);
  expect(bytes.indexOf(needle) % 64).toBe(0);
});

describe('a damaged file', () => {
  const good = Buffer.from(serialize({ weight: tensor([1, 2, 3]), list: [1, 'a', 2.5] }));

  test('cut off anywhere is refused', () => {
    for (let length = 0; length < good.length; length++)
      expect(() => load(good.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
  });

  test('with any byte changed is refused, or means the same', () => {
    for (let i = 0; i < good.length; i++) {
      const bytes = Buffer.from(good);
      bytes[i] = (bytes[i] as number) ^ 0xff;
      try {
        const { weight, list } = load(bytes);
        expect([weight.tolist(), list], `byte ${i}`).toEqual([
          [1, 2, 3],
          [1, 'a', 2.5],
        ]);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
  });

  test.each([
    ['a call of another function', 'cos\nsystem\n(X\x02\x00\x00\x00lstR.', /'os.system' is not allowed/],
    ['an opcode of another protocol', '\x8c\x01a.', /opcode 0x8c/],
    ['items for a number', 'K\x01(K\x01K\x02u.', /no dictionary/],
    ['items for a tuple', ')(K\x01e.', /no list/],
    ['an empty stack', 'R.', /empty stack/],
    ['a memo that does not exist', 'h\x05.', /memo 5 is empty/],
    ['no end', 'K\x01', /bytes where 0 are left/],
    ['something after the end', 'K\x01.K', /after the end/],
    ['two values', 'K\x01K\x02.', /2 values are left/],
    [
      'a storage that is missing',
      '((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x009X\x03\x00\x00\x00cpuK\x02tQ.',
      /storage '9' is missing/,
    ],
    ['a class as a value', 'ctorch\nFloatStorage\n.', /neither tensor nor plain data/],
    ['endless nesting', `${']'.repeat(5000)}${'a'.repeat(4999)}.`, /nested more than/],
    ['a key that is a list', '}(]K\x01u.', /the key/],
  ])('%s', (_, pickle, message) => {
    expect(() => load(archive(Buffer.from(`\x80\x02${pickle}`, 'latin1')))).toThrow(message);
  });
});

/** An archive with a pickle of one's own, made of one that `save` wrote. */
function archive(pickle: Buffer): Uint8Array {
  const name = path('own.pt');
  const program = `import sys, zipfile
with zipfile.ZipFile(${JSON.stringify(name)}, 'w') as z: z.writestr('archive/data.pkl', sys.stdin.buffer.read())`;
  const { status } = spawnSync('/usr/bin/python3', ['-c', program], { input: pickle });
  if (status !== 0) throw new Error('python3 is needed for this test');
  return readFileSync(name);
}

// Debian's PyTorch has no CUDA: it cannot read what lies there.
describe.skipIf(!hasPyTorch || defaultDevice().type === 'cuda')('PyTorch', () => {
  test('reads our files', () => {
    save(
      {
        a: tensor([
          [1, 2],
          [3, 4],
        ]).t(),
        n: 5,
        state: new Map([[0, { lr: 0.1 }]]),
        f: [1.5, 'x', null, true],
      },
      path('ours.pt'),
    );
    const printed = python(
      `import torch; d = torch.load('ours.pt'); print(d['a'].tolist(), d['n'], d['state'], d['f'])`,
    );
    expect(printed).toBe("[[1.0, 3.0], [2.0, 4.0]] 5 {0: {'lr': 0.1}} [1.5, 'x', None, True]");
  });

  test('reads a state dict into a model and an optimizer', () => {
    save({ weight: ones([1, 2]), bias: zeros([1]) }, path('model.pt'));
    const printed = python(`import torch
m = torch.nn.Linear(2, 1); m.load_state_dict(torch.load('model.pt')); print(m(torch.ones(1, 2)).item())`);
    expect(printed).toBe('2.0');
  });

  const dtypes = DTYPES.map(({ name }) => name);
  test('tensors of every dtype go both ways', () => {
    save(Object.fromEntries(dtypes.map((dtype) => [dtype, tensor([0, 1, 2, 100]).to(dtype)])), path('dtypes.pt'));
    python(`import torch
x = torch.load('dtypes.pt')
for name, t in x.items(): assert t.dtype == getattr(torch, name)
torch.save({name: t.reshape(2, 2).t() for name, t in x.items()}, 'back.pt')`);
    const loaded = load(path('back.pt'));
    for (const dtype of dtypes) {
      expect(loaded[dtype]).toBeInstanceOf(Tensor);
      expect(loaded[dtype].dtype).toBe(dtype);
      const values = loaded[dtype].t().reshape(4).to('complex128').tolist();
      const real = values.map(({ re }: { re: number }) => re);
      expect(real, dtype).toEqual(dtype === 'bool' ? [0, 1, 1, 1] : [0, 1, 2, 100]);
    }
  });

  test("writes files that we read: modules' and optimizers' states", () => {
    python(`import torch
m = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
o = torch.optim.Adam(m.parameters(), lr=0.5)
m(torch.ones(4, 2)).sum().backward(); o.step()
s = torch.optim.lr_scheduler.MultiStepLR(o, [3, 5])
torch.save({'model': m.state_dict(), 'optimizer': o.state_dict(), 'scheduler': s.state_dict(), 'p': m[0].weight, 'size': m[0].weight.shape, 'dtype': torch.float32, 'tuple': (1, (2, 3))}, 'theirs.pt')`);
    const { model, optimizer, scheduler, p, size, dtype, tuple } = load(path('theirs.pt'));
    expect(Object.keys(model)).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect(model['0.weight'].shape).toEqual([3, 2]);
    expect(optimizer.param_groups[0].lr).toBe(0.5);
    expect(optimizer.state.get(0).exp_avg.shape).toEqual([3, 2]);
    expect(scheduler.milestones.get(3)).toBe(1);
    expect([p.requiresGrad, size, dtype, tuple]).toEqual([true, [3, 2], 'float32', [1, [2, 3]]]);
  });

  test('its files, cut off or changed, are refused', () => {
    python(`import torch; torch.save({'x': torch.arange(6.)}, 'small.pt')`);
    const good = readFileSync(path('small.pt'));
    expect(load(good).x.tolist()).toEqual([0, 1, 2, 3, 4, 5]);
    for (let i = 0; i < good.length; i += 3) {
      const bytes = Buffer.from(good);
      bytes[i] = (bytes[i] as number) ^ 0x55;
      writeFileSync(path('changed.pt'), bytes);
      try {
        expect(load(path('changed.pt')).x.tolist()).toEqual([0, 1, 2, 3, 4, 5]);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
  });
});

describe.runIf(cuda.isAvailable())('tensors on a GPU', () => {
  test('come back to where they were, or to where they are asked for', () => {
    const bytes = serialize({ x: tensor([1, 2, 3], { device: 'cuda' }) });
    const there = load(bytes);
    expect(String(there.x.device)).toBe('cuda:0');
    expect(there.x.tolist()).toEqual([1, 2, 3]);
    expect(String(load(bytes, { mapLocation: 'cpu' }).x.device)).toBe('cpu');
  });
});
