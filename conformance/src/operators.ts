import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type * as torch from 'ts-torch';
import { placeTensors } from './decode.js';
import { updateExpected } from './expected.js';
import { ORACLE, readGroups } from './oracle.js';
import { type Outcome, replay } from './replay.js';
import { compatibilityTable, failureLines, summary } from './report.js';

const USAGE = `npm run conformance -- [options]: replays PyTorch's operator samples

  --oracle DIR     another oracle than the repository's
  --device NAME    where to compute (cpu); cuda with TS_TORCH_CUDA=emulated needs no GPU
  --only REGEX     only cases whose id matches
  --verbose        print each failure
  --update         add the cases that pass to expected.txt
  --table          write docs/compatibility.md`;

/** Replays every operator case whose id matches. */
export function replayAll(oracle: string, only = /(?:)/): Outcome[] {
  return readGroups(join(oracle, 'operators')).flatMap((group) =>
    group.cases.filter(({ id }) => only.test(id)).map((test) => replay(test, group)),
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      oracle: { type: 'string', default: ORACLE },
      device: { type: 'string', default: 'cpu' },
      only: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.only !== '' && (values.update || values.table)) {
    console.error('--update and --table write down the whole replay: leave --only out');
    process.exitCode = 1;
    return;
  }
  placeTensors(values.device as torch.DeviceLike);
  const outcomes = replayAll(values.oracle, new RegExp(values.only));
  if (values.verbose) console.log(failureLines(outcomes));
  if (values.update) updateExpected(outcomes);
  if (values.table)
    writeFileSync(join(import.meta.dirname, '../../docs/compatibility.md'), compatibilityTable(outcomes));
  console.log(summary(outcomes));
}

if (process.argv[1] === import.meta.filename) main();
