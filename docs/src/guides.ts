// The pages beside those of declarations: the guides in docs/, and the programs in examples/ with their source.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** Files of documents for TypeDoc, in the order of the menu. */
export function guides(): string[] {
  const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md') && file !== 'index.md');
  const decisions = readdirSync(join(root, 'docs/decisions')).map((file) => join('decisions', file));
  return [...pages, ...decisions].sort().map((file) => join(root, 'docs', file));
}

/** Writes a page for each program in examples/, and gives their files. */
export function programs(): string[] {
  const folder = join(root, 'docs/build/programs');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sources = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'));
  return sources.map((source) => {
    const page = join(folder, source.replace(/\.ts$/, '.md'));
    const code = readFileSync(join(root, 'examples', source), 'utf8');
    writeFileSync(page, `---\ntitle: examples/${source}\n---\n\n\`\`\`ts\n${code}\`\`\`\n`);
    return page;
  });
}
