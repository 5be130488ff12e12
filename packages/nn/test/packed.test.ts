import { gradcheck } from '@ts-torch/autograd';
import { arange, type Tensor, tensor, ValueError, zeros } from '@ts-torch/tensor';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { GRU, LSTM, type Module, RNN, utils } from '../src/index.js';

const { PackedSequence, packPaddedSequence, packSequence, padPackedSequence, padSequence } = utils.rnn;
const { unpackSequence, unpadSequence } = utils.rnn;

const range = (count: number): Tensor => arange(count, { dtype: 'float64' });
const sequences = [2, 4, 1].map((length, i) =>
  range(2 * length)
    .cos()
    .reshape(length, 2)
    .mul(i + 1),
);

/** Parameters that a Python program can repeat. */
function fill<M extends Module>(module: M): M {
  module.to('float64');
  for (const [k, parameter] of module.parameters().entries())
    parameter.data.copy_(range(parameter.numel()).mul(0.7).add(k).sin().mul(0.5).reshape(parameter.shape));
  return module;
}

const expectClose = (actual: Tensor, expected: unknown): void => {
  const difference = actual.sub(tensor(expected as number[], { dtype: 'float64' })).abs();
  expect(difference.amax().item()).toBeLessThan(1e-9);
};

describe('sequences of different lengths', () => {
  test('are packed step by step, and come back', () => {
    const packed = packSequence(sequences, { enforceSorted: false });
    const [data, batchSizes, sortedIndices, unsortedIndices] = [...packed];
    expect(data?.shape).toEqual([7, 2]);
    expect([batchSizes?.tolist(), sortedIndices?.tolist(), unsortedIndices?.tolist()]).toEqual([
      [3, 2, 1, 1],
      [1, 0, 2],
      [1, 0, 2],
    ]);
    expect(unpackSequence(packed).map((sequence) => sequence.tolist())).toEqual(
      sequences.map((sequence) => sequence.tolist()),
    );
  });

  test('are padded to any length that is enough', () => {
    const packed = packSequence([tensor([1, 2, 3]), tensor([4])]);
    const [padded, lengths] = padPackedSequence(packed, { totalLength: 4, paddingValue: -1 });
    expect(padded.t().tolist()).toEqual([
      [1, 2, 3, -1],
      [4, -1, -1, -1],
    ]);
    expect([lengths.dtype, lengths.tolist()]).toEqual(['int64', [3, 1]]);
    expect(() => padPackedSequence(packed, { totalLength: 2 })).toThrow(/totalLength to be an integer of at least 3/);
  });

  test('keep their order where sorting changes it', () => {
    const three = [tensor([1]), tensor([2, 3]), tensor([4, 5, 6])];
    const packed = packPaddedSequence(padSequence(three), tensor([1n, 2n, 3n]), { enforceSorted: false });
    expect(packed.data.tolist()).toEqual([4, 2, 1, 5, 3, 6]);
    expect(unpackSequence(packed).map((sequence) => sequence.tolist())).toEqual([[1], [2, 3], [4, 5, 6]]);
    expect(padPackedSequence(packed)[1].tolist()).toEqual([1, 2, 3]);
  });

  test('that are wrong get typed errors', () => {
    expect(() => packSequence([tensor([1]), tensor([2, 3])])).toThrow(/expected falling lengths, got \[1, 2\]/);
    expect(() => packPaddedSequence(zeros([3, 2]), [3, 0])).toThrow(/expected lengths from 1 to 3, got \[3, 0\]/);
    expect(() => packPaddedSequence(zeros([3, 2]), [3])).toThrow(/expected 2 lengths, one for each sequence, got 1/);
    expect(() => padSequence([])).toThrow(/expected at least one sequence/);
    expect(() => padSequence([zeros([2, 3]), zeros([2, 4])])).toThrow(/got \[2, 3\] and \[2, 4\]/);
    expect(() => unpadSequence(zeros([2]), [1])).toThrow(/at least 2 dimensions/);
    // @ts-expect-error a tensor is not packed
    expect(() => padPackedSequence(zeros([2]))).toThrow(ValueError);
    for (const sizes of [[1n, 2n], [2n, 2n], [3n, 0n], []])
      expect(() => new PackedSequence(zeros([3, 2]), tensor(BigInt64Array.from(sizes), { device: 'cpu' }))).toThrow(
        /falling batch sizes/,
      );
    const order = { sortedIndices: tensor([1n, 0n, 2n]) };
    expect(() => new PackedSequence(zeros([3]), packSequence([zeros([3])]).batchSizes, order)).toThrow(
      /expected 1 indices/,
    );
    expect(() => new RNN(3, 3)(packSequence([zeros([2, 2])]))).toThrow(
      /RNN: expected packed data of shape \[steps, 3\]/,
    );
  });

  test('go to other dtypes as one', () => {
    const packed = packSequence([tensor([1, 2]), tensor([3])]);
    expect(packed.to('float32')).toBe(packed);
    expect([packed.double().data.dtype, packed.half().data.dtype]).toEqual(['float64', 'float16']);
    expect(packed.double().batchSizes).toBe(packed.batchSizes);
  });
});

