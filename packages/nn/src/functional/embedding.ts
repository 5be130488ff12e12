import { DTypeError, describe, IndexError, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { checkTensor, lossPrimitives, readOptions, show, withoutRecording } from '@ts-torch/tensor/internal';
import { checkCount } from '../sizes.js';

export interface EmbeddingOptions {
  /** A row that gets no gradient. */
  paddingIdx?: number | null | undefined;
  /** Rows that are longer are scaled to this norm, in place, before they are used. */
  maxNorm?: number | null | undefined;
  /** Which norm `maxNorm` is of. */
  normType?: number | undefined;
  /** Whether gradients are divided by how often a row occurs. */
  scaleGradByFreq?: boolean | undefined;
  /** Taken for PyTorch's sake: gradients are dense. */
  sparse?: boolean | undefined;
}

const EMBEDDING: EmbeddingOptions = {
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
};

function checkIndices(op: string, input: Tensor, weight: Tensor): void {
  checkTensor(op, input, 'input');
  checkTensor(op, weight, 'weight');
  if (weight.ndim !== 2)
    throw new ShapeError(`${op}: expected a weight of 2 dimensions, got shape ${show(weight.shape)}`);
  if (input.dtype !== 'int64' && input.dtype !== 'int32')
    throw new DTypeError(`${op}: expected indices of int64 or int32, got ${input.dtype}`);
}

/** A row counted from the front, or -1 for none. */
function paddingRow(op: string, paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === null || paddingIdx === undefined) return -1;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows)
    throw new IndexError(`${op}: paddingIdx ${describe(paddingIdx)} is out of range for ${rows} rows`);
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/**
 * The rows of a table by index. Shape: input of integers `[*]`, weight `[rows, width]` to `[*, width]`.
 *
 * @example F.embedding(torch.tensor([2n, 0n]), torch.tensor([[1, 1], [2, 2], [3, 3]])) // tensor([[3., 3.], [1., 1.]])
 */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  checkIndices('embedding', input, weight);
  const given = readOptions<EmbeddingOptions>('embedding', options, EMBEDDING);
  const padding = paddingRow('embedding', given.paddingIdx, weight.shape[0] as number);
  if (given.maxNorm !== null && given.maxNorm !== undefined)
    limitNorms(weight, input, given.maxNorm, given.normType as number);
  return lossPrimitives.embedding(weight, input, padding, given.scaleGradByFreq ?? false);
}

/** Scales the rows that are used and too long, in place. */
function limitNorms(weight: Tensor, input: Tensor, maxNorm: number, normType: number): void {
  withoutRecording(() => {
    const used = torch.unique(input.reshape(-1));
    const rows = weight.indexSelect(0, used);
    const norms = rows.norm({ p: normType, dim: 1, keepdim: true });
    const factors = torch.where(norms.gt(maxNorm), norms.add(1e-7).reciprocal().mul(maxNorm), torch.onesLike(norms));
    weight.indexCopy_(0, used, rows.mul(factors));
  });
}

/**
 * Ones at the given classes, else zeros. Shape: `[*]` to `[*, numClasses]`; -1 classes: the largest one plus 1.
 *
 * @example F.oneHot(torch.tensor([0n, 2n])) // tensor([[1, 0, 0], [0, 0, 1]])
 */
export function oneHot(tensor: Tensor, options?: number | { numClasses?: number }): Tensor {
  checkTensor('oneHot', tensor, 'tensor');
  const given = typeof options === 'number' ? options : readOptions('oneHot', options, { numClasses: -1 }).numClasses;
  checkCount('oneHot', 'numClasses', given, -1);
  if (tensor.dtype !== 'int64') throw new DTypeError(`oneHot: expected int64, got ${tensor.dtype}`);
  if (tensor.numel() === 0 && given <= 0) throw new ValueError('oneHot: without elements, numClasses must be given');
  const extreme = (of: 'amax' | 'amin'): number => (tensor.numel() === 0 ? 0 : Number(tensor[of]().item()));
  const classes = given === -1 ? extreme('amax') + 1 : given;
  if (extreme('amin') < 0 || extreme('amax') >= classes)
    throw new ValueError(`oneHot: expected classes from 0 to ${classes - 1}`);
  return torch
    .zeros([...tensor.shape, classes], { dtype: 'int64', device: tensor.device })
    .scatter_(-1, tensor.unsqueeze(-1), 1);
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  mode?: 'mean' | 'sum' | 'max' | undefined;
  /** Where each bag begins in an input of one dimension. */
  offsets?: Tensor | null | undefined;
  /** A factor for each index; for `'sum'`. */
  perSampleWeights?: Tensor | null | undefined;
  /** Whether the last offset is the end of the last bag. */
  includeLastOffset?: boolean | undefined;
}

