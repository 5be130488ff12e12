import { ShapeError, ValueError } from '@ts-torch/core';
import { cat, empty, matmul, type Tensor } from '@ts-torch/tensor';
import { readOptions, show } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import * as init from './init.js';
import { NonDynamicallyQuantizableLinear } from './linear.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { checkProbability } from './options.js';
import { Parameter } from './parameter.js';
import { checkCount } from './sizes.js';

export interface MultiheadAttentionOptions extends FactoryOptions {
  dropout?: number | undefined;
  bias?: boolean | undefined;
  /** Whether a learned key and value are added. */
  addBiasKv?: boolean | undefined;
  /** Whether a key and value of zeros are added. */
  addZeroAttn?: boolean | undefined;
  /** The number of features of keys; `embedDim` unless given. */
  kdim?: number | null | undefined;
  /** The number of features of values; `embedDim` unless given. */
  vdim?: number | null | undefined;
  /** Whether inputs are `[N, L, E]` rather than `[L, N, E]`. */
  batchFirst?: boolean | undefined;
}

const OPTIONS: MultiheadAttentionOptions = {
  dropout: 0,
  bias: true,
  addBiasKv: false,
  addZeroAttn: false,
  kdim: null,
  vdim: null,
  batchFirst: false,
  ...FACTORY,
};

export interface AttendOptions {
  /** Keys that do not count: true, or a number to add to scores. Shape: `[N, S]` or `[S]`. */
  keyPaddingMask?: Tensor | null | undefined;
  needWeights?: boolean | undefined;
  /** Pairs that may not attend: true, or a number to add to scores. Shape: `[L, S]` or `[N numHeads, L, S]`. */
  attnMask?: Tensor | null | undefined;
  /** Whether the weights returned are means over the heads. */
  averageAttnWeights?: boolean | undefined;
}

