import { describe, expect, test } from 'vitest';
import { nodes, program, runProgram } from './programs/run.js';

describe.each(nodes)('$name', (node) => {
  test('4,000 one-MiB temporaries in a synchronous loop stay below 200 MB', async () => {
    const { value, peak } = await runProgram<{ value: number; peak: number }>(program('temporaries.mjs'), node);
    expect(value).toBe(4000);
    expect(peak).toBeLessThan(200);
  });

  test('results that live for a while, longer than minor collections look, are freed too', async () => {
    const { live, peak } = await runProgram<{ live: number; peak: number }>(program('aging.mjs'), node);
    expect(live).toBe(64);
    expect(peak).toBeLessThan(500);
  });

  test('a million small results do not grow', async () => {
    const found = await runProgram<{ value: number; grown: number; allocated: number }>(program('small.mjs'), node);
    expect(found.value).toBe(1_000_000);
    expect(found.grown).toBeLessThan(30);
    expect(found.allocated).toBeLessThan(64);
  });

  test('running out of memory is an error that a program survives', async () => {
    const found = await runProgram<{ errors: string[]; value: number; cached: number }>(
      program('out-of-memory.mjs'),
      node,
    );
    expect(found.errors).toEqual(Array(4).fill('OutOfMemoryError'));
    expect(found.value).toBe(7);
    expect(found.cached).toBe(0);
  });

  test('handles that are foreign, disposed of, or do not reach as far as is said', async () => {
    const found = await runProgram<{ outcomes: Record<string, string>; value: number }>(program('handles.mjs'), node);
    const { disposed, transferred, shared, 'disposed twice': twice, ...others } = found.outcomes;
    expect({ disposed, transferred, shared, twice }).toEqual({
      disposed: 'DisposedError',
      transferred: 'DisposedError',
      shared: 'returned',
      twice: 'returned',
    });
    for (const [name, outcome] of Object.entries(others)) expect(outcome, name).toMatch(/^[A-Z]\w+Error$/);
    expect(found.value).toBe(1);
  });

  test('workers load the addon, compute, and may be terminated at any moment', async () => {
    const { results } = await runProgram<{ results: number[] }>(program('workers.mjs'), node);
    expect(results).toEqual(Array(10).fill(100));
  });
});
