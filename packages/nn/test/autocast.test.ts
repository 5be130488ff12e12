import { Function as AutogradFunction, grad, noGrad } from '@ts-torch/autograd';
import { functional as F } from '@ts-torch/nn';
import * as torch from '@ts-torch/tensor';
import { castableOps, POLICIES } from '@ts-torch/tensor/internal';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as nn from '../src/index.js';

const { type: device } = torch.defaultDevice();
const bfloat16 = <T>(body: () => T): T => torch.autocast(device, { dtype: 'bfloat16' }, body);

/** Makes a tensor of a shape; in a call for `widest` of another dtype each time. */
type Make = (...shape: number[]) => torch.Tensor;
const classes = torch.tensor([1n, 0n]);

/** A call of each op that the table names. */
const CALLS: Record<string, (make: Make) => torch.Tensor> = {
  matmul: (x) => x(2, 3).matmul(x(3)),
  mm: (x) => torch.mm(x(2, 3), x(3, 2)),
  bmm: (x) => torch.bmm(x(2, 2, 3), x(2, 3, 2)),
  mv: (x) => torch.mv(x(2, 3), x(3)),
  addmm: (x) => x(2, 2).addmm(x(2, 3), x(3, 2), { beta: 0.5 }),
  addmv: (x) => x(2).addmv(x(2, 3), x(3)),
  addr: (x) => x(2, 3).addr(x(2), x(3)),
  addbmm: (x) => x(2, 2).addbmm(x(2, 2, 3), x(2, 3, 2)),
  baddbmm: (x) => x(2, 2, 2).baddbmm(x(2, 2, 3), x(2, 3, 2)),
  linear: (x) => F.linear(x(2, 3), x(4, 3), { bias: x(4) }),
  conv1d: (x) => F.conv1d(x(1, 2, 5), x(3, 2, 2), { bias: x(3) }),
  conv2d: (x) => F.conv2d(x(1, 2, 5, 5), x(3, 2, 2, 2), { bias: x(3) }),
  conv3d: (x) => F.conv3d(x(1, 2, 3, 3, 3), x(3, 2, 2, 2, 2), { bias: x(3) }),
  convTranspose1d: (x) => F.convTranspose1d(x(1, 2, 5), x(2, 3, 2), { bias: x(3) }),
  convTranspose2d: (x) => F.convTranspose2d(x(1, 2, 5, 5), x(2, 3, 2, 2), { bias: x(3) }),
  convTranspose3d: (x) => F.convTranspose3d(x(1, 2, 3, 3, 3), x(2, 3, 2, 2, 2), { bias: x(3) }),
  prelu: (x) => torch.prelu(x(2, 3).neg(), x(1)),
  recurrentLayer: (x) => lstm(x(4, 2, 3))[0],
  recurrentCell: (x) => cell(x(2, 3)),
  acos: (x) => x(3).acos(),
  asin: (x) => x(3).asin(),
  cosh: (x) => x(3).cosh(),
  sinh: (x) => x(3).sinh(),
  tan: (x) => x(3).tan(),
  erfinv: (x) => x(3).erfinv(),
  exp: (x) => x(3).exp(),
  expm1: (x) => x(3).expm1(),
  log: (x) => x(3).log(),
  log10: (x) => x(3).log10(),
  log1p: (x) => x(3).log1p(),
  log2: (x) => x(3).log2(),
  pow: (x) => torch.pow(2, x(3)),
  square: (x) => x(3).square(),
  reciprocal: (x) => x(3).reciprocal(),
  rsqrt: (x) => x(3).rsqrt(),
  softplus: (x) => F.softplus(x(3)),
  sum: (x) => x(2, 3).sum(1),
  prod: (x) => x(2, 3).prod(1),
  cumsum: (x) => x(2, 3).cumsum(1),
  cumprod: (x) => x(2, 3).cumprod(1),
  logsumexp: (x) => x(2, 3).logsumexp(1),
  softmax: (x) => F.softmax(x(2, 3), 1),
  logSoftmax: (x) => x(2, 3).logSoftmax(1),
  norm: (x) => x(2, 3).norm(),
  'linalg.vectorNorm': (x) => torch.linalg.vectorNorm(x(3)),
  'linalg.matrixNorm': (x) => torch.linalg.matrixNorm(x(2, 3)),
  renorm: (x) => x(2, 3).renorm(2, 0, 0.5),
  dist: (x) => x(3).dist(x(3).mul(2)),
  cdist: (x) => torch.cdist(x(2, 3), x(4, 3)),
  pdist: (x) => F.pdist(x(3, 2)),
  cosineSimilarity: (x) => F.cosineSimilarity(x(2, 3), x(2, 3)),
  layerNorm: (x) => F.layerNorm(x(2, 3), [3], { weight: x(3), bias: x(3) }),
  groupNorm: (x) => F.groupNorm(x(2, 4, 3), 2, { weight: x(4), bias: x(4) }),
  l1Loss: (x) => F.l1Loss(x(3), x(3).mul(2)),
  mseLoss: (x) => F.mseLoss(x(3), x(3).mul(2)),
  smoothL1Loss: (x) => F.smoothL1Loss(x(3), x(3).mul(2)),
  huberLoss: (x) => F.huberLoss(x(3), x(3).mul(2)),
  klDiv: (x) => F.klDiv(x(3), x(3)),
  nllLoss: (x) => F.nllLoss(x(2, 3), classes, { weight: x(3) }),
  poissonNllLoss: (x) => F.poissonNllLoss(x(3), x(3)),
  binaryCrossEntropyWithLogits: (x) => F.binaryCrossEntropyWithLogits(x(3), x(3), { posWeight: x(3) }),
  multiMarginLoss: (x) => F.multiMarginLoss(x(2, 3), classes, { weight: x(3) }),
  multilabelMarginLoss: (x) => F.multilabelMarginLoss(x(2), classes),
  softMarginLoss: (x) => F.softMarginLoss(x(3), x(3)),
  marginRankingLoss: (x) => F.marginRankingLoss(x(3), x(3).mul(2), x(3)),
  tripletMarginLoss: (x) => F.tripletMarginLoss(x(2, 3), x(2, 3).mul(2), x(2, 3).neg()),
  hingeEmbeddingLoss: (x) => F.hingeEmbeddingLoss(x(3), x(3)),
  cosineEmbeddingLoss: (x) => F.cosineEmbeddingLoss(x(2, 3), x(2, 3), x(2)),
  svdLowrank: (x) => torch.svdLowrank(x(3, 4), { q: 3 }).S,
  lobpcg: (x) => torch.lobpcg(torch.diag(x(4)))[0],
  addcdiv: (x) => x(3).addcdiv(x(3), x(3)),
  addcmul: (x) => x(3).addcmul(x(3), x(3)),
  atan2: (x) => x(3).atan2(x(3)),
  bilinear: (x) => F.bilinear(x(2, 3), x(2, 4), x(2, 3, 4), { bias: x(2) }),
  cross: (x) => x(3).cross(x(3)),
  dot: (x) => x(3).dot(x(3)),
  gridSample: (x) => F.gridSample(x(1, 1, 3, 3), x(1, 2, 2, 2)),
  indexPut: (x) => x(3).indexPut([torch.tensor([0n, 1n])], x(2)),
  scatterAdd: (x) => x(3).scatterAdd(0, torch.tensor([0n, 1n]), x(2)),
  tensordot: (x) => x(2, 3).tensordot(x(3, 2), { dims: 1 }),
  binaryCrossEntropy: (x) => F.binaryCrossEntropy(x(3), x(3)),
};

