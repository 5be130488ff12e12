import { isMainThread } from 'node:worker_threads';
import { native } from './native.js';

// Several workers that each took all cores would only wait for one another.
if (!isMainThread) native.setThreads(1);

/**
 * Threads that the kernels of this JavaScript thread use.
 *
 * @example torch.getNumThreads() > 0 // true
 */
export function getNumThreads(): number {
  return native.threads();
}

/**
 * One in worker threads unless asked for more. Throws {@link ValueError} outside of 1 to 1024.
 *
 * @example
 * torch.setNumThreads(1);
 * torch.getNumThreads() // 1
 */
export function setNumThreads(count: number): void {
  native.setThreads(count);
}

/**
 * The instruction set that the kernels were picked for, e.g. `x86-64-v4`.
 *
 * @example typeof torch.instructionSet() // 'string'
 */
export function instructionSet(): string {
  return native.instructionSet();
}
