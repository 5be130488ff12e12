import { describe, ShapeError, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import * as torch from '@ts-torch/tensor';
import { checkTensor, readOptions, show } from '@ts-torch/tensor/internal';
import { checkReduction, type Reduction } from './reduction.js';

export interface CtcLossOptions {
  /** The class that stands for nothing. */
  blank?: number | undefined;
  /** `'mean'` divides by the lengths of the targets first. */
  reduction?: Reduction | undefined;
  /** Whether infinite losses, of inputs that are too short, count as 0. */
  zeroInfinity?: boolean | undefined;
}

/** A length for each sample. */
export type Lengths = Tensor | readonly number[] | number;

/** In the place of log(0): sums of it stay numbers, so that there are gradients. */
const IMPOSSIBLE = -1e30;

function lengthsOf(op: string, name: string, value: Lengths, count: number, most: number): number[] {
  const list = listOf(op, name, value);
  if (list.length !== count || list.some((n) => !Number.isSafeInteger(n) || n < 0 || n > most))
    throw new ValueError(`${op}: expected ${name} to be ${count} integers from 0 to ${most}, got ${describe(value)}`);
  return list;
}

function listOf(op: string, name: string, value: Lengths): number[] {
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return [...value];
  checkTensor(op, value, name);
  return value.reshape([-1]).tolist() as number[];
}

/** The targets of each sample: from rows, or one after another in a vector. */
function rowsOf(op: string, targets: Tensor, lengths: readonly number[], classes: number, blank: number): number[][] {
  const rows: number[][] = [];
  const flat = targets.shape.length === 1 ? (targets.tolist() as number[]) : null;
  const list = flat === null ? (targets.tolist() as number[][]) : [];
  let from = 0;
  for (const [i, length] of lengths.entries()) {
    rows.push(flat === null ? (list[i] as number[]).slice(0, length) : flat.slice(from, from + length));
    from += length;
  }
  const wrong = rows
    .flat()
    .find((label) => !(Number.isInteger(label) && label >= 0 && label < classes && label !== blank));
  if (wrong !== undefined)
    throw new ValueError(`${op}: expected targets from 0 to ${classes - 1} without the blank ${blank}, got ${wrong}`);
  return rows;
}

/**
 * Connectionist temporal classification: minus the logarithm of the probability of all alignments of the targets with the input; Graves
 * et al. 2006, "Connectionist temporal classification", eq. 6 to 8.
 *
 * `logProbs`: `[T, N, C]` (or `[T, C]`), logarithms of probabilities, as `logSoftmax` gives them; the gradient is that of their logits, as in
 * PyTorch. `targets`: `[N, S]`, or all of them one after another.
 *
 * @example F.ctcLoss(torch.zeros([2, 1, 3]).logSoftmax(2), torch.tensor([[1n]]), torch.tensor([2n]), torch.tensor([1n])) // tensor(1.0986)
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options?: CtcLossOptions,
): Tensor {
  const op = 'ctcLoss';
  checkTensor(op, logProbs, 'logProbs');
  checkTensor(op, targets, 'targets');
  const given = readOptions(op, options, { blank: 0, reduction: 'mean' as Reduction, zeroInfinity: false });
  checkReduction(op, given.reduction);
  if (!logProbs.isFloatingPoint() || (logProbs.shape.length !== 2 && logProbs.shape.length !== 3))
    throw new ShapeError(
      `${op}: expected floating-point logProbs of shape [T, N, C] or [T, C], got ${show(logProbs.shape)}`,
    );
  const batched = logProbs.shape.length === 3;
  const input = batched ? logProbs : logProbs.unsqueeze(1);
  const [steps, count, classes] = input.shape as [number, number, number];
  if (!Number.isInteger(given.blank) || given.blank < 0 || given.blank >= classes)
    throw new ValueError(`${op}: expected blank to be from 0 to ${classes - 1}, got ${describe(given.blank)}`);
  const given2d = targets.shape.length === 2;
  if (targets.shape.length > 2 || targets.shape.length === 0 || (given2d && targets.shape[0] !== count))
    throw new ShapeError(`${op}: targets of ${show(targets.shape)} do not fit ${count} samples`);
  const inputs = lengthsOf(op, 'inputLengths', inputLengths, count, steps);
  const lengths = lengthsOf(op, 'targetLengths', targetLengths, count, targets.shape.at(-1) as number);
  const labels = rowsOf(op, targets, lengths, classes, given.blank);
  const losses = sampleLosses(input, labels, inputs, given.blank, given.zeroInfinity);
  if (given.reduction === 'none') return batched ? losses : losses.squeeze(0);
  if (given.reduction === 'sum') return losses.sum();
  return losses
    .div(
      torch.tensor(
        lengths.map((n) => Math.max(n, 1)),
        { dtype: losses.dtype, device: losses.device },
      ),
    )
    .mean();
}

function sampleLosses(
  input: Tensor,
  labels: readonly number[][],
  inputs: readonly number[],
  blank: number,
  zeroInfinity: boolean,
): Tensor {
  const { dtype, device } = input;
  const [steps, count] = input.shape as [number, number];
  const width = 2 * Math.max(0, ...labels.map((row) => row.length)) + 1;
  // Blanks before, between and after the labels; a step may skip a blank between two labels that differ.
  const extended = labels.map((row) =>
    Array.from({ length: width }, (_, s) => (s % 2 === 1 ? (row[(s - 1) / 2] ?? blank) : blank)),
  );
  const skips = extended.map((row) =>
    row.map((label, s) => (s > 1 && label !== blank && label !== row[s - 2] ? 0 : IMPOSSIBLE)),
  );
  const places = torch.tensor(extended, { dtype: 'int64', device });
  const mayEnter = torch.tensor(skips, { dtype, device });
  const impossible = (columns: number): Tensor => torch.full([count, columns], IMPOSSIBLE, { dtype, device });
  const shifted = (x: Tensor, by: number): Tensor =>
    by >= width ? impossible(width) : torch.cat([impossible(by), x.narrow(1, 0, width - by)], 1);
  const scores = input.gather(2, places.unsqueeze(0).expand([steps, count, width]));
  const start = torch.tensor(
    labels.map((row) =>
      Array.from({ length: width }, (_, s) => (s === 0 || (s === 1 && row.length > 0) ? 0 : IMPOSSIBLE)),
    ),
    { dtype, device },
  );
  let alpha = start.add(steps === 0 ? 0 : scores.select(0, 0));
  for (let t = 1; t < steps; t++) {
    const ways = torch.stack([alpha, shifted(alpha, 1), shifted(alpha, 2).add(mayEnter)]);
    const next = ways.logsumexp(0).clamp({ min: IMPOSSIBLE }).add(scores.select(0, t));
    const runs = torch.tensor(
      inputs.map((length) => [t < length]),
      { dtype: 'bool', device },
    );
    alpha = torch.where(runs, next, alpha);
  }
  const ends = torch.tensor(
    labels.map((row) => [2 * row.length, Math.max(2 * row.length - 1, 0)]),
    { dtype: 'int64', device },
  );
  const only = torch.tensor(
    labels.map((row) => [0, row.length === 0 ? IMPOSSIBLE : 0]),
    { dtype, device },
  );
  const losses = alpha.gather(1, ends).add(only).logsumexp(1).neg();
  const empty = torch.tensor(
    inputs.map((length, i) => length === 0 && (labels[i] as number[]).length > 0),
    { dtype: 'bool', device },
  );
  const failed = losses
    .detach()
    .gt(-IMPOSSIBLE / 10)
    .logicalOr(empty);
  const finite = losses.add(normalizer(input, inputs)).maskedFill(failed, 0);
  return zeroInfinity ? finite : finite.add(torch.zerosLike(finite).maskedFill(failed, Number.POSITIVE_INFINITY));
}

/** 0 with the gradient of the probabilities' sum: that of a logit is the one of its logarithm, and this. */
function normalizer(input: Tensor, inputs: readonly number[]): Tensor {
  const [steps] = input.shape as [number];
  const { dtype, device } = input;
  const counts = torch
    .tensor(
      Array.from({ length: steps }, (_, t) => inputs.map((length) => (t < length ? 1 : 0))),
      { dtype, device },
    )
    .reshape([steps, inputs.length]);
  const sums = input.exp().sum(2).mul(counts).sum(0);
  return sums.sub(sums.detach());
}
