// `nn.utils.rnn`: sequences of different lengths in one tensor, padded or packed.
import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { cat, Tensor, tensor } from '@ts-torch/tensor';
import { checkTensor, checkTensors, readOptions, show } from '@ts-torch/tensor/internal';
import { checkCount } from '../sizes.js';

export interface PackedSequenceOptions {
  /** The places that the sequences were taken from to be sorted by length; `null` where they were sorted. */
  sortedIndices?: Tensor | null | undefined;
  /** The places that they are put back to. */
  unsortedIndices?: Tensor | null | undefined;
}

/**
 * Sequences without padding: the first steps of all of them, then the second steps of those that have one, and so on. Made by
 * {@link packSequence} and {@link packPaddedSequence}; recurrent layers take and give it.
 *
 * @example
 * const { data, batchSizes } = nn.utils.rnn.packSequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5])]);
 * [data, batchSizes] // [tensor([1., 4., 2., 5., 3.]), tensor([2, 2, 1])]
 */
export class PackedSequence {
  /** The steps, `[sum of the lengths, *]`. */
  readonly data: Tensor;
  /** How many sequences have a first step, a second one ...: int64, on the CPU. */
  readonly batchSizes: Tensor;
  readonly sortedIndices: Tensor | null;
  readonly unsortedIndices: Tensor | null;
  readonly #sizes: readonly number[];

  constructor(data: Tensor, batchSizes: Tensor, options?: PackedSequenceOptions) {
    const op = 'PackedSequence';
    checkTensor(op, data, 'data');
    checkTensor(op, batchSizes, 'batchSizes');
    if (batchSizes.device.type !== 'cpu')
      throw new ValueError(`${op}: expected batchSizes on the CPU, got ${batchSizes.device}`);
    const defaults: PackedSequenceOptions = { sortedIndices: null, unsortedIndices: null };
    const { sortedIndices = null, unsortedIndices = null } = readOptions(op, options, defaults);
    const sizes = sizesOf(op, data, batchSizes);
    for (const indices of [sortedIndices, unsortedIndices]) checkOrder(op, indices, sizes[0] as number);
    this.data = data;
    this.batchSizes = batchSizes;
    // Either permutation is the inverse of the other.
    this.sortedIndices = sortedIndices ?? unsortedIndices?.argsort() ?? null;
    this.unsortedIndices = unsortedIndices ?? sortedIndices?.argsort() ?? null;
    this.#sizes = sizes;
  }

  /** @internal {@link batchSizes} as numbers */
  get sizes(): readonly number[] {
    return this.#sizes;
  }

  get isCuda(): boolean {
    return this.data.isCuda;
  }

  /** Its fields, in PyTorch's order. */
  *[Symbol.iterator](): Generator<Tensor | null, undefined, undefined> {
    yield* [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
  }

  /** The same order of other steps: `map((data) => data.relu())`. */
  map(f: (data: Tensor) => Tensor): PackedSequence {
    const data = f(this.data);
    if (data === this.data) return this;
    const { batchSizes, sortedIndices, unsortedIndices } = this;
    const moved = (indices: Tensor | null): Tensor | null => indices?.to(data.device) ?? null;
    return new PackedSequence(data, batchSizes, {
      sortedIndices: moved(sortedIndices),
      unsortedIndices: moved(unsortedIndices),
    });
  }

  /** As {@link Tensor.to}: the steps in another dtype or on another device, where the indices follow. */
  to(...args: Parameters<Tensor['to']>): PackedSequence {
    return this.map((data) => data.to(...args));
  }

  cpu(): PackedSequence {
    return this.map((data) => data.cpu());
  }

  cuda(...args: Parameters<Tensor['cuda']>): PackedSequence {
    return this.map((data) => data.cuda(...args));
  }

  float(): PackedSequence {
    return this.to('float32');
  }

  double(): PackedSequence {
    return this.to('float64');
  }

  half(): PackedSequence {
    return this.to('float16');
  }

  pinMemory(): PackedSequence {
    return this.map((data) => data.pinMemory());
  }

  isPinned(): boolean {
    return this.data.isPinned();
  }
}

function sizesOf(op: string, data: Tensor, batchSizes: Tensor): number[] {
  const sizes = batchSizes.ndim === 1 ? (batchSizes.tolist() as number[]).map(Number) : [];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!((sizes.at(-1) ?? 0) >= 1) || !isFalling(sizes) || data.shape[0] !== total)
    throw new ShapeError(
      `${op}: expected falling batch sizes above 0 whose sum is the first size of the data, got ${describe(sizes)} and ${show(data.shape)}`,
    );
  return sizes;
}