describe('recurrent layers over packed sequences', () => {
  test('give what PyTorch 1.13 does', () => {
    const options = { numLayers: 2, bidirectional: true, projSize: 2 } as const;
    const lstm = fill(new LSTM(2, 3, options));
    const made = packSequence(sequences, { enforceSorted: false });
    const data = made.data.requiresGrad_();
    const packed = made.map(() => data);
    const first = range(24).sin().reshape(4, 3, 2).requiresGrad_();
    const [output, [hidden, cell]] = lstm(packed, [first, range(36).cos().reshape(4, 3, 3)]);
    expectTypeOf(output).toEqualTypeOf<utils.rnn.PackedSequence>();
    expectClose(
      output.data.select(1, 0),
      [
        -0.29252858754754424, 0.020372195492907252, -0.006618213405083362, -0.3830476104403339, -0.20715728899302233,
        -0.42083603650099555, -0.4395657180780533,
      ],
    );
    expectClose(hidden.select(2, 0), [
      [-0.1511470493069164, -0.12860927630025684, -0.15078755304780028],
      [-0.03268447306836693, 0.08014306489799541, 0.05509737381421267],
      [-0.20715728899302233, -0.4395657180780533, -0.006618213405083362],
      [-0.2874665050903394, -0.13614737765720505, -0.28433387099630786],
    ]);
    expectClose(cell.select(0, 3), [
      [0.062111103484105215, -0.7980284735990875, -0.9585340611593058],
      [0.18108808096243176, -0.045068291548472264, -0.5703414273671616],
      [0.06580628130871059, -0.8854937920584232, -1.0190443357156829],
    ]);
    output.data.square().sum().add(hidden.sum()).add(cell.sum()).backward();
    expectClose(data.grad as Tensor, [
      [0.043688014113902364, -0.0008103429409765583],
      [0.20603510771084127, 0.0584479222579878],
      [-0.35114137590385364, -0.35793338289403887],
      [0.07380971429062595, 0.02856508775324864],
      [0.2404219326024744, 0.03810879033334629],
      [0.12064046870684494, 0.03922973558409687],
      [-0.21679113190854687, -0.2676309749857438],
    ]);
    expectClose((first.grad as Tensor).select(0, 2), [
      [0.14073677223944697, 0.0479112598013785],
      [-0.1631315319230289, -0.02667072135217108],
      [0.09902244150547686, -0.1558043360144504],
    ]);
  });

  test.each([
    ['RNN', RNN],
    ['GRU', GRU],
  ] as const)('give what %s gives for each sequence alone', (_, Layer) => {
    const layer = fill(new Layer(2, 3, { numLayers: 2, bidirectional: true, batchFirst: true }));
    const [output, hidden] = layer(packSequence(sequences, { enforceSorted: false }));
    for (const [i, sequence] of unpackSequence(output).entries()) {
      const [alone, last] = layer(sequences[i] as Tensor);
      expectTypeOf(alone).toEqualTypeOf<Tensor>();
      expectClose(sequence, alone.tolist());
      expectClose(hidden.select(1, i), last.tolist());
    }
  });

  test('have derivatives', () => {
    const gru = fill(new GRU(2, 2, { bidirectional: true }));
    const run = (...inputs: Tensor[]): Tensor[] => {
      const [output, hidden] = gru(packSequence(inputs, { enforceSorted: false }));
      return [padPackedSequence(output)[0], hidden];
    };
    expect(
      gradcheck(
        run,
        sequences.map((sequence) => sequence.clone().requiresGrad_()),
      ),
    ).toBe(true);
  });
});
