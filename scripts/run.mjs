// node scripts/run.mjs <project> <program> [arguments]: builds a TypeScript project with all that it needs, then runs a program of it.
import { spawnSync } from 'node:child_process';
import { build } from './build.mjs';
import { root } from './setup.mjs';

const [project, program, ...args] = process.argv.slice(2);
if (!(await build(project))) process.exit(1);
console.log();
process.exit(
  spawnSync(process.execPath, [`${project}/dist/${program}.js`, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1,
);
