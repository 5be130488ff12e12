import { TorchError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { allocate } from '@ts-torch/tensor/internal';
import { grad } from './engine.js';

export interface GradcheckOptions {
  /** The step of the finite differences. */
  eps?: number;
  atol?: number;
  rtol?: number;
}

/** A gradient that differs from what finite differences give. */
export class GradcheckError extends TorchError {}

type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Compares the gradients of `f` with central differences, in float64. Returns true, or throws with the entry that differs.
 * Complex numbers count as pairs of real ones. Inputs whose elements share memory (expanded ones) fail falsely.
 *
 * @example autograd.gradcheck((x) => x.square(), [torch.tensor([1, 2], { dtype: 'float64', requiresGrad: true })]) // true
 */
export function gradcheck(f: Checked, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const checked = inputs.filter((input) => input.requiresGrad);
  if (checked.length === 0) throw new ValueError('gradcheck: expected at least one input that requires a gradient');
  for (const input of checked) {
    if (input.dtype !== 'float64' && input.dtype !== 'complex128')
      throw new ValueError(`gradcheck: expected float64 or complex128 inputs, got ${input.dtype}`);
  }
  const run = (): readonly Tensor[] => differentiable(f(...inputs));
  const outputs = run();
  const analytic = outputs.map((output) => analyticJacobian(output, checked));
  checked.forEach((input, i) => {
    const numeric = numericJacobians(run, input, eps);
    outputs.forEach((_, o) => {
      compare(analytic[o]?.[i] as Float64Array[], numeric[o] as Float64Array[], { atol, rtol }, o, i);
    });
  });
  return true;
}

/**
 * {@link gradcheck} of the gradients of `f` themselves: that their derivatives are right. The gradients that backward starts
 * from are inputs, too.
 *
 * @example autograd.gradgradcheck((x) => x.pow(3), [torch.tensor([1, 2], { dtype: 'float64', requiresGrad: true })]) // true
 */
export function gradgradcheck(f: Checked, inputs: readonly Tensor[], options: GradcheckOptions = {}): true {
  const checked = inputs.filter((input) => input.requiresGrad);
  const starts = differentiable(f(...inputs)).map((output, i) => startingGradient(output, i).requiresGrad_());
  const gradients = (...all: Tensor[]): readonly Tensor[] => {
    const outputs = differentiable(f(...all.slice(0, inputs.length)));
    const found = grad(outputs, checked, {
      gradOutputs: all.slice(inputs.length),
      createGraph: true,
      allowUnused: true,
    });
    return found.filter((tensor): tensor is Tensor => tensor?.requiresGrad === true);
  };
  if (gradients(...inputs, ...starts).length === 0) return true;
  return gradcheck(gradients, [...inputs, ...starts], options);
}

function differentiable(result: Tensor | readonly Tensor[]): readonly Tensor[] {
  const outputs = result instanceof Tensor ? [result] : result;
  return outputs.filter((output) => output.requiresGrad);
}

/** Any values that are not all alike. */
function startingGradient(output: Tensor, k: number): Tensor {
  const parts = realParts(output);
  return fromRealParts(
    output,
    parts.map((_, i) => Math.cos(0.7 * i + k + 1)),
  );
}

/** The elements as real numbers, complex ones as pairs. */
function realParts(tensor: Tensor): Float64Array {
  return Float64Array.from(tensor.detach().toTypedArray() as Float64Array);
}

function fromRealParts(like: Tensor, parts: Float64Array): Tensor {
  const result = allocate(like.shape, like.dtypeInfo, like.device);
  result.storage.write(
    0,
    like.dtypeInfo.itemSize / (like.isComplex() ? 2 : 1) === 4 ? Float32Array.from(parts) : parts,
  );
  return result;
}

/** For each input the rows d output[k] / d input. */
function analyticJacobian(output: Tensor, inputs: readonly Tensor[]): Float64Array[][] {
  const length = output.numel() * (output.isComplex() ? 2 : 1);
  const rows: Float64Array[][] = inputs.map(() => []);
  for (let k = 0; k < length; k++) {
    const start = new Float64Array(length);
    start[k] = 1;
    const gradients = grad(output, inputs, {
      gradOutputs: fromRealParts(output, start),
      retainGraph: true,
      allowUnused: true,
    });
    inputs.forEach((input, i) => {
      const gradient = gradients[i] ?? null;
      rows[i]?.push(
        gradient === null ? new Float64Array(input.numel() * (input.isComplex() ? 2 : 1)) : realParts(gradient),
      );
    });
  }
  return rows;
}

/** For each output the rows d output[k] / d input by central differences. */
function numericJacobians(run: () => readonly Tensor[], input: Tensor, eps: number): Float64Array[][] {
  const parts = input.isComplex() ? 2 : 1;
  const values = realParts(input);
  const rows: Float64Array[][] = [];
  for (let column = 0; column < values.length; column++) {
    const at = elementPosition(input, Math.floor(column / parts)) * input.elementSize() + (column % parts) * 8;
    const evaluate = (value: number): Float64Array[] => {
      input.storage.write(at, Float64Array.of(value));
      return run().map(realParts);
    };
    const value = values[column] as number;
    const above = evaluate(value + eps);
    const below = evaluate(value - eps);
    input.storage.write(at, Float64Array.of(value));
    above.forEach((output, o) => {
      rows[o] ??= Array.from(output, () => new Float64Array(values.length));
      rows[o].forEach((row, k) => {
        row[column] = ((output[k] as number) - (below[o]?.[k] as number)) / (2 * eps);
      });
    });
  }
  return rows;
}

/** The position in the storage of the element that is number `index`, row-major. */
function elementPosition(tensor: Tensor, index: number): number {
  let position = tensor.offset;
  let rest = index;
  for (let d = tensor.shape.length - 1; d >= 0; d--) {
    const size = tensor.shape[d] as number;
    position += (rest % size) * (tensor.strides[d] as number);
    rest = Math.floor(rest / size);
  }
  return position;
}

function compare(
  analytic: readonly Float64Array[],
  numeric: readonly Float64Array[] = [],
  { atol, rtol }: { atol: number; rtol: number },
  output: number,
  input: number,
): void {
  analytic.forEach((row, k) => {
    row.forEach((value, column) => {
      const expected = numeric[k]?.[column] ?? 0;
      if (Math.abs(value - expected) <= atol + rtol * Math.abs(expected)) return;
      throw new GradcheckError(
        `gradcheck: the derivative of element ${k} of output ${output} by element ${column} of input ${input} is ` +
          `${value}; differences give ${expected}`,
      );
    });
  });
}
