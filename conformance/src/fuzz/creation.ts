type Arguments = () => unknown[];

const shapes: readonly Arguments[] = [() => [[2, 3]], () => [[0, 2], { dtype: 'int64' }], () => [[]]];
const lengths: readonly Arguments[] = [() => [5], () => [1], () => [0], () => [8, { periodic: false }]];

/** Calls of functions that PyTorch's database has no samples for: those that make tensors. */
export const CREATION: Readonly<Record<string, readonly Arguments[]>> = {
  zeros: shapes,
  ones: shapes,
  empty: shapes,
  rand: shapes,
  randn: shapes,
  full: [() => [[2, 3], 1.5], () => [[0], 1]],
  emptyStrided: [
    () => [
      [2, 3],
      [3, 1],
    ],
    () => [
      [2, 2],
      [1, 2],
    ],
  ],
  randint: [() => [0, 5, [2, 3]], () => [7, [4]]],
  randperm: [() => [6], () => [0]],
  tensor: [() => [[1, 2, 3]], () => [[[1.5], [2]], { dtype: 'float64' }]],
  asTensor: [() => [[1, 2, 3]]],
  frombuffer: [() => [new ArrayBuffer(16), { dtype: 'int32' }], () => [new ArrayBuffer(16), { offset: 8 }]],
  fromTypedArray: [() => [new Float32Array(6), [2, 3]], () => [new Uint8Array(0), [0]]],
  eye: [() => [3], () => [2, 4]],
  range: [() => [0, 5], () => [0, 1, 0.25]],
  trilIndices: [() => [3, 3], () => [2, 4, { offset: 1 }]],
  triuIndices: [() => [3, 3], () => [2, 4, { offset: -1 }]],
  bartlettWindow: lengths,
  blackmanWindow: lengths,
  hammingWindow: lengths,
  hannWindow: lengths,
  kaiserWindow: lengths,
  promoteTypes: [() => ['float32', 'int64'], () => ['bool', 'complex64']],
};
