/** `torch.random`: the state of the default generator. */
import { getRngState, setRngState } from './random.js';
import { runScope } from './scope.js';

export { getRngState, initialSeed, manualSeed, seed, setRngState } from './random.js';

/**
 * Runs `f`, then puts the default generator back to where it was before. Refuses async callbacks.
 *
 * @example torch.random.forkRng(() => torch.rand([2])).equal(torch.rand([2])) // true
 */
export function forkRng<T>(f: () => T): T {
  const state = getRngState();
  return runScope('forkRng', f, () => setRngState(state));
}
