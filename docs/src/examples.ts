// Examples in doc comments: found in the sources, run, and compared with the comment beside them.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { transformSync } from 'esbuild';
import * as torch from 'ts-torch';
import { root } from './root.js';

/** The code of one `@example`, and whose it is. */
export interface Example {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
  /** The declaration that follows the comment. */
  readonly name: string;
  readonly code: string;
}

/** What an example may use: `ts-torch`, and what people import from it. */
export const SCOPE = {
  torch,
  Tensor: torch.Tensor,
  autograd: torch.autograd,
  nn: torch.nn,
  F: torch.nn.functional,
  optim: torch.optim,
  utils: torch.utils,
  vision: torch.vision,
  join,
  tmpdir,
};

const DOC_COMMENT = /^([ \t]*)\/\*\*(?:(?!\*\/)[\s\S])*?\*\//gm;
const DECLARATION =
  /^(?:\s|\/\/.*\n)*(?:export |declare |default |abstract |async |static |override |readonly |protected )*(?:function\*? |const |let |class |interface |type |get |set |)([\w$]+)/;

/** Every `@example` of the packages' sources. */
export function findExamples(): Example[] {
  const files = sourceFiles();
  return files.flatMap((file) => examplesOf(file, readFileSync(join(root, file), 'utf8')));
}

function sourceFiles(): string[] {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join('packages', name, 'src');
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file))
      .sort();
  });
}

function examplesOf(file: string, source: string): Example[] {
  return [...source.matchAll(DOC_COMMENT)].flatMap((match) => {
    const [comment] = match;
    const name = DECLARATION.exec(source.slice(match.index + comment.length))?.[1] ?? '';
    return codeOf(comment).map(({ code, at }) => ({
      file,
      line: source.slice(0, match.index).split('\n').length + at,
      name: exportedName(source, name),
      code,
    }));
  });
}

/** The name that `export { variance as var }` gives to what is declared by another. */
function exportedName(source: string, name: string): string {
  return new RegExp(`export \\{ ${name.replaceAll('$', '\\$')} as (\\w+) \\}`).exec(source)?.[1] ?? name;
}

function codeOf(comment: string): { code: string; at: number }[] {
  const lines = comment
    .slice(0, -'*/'.length)
    .split('\n')
    .map((line) => line.replace(/^\s*\/?\*+ ?/, '').trimEnd());
  return lines.flatMap((line, at) => {
    if (!line.startsWith('@example')) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((next) => next.startsWith('@'));
    const body = [line.slice('@example'.length), ...rest.slice(0, end < 0 ? undefined : end)];
    return [{ code: body.join('\n').trim(), at }];
  });
}

/** A value that an example states: the line of its expression, and what stands in the comment behind it. */
export interface Claim {
  readonly expression: string;
  expected: string;
}

const STATEMENT = /^(?:const|let|for|if|while|class|function|import|return|\s|\}|\/\/)/;

/** Splits an example into lines to run and claims: an expression with a comment behind it or below it, or both. */
export function parse(code: string): (string | Claim)[] {
  const parts: (string | Claim)[] = [];
  for (const line of code.split('\n')) {
    const [, statement = '', comment] = /^(.*?);?(?:(?:^|\s+)\/\/ (.+))?$/.exec(line) ?? [];
    const last = parts.at(-1) ?? '';
    if (comment === undefined || STATEMENT.test(statement)) parts.push(line);
    else if (statement !== '') parts.push({ expression: statement, expected: comment });
    else if (typeof last === 'object') last.expected += ` ${comment}`;
    else if (last === '' || STATEMENT.test(last)) parts.push(line);
    else parts[parts.length - 1] = { expression: last.replace(/;$/, ''), expected: comment };
  }
  return parts;
}

/** All examples as one TypeScript module, for the type checker. */
export function asModule(examples: readonly Example[]): string {
  const imports = [
    "import { tmpdir } from 'node:os';",
    "import { join } from 'node:path';",
    "import * as torch from 'ts-torch';",
    "import { autograd, nn, optim, Tensor, utils, vision } from 'ts-torch';",
    'const F = nn.functional;',
  ];
  const functions = examples.map(
    ({ file, line, code }, i) => `// ${file}:${line}\nexport const example${i} = async () => {\n${code}\n};`,
  );
  return [...imports, ...functions, ''].join('\n');
}

// biome-ignore lint/complexity/useArrowFunction: only its constructor is wanted
const AsyncFunction = async function () {}.constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

/** What a claim came to. */
export interface Result {
  readonly expected: string;
  readonly actual: string;
  readonly value: unknown;
}

/** Runs an example, and gives each value that it states beside the one that came out. */
export async function runExample({ code }: Example, scope: object = SCOPE): Promise<Result[]> {
  const results: Result[] = [];
  const parts = parse(code);
  const program = parts.map((part, i) => (typeof part === 'string' ? part : `__claim(${i}, ${part.expression});`));
  const claim = (i: number, value: unknown): void => {
    results.push({ expected: spaced((parts[i] as Claim).expected), actual: show(value), value });
  };
  const { code: script } = transformSync(program.join('\n'), { loader: 'ts', tsconfigRaw: {} });
  torch.manualSeed(0);
  try {
    await new AsyncFunction('__claim', ...Object.keys(scope), script)(claim, ...Object.values(scope));
  } finally {
    restore();
  }
  return results;
}

const threads = torch.getNumThreads();
const { limit } = torch.memoryStats();

/** Undoes what examples of settings do. */
function restore(): void {
  torch.setDefaultDtype('float32');
  torch.setPrintoptions({ profile: 'default' });
  torch.useDeterministicAlgorithms(false);
  torch.setFloat32MatmulPrecision('highest');
  torch.setNumThreads(threads);
  torch.setMemoryLimit(limit);
  torch.setGradEnabled(true);
}

/** As `console.log` prints it, on one line. */
export function show(value: unknown): string {
  return spaced(inspect(value, { breakLength: Infinity, compact: true, depth: 6 }));
}

/** Tensors are printed over several lines, and in columns. */
function spaced(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/([[(]) /g, '$1')
    .replace(/ ([\])])/g, '$1')
    .trim();
}
