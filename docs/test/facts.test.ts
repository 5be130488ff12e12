import * as torch from 'ts-torch';
import { describe, expect, test } from 'vitest';
import { findExamples } from '../src/examples.js';
import { factsOf, traceAll } from '../src/facts.js';

const named = (name: string, file: string) =>
  findExamples().filter((example) => example.name === name && example.file.endsWith(file));

async function factsAbout(name: string, file: string) {
  const [example] = named(name, file);
  const traces = await traceAll(example ? [example] : []);
  return factsOf(['torch', name], example && traces.get(example));
}

describe('facts about ops', () => {
  test('come from the table of kernels', async () => {
    const facts = await factsAbout('tanh', 'ops/elementwise.ts');
    expect(facts?.kernels[0]).toMatchObject({ name: 'tanh', cpu: 'float, complex' });
    expect(facts).toMatchObject({ isMethod: true, hasInPlace: true, madeOf: [], gradient: 'Differentiable.' });
  });

  test('say what an op without a primitive is made of', async () => {
    expect(await factsAbout('trace', 'ops/arranging.ts')).toMatchObject({
      madeOf: ['sum', 'diagonal'],
      gradient: 'Differentiable.',
    });
  });

  test('say what has no gradient', async () => {
    expect((await factsAbout('argmax', 'ops/reductions.ts'))?.gradient).toBe('Not differentiable.');
  });

  test('leave the mode of recording as it was', async () => {
    await factsAbout('noGrad', 'modes.ts');
    expect(torch.isGradEnabled()).toBe(true);
  });
});
