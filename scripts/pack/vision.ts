import { full } from '@ts-torch/tensor';
import { transforms } from '@ts-torch/vision';

const image = new transforms.Normalize([0.5], [0.25])(full([1, 2, 2], 1));
if (image.sum().item() !== 8) throw new Error(`the sum is ${image.sum().item()}`);
