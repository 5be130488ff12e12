import * as autograd from '@ts-torch/autograd';
import * as nnPackage from '@ts-torch/nn';
import * as optimPackage from '@ts-torch/optim';
import * as tensors from '@ts-torch/tensor';

// Untyped: a workload may use what has not landed yet, and is then reported as missing.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Untyped = any;

export const torch: Untyped = { ...tensors, noGrad: autograd.noGrad };
export const nn: Untyped = nnPackage;
export const optim: Untyped = optimPackage;
export const F: Untyped = nn.functional ?? {};

/** Numbers spread evenly over [-3, 3): what Python's `uniform(...)` of worker.py gives. */
export function uniform(shape: number[], options: object = {}): Untyped {
  const values = new Float32Array(shape.reduce((count, size) => count * size, 1));
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32) * 6 - 3;
  }
  return torch.tensor(torch.fromTypedArray(values, shape), options);
}

/** Integers in [0, bound), int64: Python's `integers(...)`. */
export function integers(bound: number, shape: number[]): Untyped {
  const values = new BigInt64Array(shape.reduce((count, size) => count * size, 1));
  let state = 7;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = BigInt(Math.floor((state / 2 ** 32) * bound));
  }
  return torch.tensor(torch.fromTypedArray(values, shape));
}

/** Runs `forward`, and its backward pass with a gradient as dense as those of a real network: Python's `differentiated`. */
export function differentiated(forward: () => Untyped, ...leaves: Untyped[]): () => void {
  const gradient = uniform([...forward().shape]);
  return () => {
    for (const leaf of leaves) leaf.grad = null;
    forward().backward(gradient);
  };
}