function checkOrder(op: string, indices: Tensor | null, count: number): void {
  if (indices === null) return;
  checkTensor(op, indices, 'indices');
  if (indices.ndim !== 1 || indices.shape[0] !== count || indices.dtype !== 'int64')
    throw new ShapeError(
      `${op}: expected ${count} indices of int64, got ${indices.dtype} of shape ${show(indices.shape)}`,
    );
}

// --- Places -----------------------------------------------------------------------------------------------------------------

/** Where step `t` of sequence `i` lies in a batch, flattened. */
type Place = (i: number, t: number) => number;

function placeIn(batchFirst: boolean | undefined, longest: number, count: number): Place {
  return batchFirst ? (i, t) => i * longest + t : (i, t) => t * count + i;
}

/** The places of a packed sequence's steps, the sequences being in this order. */
function placesOf(batchSizes: readonly number[], order: readonly number[], place: Place): number[] {
  return batchSizes.flatMap((size, t) => order.slice(0, size).map((i) => place(i, t)));
}

/** How many of some numbers are above each of 0, 1, 2, ...: batch sizes of lengths, and lengths of batch sizes. */
function countsAbove(numbers: readonly number[]): number[] {
  return Array.from({ length: Math.max(0, ...numbers) }, (_, k) => numbers.filter((number) => number > k).length);
}

function integers(values: readonly number[], device: Tensor['device'] | 'cpu'): Tensor {
  return tensor(BigInt64Array.from(values, BigInt), { device });
}

/** Rows at their places in `[first, second, *]`; a value everywhere else. */
function spread(rows: Tensor, places: readonly number[], sizes: readonly number[], value: number): Tensor {
  const shape = rows.shape.slice(1);
  const whole = rows.newFull([sizes.reduce((product, size) => product * size), ...shape], value);
  return whole.indexCopy(0, integers(places, rows.device), rows).reshape([...sizes, ...shape]);
}

/** T and N of a batch. */
function timesAndCount(op: string, input: Tensor, batchFirst: boolean | undefined): [longest: number, count: number] {
  if (input.ndim < 2) throw new ShapeError(`${op}: expected at least 2 dimensions, got shape ${show(input.shape)}`);
  const [first, second] = input.shape as [number, number];
  return batchFirst ? [second, first] : [first, second];
}

function lengthsOf(op: string, given: Tensor | readonly number[], longest: number, count: number): number[] {
  const isList = Array.isArray(given) || (given instanceof Tensor && given.ndim === 1);
  if (!isList) throw new ValueError(`${op}: expected lengths to be a list or a vector, got ${describe(given)}`);
  const lengths = (given instanceof Tensor ? (given.tolist() as number[]) : given).map(Number);
  if (lengths.length !== count)
    throw new ShapeError(`${op}: expected ${count} lengths, one for each sequence, got ${lengths.length}`);
  if (!lengths.every((length) => Number.isInteger(length) && length >= 1 && length <= longest))
    throw new ValueError(`${op}: expected lengths from 1 to ${longest}, got ${describe(lengths)}`);
  return lengths;
}