/**
 * Attention in several subspaces at once (Vaswani et al. 2017, arXiv:1706.03762): `concat(head 1 ... head h) W_out`, each head being
 * {@link F.scaledDotProductAttention} of projections of its own.
 *
 * Shape: query `[L, N, E]`, key `[S, N, kdim]`, value `[S, N, vdim]` (batch first with `batchFirst`, or without N); results: the output as
 * the query, and the weights `[N, L, S]`, or null.
 *
 * @example
 * const attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
 * const x = torch.ones([4, 3, 8]);
 * attention(x, x, x)[0].shape // [4, 3, 8]
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  inProjWeight: Parameter | null;
  qProjWeight: Parameter | null;
  kProjWeight: Parameter | null;
  vProjWeight: Parameter | null;
  inProjBias: Parameter | null;
  biasK: Parameter | null;
  biasV: Parameter | null;
  outProj: NonDynamicallyQuantizableLinear;

  static override stateName = Module.snakeCase;

  constructor(embedDim: number, numHeads: number, options?: MultiheadAttentionOptions) {
    super();
    const given = readOptions<MultiheadAttentionOptions>('MultiheadAttention', options, OPTIONS);
    const { dropout, bias, addBiasKv, dtype, device } = given;
    checkCount('MultiheadAttention', 'embedDim', embedDim, 1);
    checkCount('MultiheadAttention', 'numHeads', numHeads, 1);
    checkProbability('MultiheadAttention', dropout);
    if (embedDim % numHeads !== 0)
      throw new ValueError(`MultiheadAttention: embedDim ${embedDim} cannot be divided into ${numHeads} heads`);
    const make = (...shape: number[]): Parameter => new Parameter(empty(shape, { dtype, device }));
    const [kdim, vdim] = [given.kdim ?? embedDim, given.vdim ?? embedDim];
    const together = kdim === embedDim && vdim === embedDim;
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.batchFirst = given.batchFirst as boolean;
    this.addZeroAttn = given.addZeroAttn as boolean;
    this.inProjWeight = together ? make(3 * embedDim, embedDim) : null;
    this.qProjWeight = together ? null : make(embedDim, embedDim);
    this.kProjWeight = together ? null : make(embedDim, kdim);
    this.vProjWeight = together ? null : make(embedDim, vdim);
    this.inProjBias = bias ? make(3 * embedDim) : null;
    this.biasK = addBiasKv ? make(1, 1, embedDim) : null;
    this.biasV = addBiasKv ? make(1, 1, embedDim) : null;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, dtype, device });
    this.resetParameters();
  }

  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight !== null) init.xavierUniform_(weight);
    for (const bias of [this.inProjBias, this.outProj.bias]) if (bias !== null) init.zeros_(bias);
    for (const extra of [this.biasK, this.biasV]) if (extra !== null) init.xavierNormal_(extra);
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: AttendOptions,
  ): [output: Tensor, weights: Tensor | null] {
    const defaults: AttendOptions = {
      keyPaddingMask: null,
      needWeights: true,
      attnMask: null,
      averageAttnWeights: true,
    };
    const given = readOptions<AttendOptions>('MultiheadAttention', options, defaults);
    const batched = this.checkInputs(query, key, value);
    const series = (x: Tensor): Tensor => (!batched ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x);
    const { output, weights } = this.attend(series(query), series(key), series(value), given);
    const shown = given.needWeights ? (given.averageAttnWeights ? weights.mean(1) : weights) : null;
    if (!batched) return [output.squeeze(1), shown?.squeeze(0) ?? null];
    return [this.batchFirst ? output.transpose(0, 1) : output, shown];
  }

  /** Whether there is a batch dimension. */
  private checkInputs(query: Tensor, key: Tensor, value: Tensor): boolean {
    const { ndim } = query;
    const fits = (ndim === 2 || ndim === 3) && key.ndim === ndim && value.ndim === ndim;
    const sameKeys = show(key.shape.slice(0, -1)) === show(value.shape.slice(0, -1));
    if (!fits || !sameKeys || query.shape.at(-1) !== this.embedDim)
      throw new ShapeError(
        `MultiheadAttention: expected a query of 2 or 3 dimensions, the last of size ${this.embedDim}, and fitting keys and values, ` +
          `got ${show(query.shape)}, ${show(key.shape)} and ${show(value.shape)}`,
      );
    return ndim === 3;
  }

  /** Attention of `[L, N, E]`: the output as the query, the weights `[N, heads, L, S]`. */
  private attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttendOptions,
  ): { output: Tensor; weights: Tensor } {
    const [length = 0, samples = 0] = query.shape;
    const { numHeads, embedDim } = this;
    const size = embedDim / numHeads;
    const [q, k, v] = this.project(query, key, value);
    // [L, N, E] as [N heads, L, E / heads]
    const heads = (x: Tensor): Tensor => x.reshape(x.shape[0] as number, samples * numHeads, size).transpose(0, 1);
    const withZeros = (x: Tensor): Tensor =>
      this.addZeroAttn ? cat([x, x.newZeros([samples * numHeads, 1, size])], { dim: 1 }) : x;
    const keys = withZeros(heads(k));
    const scores = matmul(heads(q).mul(1 / Math.sqrt(size)), keys.transpose(1, 2));
    const mask = this.mask(query, key.shape[0] as number, keys.shape[1] as number, options);
    const softened = F.softmax(mask === null ? scores : scores.add(mask), -1);
    const weights = F.dropout(softened, { p: this.dropout, training: this.training });
    const mixed = matmul(weights, withZeros(heads(v)))
      .transpose(0, 1)
      .reshape(length, samples, embedDim);
    return { output: this.outProj(mixed), weights: weights.reshape(samples, numHeads, length, -1) };
  }

  private project(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
    const { embedDim, inProjWeight, inProjBias, biasK, biasV } = this;
    const weights = inProjWeight
      ? inProjWeight.chunk(3, { dim: 0 })
      : [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    const projected = [query, key, value].map((x, i) =>
      F.linear(x, weights[i] as Tensor, { bias: inProjBias?.narrow(0, i * embedDim, embedDim) ?? null }),
    );
    return projected.map((x, i) => {
      const extra = [null, biasK, biasV][i] ?? null;
      return extra === null ? x : cat([x, extra.expand(1, x.shape[1] as number, embedDim)]);
    }) as [Tensor, Tensor, Tensor];
  }

  /** Both masks as one to add to scores `[N heads, L, keys]`: of keys added here nobody is kept. */
  private mask(query: Tensor, given: number, keys: number, { keyPaddingMask, attnMask }: AttendOptions): Tensor | null {
    const [length = 0, samples = 0] = query.shape;
    const { numHeads } = this;
    const additive = (mask: Tensor, shape: number[]): Tensor => {
      const numbers =
        mask.dtype === 'bool'
          ? query.newZeros(mask.shape).maskedFill(mask, Number.NEGATIVE_INFINITY)
          : mask.to(query.dtype);
      return F.pad(numbers.reshape(shape), [0, keys - given]);
    };
    let combined: Tensor | null = null;
    if (attnMask) {
      const wanted = attnMask.ndim === 3 ? [samples * numHeads, length, given] : [length, given];
      if (show(attnMask.shape) !== show(wanted))
        throw new ShapeError(
          `MultiheadAttention: expected attnMask of shape ${show(wanted)}, got ${show(attnMask.shape)}`,
        );
      combined = additive(attnMask, wanted.length === 3 ? wanted : [1, ...wanted]);
    }
    if (!keyPaddingMask) return combined;
    if (keyPaddingMask.numel() !== samples * given || keyPaddingMask.shape.at(-1) !== given)
      throw new ShapeError(
        `MultiheadAttention: expected keyPaddingMask of shape ${show([samples, given])}, got ${show(keyPaddingMask.shape)}`,
      );
    const perHead = additive(keyPaddingMask, [samples, 1, 1, given])
      .expand(samples, numHeads, 1, keys)
      .reshape(samples * numHeads, 1, keys);
    return combined === null ? perHead : combined.add(perHead);
  }
}
