import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, for programs in `src` and in `dist`. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