const isFalling = (numbers: readonly number[]): boolean =>
  numbers.every((number, k) => k === 0 || number <= (numbers[k - 1] as number));

// --- Packing ----------------------------------------------------------------------------------------------------------------

export interface PackOptions {
  /** Whether the lengths must fall; otherwise the sequences are sorted, and come back in their order. */
  enforceSorted?: boolean | undefined;
}

export interface PackPaddedOptions extends PackOptions {
  /** Whether the input is `[N, T, *]` rather than `[T, N, *]`. */
  batchFirst?: boolean | undefined;
}

/**
 * Packs sequences that were padded to one length.
 *
 * Shape: `[T, N, *]` (`[N, T, *]` with `batchFirst`), and N lengths from 1 to T.
 *
 * @example
 * const padded = torch.tensor([[1, 0], [2, 3]]);
 * const { data, batchSizes } = nn.utils.rnn.packPaddedSequence(padded, [1, 2], { batchFirst: true, enforceSorted: false });
 * [data, batchSizes] // [tensor([2., 1., 3.]), tensor([2, 1])]
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options?: PackPaddedOptions,
): PackedSequence {
  const op = 'packPaddedSequence';
  checkTensor(op, input, 'input');
  const { batchFirst, enforceSorted } = readOptions(op, options, { batchFirst: false, enforceSorted: true });
  const [longest, count] = timesAndCount(op, input, batchFirst);
  const given = lengthsOf(op, lengths, longest, count);
  if (count === 0) throw new ShapeError(`${op}: expected at least one sequence, got shape ${show(input.shape)}`);
  if (enforceSorted && !isFalling(given))
    throw new ValueError(`${op}: expected falling lengths, got ${describe(given)}; else pass { enforceSorted: false }`);
  const order = given.map((_, i) => i).sort((a, b) => (given[b] as number) - (given[a] as number));
  const batchSizes = countsAbove(given);
  const places = placesOf(batchSizes, order, placeIn(batchFirst, longest, count));
  const steps = input.reshape([longest * count, ...input.shape.slice(2)]);
  return new PackedSequence(steps.indexSelect(0, integers(places, input.device)), integers(batchSizes, 'cpu'), {
    sortedIndices: enforceSorted ? null : integers(order, input.device),
  });
}

// --- Padding ----------------------------------------------------------------------------------------------------------------

export interface PadOptions {
  /** Whether the result is `[N, T, *]` rather than `[T, N, *]`. */
  batchFirst?: boolean | undefined;
  paddingValue?: number | undefined;
}

export interface PadPackedOptions extends PadOptions {
  /** What T is to be; the longest length where left out. */
  totalLength?: number | null | undefined;
}

/**
 * The sequences of a packed one in their order, padded to one length, and their lengths.
 *
 * @example
 * const packed = nn.utils.rnn.packSequence([torch.tensor([1, 2]), torch.tensor([3])]);
 * nn.utils.rnn.padPackedSequence(packed, { batchFirst: true }) // [tensor([[1., 2.], [3., 0.]]), tensor([2, 1])]
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options?: PadPackedOptions,
): [padded: Tensor, lengths: Tensor] {
  const op = 'padPackedSequence';
  checkPacked(op, sequence);
  const defaults: PadPackedOptions = { batchFirst: false, paddingValue: 0, totalLength: null };
  const { batchFirst, paddingValue = 0, totalLength } = readOptions(op, options, defaults);
  const batchSizes = sequence.sizes;
  if (totalLength !== null && totalLength !== undefined) checkCount(op, 'totalLength', totalLength, batchSizes.length);
  const longest = totalLength ?? batchSizes.length;
  const counts = countsAbove(batchSizes);
  const order = (sequence.sortedIndices?.tolist() as number[] | undefined) ?? counts.map((_, i) => i);
  const places = placesOf(batchSizes, order, placeIn(batchFirst, longest, counts.length));
  const sizes = batchFirst ? [counts.length, longest] : [longest, counts.length];
  const padded = spread(sequence.data, places, sizes, paddingValue);
  const lengths = [...counts];
  for (const [k, i] of order.entries()) lengths[i] = counts[k] as number;
  return [padded, integers(lengths, 'cpu')];
}

function checkPacked(op: string, sequence: unknown): asserts sequence is PackedSequence {
  if (!(sequence instanceof PackedSequence))
    throw new ValueError(`${op}: expected a PackedSequence, got ${describe(sequence)}`);
}

/**
 * Sequences of different lengths in one tensor. Shape: `[length, *]` each, to `[T, N, *]`, or `[N, T, *]` with `batchFirst`.
 *
 * @example
 * const { padSequence } = nn.utils.rnn;
 * padSequence([torch.tensor([1, 2]), torch.tensor([3])], { batchFirst: true, paddingValue: -1 }) // tensor([[1., 2.], [3., -1.]])
 */
