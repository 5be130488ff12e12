import * as optim from '@ts-torch/optim';
import { tensor } from '@ts-torch/tensor';

const x = tensor([3], { requiresGrad: true });
x.mul(x).sum().backward();
new optim.SGD([x], { lr: 0.5 }).step();
if (x.item() !== 0) throw new Error(`after the step x is ${x.item()}`);