const lstm = new nn.LSTM(3, 4);
const cell = new nn.GRUCell(3, 4);

/** Numbers in (0, 1), different in each place; the dtypes in turn. */
function maker(...dtypes: torch.DType[]): Make {
  let made = 0;
  return (...shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Array.from({ length: count }, (_, i) => 0.1 + 0.8 * Math.abs(Math.sin(i + 1)));
    return torch
      .tensor(values)
      .reshape(shape)
      .to(dtypes[made++ % dtypes.length] as torch.DType);
  };
}

function expectClose(actual: torch.Tensor, expected: torch.Tensor, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const error = actual.detach().float().sub(expected.detach()).abs().div(expected.detach().abs().add(1)).max();
  expect(error.item()).toBeLessThanOrEqual(tolerance);
}

const opsOf = (policy: string): string[] => [...POLICIES].filter(([, own]) => own === policy).map(([op]) => op);
const callOf = (op: string) => CALLS[op] as (make: Make) => torch.Tensor;

describe('the table of policies', () => {
  test('names ops that are there, and that are called here', () => {
    expect([...castableOps].sort()).toEqual([...POLICIES.keys()].sort());
    expect(Object.keys(CALLS).sort()).toEqual([...POLICIES.keys()].sort());
  });

  test.each(opsOf('lowerPrecision'))('%s runs in the lower precision', (op) => {
    const result = bfloat16(() => callOf(op)(maker('float32')));
    expect(result.dtype).toBe('bfloat16');
    expectClose(result, callOf(op)(maker('float32')), 0.02);
    expect(bfloat16(() => callOf(op)(maker('bfloat16', 'float32', 'float16'))).dtype).toBe('bfloat16');
  });

  test.each([...opsOf('float32'), ...opsOf('refused')])('%s runs in float32', (op) => {
    torch.manualSeed(0);
    const result = bfloat16(() => callOf(op)(maker('bfloat16')));
    expect(result.dtype).toBe('float32');
    torch.manualSeed(0);
    const rounded = maker('bfloat16');
    expectClose(
      result,
      callOf(op)((...shape) => rounded(...shape).float()),
      1e-2,
    );
  });

  test.each(opsOf('widest'))('%s runs in the widest dtype among its arguments', (op) => {
    const run = (...dtypes: torch.DType[]): torch.DType => bfloat16(() => callOf(op)(maker(...dtypes))).dtype;
    expect(run('bfloat16', 'float32')).toBe('float32');
    expect(run('float32', 'bfloat16')).toBe('float32');
    expect(run('bfloat16')).toBe('bfloat16');
    const result = bfloat16(() => callOf(op)(maker('float32')));
    expectClose(result, callOf(op)(maker('float32')), 0);
  });

  test('ops made of others follow them, the rest keeps its dtype', () => {
    bfloat16(() => {
      const x = torch.ones([3, 3]);
      const half = x.bfloat16();
      expect(torch.einsum('ij,jk->ik', x, x).dtype).toBe('bfloat16');
      expect(torch.linalg.multiDot([x, x, x]).dtype).toBe('bfloat16');
      expect(F.scaledDotProductAttention(x, x, x).dtype).toBe('bfloat16');
      expect(F.crossEntropy(half, torch.tensor([0n, 1n, 2n])).dtype).toBe('float32');
      expect(F.normalize(half).dtype).toBe('float32');
      expect(torch.inner(x, x).dtype).toBe('float32');
      expect([half.relu().dtype, half.add(half).dtype, half.mean().dtype, half.add(x).dtype]).toEqual([
        'bfloat16',
        'bfloat16',
        'bfloat16',
        'float32',
      ]);
    });
  });
});

