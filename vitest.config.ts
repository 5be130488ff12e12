import { defineConfig } from 'vitest/config';

// Tests run on the TypeScript sources of every package; only the native addon must be built.
const conditions = ['@ts-torch/source', 'module', 'node'];

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

const CUDA_ONLY = ['packages/tensor/test/cuda.test.ts', 'packages/tensor/test/cuda/**'];
// It starts programs on the CPU.
const NOT_ON_CUDA = ['packages/tensor/test/signals.test.ts'];

// Whatever touches tensors is tested twice: on the CPU, and with a CUDA device as the default one. That is an emulated device unless
// the environment says otherwise (TS_TORCH_CUDA= for a real one).
export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      {
        ...shared,
        test: {
          name: 'cpu',
          exclude: ['**/node_modules/**', ...CUDA_ONLY],
          include: ['packages/*/test/**/*.test.ts', '{examples,conformance,benchmarks,docs}/test/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'cuda',
          include: [
            'packages/{tensor,autograd,nn,optim,utils}/test/**/*.test.ts',
            'conformance/test/operators.test.ts',
          ],
          exclude: ['**/node_modules/**', ...NOT_ON_CUDA],
          setupFiles: ['packages/core/test/default-to-cuda.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
