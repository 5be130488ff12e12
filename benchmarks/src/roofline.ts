import type { Side } from './side.js';
import type { WorkloadCard } from './workload.js';

/** What the machine can do at most, as PyTorch's copies and its BLAS reach it. */
export interface Roofs {
  /** Bytes a second, from and to the caches and memory. */
  cached: number;
  memory: number;
  flops: number;
}

/** Beyond it an array lies in memory, not in a cache. */
const CACHED_BYTES = 32 * 2 ** 20;

async function best(side: Side, setup: string, run: string): Promise<number> {
  await side.ask('prepare', { group: 'roofline', name: run, py: { setup, run } });
  const times: number[] = [];
  for (let i = 0; i < 40; i++) times.push(await side.ask('time', { count: 1, processor: false }));
  return Math.min(...times);
}

export async function measureRoofs(pytorch: Side): Promise<Roofs> {
  const copy = (count: number) => best(pytorch, `a, b = torch.ones(${count}), torch.ones(${count})`, 'b.copy_(a)');
  const product = 'a, b, c = torch.ones(1024, 1024), torch.ones(1024, 1024), torch.ones(1024, 1024)';
  return {
    cached: 2 ** 23 / (await copy(2 ** 20)),
    memory: 2 ** 27 / (await copy(2 ** 24)),
    flops: 2 ** 31 / (await best(pytorch, product, 'torch.mm(a, b, out=c)')),
  };
}

/** How much of the machine's limit a workload reaches that takes so many seconds; undefined where none is known. */
export function shareOfRoof({ bytes, flops }: WorkloadCard, seconds: number, roofs: Roofs): number | undefined {
  if (bytes === undefined && flops === undefined) return undefined;
  const bandwidth = (bytes ?? 0) > CACHED_BYTES ? roofs.memory : roofs.cached;
  return Math.max((bytes ?? 0) / bandwidth, (flops ?? 0) / roofs.flops) / seconds;
}
