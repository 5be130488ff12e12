/** `utils.checkpoint`: memory for time. */

import { enableGrad, savedTensorsHooks } from '@ts-torch/autograd';
import { describe, getGeneratorStates, setGeneratorStates, TorchError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { keepAutocast } from '@ts-torch/tensor/internal';

export interface CheckpointOptions {
  /** Whether random ops draw the same numbers again. */
  preserveRngState?: boolean | undefined;
}

type Step = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Calls `f` without keeping what its backward pass needs: that pass calls `f` again (Chen et al. 2016, arXiv:1604.06174). `f` must do
 * the same each time. Gradients flow to its arguments and to whatever else it uses.
 *
 * @example
 * const x = torch.tensor([3], { requiresGrad: true });
 * utils.checkpoint((input: Tensor) => input.square(), [x]).backward();
 * x.grad // tensor([6.])
 */
export function checkpoint<F extends Step>(
  f: F,
  inputs: Parameters<F>,
  options: CheckpointOptions = {},
): ReturnType<F> {
  if (typeof f !== 'function') throw new ValueError(`checkpoint: expected a function, got ${describe(f)}`);
  if (!Array.isArray(inputs)) throw new ValueError('checkpoint: expected the inputs as a list: checkpoint(f, [x])');
  const inSameAutocast = keepAutocast();
  const state = options.preserveRngState === false ? null : getGeneratorStates();
  /** What the second call kept, by the order in which it was kept; taken out as it is used. */
  let kept = new Map<number, Tensor>();
  const again = (): void => {
    kept = new Map();
    const now = getGeneratorStates();
    if (state !== null) setGeneratorStates(state);
    const keep = (tensor: Tensor): unknown => kept.set(kept.size, tensor);
    const unused = (): Tensor => {
      throw new TorchError('checkpoint: the graph of the second call has no backward pass');
    };
    try {
      savedTensorsHooks(keep, unused, () => enableGrad(() => inSameAutocast(() => f(...inputs))));
    } finally {
      setGeneratorStates(now);
    }
  };
  const take = (packed: unknown): Tensor => {
    const index = packed as number;
    if (!kept.has(index)) again();
    const tensor = kept.get(index);
    if (tensor === undefined) throw new TorchError('checkpoint: the second call did not do what the first one did');
    kept.delete(index);
    return tensor;
  };
  let count = 0;
  return savedTensorsHooks(
    () => count++,
    take,
    () => f(...inputs),
  ) as ReturnType<F>;
}

/**
 * {@link checkpoint} for functions called one after another, in `segments` parts of which all but the last are not kept.
 *
 * @example
 * const x = torch.tensor([3], { requiresGrad: true });
 * utils.checkpointSequential([(a) => a.mul(2), (a) => a.square()], 2, x).backward();
 * x.grad // tensor([24.])
 */
export function checkpointSequential(
  functions: readonly ((input: Tensor) => Tensor)[],
  segments: number,
  input: Tensor,
  options: CheckpointOptions = {},
): Tensor {
  if (!Number.isInteger(segments) || segments < 1 || segments > functions.length)
    throw new ValueError(`checkpointSequential: expected 1 to ${functions.length} segments, got ${describe(segments)}`);
  const length = Math.floor(functions.length / segments);
  const run = (part: readonly ((input: Tensor) => Tensor)[], x: Tensor): Tensor => part.reduce((y, f) => f(y), x);
  let result = input;
  for (let i = 0; i < segments - 1; i++) {
    const part = functions.slice(i * length, (i + 1) * length);
    result = checkpoint((x: Tensor) => run(part, x), [result], options);
  }
  return run(functions.slice((segments - 1) * length), result);
}
