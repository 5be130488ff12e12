import { DTypeError, describe, ShapeError, ValueError } from '@ts-torch/core';
import { normalizationPrimitives } from './normalization.js';
import { checkNumbers, checkTensor } from './op.js';
import { withoutRecording } from './recording.js';
import { checkShape, numelOf, type Shape, sameShape, show } from './shape.js';
import type { Tensor } from './tensor.js';

// What PyTorch's normalizations are below their functions: the statistics come with the result. They have no gradients.

function checkAffine(op: string, tensors: Record<string, Tensor | null>, shape: Shape): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor === null) continue;
    checkTensor(op, tensor, name);
    if (!sameShape(tensor.shape, shape))
      throw new ShapeError(`${op}: expected ${name} of shape ${show(shape)}, got ${show(tensor.shape)}`);
  }
}

/**
 * Layer normalization, and for each sample its mean and `1 / sqrt(var + eps)`.
 *
 * @example torch.nativeLayerNorm(torch.tensor([[1, 3]]), [2], null, null, 0)[0] // tensor([[-1., 1.]])
 */
export function nativeLayerNorm(
  input: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): [output: Tensor, mean: Tensor, rstd: Tensor] {
  const op = 'nativeLayerNorm';
  checkTensor(op, input, 'input');
  checkShape(op, normalizedShape);
  checkNumbers(op, { eps });
  const leading = input.shape.slice(0, input.shape.length - normalizedShape.length);
  if (normalizedShape.length === 0 || !sameShape(input.shape.slice(leading.length), normalizedShape))
    throw new ShapeError(
      `${op}: the last sizes of an input of ${show(input.shape)} differ from ${show(normalizedShape)}`,
    );
  checkAffine(op, { weight, bias }, normalizedShape);
  const [samples, size] = [numelOf(leading), numelOf(normalizedShape)];
  const flat = (tensor: Tensor | null): Tensor | null => tensor?.reshape([-1]) ?? null;
  const [output, mean, rstd] = normalizationPrimitives.groupNorm(
    input,
    flat(weight),
    flat(bias),
    samples,
    size,
    1,
    eps,
  );
  const kept = [...leading, ...normalizedShape.map(() => 1)];
  return withoutRecording(() => [output, unrecorded(mean).reshape(kept), unrecorded(rstd).reshape(kept)]);
}

/**
 * Batch normalization, and for each channel the mean and `1 / sqrt(var + eps)` that were used: empty outside of training.
 *
 * @example torch.nativeBatchNorm(torch.tensor([[1], [3]]), null, null, null, null, true, 0.1, 0)[0] // tensor([[-1.], [1.]])
 */
export function nativeBatchNorm(
  input: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
): [output: Tensor, saveMean: Tensor, saveInvstd: Tensor] {
  const op = 'nativeBatchNorm';
  checkTensor(op, input, 'input');
  checkNumbers(op, { momentum, eps });
  if (typeof training !== 'boolean')
    throw new ValueError(`${op}: expected training to be true or false, got ${describe(training)}`);
  if (!input.isFloatingPoint()) throw new DTypeError(`${op}: expected floating-point numbers, got ${input.dtype}`);
  if (input.shape.length < 2) throw new ShapeError(`${op}: expected [N, C, ...], got shape ${show(input.shape)}`);
  checkAffine(op, { weight, bias, runningMean, runningVar }, [input.shape[1] as number]);
  if (!training && (runningMean === null || runningVar === null))
    throw new ValueError(`${op}: expected running statistics, or training: true`);
  const statistics = [runningMean, runningVar, training, momentum, eps] as const;
  const [output, mean, rstd] = normalizationPrimitives.batchNorm(input, weight, bias, ...statistics);
  return withoutRecording(() => {
    const saved = [mean, rstd].map((x) => (training ? unrecorded(x) : x.newEmpty([0])));
    return [output, saved[0] as Tensor, saved[1] as Tensor];
  });
}

const unrecorded = (x: Tensor): Tensor => withoutRecording(() => x.clone());
