import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

// Each example runs to its end, with little data.

describe('the examples', () => {
  const printed: string[] = [];
  beforeAll(() => {
    vi.spyOn(console, 'log').mockImplementation((...values) => printed.push(values.map(String).join(' ')));
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  test('basics', async () => {
    const { values, rest } = await import('../basics.js');
    expect([values.shape, rest.length]).toEqual([[5], 1]);
  });

  test('dynamic', () => import('../dynamic.js'));

  test('gpt', async () => {
    await import('../gpt.js');
    expect(printed.join('\n')).toContain('(qkv): Linear(in_features=128, out_features=384, bias=True)');
  });

  test('extending', async () => {
    await import('../extending.js');
    expect(printed.join('\n')).toMatch(/SqrtBackward/);
  });
});
