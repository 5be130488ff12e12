import { ValueError } from '@ts-torch/core';
import type { OpDefinition } from './op.js';
import type { Tensor } from './tensor.js';

/** What autograd keeps on a tensor. Empty here: `@ts-torch/autograd` fills it in. */
// biome-ignore lint/suspicious/noEmptyInterface: filled in by module augmentation
export interface AutogradMeta {}

/** Records ops for differentiation. `@ts-torch/autograd` installs one; without it, nothing is recorded. */
export interface Recorder {
  /** Runs an op one of whose arguments may need a gradient, and records it if one does. */
  record(op: OpDefinition, args: readonly unknown[]): Tensor | readonly Tensor[];
  /** Runs an op that overwrites its first argument. */
  recordInPlace(op: OpDefinition, args: readonly unknown[]): void;
  /** Makes a leaf of a new tensor. */
  requireGrad(tensor: Tensor): void;
  /** Whether a tensor is a leaf that gradients are wanted for, and no view. */
  isParameter(tensor: Tensor): boolean;
}

/** The recorder in force; `null` within `noGrad`, and where autograd is not installed. */
export let recorder: Recorder | null = null;
let installed: Recorder | null = null;

/** @internal called by autograd when it is imported */
export function installRecorder(value: Recorder): void {
  installed = value;
  recorder = value;
}

/**
 * Whether ops are recorded.
 *
 * @example torch.noGrad(() => torch.isGradEnabled()) // false
 */
export function isGradEnabled(): boolean {
  return recorder !== null;
}

/** @internal use `noGrad` and its like */
export function setRecording(enabled: boolean): boolean {
  const before = recorder !== null;
  recorder = enabled ? installed : null;
  return before;
}

/** Runs `f` without recording, whatever the mode is. */
export function withoutRecording<T>(f: () => T): T {
  if (recorder === null) return f();
  const before = recorder;
  recorder = null;
  try {
    return f();
  } finally {
    recorder = before;
  }
}

/** Whether one of the arguments may need a gradient. Views are asked by the recorder: their base may have changed. */
export function mayNeedGrad(args: readonly unknown[]): boolean {
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue;
    if (
      Array.isArray(arg)
        ? mayNeedGrad(arg)
        : 'autograd' in arg && (arg.autograd !== null || (arg as Tensor).base !== null)
    )
      return true;
  }
  return false;
}

/** Marks a new tensor as one that gradients are wanted for. */
export function requireGrad(tensor: Tensor): Tensor {
  if (installed === null) throw new ValueError('requiresGrad needs the package @ts-torch/autograd: import it first');
  installed.requireGrad(tensor);
  return tensor;
}

/** Whether a tensor is one that gradients are wanted for, rather than what ops made of such. */
export function isParameter(tensor: Tensor): boolean {
  return installed?.isParameter(tensor) ?? false;
}
