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

let drawn = 0;

/** Starts the sequence of test data again, so that both languages prepare a workload with the same numbers. */
export function restartData(): void {
  drawn = 0;
}

/** A hash of each whole number, taken as a fraction in [0, 1): worker.py has the same. */
function nextFraction(): number {
  let x = Math.imul(drawn++, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca77);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

const numelOf = (shape: number[]) => shape.reduce((count, size) => count * size, 1);

/** Floats in [-3, 3). */
export function uniform(shape: number[], options: object = {}): Untyped {
  const values = new Float32Array(numelOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = nextFraction() * 6 - 3;
  return torch.tensor(torch.fromTypedArray(values, shape), { device: torch.defaultDevice(), ...options });
}

/** Integers in [0, bound), int64. */
export function integers(bound: number, shape: number[]): Untyped {
  const values = new BigInt64Array(numelOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = BigInt(Math.floor(nextFraction() * bound));
  return torch.tensor(torch.fromTypedArray(values, shape), { device: torch.defaultDevice() });
}

/** Runs `forward`, and its backward pass with a gradient as dense as those of a real network: Python's `differentiated`. */
export function differentiated(forward: () => Untyped, ...leaves: Untyped[]): () => void {
  const gradient = uniform([...forward().shape]);
  return () => {
    for (const leaf of leaves) leaf.grad = null;
    forward().backward(gradient);
  };
}