/**
 * Sums, means or maxima of the rows of bags of indices. Shape: `[N, size]`, or `[n]` with `offsets`, to `[N, width]`.
 *
 * @example F.embeddingBag(torch.tensor([[0n, 2n]]), torch.tensor([[1, 1], [2, 2], [3, 3]]), { mode: 'sum' }) // tensor([[4., 4.]])
 */
export function embeddingBag(input: Tensor, weight: Tensor, options?: EmbeddingBagOptions): Tensor {
  const op = 'embeddingBag';
  checkIndices(op, input, weight);
  const defaults: EmbeddingBagOptions = {
    ...EMBEDDING,
    mode: 'mean',
    offsets: null,
    perSampleWeights: null,
    includeLastOffset: false,
  };
  const given = readOptions<EmbeddingBagOptions>(op, options, defaults);
  const { mode, perSampleWeights } = given;
  if (mode !== 'mean' && mode !== 'sum' && mode !== 'max')
    throw new ValueError(`${op}: expected mode 'mean', 'sum' or 'max', got ${describe(mode)}`);
  if (perSampleWeights) checkTensor(op, perSampleWeights, 'perSampleWeights');
  if (perSampleWeights && (mode !== 'sum' || show(perSampleWeights.shape) !== show(input.shape)))
    throw new ValueError(`${op}: perSampleWeights need mode 'sum' and the input's shape`);
  const bounds = bagBounds(op, input, given);
  const { maxNorm, normType, scaleGradByFreq } = given;
  const padding = paddingRow(op, given.paddingIdx, weight.shape[0] as number);
  const flat = input.reshape(-1);
  const rows = embedding(flat, weight, {
    paddingIdx: padding === -1 ? null : padding,
    maxNorm,
    normType,
    scaleGradByFreq,
  });
  const counts = flat.ne(padding);
  const scaled = perSampleWeights ? rows.mul(perSampleWeights.reshape(-1, 1)) : rows;
  const bags = bounds.slice(1).map((end, i) => {
    const start = bounds[i] as number;
    const bag = scaled.narrow(0, start, end - start);
    const counted = counts.narrow(0, start, end - start);
    return reduceBag(padding === -1 ? bag : bag.indexSelect(0, counted.nonzero().reshape(-1)), mode);
  });
  return bags.length === 0 ? weight.newZeros([0, weight.shape[1] as number]) : torch.stack(bags);
}

function reduceBag(bag: Tensor, mode: 'mean' | 'sum' | 'max'): Tensor {
  if (bag.shape[0] === 0 || mode === 'sum') return bag.sum(0);
  return mode === 'mean' ? bag.mean(0) : bag.max(0).values;
}

function bagBounds(op: string, input: Tensor, { offsets, includeLastOffset }: EmbeddingBagOptions): number[] {
  if (input.ndim === 2) {
    if (offsets) throw new ValueError(`${op}: an input of 2 dimensions takes no offsets`);
    const [bags = 0, size = 0] = input.shape;
    return Array.from({ length: bags + 1 }, (_, i) => i * size);
  }
  if (input.ndim !== 1 || !offsets || offsets.ndim !== 1)
    throw new ShapeError(`${op}: expected an input [N, size], or [n] and offsets, got ${show(input.shape)}`);
  const starts = (offsets.tolist() as (number | bigint)[]).map(Number);
  const bounds = includeLastOffset ? starts : [...starts, input.numel()];
  const rising = bounds.every((bound, i) => bound <= input.numel() && bound >= (bounds[i - 1] ?? 0));
  if (bounds[0] !== 0 || !rising)
    throw new ValueError(
      `${op}: expected offsets that rise from 0 to at most ${input.numel()}, got ${describe(starts)}`,
    );
  return bounds;
}
