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
  /** Seconds of one run, or bytes, of ts-torch and of PyTorch, by round. `theirs` is empty where there is no PyTorch. */
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

async function prepareBoth(card: WorkloadCard, ours: Side, theirs: Side | null): Promise<void> {
  const shape = await ours.ask('prepare', card);
  const expected = await theirs?.ask('prepare', card);
  if (shape && expected && String(shape) !== String(expected))
    throw new Error(`the results differ in shape: [${shape}], PyTorch's [${expected}]`);
}

/** Times a workload on both sides by turns, so that what else the machine does meets both alike. */
async function timeBoth(
  card: WorkloadCard,
  ours: Side,
  theirs: Side | null,
  plan: Plan,
): Promise<NonNullable<Result['samples']>> {
  await prepareBoth(card, ours, theirs);
  const a = await calibrate(ours, plan);
  const b = theirs && (await calibrate(theirs, plan));
  const affordable = Math.floor(plan.budgetSeconds / (a.sampleSeconds + (b?.sampleSeconds ?? 0)));
  const rounds = Math.min(plan.rounds, Math.max(affordable, 3));
  const { processor } = plan;
  const sample = async (side: Side, count: number): Promise<number> =>
    (await side.ask('time', { count, processor })) / count;
  const samples = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    samples.ours.push(await sample(ours, a.count));
    if (theirs && b) samples.theirs.push(await sample(theirs, b.count));
  }
  return samples;
}

/** Peak memory of fresh processes. */
async function peakMemory(
  card: WorkloadCard,
  ours: Side,
  theirs: Side | null,
): Promise<NonNullable<Result['samples']>> {
  const peak = async (side: Side): Promise<number> => {
    await side.ask('prepare', card);
    await side.ask('time', { count: card.memoryRuns ?? 1, processor: false });
    return side.ask('memory', {});
  };
  return { ours: [await peak(ours)], theirs: theirs ? [await peak(theirs)] : [] };
}

/** `theirs`: null where there is no PyTorch to compare with. */
export async function measure(card: WorkloadCard, ours: Side, theirs: Side | null, plan: Plan): Promise<Result> {
  try {
    const samples = await (card.memoryRuns ? peakMemory(card, ours, theirs) : timeBoth(card, ours, theirs, plan));
    return theirs ? { ...card, samples, ratio: median(samples.theirs) / median(samples.ours) } : { ...card, samples };
  } catch (error) {
    const { message } = error as Error;
    return error instanceof Missing ? { ...card, missing: message } : { ...card, error: message };
  }
}
