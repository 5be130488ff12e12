// Makes the calls of a range, one after another, in a process that may crash: the parent (run.ts) sees that.
//
//   node worker.js '{"seed":1,"from":0,"to":1000,"only":"","device":"cpu","describes":false}'
//
// Before each call its number goes to file descriptor 3. Each finding is a line of JSON on stdout, and so is the summary.
import { writeSync } from 'node:fs';
import * as torch from 'ts-torch';
import { placeTensors } from '../decode.js';
import { type Call, Calls } from './calls.js';
import type { Finding, Order, Summary } from './order.js';
import { show, showCall } from './show.js';

const PROGRESS = 3;
const MEMORY_LIMIT = 2 ** 28;

const order = JSON.parse(process.argv[2] ?? '') as Order;
torch.setMemoryLimit(MEMORY_LIMIT);
torch.setNumThreads(1);
torch.setDefaultDevice(order.device as torch.DeviceLike);
placeTensors(order.device as torch.DeviceLike);

const calls = new Calls(order.seed, new RegExp(order.only));
const place = new Float64Array(1);
const seen = new Set<string>();
const byOp: Record<string, [calls: number, returns: number]> = {};

function report(number: number, call: Call, shown: string, error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${show(error)}`;
  const key = `${call.target.name} ${text.replace(/\d+/g, '#')}`;
  if (seen.has(key)) return;
  seen.add(key);
  const finding: Finding = { number, op: call.target.name, call: shown, error: text, stack: stackOf(error) };
  console.log(JSON.stringify(finding));
}

function stackOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack?.split('\n') ?? []) : [];
  return lines
    .filter((line) => line.includes('    at '))
    .map((line) => line.trim())
    .slice(0, 4);
}

/** Users must get a typed error; an internal one is a defect too. */
function isDefect(error: unknown): boolean {
  return !(error instanceof torch.TorchError) || error instanceof torch.InternalError;
}

async function perform({ target, args, differentiates }: Call): Promise<void> {
  byOp[target.name] ??= [0, 0];
  const count = byOp[target.name] as [number, number];
  count[0]++;
  const result = await target.call(args);
  count[1]++;
  if (differentiates) backward(result);
}

/** Gradients of every result that has one. */
function backward(result: unknown): void {
  const results = result instanceof torch.Tensor || typeof result !== 'object' ? [result] : Object.values(result ?? {});
  const roots = results.filter((x): x is torch.Tensor => x instanceof torch.Tensor && x.requiresGrad);
  if (roots.length === 0) return;
  torch.autograd.backward(
    roots,
    roots.map((x) => torch.onesLike(x)),
  );
}

async function performNumber(number: number): Promise<void> {
  place[0] = number;
  writeSync(PROGRESS, place, 0, 8, 0);
  const call = calls.make(number);
  if (order.describes) {
    console.log(showCall(call.target.name, call.args));
    return;
  }
  try {
    await perform(call);
  } catch (error) {
    if (isDefect(error)) report(number, call, showCall(call.target.name, calls.make(number).args), error);
  }
}

for (let number = order.from; number < order.to; number++) await performNumber(number);
const summary: Summary = { ops: calls.count, byOp };
console.log(JSON.stringify(summary));
