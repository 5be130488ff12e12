// A network whose shape is the data's: one cell applied along a tree.
import * as torch from 'ts-torch';
import { nn, optim, type Tensor } from 'ts-torch';

type Tree = number | [Tree, Tree];

class TreeNet extends nn.Module {
  leaf = new nn.Embedding(10, 32);
  join = new nn.Linear(64, 32);
  score = new nn.Linear(32, 1);

  encode(tree: Tree): Tensor {
    if (typeof tree === 'number') return this.leaf(torch.tensor(tree, { dtype: 'int64' }));
    return this.join(torch.cat(tree.map((branch) => this.encode(branch)))).tanh();
  }
  forward(tree: Tree): Tensor {
    return this.score(this.encode(tree));
  }
}

const net = new TreeNet();
const adam = new optim.Adam(net.parameters(), { lr: 0.01 });
const size = (tree: Tree): number => (typeof tree === 'number' ? 1 : size(tree[0]) + size(tree[1]));
for (const tree of [
  1,
  [1, 2],
  [[1, 2], 3],
  [
    [1, [2, 3]],
    [4, 5],
  ],
] satisfies Tree[]) {
  adam.zeroGrad();
  net(tree).sub(size(tree)).square().sum().backward();
  adam.step();
}
