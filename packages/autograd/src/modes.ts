import { ValueError } from '@ts-torch/core';
import { setRecording } from '@ts-torch/tensor/internal';

/** @internal a mode ends when its callback returns: what an async one does later would run outside of it */
export function refuseAsync<T>(mode: string, result: T): T {
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new ValueError(
      `${mode}: the callback is async, and the mode would end at its first await; wrap the synchronous parts`,
    );
  }
  return result;
}

function withRecording<T>(mode: string, enabled: boolean, f: () => T): T {
  if (typeof f !== 'function') throw new ValueError(`${mode}: expected a function, as in ${mode}(() => model(x))`);
  const before = setRecording(enabled);
  try {
    return refuseAsync(mode, f());
  } finally {
    setRecording(before);
  }
}

/** Runs `f` without recording: its results require no gradients. Refuses async callbacks. */
export function noGrad<T>(f: () => T): T {
  return withRecording('noGrad', false, f);
}

/** Runs `f` with recording, within {@link noGrad} too. */
export function enableGrad<T>(f: () => T): T {
  return withRecording('enableGrad', true, f);
}

/** {@link noGrad} for inference. */
export function inferenceMode<T>(f: () => T): T {
  return withRecording('inferenceMode', false, f);
}

/** Turns recording on or off from here on; returns nothing. Prefer {@link noGrad}. */
export function setGradEnabled(enabled: boolean): void {
  setRecording(enabled);
}
