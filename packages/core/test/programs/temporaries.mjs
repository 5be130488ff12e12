// 4,000 results of one MiB in a synchronous loop: the event loop never runs, so ordinary finalizers would free none of them.
import { filled, first, megabytes, plusOne } from './arrays.mjs';

let x = filled(2 ** 18, 0);
for (let i = 0; i < 4000; i++) x = plusOne(x);
console.log(JSON.stringify({ value: first(x), peak: megabytes(process.resourceUsage().maxRSS * 1024) }));
