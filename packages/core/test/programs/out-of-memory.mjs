// Allocations beyond the limit, and ones that fail, throw; the program goes on.
import { emptyCache, memoryStats, OutOfMemoryError, setMemoryLimit } from '@ts-torch/core';
import { array, copyOf, filled, first } from './arrays.mjs';

const errors = [];
function attempt(f) {
  try {
    f();
    errors.push('none');
  } catch (error) {
    errors.push(error instanceof OutOfMemoryError ? 'OutOfMemoryError' : String(error));
  }
}

setMemoryLimit(64 * 2 ** 20);
const kept = filled(2 ** 20, 7);
attempt(() => array(2 ** 26));
attempt(() => {
  const hold = [];
  for (let i = 0; i < 100; i++) hold.push(copyOf(kept));
});
attempt(() => array(2 ** 40));
attempt(() => array(2 ** 50));
// What the failed loop held is garbage now: there is room again.
let x = kept;
for (let i = 0; i < 100; i++) x = copyOf(x);
setMemoryLimit(2 ** 40);
emptyCache();
console.log(JSON.stringify({ errors, value: first(x), cached: memoryStats().cached }));
