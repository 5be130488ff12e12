import { TorchError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { runScope, withoutRecording } from '@ts-torch/tensor/internal';
import type { Gradient, Node } from './node.js';

let detecting = false;

/**
 * Within `f` each op remembers where it was called, and a backward step whose gradients hold NaN throws an error that names
 * the op and that line. Slow: for finding defects.
 *
 * @example autograd.detectAnomaly(() => torch.tensor([4], { requiresGrad: true }).sqrt().item()) // 2
 */
export function detectAnomaly<T>(f: () => T): T {
  const before = detecting;
  detecting = true;
  return runScope('detectAnomaly', f, () => {
    detecting = before;
  });
}

/** Turns {@link detectAnomaly} on or off from here on. Prefer the other. */
export function setDetectAnomaly(mode: boolean): void {
  detecting = mode;
}

/** @internal */
export function captureTrace(node: Node): void {
  if (!detecting) return;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder);
  node.trace = holder.stack;
}

/** @internal throws where a gradient that `node` gave holds NaN */
export function checkForNaN(node: Node, grads: readonly Gradient[]): void {
  if (!detecting) return;
  const index = grads.findIndex((grad) => grad !== null && hasNaN(grad));
  if (index === -1) return;
  throw new TorchError(
    `${node.name}: gradient ${index} holds NaN. The op was called here:\n${userFrames(node.trace ?? '(unknown: recorded outside of detectAnomaly)')}`,
  );
}

function hasNaN(grad: Tensor): boolean {
  const values = withoutRecording(() => (grad.isComplex() ? grad : grad.to('float64')).toTypedArray());
  return (values as Float64Array).some(Number.isNaN);
}

/** Without the frames of ts-torch itself. */
function userFrames(trace: string): string {
  const frames = trace.split('\n').slice(1);
  const own = frames.filter(
    (frame) => !/[\\/](packages|@ts-torch)[\\/](core|tensor|autograd)[\\/](src|dist)[\\/]/.test(frame),
  );
  return (own.length > 0 ? own : frames).join('\n');
}
