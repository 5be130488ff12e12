import { geomean, median, type Result } from './measure.js';
import { type Roofs, shareOfRoof } from './roofline.js';

const WIDTHS = [64, 10, 10, 8, 14, 6] as const;

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[i] ?? 0))).join('');
}

/** Three digits. */
const digits = (value: number) => String(Number(value.toPrecision(3)));

/** Three digits with a unit: 0.00123 with 's' is `1.23 ms`. */
export function quantity(value: number, unit: string): string {
  const scales = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
    [1, ''],
    [1e-3, 'm'],
    [1e-6, 'u'],
    [0, 'n'],
  ] as const;
  const [scale, prefix] = scales.find(([least]) => value >= least)!;
  return `${digits(value / (scale || 1e-9))} ${prefix}${unit}`;
}

/** The quartiles of the rounds' own ratios: how much noise there was. */
function spread({ ours, theirs }: NonNullable<Result['samples']>): string {
  if (theirs.length === 0) return '';
  const ratios = ours.map((value, i) => theirs[i]! / value).sort((a, b) => a - b);
  const at = (share: number) => digits(ratios[Math.round(share * (ratios.length - 1))]!);
  return ratios.length < 3 ? '' : `${at(0.25)}-${at(0.75)}`;
}

export function heading(): string {
  return row(['', 'ts-torch', 'PyTorch', 'ratio', 'quartiles', 'roof']);
}

export function line(result: Result, roofs: Roofs | null): string {
  const name = `  ${result.name}`;
  if (result.missing !== undefined) return `${row([name, 'missing'])}  (${result.missing})`;
  if (result.error !== undefined || result.samples === undefined) return `${row([name, 'FAILED'])}  (${result.error})`;
  const ours = median(result.samples.ours);
  const unit = result.memoryRuns ? 'B' : 's';
  const { theirs } = result.samples;
  const share = roofs === null ? undefined : shareOfRoof(result, ours, roofs);
  return row([
    name,
    quantity(ours, unit),
    theirs.length === 0 ? '' : quantity(median(theirs), unit),
    result.ratio === undefined ? '' : digits(result.ratio),
    spread(result.samples),
    share === undefined ? '' : `${Math.round(100 * share)} %`,
  ]);
}

/** The geometric mean of the ratios, and what it leaves out. */
export function summary(name: string, results: readonly Result[]): string {
  const ratios = results.flatMap(({ ratio }) => ratio ?? []);
  const missing = results.filter((result) => result.missing !== undefined).length;
  const failed = results.filter((result) => result.error !== undefined).length;
  const notes = [`${ratios.length} of ${results.length}`];
  if (missing > 0) notes.push(`${missing} missing`);
  if (failed > 0) notes.push(`${failed} FAILED`);
  return `${row([name, '', '', ratios.length === 0 ? '-' : digits(geomean(ratios))])}  (${notes.join(', ')})`;
}
