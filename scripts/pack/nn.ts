import * as nn from '@ts-torch/nn';
import { ones } from '@ts-torch/tensor';

const out = new nn.Linear(3, 2)(ones([4, 3]));
if (String(out.shape) !== '4,2') throw new Error(`the shape is [${out.shape}]`);
