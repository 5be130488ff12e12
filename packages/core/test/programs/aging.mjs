// The last 64 results of one MiB are kept, so that each is old before it is garbage.
import { filled, megabytes, plusOne } from './arrays.mjs';

const kept = [filled(2 ** 18, 0)];
for (let i = 0; i < 4000; i++) {
  kept.push(plusOne(kept.at(-1)));
  if (kept.length > 64) kept.shift();
}
console.log(JSON.stringify({ live: kept.length, peak: megabytes(process.resourceUsage().maxRSS * 1024) }));
