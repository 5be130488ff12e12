import { describe, expect, test } from 'vitest';
import { groupBy } from '../src/grouping.js';
import { type ModuleCase, replayModule, Unsupported } from '../src/modules.js';
import { ORACLE, readGroups } from '../src/oracle.js';

/** What differs from PyTorch, and why; by the start of the case's id. What is missing altogether is skipped. */
const GAPS: Readonly<Record<string, string>> = {
  'Softplus/error/Softplus(beta=1)/I': 'integers are taken, and give float32',
  'Unflatten/tests/no_batch_dim': 'PyTorch prints whether the size was a tuple or a torch.Size',
  'CrossMapLRN2d/CrossMapLRN2d(3, alpha=0.5, beta=0.6, k=2)': "PyTorch's window keeps a channel too many",
  'EmbeddingBag/EmbeddingBag(5, 3, scale_grad_by_freq=True': 'gradients of bags are divided otherwise',
};

function problemsOf(recorded: ModuleCase, group: Parameters<typeof replayModule>[1]): string[] {
  if (Object.keys(GAPS).some((start) => recorded.id.startsWith(start))) return [];
  try {
    return Object.entries(replayModule(recorded, group)).map(([kind, text]) => `${recorded.id} ${kind}: ${text}`);
  } catch (error) {
    if (error instanceof Unsupported) return [];
    return [`${recorded.id} threw: ${(error as Error).stack}`];
  }
}

describe.each(readGroups<ModuleCase>(`${ORACLE}/modules`))('modules of $name as in PyTorch', (group) => {
  const name = (recorded: ModuleCase) => recorded.module ?? recorded.function ?? '';
  test.each([...groupBy(group.cases, name)])('%s', (_, cases) => {
    expect(cases.flatMap((recorded) => problemsOf(recorded, group))).toEqual([]);
  });
});
