import { afterAll, describe, expect, test } from 'vitest';
import { groupBy } from '../src/grouping.js';
import {
  isExpectedModule,
  type ModuleOutcome,
  moduleFailure,
  modulePassed,
  moduleSummary,
  readExpectedModules,
  replayModuleCase,
  subjectOf,
} from '../src/module-list.js';
import type { ModuleCase } from '../src/modules.js';
import { ORACLE, readGroups } from '../src/oracle.js';

const expected = readExpectedModules();
const groups = readGroups<ModuleCase>(`${ORACLE}/modules`);
const outcomes: ModuleOutcome[] = [];

afterAll(() => console.log(moduleSummary(outcomes)));

describe.each(groups)('modules of $name as in PyTorch', (group) => {
  test.each([...groupBy(group.cases, subjectOf)])('%s', (_, cases) => {
    const found = cases.map((recorded) => replayModuleCase(recorded, group));
    outcomes.push(...found);
    const failures = found.filter((outcome) => isExpectedModule(expected, outcome.test) && !modulePassed(outcome));
    expect(failures.map(moduleFailure)).toEqual([]);
  });
});

test('the list of module cases that pass names only what the oracle has', () => {
  const cases = groups.flatMap((group) => group.cases);
  const known = new Set(cases.flatMap((recorded) => [subjectOf(recorded), recorded.id]));
  expect([...expected].filter((name) => !known.has(name))).toEqual([]);
});
