import * as torch from 'ts-torch';
import { describe, expect, test } from 'vitest';
import { placeTensors } from '../src/decode.js';
import { isExpected, readExpected } from '../src/expected.js';
import { groupBy } from '../src/grouping.js';
import { ORACLE, readGroups } from '../src/oracle.js';
import { replay } from '../src/replay.js';

const expected = readExpected();
// On a GPU, the default device is another: ops take theirs from their arguments.
placeTensors(torch.defaultDevice());
torch.setDefaultDevice('cpu');

describe.each(readGroups(`${ORACLE}/operators`))('$name as in PyTorch', (group) => {
  test.each([...groupBy(group.cases, ({ op }) => op)].filter(([op]) => expected.has(op)))('%s', (_, cases) => {
    const failures = cases
      .map((recorded) => replay(recorded, group))
      .filter((outcome) => isExpected(expected, outcome))
      .flatMap(({ test: { id }, failures }) =>
        Object.entries(failures).map(([kind, text]) => `${id} ${kind}: ${text}`),
      );
    expect(failures).toEqual([]);
  });
});
