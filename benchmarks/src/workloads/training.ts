// Whole training steps: zeroGrad, forward, loss, backward, step; and the memory that training takes.
import { F, integers, nn, optim, torch, type Untyped, uniform } from '../torch.js';
import type { Group, PythonForm, Workload } from '../workload.js';

function step(model: Untyped, optimizer: Untyped, loss: () => Untyped): () => void {
  model.train();
  return () => {
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
  };
}

/** `model`, `optimizer` and `loss()` come from `setup`. */
function stepPython(setup: string): PythonForm {
  return { setup, run: 'optimizer.zero_grad(set_to_none=True)\nloss().backward()\noptimizer.step()' };
}

/** The network of examples/mnist.ts. */
function mnist() {
  class Net extends nn.Module {
    conv1 = new nn.Conv2d(1, 10, 5);
    conv2 = new nn.Conv2d(10, 20, 5);
    conv2Drop = new nn.Dropout2d();
    fc1 = new nn.Linear(320, 50);
    fc2 = new nn.Linear(50, 10);
    forward(input: Untyped): Untyped {
      const first = F.relu(F.maxPool2d(this.conv1(input), 2));
      const second = F.relu(F.maxPool2d(this.conv2Drop(this.conv2(first)), 2));
      const hidden = F.dropout(F.relu(this.fc1(second.view(-1, 320))), { training: this['training'] });
      return F.logSoftmax(this.fc2(hidden), 1);
    }
  }
  const model: Untyped = new Net();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.5 });
  const x = uniform([64, 1, 28, 28]);
  const y = integers(10, [64]);
  return step(model, optimizer, () => F.nllLoss(model(x), y));
}

const mnistPython = stepPython(`
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)
    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = F.dropout(F.relu(self.fc1(x.view(-1, 320))), training=self.training)
        return F.log_softmax(self.fc2(x), 1)
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
x, y = uniform(64, 1, 28, 28), integers(10, 64)
loss = lambda: F.nll_loss(model(x), y)
`);

function mlp(width: number) {
  const model = new nn.Sequential(
    new nn.Linear(784, width),
    new nn.ReLU(),
    new nn.Linear(width, width),
    new nn.ReLU(),
    new nn.Linear(width, 10),
  );
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const x = uniform([64, 784]);
  const y = integers(10, [64]);
  return step(model, optimizer, () => F.crossEntropy(model(x), y));
}

const mlpPython = (width: number) =>
  stepPython(`
w = ${width}
model = nn.Sequential(nn.Linear(784, w), nn.ReLU(), nn.Linear(w, w), nn.ReLU(), nn.Linear(w, 10))
optimizer = optim.Adam(model.parameters(), lr=1e-3)
x, y = uniform(64, 784), integers(10, 64)
loss = lambda: F.cross_entropy(model(x), y)
`);

/** ResNet-18 for images of 32 by 32; He et al. 2015, arXiv:1512.03385. */
function resnet() {
  class Block extends nn.Module {
    body: Untyped;
    shortcut: Untyped;
    constructor(from: number, to: number, stride: number) {
      super();
      this.body = new nn.Sequential(
        new nn.Conv2d(from, to, 3, { stride, padding: 1, bias: false }),
        new nn.BatchNorm2d(to),
        new nn.ReLU(),
        new nn.Conv2d(to, to, 3, { padding: 1, bias: false }),
        new nn.BatchNorm2d(to),
      );
      this.shortcut =
        stride === 1
          ? new nn.Identity()
          : new nn.Sequential(new nn.Conv2d(from, to, 1, { stride, bias: false }), new nn.BatchNorm2d(to));
    }
    forward(x: Untyped): Untyped {
      return F.relu(this.body(x).add(this.shortcut(x)));
    }
  }
  const stages = [
    [64, 64, 1],
    [64, 128, 2],
    [128, 256, 2],
    [256, 512, 2],
  ] as const;
  const model = new nn.Sequential(
    new nn.Conv2d(3, 64, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(64),
    new nn.ReLU(),
    ...stages.flatMap(([from, to, stride]) => [new Block(from, to, stride), new Block(to, to, 1)]),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(512, 10),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 });
  const x = uniform([32, 3, 32, 32]);
  const y = integers(10, [32]);
  return step(model, optimizer, () => F.crossEntropy(model(x), y));
}

const resnetPython = stepPython(`
class Block(nn.Module):
    def __init__(self, from_, to, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(from_, to, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(to), nn.ReLU(),
            nn.Conv2d(to, to, 3, padding=1, bias=False), nn.BatchNorm2d(to))
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(from_, to, 1, stride=stride, bias=False), nn.BatchNorm2d(to))
    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))
blocks = []
for from_, to, stride in [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]:
    blocks += [Block(from_, to, stride), Block(to, to, 1)]
model = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
x, y = uniform(32, 3, 32, 32), integers(10, 32)
loss = lambda: F.cross_entropy(model(x), y)
`);

