// The sources as pages with a mark at each line, so that the site's links to them work wherever it lies.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ProjectReflection, ReflectionKind } from 'typedoc';
import { root } from './root.js';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Where TypeDoc's links go, from any page; its paths begin below the folder that all sources share. */
export const SOURCE_LINK = '../source/{path}.html#L{line}';

/** Writes the pages, and gives those that links go to but that are not there. */
export function writeSources(site: string, project: ProjectReflection): string[] {
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /^[^/]+\/src\/.*\.ts$/.test(name))) {
    const page = join(site, 'source', `${file}.html`);
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, pageOf(`packages/${file}`, readFileSync(join(root, 'packages', file), 'utf8')));
  }
  const declared = project
    .getReflectionsByKind(ReflectionKind.All)
    .filter((reflection) => reflection.isDeclaration() || reflection.isSignature());
  const linked = declared.flatMap(({ sources = [] }) => sources.flatMap(({ url }) => url?.replace(/#.*/, '') ?? []));
  return [...new Set(linked)].filter((url) => !existsSync(join(site, 'functions', url)));
}

function pageOf(title: string, source: string): string {
  const escaped = source.replace(/[&<>]/g, (character) => ESCAPES[character] as string);
  const lines = escaped.split('\n').map((line, i) => `<span id="L${i + 1}">${line}</span>`);
  const style = ':root { color-scheme: light dark } :target { background: Mark; color: MarkText }';
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><style>${style}</style><pre>${lines.join('\n')}</pre>\n`;
}
