// Ops of the elementwise family that this family uses, until they land.
import './tensor.js';

declare module './tensor.js' {
  interface Tensor {
    abs(): Tensor;
    log(): Tensor;
    logaddexp(other: Tensor): Tensor;
    floor(): Tensor;
    sgn(): Tensor;
    conj(): Tensor;
    pow(exponent: number): Tensor;
    maximum(other: Tensor): Tensor;
    minimum(other: Tensor): Tensor;
  }
}
