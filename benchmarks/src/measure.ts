import { Missing, type Side } from './side.js';
import type { WorkloadCard } from './workload.js';

export interface Plan {
  /** Seconds that a workload runs before it is timed: compilers that learn while they run, caches, allocators. */
  warmUpSeconds: number;
  /** Seconds that a sample takes at least. */
  sampleSeconds: number;
  rounds: number;
  /** Count the processor's time, not the clock's: for a machine that does other work too, with one thread. */
  processor: boolean;
  /** Seconds that a workload may take; slow ones get fewer rounds, but three at least. */
  budgetSeconds: number;
}

export interface Result extends WorkloadCard {
  /** Seconds of one run, or bytes, of ts-torch and of PyTorch, by round. */
  samples?: { ours: number[]; theirs: number[] };
  /** PyTorch's median over ours: above 1 is faster, or smaller, than PyTorch. */
  ratio?: number;
  missing?: string;
  error?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Warms a prepared workload up; gives how many runs make a sample. */
async function calibrate(side: Side, plan: Plan): Promise<{ count: number; sampleSeconds: number }> {
  const { sampleSeconds: least, warmUpSeconds, processor } = plan;
  let count = 1;
  let warm = 0;
  while (true) {
    const took = await side.ask('time', { count, processor });
    warm += took;
    if (took >= least && warm >= warmUpSeconds) return { count, sampleSeconds: took };
    // Slow at first, since the first runs are: at most ten times as many, and always more until they suffice.
    if (took < least) count = Math.ceil(count * Math.max(Math.min((1.2 * least) / Math.max(took, 1e-7), 10), 1.2));
  }
}

/** Times a workload on both sides by turns, so that what else the machine does meets both alike. */
async function timeBoth(
  card: WorkloadCard,
  ours: Side,
  theirs: Side,
  plan: Plan,
): Promise<NonNullable<Result['samples']>> {
  const shape = await ours.ask('prepare', card);
  const expected = await theirs.ask('prepare', card);
  if (shape && expected && String(shape) !== String(expected))
    throw new Error(`the results differ in shape: [${shape}], PyTorch's [${expected}]`);
  const a = await calibrate(ours, plan);
  const b = await calibrate(theirs, plan);
  const affordable = Math.floor(plan.budgetSeconds / (a.sampleSeconds + b.sampleSeconds));
  const rounds = Math.min(plan.rounds, Math.max(affordable, 3));
  const { processor } = plan;
  const samples = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    samples.ours.push((await ours.ask('time', { count: a.count, processor })) / a.count);
    samples.theirs.push((await theirs.ask('time', { count: b.count, processor })) / b.count);
  }
  return samples;
}

/** Peak memory of fresh processes. */
async function peakMemory(card: WorkloadCard, ours: Side, theirs: Side): Promise<NonNullable<Result['samples']>> {
  const peaks: number[] = [];
  for (const side of [ours, theirs]) {
    await side.ask('prepare', card);
    await side.ask('time', { count: card.memoryRuns ?? 1, processor: false });
    peaks.push(await side.ask('memory', {}));
  }
  return { ours: [peaks[0]!], theirs: [peaks[1]!] };
}

export async function measure(card: WorkloadCard, ours: Side, theirs: Side, plan: Plan): Promise<Result> {
  try {
    const samples = await (card.memoryRuns ? peakMemory(card, ours, theirs) : timeBoth(card, ours, theirs, plan));
    return { ...card, samples, ratio: median(samples.theirs) / median(samples.ours) };
  } catch (error) {
    const { message } = error as Error;
    return error instanceof Missing ? { ...card, missing: message } : { ...card, error: message };
  }
}
