import { defineConfig } from 'vitest/config';

// Tests run on the TypeScript sources of every package; only the native addon must be built.
const conditions = ['@ts-torch/source', 'module', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'tests/**/*.test.ts',
      '{examples,conformance,benchmarks}/test/**/*.test.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    passWithNoTests: true,
  },
});
