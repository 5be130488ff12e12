// A small character-level transformer.
import * as torch from 'ts-torch';
import { nn, optim, type Tensor } from 'ts-torch';

const F = nn.functional;

class Block extends nn.Module {
  norm1: nn.LayerNorm;
  norm2: nn.LayerNorm;
  qkv: nn.Linear;
  proj: nn.Linear;
  mlp: nn.Sequential;

  constructor(
    private width: number,
    private heads: number,
  ) {
    super();
    this.norm1 = new nn.LayerNorm(width);
    this.norm2 = new nn.LayerNorm(width);
    this.qkv = new nn.Linear(width, 3 * width);
    this.proj = new nn.Linear(width, width);
    this.mlp = new nn.Sequential(new nn.Linear(width, 4 * width), new nn.GELU(), new nn.Linear(4 * width, width));
  }

  forward(x: Tensor): Tensor {
    const [batch, time] = x.shape;
    const [q, k, v] = this.qkv(this.norm1(x))
      .split(this.width, { dim: 2 })
      .map((t) => t.view(batch, time, this.heads, -1).transpose(1, 2));
    const attended = F.scaledDotProductAttention(q, k, v, { isCausal: true });
    x = x.add(this.proj(attended.transpose(1, 2).reshape(batch, time, this.width)));
    return x.add(this.mlp(this.norm2(x)));
  }
}

class GPT extends nn.Module {
  token = new nn.Embedding(256, 128);
  position = new nn.Embedding(128, 128);
  blocks = new nn.ModuleList(Array.from({ length: 4 }, () => new Block(128, 4)));
  norm = new nn.LayerNorm(128);
  head = new nn.Linear(128, 256, { bias: false });

  forward(ids: Tensor): Tensor {
    let x = this.token(ids).add(this.position(torch.arange(ids.size(1), { device: ids.device })));
    for (const block of this.blocks) x = block(x);
    return this.head(this.norm(x));
  }
}

const model = new GPT();
console.log(model); // the tree of its modules, as PyTorch prints it
const decay: nn.Parameter[] = [],
  rest: nn.Parameter[] = [];
for (const [, parameter] of model.namedParameters()) (parameter.dim() > 1 ? decay : rest).push(parameter);
const optimizer = new optim.AdamW(
  [
    { params: decay, weightDecay: 0.1 },
    { params: rest, weightDecay: 0 },
  ],
  { lr: 3e-4, betas: [0.9, 0.95] },
);
const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 100);

const text = torch.randint(0, 256, [8, 129]);
for (let step = 0; step < 3; step++) {
  const logits = model(text.at(':', ':-1'));
  const loss = F.crossEntropy(logits.view(-1, 256), text.at(':', '1:').reshape(-1));
  optimizer.zeroGrad();
  loss.backward();
  nn.utils.clipGradNorm_(model.parameters(), 1.0);
  optimizer.step();
  scheduler.step();
}
