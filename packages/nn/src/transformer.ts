import { describe, ValueError } from '@ts-torch/core';
import { full, type Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { MultiheadAttention } from './attention.js';
import { ModuleList } from './container.js';
import { Dropout } from './dropout.js';
import * as F from './functional/index.js';
import * as init from './init.js';
import { Linear } from './linear.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { LayerNorm } from './normalization.js';

type Activation = 'relu' | 'gelu' | ((x: Tensor) => Tensor);

export interface TransformerLayerOptions extends FactoryOptions {
  dimFeedforward?: number | undefined;
  dropout?: number | undefined;
  activation?: Activation | undefined;
  layerNormEps?: number | undefined;
  /** Whether inputs are `[N, T, E]` rather than `[T, N, E]`. */
  batchFirst?: boolean | undefined;
  /** Whether normalization comes before attention and feedforward, not after; Xiong et al. 2020, arXiv:2002.04745. */
  normFirst?: boolean | undefined;
}

const LAYER: TransformerLayerOptions = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: 'relu',
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  ...FACTORY,
};

function activationOf(op: string, activation: Activation | undefined): (x: Tensor) => Tensor {
  if (activation === 'relu') return F.relu;
  if (activation === 'gelu') return F.gelu;
  if (typeof activation === 'function') return activation;
  throw new ValueError(`${op}: expected activation to be 'relu', 'gelu' or a function, got ${describe(activation)}`);
}

/**
 * Self-attention and a feedforward network, each with a residual connection and normalization (Vaswani et al. 2017, arXiv:1706.03762).
 *
 * Shape: `[T, N, dModel]`, batch first with `batchFirst`, or without N; the same out.
 *
 * @example new nn.TransformerEncoderLayer(8, 2, { batchFirst: true })(torch.ones([4, 5, 8])).shape // [4, 5, 8]
 */
export class TransformerEncoderLayer extends Module {
  readonly normFirst: boolean;
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  activation: (x: Tensor) => Tensor;

  static override stateName = Module.snakeCase;

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super();
    const given = readOptions<TransformerLayerOptions>('TransformerEncoderLayer', options, LAYER);
    const { dropout: p, layerNormEps: eps, batchFirst, dtype, device } = given;
    const factory = { dtype, device };
    this.normFirst = given.normFirst as boolean;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout: p, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, given.dimFeedforward as number, factory);
    this.dropout = new Dropout(p);
    this.linear2 = new Linear(given.dimFeedforward as number, dModel, factory);
    this.norm1 = new LayerNorm(dModel, { eps, ...factory });
    this.norm2 = new LayerNorm(dModel, { eps, ...factory });
    this.dropout1 = new Dropout(p);
    this.dropout2 = new Dropout(p);
    this.activation = activationOf('TransformerEncoderLayer', given.activation);
  }

  override forward(src: Tensor, options?: EncodeOptions): Tensor {
    const { srcMask, srcKeyPaddingMask } = readOptions<EncodeOptions>('TransformerEncoderLayer', options, {
      srcMask: null,
      srcKeyPaddingMask: null,
    });
    const attend = (x: Tensor): Tensor => {
      const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, needWeights: false };
      return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
    };
    const feed = (x: Tensor): Tensor => this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
    const attended = residual(src, attend, this.norm1, this.normFirst);
    return residual(attended, feed, this.norm2, this.normFirst);
  }
}

export interface EncodeOptions {
  srcMask?: Tensor | null | undefined;
  srcKeyPaddingMask?: Tensor | null | undefined;
}

function residual(x: Tensor, f: (x: Tensor) => Tensor, norm: LayerNorm, normFirst: boolean): Tensor {
  return normFirst ? x.add(f(norm(x))) : norm(x.add(f(x)));
}

export interface DecodeOptions {
  tgtMask?: Tensor | null | undefined;
  memoryMask?: Tensor | null | undefined;
  tgtKeyPaddingMask?: Tensor | null | undefined;
  memoryKeyPaddingMask?: Tensor | null | undefined;
}

const DECODE: DecodeOptions = {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
};

/**
 * {@link TransformerEncoderLayer} that attends to an encoder's result (`memory`), too.
 *
 * @example new nn.TransformerDecoderLayer(8, 2, { batchFirst: true })(torch.ones([4, 5, 8]), torch.ones([4, 6, 8])).shape // [4, 5, 8]
 */
export class TransformerDecoderLayer extends Module {
  readonly normFirst: boolean;
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  activation: (x: Tensor) => Tensor;

  static override stateName = Module.snakeCase;

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super();
    const given = readOptions<TransformerLayerOptions>('TransformerDecoderLayer', options, LAYER);
    const { dropout: p, layerNormEps: eps, batchFirst, dtype, device } = given;
    const factory = { dtype, device };
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, ...factory });
    this.normFirst = given.normFirst as boolean;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout: p, batchFirst, ...factory });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout: p, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, given.dimFeedforward as number, factory);
    this.dropout = new Dropout(p);
    this.linear2 = new Linear(given.dimFeedforward as number, dModel, factory);
    this.norm1 = norm();
    this.norm2 = norm();
    this.norm3 = norm();
    this.dropout1 = new Dropout(p);
    this.dropout2 = new Dropout(p);
    this.dropout3 = new Dropout(p);
    this.activation = activationOf('TransformerDecoderLayer', given.activation);
  }

  override forward(tgt: Tensor, memory: Tensor, options?: DecodeOptions): Tensor {
    const given = readOptions<DecodeOptions>('TransformerDecoderLayer', options, DECODE);
    const attend = (x: Tensor): Tensor => {
      const masks = { attnMask: given.tgtMask, keyPaddingMask: given.tgtKeyPaddingMask, needWeights: false };
      return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
    };
    const recall = (x: Tensor): Tensor => {
      const masks = { attnMask: given.memoryMask, keyPaddingMask: given.memoryKeyPaddingMask, needWeights: false };
      return this.dropout2(this.multiheadAttn(x, memory, memory, masks)[0]);
    };
    const feed = (x: Tensor): Tensor => this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
    const attended = residual(tgt, attend, this.norm1, this.normFirst);
    const recalled = residual(attended, recall, this.norm2, this.normFirst);
    return residual(recalled, feed, this.norm3, this.normFirst);
  }
}

