// Pooling, normalization, losses, attention, recurrent layers: each alone, and with its backward pass.
import { differentiated, F, integers, nn, torch, type Untyped, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

interface Layer {
  name: string;
  /** Shape of the input that everything starts from. */
  input: number[];
  /** What else it needs, made once: `given` in both languages. */
  given?: { ts: () => Untyped; py: string };
  ts: (x: Untyped, given: Untyped) => Untyped;
  py: string;
}

function workloads({ name, input, given, ts, py }: Layer): Workload[] {
  const setup = `given = ${given?.py ?? 'None'}\nx = uniform(${input})`;
  return [
    {
      name,
      ts: () => {
        const made = given?.ts();
        const x = uniform(input);
        return () => torch.noGrad(() => ts(x, made));
      },
      py: { setup: `${setup}\ndef run():\n    with torch.no_grad():\n        return ${py}`, run: 'run()' },
    },
    {
      name: `${name}, with backward`,
      ts: () => {
        const made = given?.ts();
        const x = uniform(input, { requiresGrad: true });
        return differentiated(() => ts(x, made), x, ...parametersOf(made));
      },
      py: {
        setup: `
${setup}.requires_grad_()
leaves = list(given.parameters()) if isinstance(given, nn.Module) else []
run = differentiated(lambda: ${py}, x, *leaves)`,
        run: 'run()',
      },
    },
  ];
}

function parametersOf(made: Untyped): Untyped[] {
  return typeof made?.parameters === 'function' ? [...made.parameters()] : [];
}

/** softmax(q k' / sqrt(d)) v, written out: PyTorch 1.13 has no fused attention. */
const attentionPython = '(x @ x.transpose(-2, -1) * 0.125).softmax(-1) @ x';

const table: readonly Layer[] = [
  {
    name: 'maxPool2d 2, [16, 64, 56, 56]',
    input: [16, 64, 56, 56],
    ts: (x) => F.maxPool2d(x, 2),
    py: 'F.max_pool2d(x, 2)',
  },
  {
    name: 'maxPool2d 3 stride 2, [4, 64, 112, 112]',
    input: [4, 64, 112, 112],
    ts: (x) => F.maxPool2d(x, 3, { stride: 2, padding: 1 }),
    py: 'F.max_pool2d(x, 3, stride=2, padding=1)',
  },
  {
    name: 'avgPool2d 2, [16, 64, 56, 56]',
    input: [16, 64, 56, 56],
    ts: (x) => F.avgPool2d(x, 2),
    py: 'F.avg_pool2d(x, 2)',
  },
  {
    name: 'adaptiveAvgPool2d 1, [16, 512, 7, 7]',
    input: [16, 512, 7, 7],
    ts: (x) => F.adaptiveAvgPool2d(x, 1),
    py: 'F.adaptive_avg_pool2d(x, 1)',
  },
  {
    name: 'BatchNorm2d(64), [16, 64, 56, 56]',
    input: [16, 64, 56, 56],
    given: { ts: () => new nn.BatchNorm2d(64), py: 'nn.BatchNorm2d(64)' },
    ts: (x, layer) => layer(x),
    py: 'given(x)',
  },
  {
    name: 'LayerNorm(512), [32, 128, 512]',
    input: [32, 128, 512],
    given: { ts: () => new nn.LayerNorm(512), py: 'nn.LayerNorm(512)' },
    ts: (x, layer) => layer(x),
    py: 'given(x)',
  },
  {
    name: 'GroupNorm(8, 64), [16, 64, 32, 32]',
    input: [16, 64, 32, 32],
    given: { ts: () => new nn.GroupNorm(8, 64), py: 'nn.GroupNorm(8, 64)' },
    ts: (x, layer) => layer(x),
    py: 'given(x)',
  },
  {
    name: 'crossEntropy, [1024, 1000]',
    input: [1024, 1000],
    given: { ts: () => integers(1000, [1024]), py: 'integers(1000, 1024)' },
    ts: (x, target) => F.crossEntropy(x, target),
    py: 'F.cross_entropy(x, given)',
  },
  { name: 'softmax, [32, 128, 512]', input: [32, 128, 512], ts: (x) => x.softmax(-1), py: 'x.softmax(-1)' },
  { name: 'gelu, [32, 128, 512]', input: [32, 128, 512], ts: (x) => F.gelu(x), py: 'F.gelu(x)' },
  { name: 'relu, [16, 64, 56, 56]', input: [16, 64, 56, 56], ts: (x) => F.relu(x), py: 'F.relu(x)' },
  { name: 'dropout, [32, 128, 512]', input: [32, 128, 512], ts: (x) => F.dropout(x), py: 'F.dropout(x)' },
  {
    name: 'attention, [8, 8, 128, 64]',
    input: [8, 8, 128, 64],
    ts: (x) => F.scaledDotProductAttention(x, x, x),
    py: attentionPython,
  },
  {
    name: 'interpolate bilinear 2x, [8, 32, 32, 32]',
    input: [8, 32, 32, 32],
    ts: (x) => F.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }),
    py: "F.interpolate(x, scale_factor=2, mode='bilinear')",
  },
  {
    name: 'LSTM(128, 128), 50 steps of batch 32',
    input: [50, 32, 128],
    given: { ts: () => new nn.LSTM(128, 128), py: 'nn.LSTM(128, 128)' },
    ts: (x, layer) => layer(x)[0],
    py: 'given(x)[0]',
  },
  {
    name: 'TransformerEncoderLayer(128, 4), [128, 8, 128]',
    input: [128, 8, 128],
    given: { ts: () => new nn.TransformerEncoderLayer(128, 4), py: 'nn.TransformerEncoderLayer(128, 4)' },
    ts: (x, layer) => layer(x),
    py: 'given(x)',
  },
];

export const layers: Group = { name: 'layers', workloads: table.flatMap(workloads) };
