// The kinds of argument that have crashed, hung or silently misled other tensor libraries; each must give a result or a typed
// error here. fuzz-*.test.ts draws from the same kinds at random; those of workers and memory have programs of their own.
import * as torch from 'ts-torch';
import { describe, expect, test } from 'vitest';

const { functional: F } = torch.nn;

type Calls = Readonly<Record<string, () => unknown>>;

/** Each call throws a typed error. */
function refuses(calls: Calls): void {
  test.each(Object.entries(calls))('%s', (_, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(torch.TorchError);
    expect(thrown).not.toBeInstanceOf(torch.InternalError);
  });
}

const image = (): torch.Tensor => torch.ones([1, 2, 5, 5]);
const weight = (): torch.Tensor => torch.ones([2, 2, 3, 3]);
const indices = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: 'int64' });
const huge = (size: number, dtype: torch.DType = 'float32'): torch.Tensor => torch.ones([1], { dtype }).expand(size);

describe('1: a stride, kernel, dilation or number of groups of 0', () => {
  refuses({
    'conv2d, stride 0': () => F.conv2d(image(), weight(), { stride: 0 }),
    'conv2d, dilation 0': () => F.conv2d(image(), weight(), { dilation: 0 }),
    'conv2d, groups 0': () => F.conv2d(image(), weight(), { groups: 0 }),
    'conv2d, kernel 0': () => F.conv2d(image(), torch.ones([2, 2, 0, 0])),
    'convTranspose2d, stride 0': () => F.convTranspose2d(image(), weight(), { stride: 0 }),
    'maxPool2d, kernel 0': () => F.maxPool2d(image(), 0),
    'maxPool2d, stride 0': () => F.maxPool2d(image(), 2, { stride: 0 }),
    'maxPool2d, dilation 0': () => F.maxPool2d(image(), 2, { dilation: 0 }),
    'avgPool2d, stride 0': () => F.avgPool2d(image(), 2, { stride: 0 }),
    'unfold, stride 0': () => F.unfold(image(), 2, { stride: 0 }),
    'fold, dilation 0': () => F.fold(torch.ones([1, 8, 16]), [5, 5], 2, { dilation: 0 }),
    'pixelShuffle by 0': () => F.pixelShuffle(image(), 0),
    'channelShuffle of 0 groups': () => F.channelShuffle(image(), 0),
    'groupNorm of 0 groups': () => F.groupNorm(image(), 0),
    'Tensor.unfold, step 0': () => torch.ones([4]).unfold(0, 2, 0),
    'arange, step 0': () => torch.arange(0, 4, 0),
  });
});

describe('2: tensors, filters and batches without elements', () => {
  test('a convolution of an empty batch is empty', () => {
    expect(F.conv2d(torch.ones([0, 2, 5, 5]), weight()).shape).toEqual([0, 2, 3, 3]);
  });
  test('empty tensors sort, and have sums', () => {
    expect(torch.ones([0, 3]).sort(0).values.shape).toEqual([0, 3]);
    expect(torch.ones([0]).sum().item()).toBe(0);
  });
  test('a ctcLoss without input and without labels is a number', () => {
    const loss = F.ctcLoss(torch.ones([0, 1, 3]), torch.ones([1, 0], { dtype: 'int64' }), [0], [0]);
    expect(loss.item()).toBe(0);
  });
  refuses({
    'max of nothing': () => torch.ones([0]).max(),
    'argmax of nothing': () => torch.ones([0, 3]).argmax(0),
    'conv2d, an empty filter': () => F.conv2d(image(), torch.ones([0, 2, 0, 3])),
    'ctcLoss without classes': () => F.ctcLoss(torch.ones([4, 1, 0]), indices(1).view([1, 1]), [4], [1]),
    'maxPool2d of no pixels': () => F.maxPool2d(torch.ones([1, 2, 0, 5]), 2),
  });
});

