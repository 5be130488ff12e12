import { ValueError } from '@ts-torch/core';

/**
 * Runs the body of a scope, such as `noGrad(() => ...)`, and leaves the scope however the body ends. Refuses async bodies: what
 * they do after their first await would run outside of it.
 */
export function runScope<T>(scope: string, body: () => T, leave: () => void): T {
  try {
    if (typeof body !== 'function')
      throw new ValueError(`${scope}: expected a function, as in ${scope}(() => model(x))`);
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new ValueError(
        `${scope}: the callback is async, and the scope would end at its first await; wrap the synchronous parts`,
      );
    }
    return result;
  } finally {
    leave();
  }
}
