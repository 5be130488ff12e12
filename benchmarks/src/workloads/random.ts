import { F, torch, uniform } from '../torch.js';
import type { Group } from '../workload.js';

const M = 2 ** 20;

export const random: Group = {
  name: 'random',
  workloads: [
    { name: 'rand, 1 M', ts: () => () => torch.rand([M]), py: { run: `torch.rand(${M})` } },
    { name: 'randn, 1 M', ts: () => () => torch.randn([M]), py: { run: `torch.randn(${M})` } },
    { name: 'randn, 16 M', ts: () => () => torch.randn([16 * M]), py: { run: `torch.randn(${16 * M})` } },
    {
      name: 'randint, 1 M',
      ts: () => () => torch.randint(0, 1000, [M]),
      py: { run: `torch.randint(0, 1000, (${M},))` },
    },
    { name: 'randperm, 1 M', ts: () => () => torch.randperm(M), py: { run: `torch.randperm(${M})` } },
    {
      name: 'bernoulli_, 1 M',
      ts: () => {
        const a = uniform([M]);
        return () => a.bernoulli_(0.3);
      },
      py: { setup: `a = uniform(${M})`, run: 'a.bernoulli_(0.3)' },
    },
    {
      name: 'dropout, 1 M',
      ts: () => {
        const a = uniform([M]);
        return () => F.dropout(a);
      },
      py: { setup: `a = uniform(${M})`, run: 'F.dropout(a)' },
    },
    { name: 'randn, 16', ts: () => () => torch.randn([16]), py: { run: 'torch.randn(16)' } },
  ],
};
