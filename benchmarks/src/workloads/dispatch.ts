// What a call costs when there is next to nothing to compute.
import { F, nn, optim, torch, type Untyped } from '../torch.js';
import type { Group } from '../workload.js';

type Tree = number | [Tree, Tree];
const TREE: Tree = [
  [1, [2, 3]],
  [4, 5],
];

/** The network of samples/dynamic.ts: one cell applied along a tree. */
function treeStep() {
  class TreeNet extends nn.Module {
    leaf = new nn.Embedding(10, 32);
    join = new nn.Linear(64, 32);
    score = new nn.Linear(32, 1);
    encode(tree: Tree): Untyped {
      if (typeof tree === 'number') return this.leaf(torch.tensor(tree, { dtype: 'int64' }));
      return this.join(torch.cat(tree.map((branch) => this.encode(branch)))).tanh();
    }
    forward(tree: Tree) {
      return this.score(this.encode(tree));
    }
  }
  const net: Untyped = new TreeNet();
  const adam = new optim.Adam(net.parameters(), { lr: 0.01 });
  return () => {
    adam.zeroGrad();
    net(TREE).sub(5).square().sum().backward();
    adam.step();
  };
}

const treeStepPython = `
  class TreeNet(nn.Module):
      def __init__(self):
          super().__init__()
          self.leaf = nn.Embedding(10, 32)
          self.join = nn.Linear(64, 32)
          self.score = nn.Linear(32, 1)
      def encode(self, tree):
          if isinstance(tree, int):
              return self.leaf(torch.tensor(tree))
          return self.join(torch.cat([self.encode(branch) for branch in tree])).tanh()
      def forward(self, tree):
          return self.score(self.encode(tree))
  net = TreeNet()
  adam = optim.Adam(net.parameters(), lr=0.01)
  def step():
      adam.zero_grad()
      net([[1, [2, 3]], [4, 5]]).sub(5).square().sum().backward()
      adam.step()
`;

/** A tensor of ones that needs no random numbers, so that it works early. */
const ones = (shape: number[], options = {}) => torch.ones(shape, options);

