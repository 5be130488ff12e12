/** `torch.random`: the state of the default generator. */
import { describe, ValueError } from '@ts-torch/core';
import { getRngState, setRngState } from './random.js';

export { getRngState, initialSeed, manualSeed, seed, setRngState } from './random.js';

/** Runs `f`, then puts the default generator back to where it was before. Refuses async callbacks. */
export function forkRng<T>(f: () => T): T {
  if (typeof f !== 'function') throw new ValueError(`forkRng: expected a function, got ${describe(f)}`);
  const state = getRngState();
  try {
    const result = f();
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new ValueError('forkRng: the callback is async, and the state would be put back at its first await');
    }
    return result;
  } finally {
    setRngState(state);
  }
}
