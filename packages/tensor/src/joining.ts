import { describe, kernel, launch, ShapeError, ValueError } from '@ts-torch/core';
import { allocate } from './allocation.js';
import { zeros } from './creation.js';
import { castTo, checkSameDevice, checkTensors, type OutOptions, primitive, readOptions, writeOut } from './op.js';
import { copy_ } from './ops/copying.js';
import { expand, narrow, reshape, unsqueeze } from './ops/views.js';
import { resultType } from './promotion.js';
import { broadcastShapes, normalizeDim, type Shape, sameShape, show } from './shape.js';
import { Tensor } from './tensor.js';

const CAT = kernel('cat');

const catPrimitive = primitive('cat', ['tensors', 'dim'], (tensors: readonly Tensor[], dim: number): Tensor => {
  const parts = joinedParts(tensors);
  const first = parts[0] as Tensor;
  const length = parts.reduce((sum, { shape }) => sum + (shape[dim] as number), 0);
  const out = allocate(first.shape.with(dim, length), resultType(tensors), first.device);
  launch(CAT, [out, ...parts.map((part) => castTo(part, out.dtypeInfo))], [dim]);
  return out;
});

/** Tensors of shape [0] join anything, as nothing; only their dtype counts. */
function joinedParts(tensors: readonly Tensor[]): readonly Tensor[] {
  const parts = tensors.filter(({ shape }) => shape.length !== 1 || shape[0] !== 0);
  return parts.length === 0 ? tensors.slice(0, 1) : parts;
}

/** Joining with its arguments normalised; for derivatives. */
export const joiningPrimitives = { cat: catPrimitive };

export interface JoinOptions extends OutOptions {
  /** The dimension along which to join; 0 where left out. */
  dim?: number | undefined;
}

/** `dim` stands by position or in the options. */
function readJoin(op: string, dim: number | JoinOptions | undefined, options: JoinOptions | undefined): JoinOptions {
  const given = typeof dim === 'object' ? dim : { dim, ...options };
  return readOptions<JoinOptions>(op, given, { dim: 0, out: undefined });
}

function delivered(op: string, result: Tensor, out: Tensor | undefined): Tensor {
  return out === undefined ? result : writeOut(op, out, result);
}

function checkSome(op: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  checkTensors(op, tensors);
  if (tensors.length === 0) throw new ValueError(`${op}: expected at least one tensor, got none`);
  checkSameDevice(op, tensors);
}

/**
 * The tensors one after another along a dimension: `cat([a, b], 1)`. Their other sizes must be equal; dtypes promote. Tensors
 * of shape `[0]` are skipped, whatever the others' shape is. Throws {@link ShapeError}.
 *
 * @example torch.cat([torch.tensor([1, 2]), torch.tensor([3])]) // tensor([1., 2., 3.])
 */
export function cat(tensors: readonly Tensor[], dim?: number | JoinOptions, options?: JoinOptions): Tensor {
  checkSome('cat', tensors);
  const { dim: given, out } = readJoin('cat', dim, options);
  if (out !== undefined && tensors.includes(out)) throw new ValueError('cat: `out` is one of the tensors to be joined');
  const parts = joinedParts(tensors);
  const first = parts[0] as Tensor;
  if (first.shape.length === 0) throw new ShapeError('cat: zero-dimensional tensors cannot be joined; use stack');
  const at = normalizeDim('cat', given, first.shape.length);
  checkJoined('cat', parts, at);
  return delivered('cat', catPrimitive(tensors, at), out);
}

/** {@link cat}, by other names. */
export const concat = cat;
/** {@link cat}, by other names. */
export const concatenate = cat;

function checkJoined(op: string, parts: readonly Tensor[], dim: number): void {
  const shape = parts[0]?.shape ?? [];
  for (const [i, part] of parts.entries()) {
    const fits = part.shape.length === shape.length && part.shape.every((size, d) => d === dim || size === shape[d]);
    if (!fits)
      throw new ShapeError(
        `${op}: cannot join ${show(shape)} and ${show(part.shape)} (tensor ${i}) along dimension ${dim}: the other sizes differ`,
      );
  }
}

/**
 * The tensors, all of one shape, along a new dimension: `stack([a, b])`. Throws {@link ShapeError}.
 *
 * @example torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])]) // tensor([[1., 2.], [3., 4.]])
 */
