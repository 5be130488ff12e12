import * as torch from 'ts-torch';
import { nn, optim } from 'ts-torch';

const layer = new nn.Linear(1, 1);
const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
layer(torch.ones([4, 1]))
  .sum()
  .backward();
optimizer.step();
