import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { InternalError, NATIVE_ERRORS } from './errors.js';

/** A native storage. Opaque: an External that frees the memory when it is collected. */
export interface Handle {
  readonly __handle: never;
}

export type AnyTypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

export interface MemoryStats {
  /** Bytes in live blocks, of all threads. */
  allocated: number;
  /** The most that `allocated` ever was. */
  peak: number;
  /** Bytes kept in free blocks for later. */
  cached: number;
  /** Allocations beyond it throw OutOfMemoryError. */
  limit: number;
  /** Allocations so far. */
  allocations: number;
  /** Live storages of this thread. */
  storages: number;
}

/** The functions that a CUDA object offers (native/cuda/backend.cc). Devices, streams and events go by their numbers. */
export interface CudaBackend {
  deviceCount: number;
  emulated: boolean;
  deviceNames: string[];
  /** What was found where, a line for each library. */
  libraries(): string;
  synchronize(device: number): void;
  createStream(device: number, priority: number): number;
  currentStream(device: number): number;
  setCurrentStream(device: number, stream: number): void;
  streamQuery(device: number, stream: number): number;
  streamSynchronize(device: number, stream: number): void;
  streamWaitEvent(device: number, stream: number, event: number): void;
  createEvent(device: number, timing: number): number;
  destroyEvent(event: number): void;
  eventRecord(device: number, stream: number, event: number): void;
  eventQuery(event: number): number;
  eventSynchronize(event: number): void;
  eventElapsedTime(start: number, end: number): number;
  memoryStat(device: number, figure: number): number;
  resetPeakMemoryStats(device: number): void;
  resetMemoryCounts(device: number): void;
  emptyCache(device: number): void;
  setMemoryLimit(device: number, bytes: number): void;
  /** 0: free, 1: in all. */
  deviceMemory(device: number, which: number): number;
  attribute(device: number, attribute: number): number;
  canAccessPeer(device: number, peer: number): number;
  /** 0: the runtime's, 1: the driver's. */
  version(which: number): number;
  setLaunchBlocking(on: number): void;
  /** Of cuDNN; 0 where it is missing. */
  cudnnVersion(): number;
  /** `which`: the number of an Option of native/cuda/libraries.h. */
  setOption(which: number, on: number): void;
}

/** Places of an allocation that are no device's number. */
export const HOST = -1;
export const PINNED = -2;

interface Native {
  initialize(args: Float64Array, errorClasses: unknown[]): void;
  launch(op: number, count: number, ...handles: (Handle | undefined)[]): void;
  launchList(op: number, handles: (Handle | undefined)[], args: Float64Array): void;
  /** `place`: the number of a CUDA device, {@link HOST} or {@link PINNED}. */
  allocate(bytes: number, place: number): Handle;
  share(buffer: ArrayBuffer): Handle;
  dispose(handle: Handle): void;
  read(handle: Handle, byteOffset: number, into: AnyTypedArray): void;
  write(handle: Handle, byteOffset: number, from: AnyTypedArray): void;
  transfer(to: Handle, toOffset: number, from: Handle, fromOffset: number, bytes: number, wait: boolean): void;
  openCuda(path: string): CudaBackend;
  recordStream(handle: Handle, stream: number): void;
  item(handle: Handle, dtype: number, element: number): number | bigint | boolean | undefined;
  opId(name: string): number;
  opTable(): Record<string, [outputs: number, cpu: number, cuda: number]>;
  memoryStats(): MemoryStats;
  /** A number that no other call gives, on any thread. */
  nextSerial(): number;
  setMemoryLimit(bytes: number): void;
  failAllocation(n: number): void;
  emptyCache(): void;
  threads(): number;
  setThreads(count: number): void;
  /** Whether every storage is a block of its own, so that a sanitizer sees what lies beyond it. */
  hasExactBlocks(): boolean;
  instructionSet(): string;
}

/** Where the addon may be: an explicit path, the package's own binary, a local build. */
function candidates(): string[] {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const chosen = process.env['TS_TORCH_NATIVE'];
  if (chosen !== undefined && chosen !== '') return [chosen];
  return [
    here(`../prebuilt/${process.platform}-${process.arch}/ts_torch.node`),
    here('../build/Release/ts_torch.node'),
  ];
}

function load(): [native: Native, path: string] {
  const require = createRequire(import.meta.url);
  const tried: string[] = [];
  for (const path of candidates()) {
    try {
      return [require(path) as Native, path];
    } catch (error) {
      tried.push(`  ${path}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new InternalError(
    `cannot load the native core for ${process.platform}-${process.arch}. Tried:\n${tried.join('\n')}\n` +
      'It needs the libraries libdnnl2 (oneDNN) and libopenblas0-openmp, and is built with `npm run build:native`.',
  );
}

// Threads that spin while they wait for the others take the cores that these need, as soon as anything else runs on the machine: with a
// load of 12 on two cores, MNIST trained at 150 images/s with libgomp's default of some milliseconds, and at 5,900 without. Spinning for some
// microseconds spares most of the wake-ups that sleeping at once costs. libgomp reads this once, when the addon brings it in.
if (process.env['OMP_WAIT_POLICY'] === undefined) process.env['GOMP_SPINCOUNT'] ??= '10000';

/** The addon, and the file that it came from. */
export const [native, nativePath] = load();

/** Sizes, strides and parameters of the current call; native code reads this memory directly. */
export const callArgs = new Float64Array(8192);

native.initialize(callArgs, NATIVE_ERRORS);