export function stack(tensors: readonly Tensor[], dim?: number | JoinOptions, options?: JoinOptions): Tensor {
  checkSome('stack', tensors);
  const { dim: given, out } = readJoin('stack', dim, options);
  const { shape } = tensors[0] as Tensor;
  const at = normalizeDim('stack', given, shape.length + 1);
  for (const [i, other] of tensors.entries())
    if (!sameShape(other.shape, shape))
      throw new ShapeError(
        `stack: expected all shapes equal, got ${show(shape)} and ${show(other.shape)} (tensor ${i})`,
      );
  return delivered(
    'stack',
    cat(
      tensors.map((part) => unsqueeze(part, at)),
      at,
    ),
    out,
  );
}

// --- At least so many dimensions ------------------------------------------------------------------------------------------

type Spread = readonly Tensor[] | readonly [readonly Tensor[]];

/** Tensors may come as one list or spread. */
function listed(op: string, args: Spread): readonly Tensor[] {
  const tensors = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  checkTensors(op, tensors);
  return tensors;
}

interface AtLeast {
  (self: Tensor): Tensor;
  (tensors: readonly Tensor[]): Tensor[];
  (first: Tensor, second: Tensor, ...others: Tensor[]): Tensor[];
}

function atLeast(op: string, widen: (self: Tensor) => Tensor): AtLeast {
  const call = (...args: Spread) => {
    const results = listed(op, args).map(widen);
    return args.length === 1 && !Array.isArray(args[0]) ? results[0] : results;
  };
  return call as AtLeast;
}

/**
 * The tensor, or each of several, with one dimension where it has none.
 *
 * @example torch.atleast1d(torch.tensor(1)) // tensor([1.])
 */
export const atleast1d = atLeast('atleast1d', (self) => (self.shape.length === 0 ? reshape(self, [1]) : self));

/**
 * The tensor, or each of several, with at least two dimensions: new ones come in front.
 *
 * @example torch.atleast2d(torch.tensor([1, 2])) // tensor([[1., 2.]])
 */
export const atleast2d = atLeast('atleast2d', (self) =>
  self.shape.length === 0 ? reshape(self, [1, 1]) : self.shape.length === 1 ? unsqueeze(self, 0) : self,
);

/**
 * The tensor, or each of several, with at least three dimensions: `[n]` becomes `[1, n, 1]`, `[m, n]` becomes `[m, n, 1]`.
 *
 * @example torch.atleast3d(torch.zeros([2, 3])).shape // [2, 3, 1]
 */
export const atleast3d = atLeast('atleast3d', (self) => {
  if (self.shape.length === 0) return reshape(self, [1, 1, 1]);
  if (self.shape.length === 1) return unsqueeze(unsqueeze(self, 0), 2);
  return self.shape.length === 2 ? unsqueeze(self, 2) : self;
});

// --- Stacking by rows, columns and depth ----------------------------------------------------------------------------------

function stackedAlong(
  op: string,
  prepare: (tensors: readonly Tensor[]) => readonly Tensor[],
  dim: (ndim: number) => number,
) {
  return (tensors: readonly Tensor[], options?: OutOptions): Tensor => {
    checkSome(op, tensors);
    const { out } = readOptions<OutOptions>(op, options, { out: undefined });
    const parts = prepare(tensors);
    return delivered(op, cat(parts, dim((parts[0] as Tensor).shape.length)), out);
  };
}

/**
 * Side by side: along dimension 1, vectors along dimension 0.
 *
 * @example torch.hstack([torch.tensor([[1], [2]]), torch.tensor([[3], [4]])]) // tensor([[1., 3.], [2., 4.]])
 */
export const hstack = stackedAlong('hstack', atleast1d, (ndim) => (ndim === 1 ? 0 : 1));
/**
 * One below the other: along dimension 0, vectors being rows.
 *
 * @example torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])]) // tensor([[1., 2.], [3., 4.]])
 */
export const vstack = stackedAlong('vstack', atleast2d, () => 0);
/** {@link vstack}, by another name. */
export const rowStack = vstack;
/**
 * One behind the other: along dimension 2.
 *
 * @example torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])]) // tensor([[[1., 3.], [2., 4.]]])
 */
export const dstack = stackedAlong('dstack', atleast3d, () => 2);
/**
 * {@link hstack}, vectors being columns.
 *
 * @example torch.columnStack([torch.tensor([1, 2]), torch.tensor([3, 4])]) // tensor([[1., 3.], [2., 4.]])
 */
export const columnStack = stackedAlong(
  'columnStack',
  (tensors) => tensors.map((part) => (part.shape.length < 2 ? reshape(part, [part.numel(), 1]) : part)),
  () => 1,
);

