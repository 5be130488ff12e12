import { describe, expect, test } from 'vitest';
import { Progress } from '../progress.js';

describe('progress', () => {
  const show = (isTTY: boolean): string => {
    let text = '';
    const write = (piece: string): boolean => {
      text += piece;
      return true;
    };
    const out = { isTTY, write } as NodeJS.WriteStream;
    const progress = new Progress(2, 2, out);
    for (let i = 0; i < 4; i++) progress.step({ images: 10, loss: () => 0.5 });
    return text;
  };

  test('rewrites a line in a terminal', () => {
    const line = show(true).split('\r').at(-1);
    expect(line).toMatch(/^epoch 2\/2 {2}\[#{24}\] {2}batch 2\/2 {2}loss 0.5000 {2}\d+ images\/s {2}0:00 left/);
    expect(line?.endsWith('\x1b[K\n')).toBe(true);
  });

  test('writes plain lines elsewhere', () => {
    expect(show(false).split('\n')[0]).toMatch(/^epoch 1\/2, batch 1\/2, loss 0.5000, \d+ images\/s, 0:\d\d left$/);
  });
});