describe('3: products of sizes, and of bytes, beyond 63 bits; also by padding', () => {
  refuses({
    'zeros of 2^64 elements': () => torch.zeros([2 ** 32, 2 ** 32]),
    'zeros of 2^52 numbers': () => torch.zeros([2 ** 52]),
    'expand to 2^64 elements': () => torch.ones([1, 1]).expand(2 ** 32, 2 ** 32),
    'pad by 2^53 - 1': () => F.pad(torch.ones([2]), [2 ** 53 - 1, 2 ** 53 - 1]),
    'conv2d, padding 2^52': () => F.conv2d(image(), weight(), { padding: 2 ** 52 }),
    'repeat 2^40 by 2^40 times': () => torch.ones([2, 2]).repeat(2 ** 40, 2 ** 40),
    'emptyStrided with strides of 2^52': () => torch.emptyStrided([3, 3], [2 ** 52, 2 ** 52]),
  });
});

describe('4: negative sizes', () => {
  refuses({
    'resize_ to -1': () => torch.ones([2]).resize_([-1]),
    'zeros of -1': () => torch.zeros([-1]),
    'view as -2': () => torch.ones([2]).view([-2]),
    'narrow by -1': () => torch.ones([2]).narrow(0, 0, -1),
    'pad beyond nothing': () => F.pad(torch.ones([2]), [-2, -2]),
    'split into -1': () => torch.ones([2]).split(-1),
  });
});

describe('5: more than 2^31 elements', () => {
  const count = 2 ** 31 + 3;
  test('are counted, and read to the last', { timeout: 120_000 }, () => {
    expect(huge(count).numel()).toBe(count);
    expect(huge(count, 'bool').all().item()).toBe(true);
    expect(
      huge(2 ** 40)
        .select(0, 2 ** 40 - 1)
        .item(),
    ).toBe(1);
    expect(
      huge(2 ** 40)
        .slice({ start: 2 ** 40 - 2 })
        .tolist(),
    ).toEqual([1, 1]);
  });
  test('results without room are an error', () => {
    expect(() => huge(2 ** 45).add(1)).toThrow(torch.OutOfMemoryError);
    expect(() => huge(2 ** 40).sort()).toThrow(torch.OutOfMemoryError);
    expect(() => huge(2 ** 31).tolist()).toThrow(torch.OutOfMemoryError);
  });
});

describe('6: kernels, paddings and strides of 1e12 and 2^60', () => {
  refuses({
    'conv2d, padding 1e12': () => F.conv2d(image(), weight(), { padding: 1e12 }),
    'conv2d, dilation 2^60': () => F.conv2d(image(), weight(), { dilation: 2 ** 60 }),
    'convTranspose2d, outputPadding 1e12': () => F.convTranspose2d(image(), weight(), { outputPadding: 1e12 }),
    'unfold, padding 1e12': () => F.unfold(image(), 2, { padding: 1e12 }),
    'fold into 1e12': () => F.fold(torch.ones([1, 8, 16]), [1e12, 1e12], 2),
    'maxPool2d, kernel 2^60': () => F.maxPool2d(image(), 2 ** 60),
    'replicate by 1e12': () => F.pad(image(), [1e12, 1e12, 1e12, 1e12], { mode: 'replicate' }),
  });
});

describe('7: dimensions out of range', () => {
  const far = 2 ** 40;
  refuses({
    sum: () => torch.ones([2, 2]).sum(far),
    softmax: () => torch.ones([2, 2]).softmax(far),
    'fft.fft': () => torch.fft.fft(torch.ones([2, 2]), { dim: far }),
    'fft.fftn': () => torch.fft.fftn(torch.ones([2, 2]), { dim: [-far] }),
    transpose: () => torch.ones([2, 2]).transpose(0, -far),
    cat: () => torch.cat([torch.ones([2])], { dim: far }),
    gather: () => torch.ones([2, 2]).gather(far, indices(0)),
    'linalg.norm': () => torch.linalg.norm(torch.ones([2, 2]), { dim: far }),
  });
});