/** Copies of a layer, one for each place. */
function copies<M extends Module>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => layer.clone()));
}

/**
 * `numLayers` copies of a layer, one after the other, and at the end a normalization.
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { batchFirst: true });
 * new nn.TransformerEncoder(layer, 2)(torch.ones([4, 5, 8])).shape // [4, 5, 8]
 */
export class TransformerEncoder extends Module {
  layers: ModuleList<TransformerEncoderLayer>;
  readonly numLayers: number;
  norm: Module | null;

  constructor(
    encoderLayer: TransformerEncoderLayer,
    numLayers: number,
    options?: Module | { norm?: Module | null | undefined; enableNestedTensor?: boolean | undefined } | null,
  ) {
    super();
    const given = options instanceof Module ? { norm: options } : (options ?? undefined);
    // PyTorch's switch between two ways to compute the same; there is one here.
    const defaults = { norm: null as Module | null, enableNestedTensor: true };
    this.layers = copies(encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = readOptions('TransformerEncoder', given, defaults).norm;
  }

  override forward(
    src: Tensor,
    options?: { mask?: Tensor | null | undefined; srcKeyPaddingMask?: Tensor | null | undefined },
  ): Tensor {
    const defaults = { mask: null as Tensor | null, srcKeyPaddingMask: null as Tensor | null };
    const { mask, srcKeyPaddingMask } = readOptions('TransformerEncoder', options, defaults);
    let output = src;
    for (const layer of this.layers) output = layer(output, { srcMask: mask, srcKeyPaddingMask });
    return this.norm === null ? output : this.norm(output);
  }
}

/**
 * `numLayers` copies of a layer, one after the other, and at the end a normalization.
 *
 * @example
 * const layer = new nn.TransformerDecoderLayer(8, 2, { batchFirst: true });
 * new nn.TransformerDecoder(layer, 2)(torch.ones([4, 5, 8]), torch.ones([4, 6, 8])).shape // [4, 5, 8]
 */
export class TransformerDecoder extends Module {
  layers: ModuleList<TransformerDecoderLayer>;
  readonly numLayers: number;
  norm: Module | null;

  constructor(
    decoderLayer: TransformerDecoderLayer,
    numLayers: number,
    options?: Module | { norm?: Module | null | undefined } | null,
  ) {
    super();
    const given = options instanceof Module ? { norm: options } : (options ?? undefined);
    this.layers = copies(decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = readOptions('TransformerDecoder', given, { norm: null as Module | null }).norm;
  }

  override forward(tgt: Tensor, memory: Tensor, options?: DecodeOptions): Tensor {
    const given = readOptions<DecodeOptions>('TransformerDecoder', options, DECODE);
    let output = tgt;
    for (const layer of this.layers) output = layer(output, memory, given);
    return this.norm === null ? output : this.norm(output);
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  dModel?: number | undefined;
  nhead?: number | undefined;
  numEncoderLayers?: number | undefined;
  numDecoderLayers?: number | undefined;
  customEncoder?: Module | null | undefined;
  customDecoder?: Module | null | undefined;
}

const TRANSFORMER: TransformerOptions = {
  ...LAYER,
  dModel: 512,
  nhead: 8,
  numEncoderLayers: 6,
  numDecoderLayers: 6,
  customEncoder: null,
  customDecoder: null,
};

/**
 * An encoder and a decoder that attends to it (Vaswani et al. 2017, arXiv:1706.03762).
 *
 * @example
 * const model = new nn.Transformer({ dModel: 8, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, batchFirst: true });
 * model(torch.ones([4, 5, 8]), torch.ones([4, 6, 8])).shape // [4, 6, 8]
 */
export class Transformer extends Module {
  encoder: Module;
  decoder: Module;
  readonly batchFirst: boolean;

  constructor(options?: TransformerOptions) {
    super();
    const given = readOptions<TransformerOptions>('Transformer', options, TRANSFORMER);
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...layer } = given;
    const { layerNormEps: eps, dtype, device } = layer;
    const [width, heads] = [dModel as number, nhead as number];
    const norm = (): LayerNorm => new LayerNorm(width, { eps, dtype, device });
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(width, heads, layer), numEncoderLayers as number, norm());
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(width, heads, layer), numDecoderLayers as number, norm());
    this.batchFirst = layer.batchFirst as boolean;
    for (const parameter of this.parameters()) if (parameter.ndim > 1) init.xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, options?: EncodeOptions & DecodeOptions): Tensor {
    const defaults: EncodeOptions & DecodeOptions = { srcMask: null, srcKeyPaddingMask: null, ...DECODE };
    const { srcMask, srcKeyPaddingMask, ...decode } = readOptions('Transformer', options, defaults);
    const memory: Tensor = this.encoder(src, { mask: srcMask, srcKeyPaddingMask });
    return this.decoder(tgt, memory, decode);
  }

  /** A mask that lets each place see those before it only: -Infinity above the diagonal, else 0. */
  static generateSquareSubsequentMask(sz: number, options?: FactoryOptions): Tensor {
    return full([sz, sz], Number.NEGATIVE_INFINITY, options).triu({ diagonal: 1 });
  }
}
