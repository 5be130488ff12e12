import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CPU, type Device } from './device.js';
import { OutOfMemoryError, ValueError } from './errors.js';
import { type AnyTypedArray, type Handle, type MemoryStats, native } from './native.js';

// Bytes allocated between two collections: few, so that memory is used again while it is in the cache, more where a
// collection finds little to free, as within a training step that keeps its activations.
const LEAST_BUDGET = 8 * 2 ** 20;
const MOST_BUDGET = 128 * 2 ** 20;

type Collect = (options?: { type: 'minor' }) => void;

let collect: Collect | undefined;
let budget = LEAST_BUDGET;
let allocatedSinceCollection = 0;
let liveAfterFullCollection = 0;

/**
 * V8 sees handles of a few bytes where there are megabytes, and so would collect far too late. Each time the budget has
 * been spent a minor collection is asked for: some 30 us, which frees the temporaries of the last few steps. Where that
 * leaves twice what the last full collection left, a full one follows.
 */
function collectGarbage(): void {
  const before = native.memoryStats().allocated;
  collector()({ type: 'minor' });
  const live = native.memoryStats().allocated;
  const freesMuch = before - live > allocatedSinceCollection / 2;
  budget = freesMuch ? LEAST_BUDGET : Math.min(2 * budget, MOST_BUDGET);
  allocatedSinceCollection = 0;
  if (live >= 2 * liveAfterFullCollection + MOST_BUDGET) collectAll();
}

function collectAll(): void {
  // Without arguments: on Node 20 any argument makes it a minor one.
  collector()();
  liveAfterFullCollection = native.memoryStats().allocated;
  allocatedSinceCollection = 0;
}

function collector(): Collect {
  if (collect === undefined) {
    // The collector's own switch: --expose-gc gives `gc` to contexts made from now on.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

/** Where there is no room left, a full collection may make some. */
function allocateBlock(byteLength: number): Handle {
  try {
    return native.allocate(byteLength);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    collectAll();
    return native.allocate(byteLength);
  }
}

// A native handle costs 250 ns, mostly in the collector; a tensor of a few numbers costs less than that to compute. So small
// storages share one: pieces of a chunk, handed out in order, which lives as long as any of them.
const SMALL_BYTES = 256;
const CHUNK_BYTES = 4096;
const ALIGNMENT = 64;
let chunk: Handle | undefined;
let chunkUsed = CHUNK_BYTES;
let disposedHandle: Handle | undefined;

/** A handle that native code refuses, for pieces of a chunk that were disposed of. */
function disposed(): Handle {
  if (disposedHandle === undefined) {
    disposedHandle = native.allocate(0);
    native.dispose(disposedHandle);
  }
  return disposedHandle;
}

/** A block of memory on a device, shared by a tensor and its views. */
export class Storage {
  /** @internal */
  handle: Handle;
  /** @internal where the memory begins within the handle's, in bytes */
  readonly base: number;
  readonly device: Device;
  readonly byteLength: number;
  /** Counts the in-place changes, so that backward can tell when a saved tensor has been overwritten. */
  version = 0;
  /** The ArrayBuffer whose memory this is, if it is one's. */
  readonly buffer: ArrayBuffer | undefined;

  private constructor(handle: Handle, base: number, device: Device, byteLength: number, buffer?: ArrayBuffer) {
    this.handle = handle;
    this.base = base;
    this.device = device;
    this.byteLength = byteLength;
    this.buffer = buffer;
  }

  /** New memory, not initialised. */
  static allocate(byteLength: number, device: Device = CPU): Storage {
    if (byteLength <= SMALL_BYTES && device === CPU) return Storage.allocateSmall(byteLength);
    allocatedSinceCollection += byteLength;
    if (allocatedSinceCollection > budget) collectGarbage();
    return new Storage(allocateBlock(byteLength), 0, device, byteLength);
  }

  private static allocateSmall(byteLength: number): Storage {
    const piece = Math.max(byteLength + ALIGNMENT - 1, ALIGNMENT) & -ALIGNMENT;
    if (chunk === undefined || chunkUsed + piece > CHUNK_BYTES) {
      allocatedSinceCollection += CHUNK_BYTES;
      if (allocatedSinceCollection > budget) collectGarbage();
      chunk = allocateBlock(CHUNK_BYTES);
      chunkUsed = 0;
    }
    const base = chunkUsed;
    chunkUsed += piece;
    return new Storage(chunk, base, CPU, byteLength);
  }

  /** The memory of an ArrayBuffer: what one side writes, the other sees. */
  static share(buffer: ArrayBuffer): Storage {
    if (!(buffer instanceof ArrayBuffer)) throw new ValueError('Storage.share: expected an ArrayBuffer');
    return new Storage(native.share(buffer), 0, CPU, buffer.byteLength, buffer);
  }

  /** Gives the memory back now. Every tensor on it throws {@link DisposedError} from then on. */
  dispose(): void {
    if (this.byteLength > SMALL_BYTES || this.buffer !== undefined) native.dispose(this.handle);
    else this.handle = disposed();
  }

  read(byteOffset: number, into: AnyTypedArray): void {
    native.read(this.handle, this.base + byteOffset, into);
  }

  write(byteOffset: number, from: AnyTypedArray): void {
    native.write(this.handle, this.base + byteOffset, from);
  }
}

/** What the allocator holds now. */
export function memoryStats(): MemoryStats {
  return native.memoryStats();
}

/** Allocations that would take the memory in use beyond this many bytes throw {@link OutOfMemoryError}. */
export function setMemoryLimit(bytes: number): void {
  native.setMemoryLimit(bytes);
}

/** Gives the free blocks that are kept for later back to the system. */
export function emptyCache(): void {
  native.emptyCache();
}