export const dispatch: Group = {
  name: 'dispatch',
  workloads: [
    {
      name: 'add, 16 floats',
      ts: () => {
        const a = ones([16]);
        const b = ones([16]);
        return () => a.add(b);
      },
      py: { setup: 'a, b = torch.ones(16), torch.ones(16)', run: 'a.add(b)' },
    },
    {
      name: 'add of a number',
      ts: () => {
        const a = ones([16]);
        return () => a.add(1.5);
      },
      py: { setup: 'a = torch.ones(16)', run: 'a.add(1.5)' },
    },
    {
      name: 'add, broadcast [4, 4] + [4]',
      ts: () => {
        const a = ones([4, 4]);
        const b = ones([4]);
        return () => a.add(b);
      },
      py: { setup: 'a, b = torch.ones(4, 4), torch.ones(4)', run: 'a.add(b)' },
    },
    {
      name: 'add_ in place',
      ts: () => {
        const a = ones([16]);
        const b = ones([16]);
        return () => a.add_(b);
      },
      py: { setup: 'a, b = torch.ones(16), torch.ones(16)', run: 'a.add_(b)' },
    },
    {
      name: 'tanh, 16 floats',
      ts: () => {
        const a = ones([16]);
        return () => a.tanh();
      },
      py: { setup: 'a = torch.ones(16)', run: 'a.tanh()' },
    },
    {
      name: 'add of int32 and float32',
      ts: () => {
        const a = ones([16], { dtype: 'int32' });
        const b = ones([16]);
        return () => a.add(b);
      },
      py: { setup: 'a, b = torch.ones(16, dtype=torch.int32), torch.ones(16)', run: 'a.add(b)' },
    },
    {
      name: 'empty',
      ts: () => () => torch.empty([16]),
      py: { run: 'torch.empty(16)' },
    },
    {
      name: 'zeros',
      ts: () => () => torch.zeros([16]),
      py: { run: 'torch.zeros(16)' },
    },
    {
      name: 'tensor from a list of 4',
      ts: () => () => torch.tensor([1.5, 2, 3, 4]),
      py: { run: 'torch.tensor([1.5, 2, 3, 4])' },
    },
    {
      name: 'item',
      ts: () => {
        const a = ones([]);
        return () => a.item();
      },
      py: { setup: 'a = torch.ones(())', run: 'a.item()' },
    },
    {
      name: 'view',
      ts: () => {
        const a = ones([16]);
        return () => a.view(4, 4);
      },
      py: { setup: 'a = torch.ones(16)', run: 'a.view(4, 4)' },
    },
    {
      name: 'transpose',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.transpose(0, 1);
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a.transpose(0, 1)' },
    },
    {
      name: 'select',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.select(0, 2);
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a.select(0, 2)' },
    },
    {
      name: 'index by a number',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.at(2);
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a[2]' },
    },
    {
      name: 'index by slices',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.at(':', '1:3');
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a[:, 1:3]' },
    },
    {
      name: 'assign a number by index',
      ts: () => {
        const a = ones([4, 4]);
        return () => {
          a.put_([1, 2], 7);
        };
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a[1, 2] = 7' },
    },
    {
      name: 'sum, 16 floats',
      ts: () => {
        const a = ones([16]);
        return () => a.sum();
      },
      py: { setup: 'a = torch.ones(16)', run: 'a.sum()' },
    },
    {
      name: 'sum along a dimension',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.sum(1);
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a.sum(1)' },
    },
    {
      name: 'cat of two',
      ts: () => {
        const a = ones([16]);
        const b = ones([16]);
        return () => torch.cat([a, b]);
      },
      py: { setup: 'a, b = torch.ones(16), torch.ones(16)', run: 'torch.cat([a, b])' },
    },
    {
      name: 'matmul [4, 4]',
      ts: () => {
        const a = ones([4, 4]);
        return () => a.matmul(a);
      },
      py: { setup: 'a = torch.ones(4, 4)', run: 'a.matmul(a)' },
    },
    {
      name: 'add, recorded',
      ts: () => {
        const a = ones([16], { requiresGrad: true });
        const b = ones([16]);
        return () => a.add(b);
      },
      py: { setup: 'a, b = torch.ones(16, requires_grad=True), torch.ones(16)', run: 'a.add(b)' },
    },
    {
      name: 'mul, recorded, both needed',
      ts: () => {
        const a = ones([16], { requiresGrad: true });
        const b = ones([16], { requiresGrad: true });
        return () => a.mul(b);
      },
      py: {
        setup: 'a, b = torch.ones(16, requires_grad=True), torch.ones(16, requires_grad=True)',
        run: 'a.mul(b)',
      },
    },
    {
      name: 'view, recorded',
      ts: () => {
        const a = ones([16], { requiresGrad: true });
        return () => a.view(4, 4);
      },
      py: { setup: 'a = torch.ones(16, requires_grad=True)', run: 'a.view(4, 4)' },
    },
    {
      name: 'sum().backward()',
      ts: () => {
        const a = ones([16], { requiresGrad: true });
        return () => {
          a.grad = null;
          a.sum().backward();
        };
      },
      py: { setup: 'a = torch.ones(16, requires_grad=True)', run: 'a.grad = None\na.sum().backward()' },
    },
    {
      name: 'forward and backward of 4 ops',
      ts: () => {
        const x = ones([4, 4]);
        const w = ones([4, 4], { requiresGrad: true });
        const b = ones([4], { requiresGrad: true });
        return () => {
          w.grad = null;
          b.grad = null;
          x.mul(w).add(b).tanh().sum().backward();
        };
      },
      py: {
        setup: `
          x = torch.ones(4, 4)
          w, b = torch.ones(4, 4, requires_grad=True), torch.ones(4, requires_grad=True)
        `,
        run: `
          w.grad = None
          b.grad = None
          x.mul(w).add(b).tanh().sum().backward()
        `,
      },
    },
    {
      name: 'chain of 100 mul, forward and backward',
      ts: () => {
        const a = ones([16], { requiresGrad: true });
        return () => {
          a.grad = null;
          let x = a;
          for (let i = 0; i < 100; i++) x = x.mul(1.01);
          x.sum().backward();
        };
      },
      py: {
        setup: `
          a = torch.ones(16, requires_grad=True)
          def run():
              a.grad = None
              x = a
              for _ in range(100):
                  x = x.mul(1.01)
              x.sum().backward()
        `,
        run: 'run()',
      },
    },
    {
      name: 'Linear(8, 8), batch 4, no graph',
      ts: () => {
        const layer = new nn.Linear(8, 8);
        const x = ones([4, 8]);
        return () => torch.noGrad(() => layer(x));
      },
      py: {
        setup: `
          layer, x = nn.Linear(8, 8), torch.ones(4, 8)
          def run():
              with torch.no_grad():
                  return layer(x)
        `,
        run: 'run()',
      },
    },
    {
      name: 'Linear(8, 8), batch 4, forward and backward',
      ts: () => {
        const layer = new nn.Linear(8, 8);
        const x = ones([4, 8]);
        return () => {
          layer.zeroGrad();
          layer(x).sum().backward();
        };
      },
      py: {
        setup: 'layer, x = nn.Linear(8, 8), torch.ones(4, 8)',
        run: `
          layer.zero_grad(set_to_none=True)
          layer(x).sum().backward()
        `,
      },
    },
    {
      name: 'mseLoss with backward',
      ts: () => {
        const x = ones([16], { requiresGrad: true });
        const y = ones([16]);
        return () => {
          x.grad = null;
          F.mseLoss(x, y).backward();
        };
      },
      py: {
        setup: 'x, y = torch.ones(16, requires_grad=True), torch.ones(16)',
        run: `
          x.grad = None
          F.mse_loss(x, y).backward()
        `,
      },
    },
    {
      name: 'LSTMCell(32, 32), 20 steps, with backward',
      ts: () => {
        const cell = new nn.LSTMCell(32, 32);
        const x = ones([4, 32]);
        return () => {
          let state = [torch.zeros([4, 32]), torch.zeros([4, 32])];
          for (let i = 0; i < 20; i++) state = cell(x, state);
          cell.zeroGrad();
          state[0].sum().backward();
        };
      },
      py: {
        setup: `
          cell, x = nn.LSTMCell(32, 32), torch.ones(4, 32)
          def run():
              state = torch.zeros(4, 32), torch.zeros(4, 32)
              for _ in range(20):
                  state = cell(x, state)
              cell.zero_grad(set_to_none=True)
              state[0].sum().backward()
        `,
        run: 'run()',
      },
    },
    {
      name: 'tree network, step with Adam',
      ts: treeStep,
      py: { setup: treeStepPython, run: 'step()' },
    },
  ],
};
