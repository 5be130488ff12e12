import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as torch from 'ts-torch';
import { camelCase } from './decode.js';
import { EXCEPTIONS } from './inventory-exceptions.js';
import { ORACLE } from './oracle.js';

/** One public name of PyTorch. `core`: ts-torch should have it. */
interface Name {
  readonly name: string;
  readonly ts: string;
  readonly kind: 'function' | 'class' | 'method' | 'property' | 'dtype' | 'constant';
  readonly scope: 'core' | 'out';
}

/** The namespaces that are counted, and what has their names in ts-torch. */
const PLACES: Readonly<Record<string, object>> = {
  torch,
  'torch.Tensor': torch.zeros([]),
  'torch.Generator': new torch.Generator(),
  'torch.linalg': torch.linalg,
  'torch.fft': torch.fft,
  'torch.special': torch.special,
  'torch.random': place('random'),
  'torch.nn.functional': torch.nn.functional,
  'torch.nn.utils.rnn': torch.nn.utils.rnn,
  'torch.autograd': torch.autograd,
  'torch.autograd.functional': torch.autograd.functional,
  'torch.autograd.graph': place('autograd', 'graph'),
  'torch.autograd.forward_ad': place('autograd', 'forwardAd'),
  'torch.autograd.gradcheck': torch.autograd,
  'torch.cuda': torch.cuda,
  'torch.cuda.amp': torch.amp,
};

function place(...path: string[]): object {
  let found: unknown = torch;
  for (const part of path) found = (found as Record<string, unknown> | undefined)?.[part];
  return (found ?? {}) as object;
}

/** What a namespace lacks of PyTorch's core names. */
export interface Namespace {
  readonly name: string;
  /** How many names are asked for: those of the core without the exceptions. */
  readonly asked: number;
  /** Their names in TypeScript. */
  readonly missing: readonly string[];
  /** Exceptions that PyTorch does not have, or that ts-torch has after all. */
  readonly idle: readonly string[];
}

/** Compares what ts-torch exports with PyTorch's public names. */
export function inventory(oracle = ORACLE): Namespace[] {
  const { namespaces } = JSON.parse(readFileSync(join(oracle, 'inventory.json'), 'utf8')) as {
    namespaces: Record<string, Name[]>;
  };
  return Object.entries(PLACES).map(([name, found]) => {
    const core = (namespaces[name] ?? []).filter(({ scope }) => scope === 'core');
    const exceptions = EXCEPTIONS[name] ?? {};
    const asked = core.filter((entry) => !(entry.name in exceptions));
    return {
      name,
      asked: asked.length,
      missing: asked.filter(({ ts }) => !(ts in found)).map(({ ts }) => ts),
      idle: Object.keys(exceptions).filter(
        (key) => !core.some((entry) => entry.name === key) || camelCase(key) in found,
      ),
    };
  });
}

/** A namespace a line, with what it lacks. */
export function inventoryTable(namespaces: readonly Namespace[]): string {
  const total = { asked: 0, there: 0 };
  const lines = namespaces.map(({ name, asked, missing }) => {
    total.asked += asked;
    total.there += asked - missing.length;
    const list = missing.length === 0 ? '' : `\n    missing: ${missing.join(', ')}`;
    return `${name.padEnd(26)} ${share(asked - missing.length, asked)}${list}`;
  });
  return [...lines, '', `${'all'.padEnd(26)} ${share(total.there, total.asked)}`].join('\n');
}

const share = (part: number, whole: number): string =>
  `${`${part}/${whole}`.padStart(8)}  ${(whole === 0 ? 100 : (100 * part) / whole).toFixed(1)} %`;

const USAGE = `npm run inventory -- [options]: what ts-torch lacks of PyTorch's public names

  --oracle DIR     another oracle than the repository's
  --exceptions     list the names that are not asked for, and why`;

function main(): void {
  const { values } = parseArgs({
    options: {
      oracle: { type: 'string', default: ORACLE },
      exceptions: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(USAGE);
  else if (values.exceptions) console.log(exceptionList());
  else console.log(inventoryTable(inventory(values.oracle)));
}

function exceptionList(): string {
  return Object.entries(EXCEPTIONS)
    .flatMap(([namespace, names]) =>
      Object.entries(names).map(([name, reason]) => `${`${namespace}.${name}`.padEnd(44)} ${reason}`),
    )
    .join('\n');
}

if (process.argv[1] === import.meta.filename) main();
