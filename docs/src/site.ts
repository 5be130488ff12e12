// npm run docs: the site, in docs/build/site. --check converts without writing pages. Any warning, such as a broken link, is an error.
import { join } from 'node:path';
import { Application, OptionDefaults, type TranslatedString } from 'typedoc';
import {
  addFacts,
  BLOCK_TAGS,
  CATEGORY_ORDER,
  dropForeignSources,
  readOpsAsFunctions,
  readOpsAsMethods,
} from './conversion.js';
import { findExamples } from './examples.js';
import { traceAll } from './facts.js';
import { guides, programs } from './guides.js';
import { root } from './root.js';
import { SOURCE_LINK, writeSources } from './source-pages.js';

const check = process.argv.includes('--check');
const site = join(root, 'docs/build/site');

async function application(): Promise<Application> {
  const app = await Application.bootstrap({
    name: 'ts-torch',
    entryPoints: ['torch', 'core'].map((name) => join(root, `packages/${name}/src/index.ts`)),
    tsconfig: join(root, 'docs/typedoc.tsconfig.json'),
    basePath: root,
    readme: join(root, 'docs/index.md'),
    projectDocuments: [...guides(), ...programs()],
    // `npm run build` has checked them.
    skipErrorChecking: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    categorizeByGroup: false,
    categoryOrder: CATEGORY_ORDER,
    navigation: { includeCategories: false, includeGroups: false, includeFolders: true },
    blockTags: [...OptionDefaults.blockTags, ...BLOCK_TAGS],
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: SOURCE_LINK,
    highlightLanguages: [...OptionDefaults.highlightLanguages, 'cpp'],
  });
  readOpsAsMethods(app);
  dropForeignSources(app);
  const examples = findExamples();
  // Tracing takes as long as converting, and warns of nothing.
  addFacts(app, examples, check ? new Map() : await traceAll(examples));
  return app;
}

readOpsAsFunctions();
const app = await application();
const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
if (!check) {
  await app.generateDocs(project, site);
  for (const page of writeSources(site, project)) app.logger.error(`there is no page ${page}` as TranslatedString);
}
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
