import * as torch from 'ts-torch';
import { hugeSize, relaid, resized, stretched } from './layouts.js';
import type { Random } from './random.js';
import { ABSURD_NUMBERS, absurd, DTYPES, numberOf, specialNumber } from './values.js';

/** A place within the arguments of a call, and what stands there. */
export interface Place {
  readonly value: unknown;
  readonly set: (value: unknown) => void;
}

function placesIn(holder: unknown[] | Record<string, unknown>): Place[] {
  return Object.entries(holder).flatMap(([key, value]): Place[] => {
    const set = (other: unknown): void => {
      (holder as Record<string, unknown>)[key] = other;
    };
    const within = Array.isArray(value) || isPlainObject(value) ? placesIn(value as unknown[]) : [];
    return [{ value, set }, ...within];
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

interface TensorPlace extends Place {
  readonly value: torch.Tensor;
}

function tensorsIn(args: unknown[]): TensorPlace[] {
  return placesIn(args).filter((place): place is TensorPlace => place.value instanceof torch.Tensor);
}

/** Changes the arguments of a call in place. Where there is nothing to change in this way they stay. */
export type Mutation = (args: unknown[], random: Random) => void;

/** Replaces one tensor among the arguments. */
function oneTensor(change: (x: torch.Tensor, random: Random) => torch.Tensor): Mutation {
  return (args, random) => {
    const places = tensorsIn(args);
    if (places.length === 0) return;
    const { value, set } = random.pick(places);
    set(change(value, random));
  };
}

/** So many times as large a tensor may become, where its elements are copied. */
const MOST_COPIES = 1000;

/** Where a tensor has a dimension of some size, every tensor gets another size there: most still fit together. */
function resizeAll(args: unknown[], random: Random): void {
  const places = tensorsIn(args);
  const sizes = places.flatMap(({ value }) => value.shape);
  if (sizes.length === 0) return;
  const from = random.pick(sizes);
  const to = random.pick([0, 0, 0, 1, from + 1, 2]);
  const largest = Math.max(...places.map(({ value }) => value.shape.filter((size) => size === from).length));
  if (to ** largest > MOST_COPIES) return;
  for (const { value, set } of places) {
    set(value.shape.reduce((x, size, dim) => (size === from ? resized(x, dim, to) : x), value));
  }
}

function resizeOne(x: torch.Tensor, random: Random): torch.Tensor {
  if (x.ndim === 0) return x.unsqueeze(0);
  const dim = random.below(x.ndim);
  const size = x.shape[dim] as number;
  return resized(x, dim, random.pick([0, 0, 1, size + 1, Math.max(size - 1, 0), 2 * size]));
}

/** Another number of dimensions. */
function rerank(x: torch.Tensor, random: Random): torch.Tensor {
  if (random.chance(0.1)) return x.reshape([...new Array(random.pick([20, 60])).fill(1), ...x.shape].slice(-60));
  if (random.chance(0.5)) return x.unsqueeze(random.below(x.ndim + 1));
  if (x.ndim === 0) return x;
  const dim = random.below(x.ndim);
  return x.shape[dim] === 0 ? x.sum(dim) : x.select(dim, 0);
}

/** Far more elements than memory: views of one element, or of none. */
function enlarge(x: torch.Tensor, random: Random): torch.Tensor {
  const wide = x.ndim === 0 || random.chance(0.3) ? x.unsqueeze(0) : x;
  const dim = random.below(wide.ndim);
  const size = hugeSize(random, wide.shape, dim);
  if (size === undefined || wide.shape[dim] === 0) return x;
  const huge = stretched(wide, dim, size);
  return random.chance(0.4) ? huge.unsqueeze(0).narrow(0, 0, 0) : huge;
}

function enlargeAll(args: unknown[], random: Random): void {
  const places = tensorsIn(args);
  const sizes = places.flatMap(({ value }) => value.shape).filter((size) => size > 0);
  if (sizes.length === 0) return;
  const from = random.pick(sizes);
  for (const { value, set } of places) {
    const dim = value.shape.indexOf(from);
    const size = dim === -1 ? undefined : hugeSize(random, value.shape, dim);
    if (size !== undefined) set(stretched(value, dim, size));
  }
}

function specialValues(x: torch.Tensor, random: Random): torch.Tensor {
  const copy = x.clone({ memoryFormat: 'contiguousFormat' });
  const special = specialNumber(random, x);
  if (random.chance(0.3) || x.numel() === 0) return copy.fill_(special);
  copy.view([-1]).narrow(0, random.below(x.numel()), 1).fill_(special);
  return copy;
}

function castAll(args: unknown[], random: Random): void {
  const places = tensorsIn(args);
  if (places.length === 0) return;
  const from = random.pick(places).value.dtype;
  const to = random.pick(DTYPES);
  for (const { value, set } of places) if (value.dtype === from) set(value.to(to));
}

/** The same memory twice among the arguments. */
function alias(args: unknown[], random: Random): void {
  const places = tensorsIn(args);
  if (places.length < 2) return;
  const { value } = random.pick(places);
  random.pick(places).set(random.chance(0.5) || value.ndim < 2 ? value : value.mT);
}

function disposeOne(args: unknown[], random: Random): void {
  const places = tensorsIn(args);
  if (places.length === 0) return;
  const { value, set } = random.pick(places);
  const disposed = value.clone();
  disposed.dispose();
  set(disposed);
}

const isNumber = ({ value }: Place): boolean => typeof value === 'number' || typeof value === 'bigint';

function oneNumber(args: unknown[], random: Random): void {
  const places = placesIn(args).filter(isNumber);
  if (places.length === 0) return;
  random.pick(places).set(random.chance(0.5) ? random.pick(ABSURD_NUMBERS) : numberOf(random));
}

function wrongKind(args: unknown[], random: Random): void {
  const places = placesIn(args);
  if (places.length > 0) random.pick(places).set(absurd(random));
}

/** One argument too few or too many. */
function recount(args: unknown[], random: Random): void {
  if (random.chance(0.5)) args.pop();
  else args.push(random.chance(0.5) ? numberOf(random) : absurd(random));
}

/** What makes of a call that works one that may not, and how often. */
export const MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [4, oneTensor(relaid)],
  [3, castAll],
  [2, oneTensor((x, random) => x.to(random.pick(DTYPES)))],
  [4, resizeAll],
  [3, oneTensor(resizeOne)],
  [2, oneTensor(rerank)],
  [3, oneTensor(specialValues)],
  [1, alias],
  [4, oneNumber],
  [1, wrongKind],
  [1, recount],
];

/** Those that leave tensors of which no copy can be made: they come last. */
export const LAST_MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [2, oneTensor(enlarge)],
  [2, enlargeAll],
  [1, disposeOne],
];

/** Empties the tensors that are larger than memory. */
export function emptyHuge(args: unknown[]): void {
  for (const { value, set } of tensorsIn(args)) {
    if (value.numel() > 2 ** 24) set(value.unsqueeze(0).narrow(0, 0, 0));
  }
}
