// Every `@example` in a doc comment runs, gives what the comment beside it says, and passes the type checker.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from 'ts-torch';
import { describe, expect, test } from 'vitest';
import { asModule, findExamples, parse, runExample } from '../src/examples.js';
import { root } from '../src/root.js';
import { WITHOUT_EXAMPLE } from './without-example.js';

const examples = findExamples();

describe('examples in doc comments', () => {
  test.each(examples)('$file: $name', async (example) => {
    for (const { expected, actual } of await runExample(example)) expect(actual).toBe(expected);
  });

  test('a wrong comment is found, one over several lines too', async () => {
    const run = async (code: string) =>
      (await runExample({ file: '', line: 0, name: '', code })).map(({ expected, actual }) => ({ expected, actual }));
    expect(await run('torch.ones([2]) // tensor([1., 2.])')).toEqual([
      { expected: 'tensor([1., 2.])', actual: 'tensor([1., 1.])' },
    ]);
    expect(await run('torch.eye(2)\n// tensor([[1., 0.],\n//         [0., 1.]])')).toEqual([
      { expected: 'tensor([[1., 0.], [0., 1.]])', actual: 'tensor([[1., 0.], [0., 1.]])' },
    ]);
    await expect(run('torch.ones([2]).add(')).rejects.toThrow();
  });

  test('each states a value', () => {
    const silent = examples.filter(({ code }) => parse(code).every((part) => typeof part === 'string'));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

test('examples pass the type checker', () => {
  const folder = join(root, 'docs/build/examples');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'examples.ts'), asModule(examples));
  const compilerOptions = { composite: false, noEmit: true, rootDir: root, noUnusedLocals: false };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['examples.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const check = () =>
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8', stdio: 'pipe' });
  expect(outputOf(check)).toBe('');
}, 60_000);

function outputOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const { autograd, func, nn, optim, utils, vision } = torch;
const NAMESPACES: Record<string, object> = {
  torch,
  'torch.linalg': torch.linalg,
  'torch.fft': torch.fft,
  'torch.special': torch.special,
  'torch.masked': torch.masked,
  'torch.random': torch.random,
  autograd,
  'autograd.functional': autograd.functional,
  'autograd.forwardAd': autograd.forwardAd,
  'autograd.graph': autograd.graph,
  func,
  nn,
  'nn.functional': nn.functional,
  'nn.init': nn.init,
  'nn.utils': nn.utils,
  'nn.utils.rnn': nn.utils.rnn,
  optim,
  'optim.swaUtils': optim.swaUtils,
  'optim.lrScheduler': optim.lrScheduler,
  utils,
  'utils.data': utils.data,
  'vision.transforms': vision.transforms,
  'vision.datasets': vision.datasets,
};

/** Parts that packages share have no place among their exports: its objects are instances and namespaces. */
test('namespaces export no tables', () => {
  const tables = Object.entries(NAMESPACES).flatMap(([name, namespace]) =>
    Object.entries(namespace)
      .filter(([, value]) => typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      .map(([key]) => `${name}.${key}`),
  );
  expect(tables).toEqual([]);
});

/** Functions and classes; variants that write into `self` share the example of the op without the underscore. */
function opsOf(namespace: object): [string, unknown][] {
  return Object.entries(namespace).filter(
    ([name, value]) =>
      typeof value === 'function' &&
      !(value.prototype instanceof Error) &&
      !(name.endsWith('_') && name.slice(0, -1) in namespace),
  );
}

/** The functions that have an example, whatever names they are exported by. */
async function exemplified(): Promise<Set<unknown>> {
  const functions = new Set<unknown>();
  for (const { file, name } of examples) {
    const module = (await import(/* @vite-ignore */ join(root, file))) as Record<string, unknown>;
    if (Object.hasOwn(module, name)) functions.add(module[name]);
  }
  return functions;
}

test('every op has an example; the list of those without one only shrinks', async () => {
  const known = await exemplified();
  const missing = Object.entries(NAMESPACES).flatMap(([name, namespace]) =>
    opsOf(namespace)
      .filter(([, op]) => !known.has(op))
      .map(([op]) => `${name}.${op}`),
  );
  console.log(`${examples.length} examples; without one: ${missing.length} ops`);
  expect(missing).toEqual(WITHOUT_EXAMPLE);
});