export function padSequence(sequences: readonly Tensor[], options?: PadOptions): Tensor {
  const op = 'padSequence';
  const { batchFirst, paddingValue } = readOptions(op, options, { batchFirst: false, paddingValue: 0 });
  const lengths = sequenceLengths(op, sequences);
  const longest = Math.max(...lengths);
  const count = lengths.length;
  const place = placeIn(batchFirst, longest, count);
  const places = lengths.flatMap((length, i) => Array.from({ length }, (_, t) => place(i, t)));
  return spread(cat(sequences), places, batchFirst ? [count, longest] : [longest, count], paddingValue);
}

function sequenceLengths(op: string, sequences: readonly Tensor[]): number[] {
  checkTensors(op, sequences);
  const [first] = sequences;
  if (first === undefined) throw new ValueError(`${op}: expected at least one sequence`);
  for (const { shape } of sequences) {
    if (shape.length === 0 || show(shape.slice(1)) !== show(first.shape.slice(1)))
      throw new ShapeError(
        `${op}: expected sequences that differ in their first dimension only, got ${show(first.shape)} and ${show(shape)}`,
      );
  }
  return sequences.map(({ shape }) => shape[0] as number);
}

/**
 * The sequences that {@link padSequence} has padded: views of their first steps.
 *
 * @example nn.utils.rnn.unpadSequence(torch.tensor([[1, 2], [3, 0]]), [2, 1], { batchFirst: true }) // [tensor([1., 2.]), tensor([3.])]
 */
export function unpadSequence(
  paddedSequences: Tensor,
  lengths: Tensor | readonly number[],
  options?: { batchFirst?: boolean | undefined },
): Tensor[] {
  const op = 'unpadSequence';
  checkTensor(op, paddedSequences, 'paddedSequences');
  const { batchFirst } = readOptions(op, options, { batchFirst: false });
  const [longest, count] = timesAndCount(op, paddedSequences, batchFirst);
  const batch = batchFirst ? 0 : 1;
  return lengthsOf(op, lengths, longest, count).map((length, i) =>
    paddedSequences.select(batch, i).narrow(0, 0, length),
  );
}

/**
 * Packs sequences of different lengths. Shape: `[length, *]` each.
 *
 * @example nn.utils.rnn.packSequence([torch.tensor([1, 2]), torch.tensor([3])]).data // tensor([1., 3., 2.])
 */
export function packSequence(sequences: readonly Tensor[], options?: PackOptions): PackedSequence {
  return packPaddedSequence(padSequence(sequences), sequenceLengths('packSequence', sequences), options);
}

/**
 * The sequences of a packed one, in their order.
 *
 * @example
 * const { packSequence, unpackSequence } = nn.utils.rnn;
 * unpackSequence(packSequence([torch.tensor([1, 2]), torch.tensor([3])])) // [tensor([1., 2.]), tensor([3.])]
 */
export function unpackSequence(packedSequences: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packedSequences, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