const WIDTH = 128;
const HEADS = 4;

/** The network of samples/gpt.ts: four blocks, 128 wide, over 128 characters. */
function gpt() {
  class Block extends nn.Module {
    norm1 = new nn.LayerNorm(WIDTH);
    norm2 = new nn.LayerNorm(WIDTH);
    qkv = new nn.Linear(WIDTH, 3 * WIDTH);
    proj = new nn.Linear(WIDTH, WIDTH);
    mlp = new nn.Sequential(new nn.Linear(WIDTH, 4 * WIDTH), new nn.GELU(), new nn.Linear(4 * WIDTH, WIDTH));
    forward(input: Untyped): Untyped {
      const [batch, time] = input.shape;
      const [q, k, v] = this.qkv(this.norm1(input))
        .split(WIDTH, { dim: 2 })
        .map((t: Untyped) => t.view(batch, time, HEADS, -1).transpose(1, 2));
      const attended = F.scaledDotProductAttention(q, k, v, { isCausal: true });
      const x = input.add(this.proj(attended.transpose(1, 2).reshape(batch, time, WIDTH)));
      return x.add(this.mlp(this.norm2(x)));
    }
  }
  class GPT extends nn.Module {
    token = new nn.Embedding(256, WIDTH);
    position = new nn.Embedding(128, WIDTH);
    blocks = new nn.Sequential(...Array.from({ length: 4 }, () => new Block()));
    norm = new nn.LayerNorm(WIDTH);
    head = new nn.Linear(WIDTH, 256, { bias: false });
    forward(ids: Untyped): Untyped {
      const x = this.token(ids).add(this.position(torch.arange(ids.size(1))));
      return this.head(this.norm(this.blocks(x)));
    }
  }
  const model: Untyped = new GPT();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4 });
  const x = integers(256, [8, 128]);
  const y = integers(256, [1024]);
  return step(model, optimizer, () => F.crossEntropy(model(x).view(-1, 256), y));
}

const gptPython = stepPython(`
W, H = ${WIDTH}, ${HEADS}
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(W), nn.LayerNorm(W)
        self.qkv, self.proj = nn.Linear(W, 3 * W), nn.Linear(W, W)
        self.mlp = nn.Sequential(nn.Linear(W, 4 * W), nn.GELU(), nn.Linear(4 * W, W))
        self.register_buffer("mask", torch.full((128, 128), float("-inf")).triu(1))
    def forward(self, x):
        batch, time, _ = x.shape
        q, k, v = [t.view(batch, time, H, -1).transpose(1, 2) for t in self.qkv(self.norm1(x)).split(W, dim=2)]
        scores = q @ k.transpose(-2, -1) * (W // H) ** -0.5 + self.mask[:time, :time]
        attended = scores.softmax(-1) @ v
        x = x + self.proj(attended.transpose(1, 2).reshape(batch, time, W))
        return x + self.mlp(self.norm2(x))
class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(256, W), nn.Embedding(128, W)
        self.blocks = nn.Sequential(*[Block() for _ in range(4)])
        self.norm, self.head = nn.LayerNorm(W), nn.Linear(W, 256, bias=False)
    def forward(self, ids):
        x = self.token(ids) + self.position(torch.arange(ids.size(1)))
        return self.head(self.norm(self.blocks(x)))
model = GPT()
optimizer = optim.AdamW(model.parameters(), lr=3e-4)
x, y = integers(256, 8, 128), integers(256, 1024)
loss = lambda: F.cross_entropy(model(x).view(-1, 256), y)
`);

const workloads: readonly Workload[] = [
  { name: 'MNIST network, batch 64, SGD', ts: mnist, py: mnistPython },
  { name: 'MLP 784-128-128-10, batch 64, Adam', ts: () => mlp(128), py: mlpPython(128) },
  { name: 'MLP 784-1024-1024-10, batch 64, Adam', ts: () => mlp(1024), py: mlpPython(1024) },
  { name: 'ResNet-18, 32x32, batch 32, SGD', ts: resnet, py: resnetPython },
  { name: 'GPT of 4 blocks, 128 wide, [8, 128], AdamW', ts: gpt, py: gptPython },
];

export const training: Group = { name: 'training', workloads };

export const memory: Group = {
  name: 'memory',
  workloads: [
    { name: 'MNIST network, 500 steps', ts: mnist, py: mnistPython, memoryRuns: 500 },
    { name: 'ResNet-18, 5 steps', ts: resnet, py: resnetPython, memoryRuns: 5 },
    {
      name: 'a loop of 200 additions of 64 MiB',
      ts: () => {
        const a = uniform([2 ** 24]);
        return () => a.add(1);
      },
      py: { setup: `a = uniform(${2 ** 24})`, run: 'a.add(1)' },
      memoryRuns: 200,
    },
  ],
};
