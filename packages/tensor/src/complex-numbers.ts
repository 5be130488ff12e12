import { DTypeError } from '@ts-torch/core';
import { stack } from './joining.js';
import { checkTensor, type OutOptions, readOptions, writeOut } from './op.js';
import { expand, viewAsComplex } from './ops/views.js';
import { broadcastShapes } from './shape.js';
import type { Tensor } from './tensor.js';

function checkParts(op: string, names: readonly [string, string], a: unknown, b: unknown): asserts a is Tensor {
  checkTensor(op, a, names[0]);
  checkTensor(op, b, names[1]);
  if (a.dtype !== b.dtype || (a.dtype !== 'float32' && a.dtype !== 'float64'))
    throw new DTypeError(`${op}: expected two tensors of float32 or of float64, got ${a.dtype} and ${b.dtype}`);
}

function fromParts(op: string, real: Tensor, imag: Tensor, options: OutOptions | undefined): Tensor {
  const { out } = readOptions<OutOptions>(op, options, { out: undefined });
  const shape = broadcastShapes(op, real.shape, imag.shape);
  const result = viewAsComplex(stack([expand(real, shape), expand(imag, shape)], shape.length));
  return out === undefined ? result : writeOut(op, out, result);
}

/**
 * Complex numbers from real and imaginary parts, which broadcast: float32 gives complex64, float64 complex128.
 *
 * @example torch.complex(torch.tensor([1]), torch.tensor([2])) // tensor([1.+2.j])
 */
export function complex(real: Tensor, imag: Tensor, options?: OutOptions): Tensor {
  checkParts('complex', ['real', 'imag'], real, imag);
  return fromParts('complex', real, imag, options);
}

/**
 * Complex numbers from their moduli and angles: `abs * (cos(angle) + i sin(angle))`.
 *
 * @example torch.polar(torch.tensor([2]), torch.tensor([0])) // tensor([2.+0.j])
 */
export function polar(abs: Tensor, angle: Tensor, options?: OutOptions): Tensor {
  checkParts('polar', ['abs', 'angle'], abs, angle);
  return fromParts('polar', abs.mul(angle.cos()), abs.mul(angle.sin()), options);
}
