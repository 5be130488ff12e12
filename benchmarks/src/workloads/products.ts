// Matrix products and factorizations.
import { differentiated, F, torch, type Untyped, uniform } from '../torch.js';
import type { Group, Workload } from '../workload.js';

function matmul(label: string, left: number[], right: number[], flops: number): Workload {
  return {
    name: `matmul ${label}`,
    ts: () => {
      const a = uniform(left);
      const b = uniform(right);
      return () => a.matmul(b);
    },
    py: { setup: `a, b = uniform(${left}), uniform(${right})`, run: 'a.matmul(b)' },
    flops,
  };
}

const square = (n: number) => matmul(`${n}`, [n, n], [n, n], 2 * n ** 3);

function linear(batch: number, from: number, to: number): Workload[] {
  const name = `linear ${from} to ${to}, batch ${batch}`;
  const flops = 2 * batch * from * to;
  const tensors = (requiresGrad: boolean) => [
    uniform([batch, from], { requiresGrad }),
    uniform([to, from], { requiresGrad }),
    uniform([to], { requiresGrad }),
  ];
  const python = (requiresGrad: string) =>
    ['x', 'w', 'b']
      .map((name, i) => `${name} = uniform(${[[batch, from], [to, from], [to]][i]}${requiresGrad})`)
      .join('\n');
  return [
    {
      name,
      ts: () => {
        const [x, w, bias] = tensors(false);
        return () => F.linear(x, w, { bias });
      },
      py: { setup: python(''), run: 'F.linear(x, w, b)' },
      flops,
    },
    {
      name: `${name}, with backward`,
      ts: () => {
        const [x, w, bias] = tensors(true);
        return differentiated(() => F.linear(x, w, { bias }), x, w, bias);
      },
      py: {
        setup: `${python(', requires_grad=True')}\nrun = differentiated(lambda: F.linear(x, w, b), x, w, b)`,
        run: 'run()',
      },
      flops: 3 * flops,
    },
  ];
}

/** A positive definite matrix of n by n, for factorizations. */
function factorization(name: string, n: number, ts: (a: Untyped) => unknown, py: string): Workload {
  return {
    name: `${name} ${n}`,
    ts: () => {
      const x = uniform([n, n]);
      const a = x.matmul(x.t()).add(torch.eye(n));
      return () => ts(a);
    },
    py: { setup: `x = uniform(${n}, ${n})\na = x @ x.t() + torch.eye(${n})`, run: py },
  };
}

export const products: Group = {
  name: 'products',
  workloads: [
    square(16),
    square(64),
    square(256),
    square(1024),
    matmul('[64, 784] by [784, 128]', [64, 784], [784, 128], 2 * 64 * 784 * 128),
    matmul('[4096, 32] by [32, 4096]', [4096, 32], [32, 4096], 2 * 4096 * 32 * 4096),
    matmul('matrix by vector, 1024', [1024, 1024], [1024], 2 * 1024 ** 2),
    matmul('vectors of 1 M', [2 ** 20], [2 ** 20], 2 * 2 ** 20),
    matmul('batch 64 of 128', [64, 128, 128], [64, 128, 128], 2 * 64 * 128 ** 3),
    matmul('[8, 4, 128, 32] by [8, 4, 32, 128]', [8, 4, 128, 32], [8, 4, 32, 128], 2 * 32 * 128 * 32 * 128),
    {
      name: 'matmul by a transposed matrix, 512',
      ts: () => {
        const a = uniform([512, 512]);
        return () => a.matmul(a.t());
      },
      py: { setup: 'a = uniform(512, 512)', run: 'a.matmul(a.t())' },
      flops: 2 * 512 ** 3,
    },
    {
      name: 'matmul 256, float64',
      ts: () => {
        const a = uniform([256, 256]).to('float64');
        return () => a.matmul(a);
      },
      py: { setup: 'a = uniform(256, 256).double()', run: 'a.matmul(a)' },
    },
    {
      name: 'matmul 256, with backward',
      ts: () => {
        const a = uniform([256, 256], { requiresGrad: true });
        const b = uniform([256, 256], { requiresGrad: true });
        return differentiated(() => a.matmul(b), a, b);
      },
      py: {
        setup: `
          a, b = uniform(256, 256, requires_grad=True), uniform(256, 256, requires_grad=True)
          run = differentiated(lambda: a.matmul(b), a, b)
        `,
        run: 'run()',
      },
      flops: 6 * 256 ** 3,
    },
    {
      name: "einsum 'bij,bkj->bik', [16, 128, 64]",
      ts: () => {
        const a = uniform([16, 128, 64]);
        return () => torch.einsum('bij,bkj->bik', [a, a]);
      },
      py: { setup: 'a = uniform(16, 128, 64)', run: "torch.einsum('bij,bkj->bik', [a, a])" },
      flops: 2 * 16 * 128 * 128 * 64,
    },
    ...linear(64, 1024, 1024),
    ...linear(1, 1024, 1024),
    ...linear(1024, 128, 512),
    factorization('cholesky', 256, (a) => torch.linalg.cholesky(a), 'torch.linalg.cholesky(a)'),
    factorization('solve', 256, (a) => torch.linalg.solve(a, a), 'torch.linalg.solve(a, a)'),
    factorization('inv', 256, (a) => torch.linalg.inv(a), 'torch.linalg.inv(a)'),
    factorization('qr', 256, (a) => torch.linalg.qr(a), 'torch.linalg.qr(a)'),
    factorization('svd', 128, (a) => torch.linalg.svd(a), 'torch.linalg.svd(a)'),
    factorization('eigh', 128, (a) => torch.linalg.eigh(a), 'torch.linalg.eigh(a)'),
  ],
};