describe('what is not cast', () => {
  test('float64, integers and complex numbers', () => {
    bfloat16(() => {
      for (const dtype of ['float64', 'int64', 'complex64'] as const)
        expect(torch.ones([2, 2], { dtype }).mm(torch.ones([2, 2], { dtype })).dtype).toBe(dtype);
      expect(torch.ones([2], { dtype: 'int64' }).sum().dtype).toBe('int64');
    });
  });

  test('ops in place', () => {
    bfloat16(() => {
      const square = torch.ones([2, 2]);
      const vector = torch.ones([2]);
      const third = 1 / 3;
      expect(square.mul(third).addmm_(square, square).dtype).toBe('float32');
      // Exact in float32 only.
      const eps = 2 ** -20;
      expect(
        vector
          .mul(0)
          .addmv_(square, torch.tensor([1, eps]))
          .tolist(),
      ).toEqual([1 + eps, 1 + eps]);
      expect(vector.mul(eps).bfloat16().exp_().dtype).toBe('bfloat16');
    });
  });

  test('ops with `out`, or with a dtype of their own', () => {
    bfloat16(() => {
      const x = torch.ones([2, 2]);
      const out = torch.empty([2, 2]);
      expect(torch.mm(x.mul(1 / 3), x, { out })).toBe(out);
      expect(out.dtype).toBe('float32');
      expect(out.at(0, 0).item()).toBeCloseTo(2 / 3, 6);
      const half = x.bfloat16();
      expect(half.sum({ dtype: 'bfloat16' }).dtype).toBe('bfloat16');
      expect(half.softmax(1, { dtype: 'float64' }).dtype).toBe('float64');
      expect(half.exp({ out: torch.empty([2, 2], { dtype: 'bfloat16' }) }).dtype).toBe('bfloat16');
    });
  });

  test.runIf(device === 'cuda')('tensors of another device than the scope', () => {
    const onCpu = torch.ones([2, 2], { device: 'cpu' });
    const onGpu = torch.ones([2, 2], { device: 'cuda' });
    torch.autocast('cpu', () => {
      expect([onCpu.mm(onCpu).dtype, onGpu.mm(onGpu).dtype]).toEqual(['bfloat16', 'float32']);
      torch.autocast('cuda', () => {
        expect([onCpu.mm(onCpu).dtype, onGpu.mm(onGpu).dtype]).toEqual(['bfloat16', 'float16']);
      });
    });
  });
});

