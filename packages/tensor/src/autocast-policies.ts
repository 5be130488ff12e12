/**
 * What `autocast` does to an op's arguments: `lowerPrecision` casts them to the scope's dtype, `float32` to float32, `widest` to the widest dtype
 * among them. `refused`: gradients may not fit float16, and bfloat16 becomes float32.
 */
export type Policy = 'lowerPrecision' | 'float32' | 'widest' | 'refused';

/**
 * The ops of each policy: those of PyTorch's "Autocast Op Reference" for CUDA. Functions that are made of these need no entry; those that have one
 * are cast as a whole.
 */
const OPS: Readonly<Record<Policy, readonly string[]>> = {
  lowerPrecision: [
    'matmul mm bmm mv addmm addmv addr addbmm baddbmm linear',
    'conv1d conv2d conv3d convTranspose1d convTranspose2d convTranspose3d',
    'prelu recurrentLayer recurrentCell',
  ],
  float32: [
    'acos asin cosh sinh tan erfinv exp expm1 log log10 log1p log2 pow square reciprocal rsqrt softplus',
    'sum prod cumsum cumprod logsumexp softmax logSoftmax',
    'norm linalg.vectorNorm linalg.matrixNorm renorm dist cdist pdist cosineSimilarity layerNorm groupNorm',
    'l1Loss mseLoss smoothL1Loss huberLoss klDiv nllLoss poissonNllLoss binaryCrossEntropyWithLogits',
    'multiMarginLoss multilabelMarginLoss softMarginLoss marginRankingLoss tripletMarginLoss',
    'hingeEmbeddingLoss cosineEmbeddingLoss',
    // Products between factorizations, which have no 16-bit kernels.
    'svdLowrank lobpcg',
  ],
  widest: ['addcdiv addcmul atan2 bilinear cross dot gridSample indexPut scatterAdd tensordot'],
  refused: ['binaryCrossEntropy'],
};

/** The policy of each op; others run in the dtype of their arguments. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map(
  Object.entries(OPS).flatMap(([policy, lines]) =>
    lines.flatMap((line) => line.split(' ').map((op) => [op, policy as Policy] as const)),
  ),
);
