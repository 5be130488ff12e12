import * as torch from '@ts-torch/tensor';
import { copyPrimitives } from '@ts-torch/tensor/internal';
import { type Sample, sample } from './sample.js';

type T = torch.Tensor;
const X = [[2, 3, 2]];
const view = (name: string, f: (x: T) => T | T[], shapes: number[][] = X): Sample => sample(name, (x) => f(x), shapes);

export const views: Sample[] = [
  view('view', (x) => x.contiguous().view(3, 4)),
  view('reshape', (x) => x.reshape(4, -1)),
  view('permute', (x) => x.permute(2, 0, 1)),
  view('expand', (x) => x.expand(3, 2, 2), [[2, 1]]),
  view('select', (x) => x.select(1, -1)),
  view('slice', (x) => x.slice({ dim: 1, start: 0, step: 2 })),
  view('diagonal', (x) => x.diagonal({ offset: 1, dim1: 0, dim2: 1 })),
  view('unfold', (x) => x.unfold(1, 2, 1)),
  view('asStrided', (x) => x.contiguous().asStrided([2, 2, 2], [3, 1, 2])),
  view('alias', (x) => x.at()),
  view('clone', (x) => x.clone()),
  view('cast', (x) => x.to('complex128').to('float64')),
  view('transfer', (x) => copyPrimitives.transfer(x, x.device, false)),
  view('viewAsComplex', (x) => x.contiguous().viewAsComplex().viewAsReal()),
  view('fill', (x) => x.fill(2)),
  sample('fill_ with a tensor', (x, value) => x.mul(1).fill_(value), [[2, 2], []]),
  sample('copy_', (x, y) => x.mul(1).copy_(y.mul(2)), [[2, 3], [3]]),
  sample(
    'copy_ into a view',
    (x, y) => {
      const z = x.mul(1);
      z.select(1, 0).copy_(y);
      return z;
    },
    [[2, 3], [2]],
  ),
  view('flip', (x) => x.flip([0, 2])),
  view('tril', (x) => x.tril(), [[2, 3, 3]]),
  view('triu', (x) => x.triu(1), [[3, 4]]),
  view('roll', (x) => x.roll(1, 1)),
  view('repeat', (x) => x.repeat(2, 1, 2)),
  view('split', (x) => x.split(2, 1)),
  view('unbind', (x) => x.unbind(1)),
  sample('cat', (x, y) => torch.cat([x, y, x], 1), [
    [2, 1],
    [2, 3],
  ]),
  sample('stack', (x, y) => torch.stack([x, y], 1), [
    [2, 3],
    [2, 3],
  ]),
];
