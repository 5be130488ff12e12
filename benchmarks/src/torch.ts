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
