import { runScope, setRecording } from '@ts-torch/tensor/internal';

function withRecording<T>(mode: string, enabled: boolean, f: () => T): T {
  const before = setRecording(enabled);
  return runScope(mode, f, () => setRecording(before));
}

/**
 * Runs `f` without recording: its results require no gradients. Refuses async callbacks.
 *
 * @example torch.noGrad(() => torch.ones([1], { requiresGrad: true }).mul(2).requiresGrad) // false
 */
export function noGrad<T>(f: () => T): T {
  return withRecording('noGrad', false, f);
}

/**
 * Runs `f` with recording, within {@link noGrad} too.
 *
 * @example torch.noGrad(() => torch.enableGrad(() => torch.isGradEnabled())) // true
 */
export function enableGrad<T>(f: () => T): T {
  return withRecording('enableGrad', true, f);
}

let inferring = false;

/**
 * {@link noGrad} for inference.
 *
 * @example torch.inferenceMode(() => torch.isInferenceModeEnabled()) // true
 */
export function inferenceMode<T>(f: () => T): T {
  const before = inferring;
  inferring = true;
  return runScope(
    'inferenceMode',
    () => withRecording('inferenceMode', false, f),
    () => {
      inferring = before;
    },
  );
}

/**
 * Whether this runs within {@link inferenceMode}.
 *
 * @example torch.isInferenceModeEnabled() // false
 */
export function isInferenceModeEnabled(): boolean {
  return inferring;
}

/**
 * Turns recording on or off from here on; returns nothing. Prefer {@link noGrad}.
 *
 * @example
 * torch.setGradEnabled(false);
 * torch.isGradEnabled() // false
 */
export function setGradEnabled(enabled: boolean): void {
  setRecording(enabled);
}
