// The sources as pages with a mark at each line, so that the site's links to them work wherever it lies.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './root.js';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export function writeSources(site: string): void {
  for (const file of readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })) {
    if (!/^[^/]+\/src\/.*\.ts$/.test(file)) continue;
    const page = join(site, 'source/packages', `${file}.html`);
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, pageOf(`packages/${file}`, readFileSync(join(root, 'packages', file), 'utf8')));
  }
}

function pageOf(title: string, source: string): string {
  const escaped = source.replace(/[&<>]/g, (character) => ESCAPES[character] as string);
  const lines = escaped.split('\n').map((line, i) => `<span id="L${i + 1}">${line}</span>`);
  const style = ':root { color-scheme: light dark } :target { background: Mark; color: MarkText }';
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><style>${style}</style><pre>${lines.join('\n')}</pre>\n`;
}
