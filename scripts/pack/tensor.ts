import * as torch from '@ts-torch/tensor';

const sum: number = torch.ones([2, 3]).add(1).sum().item();
if (sum !== 12) throw new Error(`sum is ${sum}`);