describe('8: index values out of range, also backward', () => {
  refuses({
    embedding: () => F.embedding(indices(5), torch.ones([3, 2])),
    'embedding, negative': () => F.embedding(indices(-1), torch.ones([3, 2])),
    embeddingBag: () => F.embeddingBag(indices(0, 7), torch.ones([3, 2]), { offsets: indices(0) }),
    gather: () => torch.ones([3]).gather(0, indices(3)),
    scatter_: () => torch.ones([3]).scatter_(0, indices(-4), 1),
    indexAdd_: () => torch.ones([3]).indexAdd_(0, indices(2 ** 40), torch.ones([1])),
    take: () => torch.ones([3]).take(indices(3)),
    nllLoss: () => F.nllLoss(torch.ones([2, 3]), indices(0, 3)),
    crossEntropy: () => F.crossEntropy(torch.ones([2, 3]), indices(0, -1)),
    multiMarginLoss: () => F.multiMarginLoss(torch.ones([2, 3]), indices(0, 9)),
    oneHot: () => F.oneHot(indices(4), { numClasses: 3 }),
    maxUnpool2d: () => F.maxUnpool2d(torch.ones([1, 1, 2, 2]), torch.full([1, 1, 2, 2], 99, { dtype: 'int64' }), 2),
    ctcLoss: () => F.ctcLoss(torch.zeros([4, 1, 3], { requiresGrad: true }), indices(7).view([1, 1]), [4], [1]),
  });
});

test('8: an empty index, which fits any shape, has gradients of 0', () => {
  const src = torch.ones([0, 0, 1], { requiresGrad: true });
  const index = torch.ones([0, 0], { dtype: 'int64' });
  torch.ones([10, 0]).scatterReduce(1, index, src, 'mean').sum().backward();
  expect(src.grad?.shape).toEqual([0, 0, 1]);
});

test('8: an index without dimensions beside a source with one has a gradient', () => {
  const src = torch.ones([1], { requiresGrad: true });
  torch
    .zeros([])
    .scatterReduce(0, torch.zeros([], { dtype: 'int64' }), src, 'sum')
    .backward();
  expect(src.grad?.tolist()).toEqual([1]);
});

describe('9: offsets and lengths that do not rise', () => {
  const bag = (offsets: torch.Tensor) => () => F.embeddingBag(indices(0, 1, 2), torch.ones([3, 2]), { offsets });
  refuses({
    'embeddingBag, falling': bag(indices(0, 2, 1)),
    'embeddingBag, beyond the end': bag(indices(0, 9)),
    'embeddingBag, first not 0': bag(indices(1, 2)),
    'embeddingBag, negative': bag(indices(0, -1)),
    'ctcLoss, lengths beyond': () => F.ctcLoss(torch.zeros([4, 1, 3]), indices(1).view([1, 1]), [9], [1]),
    'splitWithSizes, another total': () => torch.ones([4]).splitWithSizes([1, 2]),
  });
});

describe('10: a second argument of the wrong size', () => {
  const one = torch.ones([1]);
  refuses({
    'batchNorm, runningMean': () => F.batchNorm(image(), one, torch.ones([2])),
    'batchNorm, weight': () => F.batchNorm(image(), torch.ones([2]), torch.ones([2]), { weight: torch.ones([3]) }),
    'layerNorm, weight': () => F.layerNorm(image(), [5], { weight: torch.ones([4]) }),
    'groupNorm, bias': () => F.groupNorm(image(), 1, { bias: torch.ones([5]) }),
    'linear, a bias of text': () => F.linear(torch.ones([2, 3]), torch.ones([4, 3]), { bias: '' as never }),
    'conv2d, bias': () => F.conv2d(image(), weight(), { bias: torch.ones([3]) }),
    'nllLoss, a weight of another kind': () =>
      F.nllLoss(torch.ones([2, 3]), indices(0, 1), { weight: (() => 1) as never }),
    'maxUnpool1d, an outputSize of text': () =>
      F.maxUnpool1d(torch.ones([1, 2, 1]), indices(0, 1).view([1, 2, 1]), [3], { outputSize: 'xx' as never }),
    'nllLoss, weight': () => F.nllLoss(torch.ones([2, 3]), indices(0, 1), { weight: one }),
    'prelu, weight': () => F.prelu(image(), torch.ones([3])),
    'maxUnpool2d, indices': () =>
      F.maxUnpool2d(torch.ones([1, 1, 2, 2]), torch.zeros([1, 1, 1, 1], { dtype: 'int64' }), 2),
    'backward, gradient': () =>
      torch
        .ones([3], { requiresGrad: true })
        .mul(2)
        .backward(torch.ones([2])),
    'linear, weight': () => F.linear(torch.ones([2, 3]), torch.ones([4, 2])),
    'bincount, weights': () => torch.bincount(indices(0, 1), { weights: torch.ones([3]) }),
  });
});

