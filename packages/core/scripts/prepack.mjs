// Puts the built addon where the published package has it; --undo takes it away again, so that a checkout never loads an old one.
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, 'prebuilt'), { recursive: true, force: true });
if (!process.argv.includes('--undo')) {
  cpSync(
    join(root, 'build/Release/ts_torch.node'),
    join(root, `prebuilt/${process.platform}-${process.arch}/ts_torch.node`),
  );
}
