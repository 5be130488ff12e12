import '@ts-torch/autograd';
import { tensor } from '@ts-torch/tensor';

const x = tensor([3], { requiresGrad: true });
x.mul(x).sum().backward();
if (x.grad?.item() !== 6) throw new Error(`the derivative is ${x.grad}`);
