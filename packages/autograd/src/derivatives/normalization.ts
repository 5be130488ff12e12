import { isGradEnabled, type Tensor } from '@ts-torch/tensor';
import {
  batchNormBackward,
  groupNormBackward,
  lossPrimitives,
  normalizationPrimitives,
  range,
} from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { groupNorm, batchNorm } = normalizationPrimitives;

type Normalized = { self: Tensor | null; weight: Tensor | null; bias: Tensor | null };

/**
 * The gradients in differentiable ops, for gradients of gradients: with z = (x - mean) rstd over `dims`,
 * dx = rstd (g w - mean(g w) - z mean(g w z)). All tensors have one shape up to broadcasting.
 */
function differentiable(
  grad: Tensor,
  self: Tensor,
  weight: Tensor | null,
  dims: number[],
  sums: number[],
  eps: number,
): Normalized {
  const centered = self.sub(self.mean(dims, { keepdim: true }));
  const rstd = centered.mul(centered).mean(dims, { keepdim: true }).add(eps).pow(-0.5);
  const z = centered.mul(rstd);
  const weighted = weight === null ? grad : grad.mul(weight);
  const mean = (value: Tensor): Tensor => value.mean(dims, { keepdim: true });
  return {
    self: rstd.mul(weighted.sub(mean(weighted)).sub(z.mul(mean(weighted.mul(z))))),
    weight: grad.mul(z).sum(sums),
    bias: grad.sum(sums),
  };
}

derivative(groupNorm, {
  saves: ['self', 'weight', 'result'],
  all: ({ grad, self, weight, n, channels, groups, eps, results }, needs) => {
    const [, mean, rstd] = results as [Tensor, Tensor, Tensor];
    if (!isGradEnabled()) return groupNormBackward(grad, self, mean, rstd, weight, { n, channels, groups }, needs);
    const grouped = [n, groups, channels / groups, -1];
    const spread = weight === null ? null : weight.reshape([1, groups, channels / groups, 1]);
    const result = differentiable(grad.reshape(grouped), self.reshape(grouped), spread, [2, 3], [0, 3], eps);
    return {
      self: result.self?.reshape(self.shape) ?? null,
      weight: result.weight?.reshape([channels]) ?? null,
      bias: result.bias?.reshape([channels]) ?? null,
    };
  },
});

derivative(batchNorm, {
  saves: ['self', 'weight', 'result'],
  all: ({ grad, self, weight, training, eps, results }, needs) => {
    const [, mean, rstd] = results as [Tensor, Tensor, Tensor];
    if (!isGradEnabled()) return batchNormBackward(grad, self, mean, rstd, weight, training, needs);
    const dims = range(self.shape.length).filter((d) => d !== 1);
    const channel = self.shape.map((size, d) => (d === 1 ? size : 1));
    const spread = weight === null ? null : weight.reshape(channel);
    if (training) return differentiable(grad, self, spread, dims, dims, eps);
    const [center, scale] = [mean.reshape(channel), rstd.reshape(channel)];
    return {
      self: grad.mul(spread === null ? scale : spread.mul(scale)),
      weight: grad.mul(self.sub(center).mul(scale)).sum(dims),
      bias: grad.sum(dims),
    };
  },
});

const { nllLoss, nllLossBackward, embedding, embeddingBackward } = lossPrimitives;

derivative(nllLoss, {
  saves: ['target', 'weight', 'result'],
  self: ({ grad, self, target, weight, reduction, ignoreIndex, results }) =>
    nllLossBackward(grad, target, weight, results[1] as Tensor, self.shape, reduction, ignoreIndex),
});
// Linear in the gradient: what comes back is the loss of what comes in.
derivative(nllLossBackward, {
  saves: ['target', 'weight'],
  all: ({ grads, target, weight, reduction, ignoreIndex }) => ({
    grad: grads[0] ? (nllLoss(grads[0], target, weight, reduction, ignoreIndex)[0] as Tensor) : null,
  }),
});

derivative(embedding, {
  saves: ['indices'],
  weight: ({ grad, weight, indices, paddingIdx, scaleGradByFreq }) =>
    embeddingBackward(grad, indices, weight.shape[0] as number, paddingIdx, scaleGradByFreq),
});
derivative(embeddingBackward, {
  saves: ['indices'],
  all: ({ grads, indices, paddingIdx, scaleGradByFreq }) => {
    const [incoming] = grads;
    if (!incoming) return { grad: null };
    const rows = embedding(incoming, indices, paddingIdx, scaleGradByFreq);
    return { grad: rows.maskedFill(indices.eq(paddingIdx).unsqueeze(-1), 0) };
  },
});
