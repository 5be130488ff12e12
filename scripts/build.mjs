// npm run build: everything, from a fresh checkout.
import { buildNative, buildTypeScript, setUp, step } from './setup.mjs';

export async function build(...projects) {
  return (
    (await setUp()) &&
    (await step('native build', () => buildNative())) &&
    (await step('typescript', () => buildTypeScript(...projects)))
  );
}

if (process.argv[1] === import.meta.filename && !(await build())) process.exit(1);