describe('11: views beyond the memory', () => {
  const x = torch.ones([4]);
  refuses({
    'asStrided, too many': () => x.asStrided([5], [1]),
    'asStrided, offset': () => x.asStrided([4], [1], 1),
    'asStrided, negative offset': () => x.asStrided([1], [1], -1),
    'asStrided, negative stride': () => x.asStrided([2], [-1]),
    'asStrided, huge stride': () => x.asStrided([2], [2 ** 52]),
    'emptyStrided, negative stride': () => torch.emptyStrided([2], [-1]),
    'frombuffer, offset': () => torch.frombuffer(new ArrayBuffer(8), { dtype: 'float32', offset: 8, count: 1 }),
    'frombuffer, count': () => torch.frombuffer(new ArrayBuffer(8), { dtype: 'float32', count: 3 }),
  });
});

describe('12: the wrong rank, or kind', () => {
  const anything = (value: unknown): never => value as never;
  refuses({
    'conv2d of a vector': () => F.conv2d(torch.ones([3]), weight()),
    'bmm of matrices': () => torch.ones([2, 2]).bmm(torch.ones([2, 2])),
    'dot of scalars': () => torch.ones([]).dot(torch.ones([])),
    'linalg.inv of a vector': () => torch.linalg.inv(torch.ones([2])),
    'full of a vector': () => torch.full([2], anything(torch.ones([2]))),
    'sum over a tensor': () => torch.ones([2]).sum(anything(torch.ones([2]))),
    'frombuffer at a bigint': () => torch.frombuffer(new ArrayBuffer(8), { dtype: 'int8', offset: anything(3n) }),
    'tensordot over a function': () =>
      torch.tensordot(torch.ones([2, 2]), torch.ones([2, 2]), { dims: anything([undefined, () => 1]) }),
    'asStrided at a bigint': () => torch.ones([4]).asStrided([2], [1], { storageOffset: anything(3n) }),
    'addmm by a symbol': () =>
      torch.ones([2, 2]).addmm(torch.ones([2, 2]), torch.ones([2, 2]), { alpha: anything(Symbol('a')) }),
    'kaiserWindow of a symbol': () => torch.kaiserWindow(anything(Symbol('a'))),
    'nativeBatchNorm without a weight': () =>
      torch.nativeBatchNorm(torch.ones([2, 1]), anything(undefined), null, null, null, true, 0.1, 1e-5),
    'maxUnpool1d, an outputSize of bigints': () =>
      F.maxUnpool1d(torch.ones([1, 2, 1]), indices(0, 1).view([1, 2, 1]), [3], { outputSize: anything([3n]) }),
    'mvlgamma_ of nothing': () => torch.mvlgamma_(anything(undefined), 2),
    'add of text': () => torch.ones([2]).add(anything('1')),
    'add of nothing': () => torch.ones([2]).add(anything(undefined)),
    'matmul of null': () => torch.ones([2]).matmul(anything(null)),
    'a mixed list where a tensor is meant': () => torch.ones([2]).igamma_(anything([torch.ones([2]), false])),
    'a mixed list beside what needs a gradient': () =>
      torch
        .ones([], { requiresGrad: true })
        .mul(1)
        .clampMax_(anything([torch.ones([1]), 7])),
    'embeddingBag weighed by a pattern': () =>
      F.embeddingBag(indices(0), torch.ones([3, 2]), {
        offsets: indices(0),
        mode: 'sum',
        perSampleWeights: anything(/x/),
      }),
    'histogram weighed by a buffer': () => torch.ones([2]).histogram(2, anything({ weight: new ArrayBuffer(8) })),
  });
});

describe('13: values used as sizes', () => {
  refuses({
    bincount: () => torch.bincount(torch.tensor([2n ** 62n])),
    'bincount, negative': () => torch.bincount(indices(-1)),
    repeatInterleave: () => torch.ones([1]).repeatInterleave(torch.tensor([2n ** 62n])),
    'repeatInterleave, negative': () => torch.ones([2]).repeatInterleave(indices(1, -1)),
    'interpolate by 1e12': () => F.interpolate(image(), { scaleFactor: 1e12 }),
    'interpolate by NaN': () => F.interpolate(image(), { scaleFactor: Number.NaN }),
    oneHot: () => F.oneHot(torch.tensor([2n ** 62n])),
    'combinations of 2^53': () => torch.ones([1]).combinations({ r: 2 ** 53, withReplacement: true }),
    'arange up to 1e18': () => torch.arange(1e18),
    'linspace of 2^53 steps': () => torch.linspace(0, 1, 2 ** 53),
  });
});