// --- Several tensors to one grid -------------------------------------------------------------------------------------------

/**
 * Each tensor expanded to the shape that all of them broadcast to. Throws {@link ShapeError}.
 *
 * @example torch.broadcastTensors(torch.tensor([1, 2]), torch.tensor([[0]])) // [tensor([[1., 2.]]), tensor([[0., 0.]])]
 */
export function broadcastTensors(...args: Spread): Tensor[] {
  const tensors = listed('broadcastTensors', args);
  const shape = tensors.reduce<Shape>((all, part) => broadcastShapes('broadcastTensors', all, part.shape), []);
  return tensors.map((part) => expand(part, shape));
}

export interface MeshgridOptions {
  /** `ij`: the first vector runs along dimension 0; `xy`: along dimension 1, the second along dimension 0. */
  indexing?: 'ij' | 'xy' | undefined;
}

/**
 * The coordinates of all points of a grid, one tensor for each vector of coordinates: `meshgrid(x, y)`.
 *
 * @example torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4, 5]), { indexing: 'ij' })[0] // tensor([[1., 1., 1.], [2., 2., 2.]])
 */
export function meshgrid(...args: readonly (Tensor | readonly Tensor[] | MeshgridOptions)[]): Tensor[] {
  const last = args.at(-1);
  const hasOptions = args.length > 0 && !Array.isArray(last) && !(last instanceof Tensor);
  const { indexing } = readOptions<MeshgridOptions>('meshgrid', hasOptions ? last : undefined, { indexing: 'ij' });
  const tensors = listed('meshgrid', (hasOptions ? args.slice(0, -1) : args) as Spread);
  if (indexing !== 'ij' && indexing !== 'xy')
    throw new ValueError(`meshgrid: expected indexing 'ij' or 'xy', got ${describe(indexing)}`);
  for (const part of tensors)
    if (part.shape.length > 1) throw new ShapeError(`meshgrid: expected vectors, got shape ${show(part.shape)}`);
  const swapped = indexing === 'xy' && tensors.length > 1;
  const ordered = swapped ? [tensors[1] as Tensor, tensors[0] as Tensor, ...tensors.slice(2)] : tensors;
  const shape = ordered.map((part) => part.numel());
  const grids = ordered.map((part, d) =>
    expand(
      reshape(
        part,
        shape.map((size, i) => (i === d ? size : 1)),
      ),
      shape,
    ),
  );
  return swapped ? [grids[1] as Tensor, grids[0] as Tensor, ...grids.slice(2)] : grids;
}

/**
 * All combinations of one element from each vector, as rows: shape `[product of the sizes, number of vectors]`.
 *
 * @example torch.cartesianProd(torch.tensor([1, 2]), torch.tensor([3, 4])) // tensor([[1., 3.], [1., 4.], [2., 3.], [2., 4.]])
 */
export function cartesianProd(...args: Spread): Tensor {
  const tensors = listed('cartesianProd', args);
  checkSome('cartesianProd', tensors);
  for (const part of tensors)
    if (part.shape.length !== 1) throw new ShapeError(`cartesianProd: expected vectors, got shape ${show(part.shape)}`);
  if (tensors.length === 1) return tensors[0] as Tensor;
  return stack(
    meshgrid(tensors).map((grid) => reshape(grid, [-1])),
    1,
  );
}

/**
 * The matrices along the diagonal of one that is zero elsewhere; vectors are rows. Throws {@link ShapeError} for more dimensions.
 *
 * @example torch.blockDiag(torch.tensor([[1, 2]]), torch.tensor([[3]])) // tensor([[1., 2., 0.], [0., 0., 3.]])
 */
export function blockDiag(...args: Spread): Tensor {
  const tensors = listed('blockDiag', args);
  for (const part of tensors)
    if (part.shape.length > 2)
      throw new ShapeError(`blockDiag: expected at most 2 dimensions, got shape ${show(part.shape)}`);
  const blocks = tensors.length === 0 ? [zeros([1, 0])] : atleast2d(tensors);
  const rows = blocks.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  const columns = blocks.reduce((sum, { shape }) => sum + (shape[1] as number), 0);
  const result = zeros([rows, columns], { dtype: resultType(blocks).name, device: (blocks[0] as Tensor).device });
  let [row, column] = [0, 0];
  for (const block of blocks) {
    const [height, width] = block.shape as [number, number];
    copy_(narrow(narrow(result, 0, row, height), 1, column, width), block);
    row += height;
    column += width;
  }
  return result;
}
