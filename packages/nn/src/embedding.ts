import { IndexError, ShapeError } from '@ts-torch/core';
import { empty, Tensor } from '@ts-torch/tensor';
import { readOptions, show } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import * as init from './init.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { Parameter } from './parameter.js';
import { fields, pythonFloat } from './printing.js';
import { checkCount } from './sizes.js';

export interface EmbeddingLayerOptions extends FactoryOptions, F.EmbeddingOptions {
  /** A table to start from. */
  _weight?: Tensor | null | undefined;
}

const EMBEDDING: EmbeddingLayerOptions = {
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
  _weight: null,
  ...FACTORY,
};

/** What {@link Embedding} and {@link EmbeddingBag} share: a table of vectors, and how it is used. */
abstract class Table extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly sparse: boolean;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, given: EmbeddingLayerOptions) {
    super();
    const op = new.target.name;
    checkCount(op, 'numEmbeddings', numEmbeddings);
    checkCount(op, 'embeddingDim', embeddingDim);
    const { paddingIdx, maxNorm, _weight, dtype, device } = given;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingRow(op, paddingIdx ?? null, numEmbeddings);
    this.maxNorm = maxNorm ?? null;
    this.normType = given.normType as number;
    this.scaleGradByFreq = given.scaleGradByFreq as boolean;
    this.sparse = given.sparse as boolean;
    if (_weight && show(_weight.shape) !== show([numEmbeddings, embeddingDim]))
      throw new ShapeError(
        `${op}: expected a table of ${show([numEmbeddings, embeddingDim])}, got ${show(_weight.shape)}`,
      );
    if (_weight) this.weight = _weight instanceof Parameter ? _weight : new Parameter(_weight);
    else this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { dtype, device }));
    if (!_weight) this.resetParameters();
  }

  /** Normal numbers; zeros in the padding row. */
  resetParameters(): void {
    init.normal_(this.weight);
    if (this.paddingIdx !== null) init.zeros_(this.weight.data.select(0, this.paddingIdx));
  }

  protected get shownMode(): Record<string, unknown> | null {
    return null;
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = this;
    const shown: Record<string, unknown> = {};
    if (maxNorm !== null) shown['max_norm'] = pythonFloat(maxNorm);
    if (normType !== 2) shown['norm_type'] = pythonFloat(normType);
    if (scaleGradByFreq) shown['scale_grad_by_freq'] = true;
    if (sparse) shown['sparse'] = true;
    const padding = paddingIdx === null ? {} : { padding_idx: paddingIdx };
    const { shownMode } = this;
    // PyTorch's orders: a bag's padding comes last.
    const all = shownMode ? { ...shown, ...shownMode, ...padding } : { ...padding, ...shown };
    return [String(numEmbeddings), String(embeddingDim), fields(all)].filter((part) => part !== '').join(', ');
  }
}

function paddingRow(op: string, paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows)
    throw new IndexError(`${op}: paddingIdx ${paddingIdx} is out of range for ${rows} rows`);
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/**
 * A table of vectors, looked up by index. Shape: integers `[*]` to `[*, embeddingDim]`. It starts normal.
 *
 * @example new nn.Embedding(10, 3)(torch.tensor([[1n, 2n]])).shape // [1, 2, 3]
 */
export class Embedding extends Table {
  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingLayerOptions) {
    super(numEmbeddings, embeddingDim, readOptions<EmbeddingLayerOptions>('Embedding', options, EMBEDDING));
  }

  /** An embedding of given vectors, fixed unless `freeze` is false. */
  static fromPretrained(
    embeddings: Tensor,
    options?: Omit<EmbeddingLayerOptions, '_weight' | keyof FactoryOptions> & { freeze?: boolean | undefined },
  ): Embedding {
    if (!(embeddings instanceof Tensor) || embeddings.ndim !== 2)
      throw new ShapeError('Embedding.fromPretrained: expected a tensor of 2 dimensions');
    const { freeze = true, ...rest } = options ?? {};
    const [rows = 0, width = 0] = embeddings.shape;
    // `this`, for subclasses; and a class that names itself loses its name in the bundle.
    const layer = new this(rows, width, { ...rest, _weight: embeddings });
    layer.weight.requiresGrad = !freeze;
    return layer;
  }

  override forward(input: Tensor): Tensor {
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = this;
    return F.embedding(input, weight, { paddingIdx, maxNorm, normType, scaleGradByFreq, sparse });
  }
}

export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  mode?: 'mean' | 'sum' | 'max' | undefined;
  includeLastOffset?: boolean | undefined;
}

interface BagOptions {
  offsets?: Tensor | null | undefined;
  perSampleWeights?: Tensor | null | undefined;
}

/**
 * Means, sums or maxima of the vectors of bags of indices; see {@link F.embeddingBag}.
 *
 * @example new nn.EmbeddingBag(10, 3)(torch.tensor([[1n, 2n]])).shape // [1, 3]
 */
export class EmbeddingBag extends Table {
  readonly mode: 'mean' | 'sum' | 'max';
  readonly includeLastOffset: boolean;

  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingBagLayerOptions) {
    const defaults: EmbeddingBagLayerOptions = { ...EMBEDDING, mode: 'mean', includeLastOffset: false };
    const given = readOptions<EmbeddingBagLayerOptions>('EmbeddingBag', options, defaults);
    super(numEmbeddings, embeddingDim, given);
    this.mode = given.mode as 'mean' | 'sum' | 'max';
    this.includeLastOffset = given.includeLastOffset as boolean;
  }

  override forward(input: Tensor, offsets?: Tensor | BagOptions | null, options?: BagOptions): Tensor {
    const given = offsets instanceof Tensor ? { ...options, offsets } : { ...options, ...offsets };
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse, mode, includeLastOffset } = this;
    const own = { paddingIdx, maxNorm, normType, scaleGradByFreq, sparse, mode, includeLastOffset };
    return F.embeddingBag(input, weight, { ...own, ...given });
  }

  protected override get shownMode(): Record<string, unknown> {
    return { mode: this.mode };
  }
}
