// Runs the TypeScript forms of workloads on request: one line of JSON each way.
import { createInterface } from 'node:readline';
import {
  cuda,
  type DeviceLike,
  defaultDevice,
  getNumThreads,
  instructionSet,
  setDefaultDevice,
  setNumThreads,
  Tensor,
} from '@ts-torch/tensor';
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

const onCuda = (): boolean => defaultDevice().type === 'cuda';

/** The GPU's seconds from before to after `body`. */
function cudaSeconds(body: () => void): number {
  const [start, end] = [new cuda.Event({ enableTiming: true }), new cuda.Event({ enableTiming: true })];
  start.record();
  body();
  end.record();
  end.synchronize();
  return start.elapsedTime(end) / 1e3;
}

type Handlers = { [K in keyof Requests]: (request: Requests[K]['request']) => Requests[K]['answer'] };

const handlers: Handlers = {
  describe({ threads, device }) {
    setNumThreads(threads);
    setDefaultDevice(device as DeviceLike);
    return {
      version: process.version,
      threads: getNumThreads(),
      hardware: onCuda() ? cuda.getDeviceName() : instructionSet(),
      blas: onCuda() ? cuda.libraries().replaceAll('\n', ', ') : 'oneDNN',
    };
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
    const body = (): void => {
      for (let i = 0; i < count; i++) sink = run();
    };
    if (onCuda()) return cudaSeconds(body);
    const now = processor ? processorSeconds : clockSeconds;
    const start = now();
    body();
    return now() - start;
  },
  memory() {
    return onCuda() ? cuda.maxMemoryAllocated() : process.resourceUsage().maxRSS * 1024;
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
