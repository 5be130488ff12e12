import { groupBy } from './grouping.js';
import { KINDS, type Kind, type Outcome, passed } from './replay.js';

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

const countPassed = (outcomes: readonly Outcome[]): number => outcomes.filter(passed).length;

/** Passed of checked, for one kind of check; of missing operators, how many cases lack one. */
function kindCell(outcomes: readonly Outcome[], kind: Kind): string {
  const failed = outcomes.filter(({ failures }) => failures[kind] !== undefined).length;
  if (kind === 'missing') return String(failed);
  const checked = outcomes.filter(({ checked, failures }) => checked.includes(kind) && failures.missing === undefined);
  return `${checked.length - failed}/${checked.length}`;
}

function row(name: string, outcomes: readonly Outcome[]): string[] {
  const good = countPassed(outcomes);
  return [
    name,
    ...KINDS.map((kind) => kindCell(outcomes, kind)),
    `${good}/${outcomes.length}`,
    percent(good, outcomes.length),
  ];
}

/** Counts by group and kind of check, and the percentage of cases that pass. */
export function summary(outcomes: readonly Outcome[]): string {
  const groups = groupBy(outcomes, ({ group }) => group);
  const rows = [
    ['group', ...KINDS, 'cases', ''],
    ...[...groups].map(([name, members]) => row(name, members)),
    row('all', outcomes),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
  );
  const good = countPassed(outcomes);
  return [
    ...lines.map((cells) => cells.join('  ').trimEnd()),
    '',
    `${good} of ${outcomes.length} operator cases pass: ${percent(good, outcomes.length)}`,
  ].join('\n');
}

/** Each failure on a line of its own. */
export function failureLines(outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap(({ test, failures }) =>
      Object.entries(failures).map(([kind, problem]) => `${test.id} [${kind}] ${problem.split('\n')[0]}`),
    )
    .join('\n');
}

/** docs/compatibility.md: for each operator how many of its recorded cases pass. */
export function compatibilityTable(outcomes: readonly Outcome[]): string {
  const good = countPassed(outcomes);
  const sections = [...groupBy(outcomes, ({ group }) => group)].map(([group, members]) => {
    const operators = [...groupBy(members, ({ test }) => test.op)].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = operators.map(
      ([op, cases]) => `| \`${op}\` | ${countPassed(cases)} | ${cases.length} | ${remark(cases)} |`,
    );
    return `## ${group}: ${percent(countPassed(members), members.length)}\n\n| operator | pass | cases | what fails |\n| --- | ---: | ---: | --- |\n${rows.join('\n')}\n`;
  });
  return `# Compatibility with PyTorch

Written by \`npm run conformance -- --table\`, from PyTorch's own samples with its values and gradients (conformance/oracle).
${good} of ${outcomes.length} cases pass: ${percent(good, outcomes.length)}.

${sections.join('\n')}`;
}

function remark(cases: readonly Outcome[]): string {
  const kinds = KINDS.filter((kind) => cases.some(({ failures }) => failures[kind] !== undefined));
  return kinds.join(', ');
}
