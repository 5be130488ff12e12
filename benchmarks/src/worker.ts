// Runs the TypeScript forms of workloads on request: one line of JSON each way.
import { createInterface } from 'node:readline';
import { getNumThreads, instructionSet, setNumThreads, Tensor } from '@ts-torch/tensor';
import { restartData } from './torch.js';
import type { Requests, WorkloadCard } from './workload.js';
import { groups } from './workloads/index.js';

let run: () => unknown = () => undefined;
/** Takes each result, so that no run can be optimised away. */
export let sink: unknown;

const clockSeconds = () => performance.now() / 1e3;

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

type Handlers = { [K in keyof Requests]: (request: Requests[K]['request']) => Requests[K]['answer'] };

const handlers: Handlers = {
  describe({ threads }) {
    setNumThreads(threads);
    return { version: process.version, threads: getNumThreads(), instructionSet: instructionSet(), blas: 'oneDNN' };
  },
  list() {
    return groups.flatMap(({ name: group, workloads }) =>
      workloads.map(({ ts, ...card }): WorkloadCard => ({ ...card, group })),
    );
  },
  prepare({ group, name }) {
    run = () => undefined;
    sink = undefined;
    const workload = groups.find((it) => it.name === group)?.workloads.find((it) => it.name === name);
    if (workload === undefined) throw new Error(`there is no workload '${group}/${name}'`);
    restartData();
    run = workload.ts();
    const result = run();
    return result instanceof Tensor ? [...result.shape] : null;
  },
  time({ count, processor }) {
    const now = processor ? processorSeconds : clockSeconds;
    const start = now();
    for (let i = 0; i < count; i++) sink = run();
    return now() - start;
  },
  memory() {
    return process.resourceUsage().maxRSS * 1024;
  },
};

/** Whether an error says that the library does not have something yet. */
function isMissing(error: Error): boolean {
  const absent =
    error instanceof TypeError && /is not a (function|constructor|class)|undefined|not iterable/.test(error.message);
  return absent || /there is no kernel|has no derivative/.test(error.message);
}

function answer(line: string): object {
  try {
    const { kind, request } = JSON.parse(line) as { kind: keyof Requests; request: never };
    return { answer: handlers[kind](request) };
  } catch (error) {
    return { error: (error as Error).message, missing: isMissing(error as Error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