describe('14: checks hold in a release build: what other libraries only assert', () => {
  refuses({
    'as strides of 0 of what is written': () => torch.ones([1]).expand(4).fill_(2),
    'unequal sizes of a fused kernel': () => torch.ones([2]).lerp_(torch.ones([3]), 0.5),
    'a selection beyond the end': () => torch.ones([2]).select(0, 2),
    'a disposed tensor': () => {
      const x = torch.ones([2]);
      x.dispose();
      x.add(1);
    },
  });
});

describe('15: NaN and infinities in factorizations', () => {
  const bad = (value: number): torch.Tensor => torch.eye(3).mul(1).fill_(value);
  for (const value of [Number.NaN, Infinity]) {
    refuses({
      [`svd of ${value}`]: () => torch.linalg.svd(bad(value)),
      [`eigh of ${value}`]: () => torch.linalg.eigh(bad(value)),
      [`eig of ${value}`]: () => torch.linalg.eig(bad(value)),
      [`qr of ${value}`]: () => torch.linalg.qr(bad(value)),
      [`lstsq of ${value}`]: () => torch.linalg.lstsq(bad(value), torch.ones([3, 1])),
      [`matrixRank of ${value}`]: () => torch.linalg.matrixRank(bad(value)),
    });
  }
});

describe('16: twenty dimensions and more', () => {
  test('of 60 dimensions there are sums, copies and products', () => {
    const x = torch.ones(new Array(60).fill(1));
    expect(x.sum().item()).toBe(1);
    expect(x.transpose(0, 59).contiguous().add(x).item()).toBe(2);
    expect(x.matmul(x).item()).toBe(1);
  });
  refuses({
    '65 dimensions': () => torch.ones(new Array(65).fill(1)),
    'a 65th by unsqueeze': () => torch.ones(new Array(64).fill(1)).unsqueeze(0),
    'a 65th by stack': () => torch.stack([torch.ones(new Array(64).fill(1))]),
    'conv2d of 20': () => F.conv2d(torch.ones(new Array(20).fill(1)), weight()),
  });
});

test('17: graphs of 1e5 nodes run backward and are freed without the stack', () => {
  const x = torch.ones([], { requiresGrad: true });
  let y = x.mul(1);
  for (let i = 0; i < 100_000; i++) y = y.add(1);
  y.backward();
  expect(x.grad?.item()).toBe(1);
});

describe('18: overlapping memory', () => {
  test('a shifted view of the same memory is read before it is written', () => {
    const x = torch.arange(6);
    x.narrow(0, 1, 5).copy_(x.narrow(0, 0, 5));
    expect(x.tolist()).toEqual([0, 0, 1, 2, 3, 4]);
  });
  refuses({
    'cos_ of an expanded tensor': () => torch.ones([1]).expand(3).cos_(),
    'out with stride 0': () => torch.add(torch.ones([3]), 1, { out: torch.ones([1]).expand(3) }),
  });
});

test('19: one ArrayBuffer serves any number of tensors', () => {
  const buffer = new ArrayBuffer(16);
  const [a, b] = [torch.frombuffer(buffer, { dtype: 'float32' }), torch.frombuffer(buffer, { dtype: 'float32' })];
  a.fill_(2);
  expect(b.tolist()).toEqual([2, 2, 2, 2]);
  a.dispose();
  expect(new Float32Array(buffer)).toEqual(new Float32Array([2, 2, 2, 2]));
});

describe('20: errors thrown on other threads', () => {
  const many = torch.zeros([2 ** 18], { dtype: 'int64' });
  many.narrow(0, 2 ** 18 - 1, 1).fill_(-5);
  refuses({
    'an index out of range that another thread reads': () => torch.ones([4]).indexSelect(0, many),
    'a label out of range that another thread reads': () => F.nllLoss(torch.ones([2 ** 18, 2]), many),
    'complex numbers have no largest': () =>
      torch
        .ones([1], { dtype: 'complex64' })
        .indexReduce_(0, indices(0), torch.ones([1], { dtype: 'complex64' }), 'amax'),
  });
});
