import { differentiated, F, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

interface Convolution {
  name: string;
  batch: number;
  from: number;
  to: number;
  size: number;
  kernel: number;
  stride?: number;
  padding?: number;
  groups?: number;
  /** Whether the gradient of the input is wanted too: not for the first layer of a network. */
  first?: boolean;
}

const table: readonly Convolution[] = [
  { name: '3x3, 64 to 64, 56x56, batch 16', batch: 16, from: 64, to: 64, size: 56, kernel: 3, padding: 1 },
  { name: '3x3, 256 to 256, 14x14, batch 16', batch: 16, from: 256, to: 256, size: 14, kernel: 3, padding: 1 },
  {
    name: '3x3 stride 2, 64 to 128, 56x56, batch 16',
    batch: 16,
    from: 64,
    to: 128,
    size: 56,
    kernel: 3,
    stride: 2,
    padding: 1,
  },
  { name: '1x1, 256 to 64, 56x56, batch 16', batch: 16, from: 256, to: 64, size: 56, kernel: 1 },
  {
    name: '7x7 stride 2, 3 to 64, 224x224, batch 4',
    batch: 4,
    from: 3,
    to: 64,
    size: 224,
    kernel: 7,
    stride: 2,
    padding: 3,
    first: true,
  },
  {
    name: 'depthwise 3x3, 128, 28x28, batch 16',
    batch: 16,
    from: 128,
    to: 128,
    size: 28,
    kernel: 3,
    padding: 1,
    groups: 128,
  },
  {
    name: 'groups of 8, 3x3, 64 to 64, 28x28, batch 16',
    batch: 16,
    from: 64,
    to: 64,
    size: 28,
    kernel: 3,
    padding: 1,
    groups: 8,
  },
  { name: '3x3, 64 to 64, 8x8, batch 32', batch: 32, from: 64, to: 64, size: 8, kernel: 3, padding: 1 },
  { name: '5x5, 1 to 10, 28x28, batch 64', batch: 64, from: 1, to: 10, size: 28, kernel: 5, first: true },
  { name: '5x5, 10 to 20, 12x12, batch 64', batch: 64, from: 10, to: 20, size: 12, kernel: 5 },
  { name: '5x5, 1 to 32, 28x28, batch 64', batch: 64, from: 1, to: 32, size: 28, kernel: 5, first: true },
  { name: '3x3, 3 to 64, 32x32, batch 1', batch: 1, from: 3, to: 64, size: 32, kernel: 3, padding: 1, first: true },
];

function workloads(convolution: Convolution): Workload[] {
  const { name, batch, from, to, size, kernel, stride = 1, padding = 0, groups = 1, first = false } = convolution;
  const shapes = [[batch, from, size, size], [to, from / groups, kernel, kernel], [to]] as const;
  const options = { stride, padding, groups };
  const out = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const flops = 2 * batch * to * out * out * (from / groups) * kernel * kernel;
  const call = `F.conv2d(x, w, b, stride=${stride}, padding=${padding}, groups=${groups})`;
  const python = (x: string, rest: string) =>
    `x, w, b = uniform(${shapes[0]}${x}), uniform(${shapes[1]}${rest}), uniform(${shapes[2]}${rest})`;
  return [
    {
      name,
      ts: () => {
        const [x, w, bias] = shapes.map((shape) => uniform([...shape]));
        return () => F.conv2d(x, w, { bias, ...options });
      },
      py: { setup: python('', ''), run: call },
      flops,
    },
    {
      name: `${name}, with backward`,
      ts: () => {
        const x = uniform([...shapes[0]], { requiresGrad: !first });
        const w = uniform([...shapes[1]], { requiresGrad: true });
        const bias = uniform([...shapes[2]], { requiresGrad: true });
        return differentiated(() => F.conv2d(x, w, { bias, ...options }), x, w, bias);
      },
      py: {
        setup: `${python(first ? '' : ', requires_grad=True', ', requires_grad=True')}\nrun = differentiated(lambda: ${call}, x, w, b)`,
        run: 'run()',
      },
      flops: (first ? 2 : 3) * flops,
    },
  ];
}

export const convolutions: Group = {
  name: 'convolutions',
  workloads: [
    ...table.flatMap(workloads),
    {
      name: 'convTranspose2d 4x4 stride 2, 64 to 32, 16x16, batch 16, with backward',
      ts: () => {
        const x = uniform([16, 64, 16, 16], { requiresGrad: true });
        const w = uniform([64, 32, 4, 4], { requiresGrad: true });
        return differentiated(() => F.convTranspose2d(x, w, { stride: 2, padding: 1 }), x, w);
      },
      py: {
        setup: `
          x, w = uniform(16, 64, 16, 16, requires_grad=True), uniform(64, 32, 4, 4, requires_grad=True)
          run = differentiated(lambda: F.conv_transpose2d(x, w, stride=2, padding=1), x, w)
        `,
        run: 'run()',
      },
      flops: 6 * 16 * 64 * 32 * 16 * 16 * 16,
    },
    {
      name: 'conv1d 3, 64 to 64, 1024, batch 16, with backward',
      ts: () => {
        const x = uniform([16, 64, 1024], { requiresGrad: true });
        const w = uniform([64, 64, 3], { requiresGrad: true });
        return differentiated(() => F.conv1d(x, w, { padding: 1 }), x, w);
      },
      py: {
        setup: `
          x, w = uniform(16, 64, 1024, requires_grad=True), uniform(64, 64, 3, requires_grad=True)
          run = differentiated(lambda: F.conv1d(x, w, padding=1), x, w)
        `,
        run: 'run()',
      },
      flops: 6 * 16 * 64 * 64 * 3 * 1024,
    },
  ],
};
