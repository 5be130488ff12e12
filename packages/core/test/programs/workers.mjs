// Workers that load the addon and compute, ended at moments of no one's choosing; the process must live on and end.
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { copyOf, filled, first, plusOne } from './arrays.mjs';

function compute(steps) {
  let x = filled(10_000, 0);
  for (let i = 0; i < steps; i++) x = plusOne(x);
  return first(x);
}

if (!isMainThread) {
  parentPort.postMessage(compute(100));
  for (;;) copyOf(filled(100_000, 1));
}

const rounds = 4;
const results = [];
for (let round = 0; round < rounds; round++) {
  const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url)));
  // Half of the rounds wait until all have loaded; the others end them while they load.
  if (round % 2 === 0) {
    const messages = await Promise.all(workers.map((worker) => once(worker, 'message')));
    results.push(...messages.map(([value]) => value));
  } else await wait(15 * round);
  results.push(compute(100));
  await Promise.all(workers.map((worker) => worker.terminate()));
}
console.log(JSON.stringify({ results, rounds }));
