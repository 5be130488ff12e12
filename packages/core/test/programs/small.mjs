// A million small results: what is resident after a fifth of them must be about what it is after all.
import { memoryStats } from '@ts-torch/core';
import { filled, first, megabytes, plusOne } from './arrays.mjs';

let x = filled(16, 0);
let early = 0;
for (let i = 0; i < 1_000_000; i++) {
  x = plusOne(x);
  if (i === 200_000) early = process.memoryUsage.rss();
}
const grown = megabytes(process.memoryUsage.rss() - early);
console.log(JSON.stringify({ value: first(x), grown, allocated: megabytes(memoryStats().allocated) }));