describe('scopes', () => {
  const dtypeNow = (): torch.DType => torch.ones([2, 2]).mm(torch.ones([2, 2])).dtype;

  test('have the dtype of their device where none is given', () => {
    const usual = { cpu: 'bfloat16', cuda: 'float16' } as const;
    expect(torch.autocast(device, dtypeNow)).toBe(usual[device]);
    expect(torch.autocast(device, { dtype: 'float16' }, dtypeNow)).toBe('float16');
    expect(dtypeNow()).toBe('float32');
    expectTypeOf(torch.autocast(device, () => 1)).toEqualTypeOf<number>();
  });

  test('nest, and are left in order', () => {
    const seen = bfloat16(() => [
      dtypeNow(),
      torch.autocast(device, { enabled: false }, () => [
        dtypeNow(),
        torch.autocast(device, { dtype: 'float16' }, dtypeNow),
        dtypeNow(),
      ]),
      dtypeNow(),
    ]);
    expect(seen).toEqual(['bfloat16', ['float32', 'float16', 'float32'], 'bfloat16']);
    expect(torch.autocast(device, { enabled: false }, dtypeNow)).toBe('float32');
  });

  test('are left where the body, or an op in it, throws', () => {
    expect(() =>
      bfloat16(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(dtypeNow()).toBe('float32');
    bfloat16(() => {
      expect(() => torch.ones([2, 3]).mm(torch.ones([2, 3]))).toThrow(torch.ShapeError);
      expect(dtypeNow()).toBe('bfloat16');
    });
  });

  test('refuse what they cannot be', () => {
    const body = (): number => 1;
    const refused: [() => unknown, new (...args: never[]) => Error, RegExp][] = [
      [() => torch.autocast('tpu' as never, body), torch.DeviceError, /expected the device 'cpu' or 'cuda', got "tpu"/],
      [() => torch.autocast('cuda:0' as never, body), torch.DeviceError, /got "cuda:0"/],
      [() => torch.autocast('cpu', { dtype: 'float32' as never }, body), torch.DTypeError, /float16 or bfloat16, got/],
      [() => torch.autocast('cpu', { dtype: 'half' as never }, body), torch.DTypeError, /unknown dtype "half"/],
      [() => torch.autocast('cpu', { enabled: 1 as never }, body), torch.ValueError, /`enabled` to be true or false/],
      [() => torch.autocast('cpu', { cache: true } as never, body), torch.ValueError, /did you mean `cacheEnabled`/],
      [() => torch.autocast('cpu', {}, undefined as never), torch.ValueError, /autocast: expected a function/],
      [() => torch.autocast('cpu', async () => 1), torch.ValueError, /autocast: the callback is async/],
    ];
    for (const [call, error, message] of refused) {
      expect(call).toThrow(error);
      expect(call).toThrow(message);
      expect(dtypeNow()).toBe('float32');
    }
  });

  test('refuse binaryCrossEntropy in float16, with advice', () => {
    const half = torch.ones([2]).mul(0.5);
    expect(() => torch.autocast(device, { dtype: 'float16' }, () => F.binaryCrossEntropy(half, half))).toThrow(
      /binaryCrossEntropy: its gradients may not fit float16.*use binaryCrossEntropyWithLogits/,
    );
    const other = torch.ones([2], { dtype: 'float64' }).mul(0.5);
    expect(torch.autocast(device, { dtype: 'float16' }, () => F.binaryCrossEntropy(other, other)).dtype).toBe(
      'float64',
    );
  });
});

describe('gradients', () => {
  test('come in the dtype of the parameter, near those of float32', () => {
    const [w, w2] = [0, 1].map(() => maker('float32')(3, 3).requiresGrad_()) as [torch.Tensor, torch.Tensor];
    const x = maker('float32')(2, 3);
    const loss = (weight: torch.Tensor): torch.Tensor => F.mseLoss(F.linear(x, weight).tanh(), x);
    const mixed = bfloat16(() => loss(w));
    mixed.backward();
    loss(w2).backward();
    expect(w.grad?.dtype).toBe('float32');
    expectClose(w.grad as torch.Tensor, w2.grad as torch.Tensor, 0.01);
  });

  test('are computed in the dtype of the op within a scope too', () => {
    const w = torch.ones([2, 2], { requiresGrad: true });
    const seen: torch.DType[] = [];
    class Seen extends AutogradFunction {
      static forward(_: unknown, x: torch.Tensor): torch.Tensor {
        return x.clone();
      }
      static backward(_: unknown, gradient: torch.Tensor): torch.Tensor {
        seen.push(gradient.dtype, gradient.mm(torch.ones([2, 2], { dtype: gradient.dtype })).dtype);
        return gradient;
      }
    }
    bfloat16(() => Seen.apply(w.float().mul(1)).mul(2).add(1).mean().backward());
    expect(seen).toEqual(['float32', 'float32']);
    bfloat16(() => expect(w.mm(w).dtype).toBe('bfloat16'));
  });

  test('of gradients pass through the casts', () => {
    const w = maker('float32')(2, 2).requiresGrad_();
    const [first] = grad(
      bfloat16(() => w.mm(w).tanh().sum()),
      w,
      { createGraph: true },
    );
    (first as torch.Tensor).square().sum().backward();
    expect(w.grad?.dtype).toBe('float32');
    expect(w.grad?.abs().sum().item()).toBeGreaterThan(0);
  });
});

describe('the cache of cast parameters', () => {
  /** How often a weight is cast, seen by the nodes that its gradient comes from. */
  const castsOf = (options: torch.AutocastOptions, use: (w: torch.Tensor) => readonly torch.Tensor[]): number => {
    const w = torch.ones([2, 2], { requiresGrad: true });
    const x = torch.ones([2, 2]);
    const results = torch.autocast(device, { dtype: 'bfloat16', ...options }, () =>
      use(w).map((tensor) => x.mm(tensor)),
    );
    return new Set(results.map(({ gradFn }) => gradFn?.nextFunctions[1]?.node)).size;
  };

  test('has each parameter once', () => {
    expect(castsOf({}, (w) => [w, w, w])).toBe(1);
    expect(castsOf({ cacheEnabled: false }, (w) => [w, w, w])).toBe(3);
    expect(castsOf({}, (w) => [w.mul(2), w.mul(2)])).toBe(2);
  });

  test('forgets parameters that are changed, and all of them at the end of the outermost scope', () => {
    const w = torch.ones([2, 2], { requiresGrad: true });
    const eye = torch.eye(2);
    bfloat16(() => {
      expect(bfloat16(() => eye.mm(w)).tolist()).toEqual([
        [1, 1],
        [1, 1],
      ]);
      noGrad(() => w.mul_(2));
      expect(eye.mm(w).tolist()).toEqual([
        [2, 2],
        [2, 2],
      ]);
      expect(torch.autocast(device, { dtype: 'float16' }, () => eye.mm(w)).dtype).toBe('float16');
    });
    bfloat16(() => {
      const before = eye.mm(w).tolist();
      w.data = torch.zeros([2, 2]);
      expect(eye.mm(w).tolist()).not.toEqual(before);
    });
    w.data.fill_(3);
    expect(bfloat16(() => eye.mm(w)).tolist()).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  test('does not keep from gradients what was cast without recording', () => {
    const w = torch.ones([2, 2], { requiresGrad: true });
    const x = torch.ones([2, 2]);
    const result = bfloat16(() => {
      expect(noGrad(() => x.mm(w)).requiresGrad).toBe(false);
      return x.mm(w);
    });
    result.sum().backward();
    expect(w.grad?.tolist()).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  test('lets each of several losses go backward by itself', () => {
    const w = torch.ones([2, 2], { requiresGrad: true });
    const x = torch.ones([2, 2]);
    const [a, b] = bfloat16(() => [x.mm(w).sum(), x.mm(w).mean()] as const);
    a.backward();
    b.backward();
    // PyTorch's.
    expect(w.grad?.tolist()).toEqual([
      [2.5, 2.5],
      [2.5, 2.5],
    ]);
  });
});

describe('layers', () => {
  test('give 16-bit results, and gradients of float32', () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1 }),
      new nn.BatchNorm2d(4),
      new nn.GELU(),
      new nn.MaxPool2d(2),
      new nn.ConvTranspose2d(4, 2, 2),
      new nn.GroupNorm(1, 2),
      new nn.AdaptiveAvgPool2d(2),
      new nn.Flatten(),
      new nn.Linear(8, 3),
    );
    for (const dtype of ['bfloat16', 'float16'] as const) {
      model.zeroGrad();
      const result = torch.autocast(device, { dtype }, () => model(maker('float32')(2, 1, 6, 6)));
      expect(result.dtype).toBe(dtype);
      result.square().sum().backward();
      for (const parameter of model.parameters()) expect(parameter.grad?.dtype).toBe('float32');
    }
  });

  test('follow the statistics of 16-bit batches in float32', () => {
    const norm = new nn.BatchNorm1d(1);
    const batch = torch.tensor([[2.5], [3.5]], { dtype: 'bfloat16' });
    for (let step = 0; step < 100; step++) expect(norm(batch).dtype).toBe('bfloat16');
    // In bfloat16 the mean would stop short of it, where a tenth of the rest is less than half a place.
    expect(norm.runningMean?.item()).toBeCloseTo(3, 3);
    expect(norm.runningVar?.item()).toBeCloseTo(0.5, 3);
  });
});
