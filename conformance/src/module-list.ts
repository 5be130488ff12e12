// npm run conformance:modules -- [--device NAME] [--only REGEX] [--verbose] [--update]: replays PyTorch's cases of modules.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as torch from 'ts-torch';
import { placeTensors } from './decode.js';
import { groupBy } from './grouping.js';
import { type ModuleCase, replayModule, Unsupported } from './modules.js';
import { type Group, ORACLE, readGroups } from './oracle.js';

/** What a replay found: a case passes without problems, and is unsupported where ts-torch lacks what it needs. */
export interface ModuleOutcome {
  readonly test: ModuleCase;
  readonly unsupported: string | null;
  readonly problems: readonly string[];
}

export function replayModuleCase(test: ModuleCase, group: Group<ModuleCase>): ModuleOutcome {
  try {
    const problems = Object.entries(replayModule(test, group)).map(([kind, text]) => `${kind}: ${text}`);
    return { test, unsupported: null, problems };
  } catch (error) {
    if (error instanceof Unsupported) return { test, unsupported: error.message, problems: [] };
    return { test, unsupported: null, problems: [`threw: ${(error as Error).stack}`] };
  }
}

export const modulePassed = ({ unsupported, problems }: ModuleOutcome): boolean =>
  unsupported === null && problems.length === 0;

/** The module or function that a case is about. */
export const subjectOf = ({ module, function: name }: ModuleCase): string => module ?? name ?? '';

/** Why a case does not pass. */
export const moduleFailure = ({ test: { id }, unsupported, problems }: ModuleOutcome): string =>
  `${id} ${unsupported === null ? problems.join('; ') : `is unsupported: ${unsupported}`}`;

/** `1234 of 1300 module cases pass, 40 are unsupported, 26 fail`. */
export function moduleSummary(outcomes: readonly ModuleOutcome[]): string {
  const passed = outcomes.filter(modulePassed).length;
  const unsupported = outcomes.filter((outcome) => outcome.unsupported !== null).length;
  const failed = outcomes.length - passed - unsupported;
  return `${passed} of ${outcomes.length} module cases pass, ${unsupported} are unsupported, ${failed} fail`;
}

const EXPECTED = join(import.meta.dirname, '../expected-modules.txt');

const HEADER = `# Module cases of the oracle that pass, written by \`npm run conformance:modules -- --update\`: a line is a case's id, or the name
# of a module, which stands for all of its cases. A test fails when one of them no longer passes.
`;

/** Modules of which all cases are known to pass, and ids of other cases that do. The list only grows. */
export function readExpectedModules(): Set<string> {
  const lines = readFileSync(EXPECTED, 'utf8').split('\n');
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));
}

export const isExpectedModule = (expected: ReadonlySet<string>, test: ModuleCase): boolean =>
  expected.has(subjectOf(test)) || expected.has(test.id);

/** Adds the cases that pass to the list. Those of it that fail stay, so that the test goes on naming them. */
function updateExpected(outcomes: readonly ModuleOutcome[]): void {
  const before = readExpectedModules();
  const known = (outcome: ModuleOutcome): boolean => modulePassed(outcome) || isExpectedModule(before, outcome.test);
  const lines = [...groupBy(outcomes, ({ test }) => subjectOf(test))].flatMap(([subject, cases]) =>
    cases.every(known) ? [subject] : cases.filter(known).map(({ test }) => test.id),
  );
  writeFileSync(EXPECTED, `${HEADER}${lines.sort().join('\n')}\n`);
}

/** Replays every case of a module or of a function on modules. */
export function replayModules(): ModuleOutcome[] {
  return readGroups<ModuleCase>(join(ORACLE, 'modules')).flatMap((group) =>
    group.cases.map((test) => replayModuleCase(test, group)),
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      device: { type: 'string', default: 'cpu' },
      only: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
    },
  });
  // Modules make their parameters on the default device.
  torch.setDefaultDevice(values.device as torch.DeviceLike);
  placeTensors(values.device as torch.DeviceLike);
  const outcomes = replayModules();
  const only = new RegExp(values.only);
  const shown = outcomes.filter(({ test }) => only.test(test.id));
  if (values.verbose) for (const outcome of shown) if (!modulePassed(outcome)) console.log(moduleFailure(outcome));
  if (values.update) updateExpected(outcomes);
  console.log(moduleSummary(shown));
}

if (process.argv[1] === import.meta.filename) main();
