import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy } from './grouping.js';
import { type Outcome, passed } from './replay.js';

/** The cases that are known to pass, by operator: all of them, or those listed. The list only grows. */
export const EXPECTED = join(import.meta.dirname, '../expected.txt');

const HEADER = `# Cases of the oracle that pass, written by \`npm run conformance -- --update\`: an operator alone stands for all of its cases.
# A test fails when one of them no longer does.
`;

/** Reads the list: for each operator its cases without the operator's name, or \`'all'\`. */
export function readExpected(path = EXPECTED): Map<string, 'all' | Set<string>> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [op, ...cases] = line.split(/:? /) as [string, ...string[]];
      return [op, cases.length === 0 ? 'all' : new Set(cases)];
    }),
  );
}

const caseName = ({ test }: Outcome): string => test.id.slice(test.op.length + 1);

export function isExpected(expected: ReturnType<typeof readExpected>, outcome: Outcome): boolean {
  const cases = expected.get(outcome.test.op);
  return cases === 'all' || (cases?.has(caseName(outcome)) ?? false);
}

/** Adds the cases that pass to the list. Those of it that fail stay, so that the test goes on naming them. */
export function updateExpected(outcomes: readonly Outcome[], path = EXPECTED): void {
  const before = readExpected(path);
  const known = (outcome: Outcome) => passed(outcome) || isExpected(before, outcome);
  const lines = [...groupBy(outcomes, ({ test }) => test.op)].flatMap(([op, cases]) => {
    const listed = cases.filter(known).map(caseName);
    if (listed.length === 0) return [];
    return listed.length === cases.length ? [op] : [`${op}: ${listed.join(' ')}`];
  });
  writeFileSync(path, `${HEADER}${lines.sort().join('\n')}\n`);
}
