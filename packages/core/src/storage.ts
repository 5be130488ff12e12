import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cudaBackend } from './cuda-backend.js';
import { CPU, type Device } from './device.js';
import { DeviceError, OutOfMemoryError, ValueError } from './errors.js';
import { type AnyTypedArray, type Handle, HOST, type MemoryStats, native, PINNED } from './native.js';

type Collect = (options?: { type: 'minor' }) => void;

let collect: Collect | undefined;

function collector(): Collect {
  if (collect === undefined) {
    // The collector's own switch: --expose-gc gives `gc` to contexts made from now on.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

const MIB = 2 ** 20;
const ALIGNMENT = 64;
/** Of the time, at most this share is to go into minor collections that have much to move. */
const MOST_COST = 0.06;
/** Milliseconds from which a minor collection has much to move; one that has not takes 0.03 to 0.3. */
const COSTLY_MS = 0.4;
/** As often as the least budget: more is not worth the memory where it only saves such moves. */
const MOST_FOR_COST = 4;
/** Collections that show the budget too large, one after the other, before it shrinks. */
const PATIENCE = 4;
// Not under a sanitizer, which then sees each storage's end.
const SHARES_CHUNKS = !native.hasExactBlocks();

/**
 * A native handle costs 250 ns, mostly in the collector; a tensor of a few numbers costs less than that to compute. So small
 * storages share one: pieces of a chunk, handed out in order, which lives as long as any of them.
 */
class Chunks {
  current: Handle | undefined;
  private used = 0;

  constructor(
    private readonly chunkBytes: number,
    /** The largest piece. */
    readonly mostBytes: number,
    private readonly allocate: (byteLength: number) => Handle,
  ) {}

  /** A piece of the current chunk: where it begins. */
  take(byteLength: number): number {
    const piece = Math.max(byteLength + ALIGNMENT - 1, ALIGNMENT) & -ALIGNMENT;
    if (this.current === undefined || this.used + piece > this.chunkBytes) {
      this.current = this.allocate(this.chunkBytes);
      this.used = 0;
    }
    const base = this.used;
    this.used += piece;
    return base;
  }
}

/**
 * Memory of one device, or of the host. V8 sees handles of a few bytes where there are megabytes, and so would collect far too
 * late. Each time the budget has been spent a minor collection is asked for: some 30 us, which frees the temporaries of the
 * last few steps. Where that leaves twice what the last full collection left, a full one follows. The budget grows where a
 * collection finds little to free, as within a training step that keeps its activations: what a minor collection finds alive
 * twice is left to full ones, which cost more. It shrinks where several in turn free nearly all.
 */
class Memory {
  private budget: number;
  private allocatedSinceCollection = 0;
  private liveAfterFullCollection = 0;
  private lastCollection = 0;
  private amplyBudgeted = 0;
  // What is kept for long, one loss of each step, is tiny: it keeps a small chunk.
  readonly tiny = new Chunks(4096, SHARES_CHUNKS ? 256 : -1, (byteLength) => this.allocate(byteLength));
  readonly small = new Chunks(16384, SHARES_CHUNKS ? 2048 : -1, (byteLength) => this.allocate(byteLength));

  constructor(
    readonly place: number,
    private readonly leastBudget: number,
    private readonly mostBudget: number,
    private readonly liveBytes: () => number,
  ) {
    this.budget = leastBudget;
  }

  /** A block of its own. Where there is no room left, a full collection may make some. */
  allocate(byteLength: number): Handle {
    this.allocatedSinceCollection += byteLength;
    if (this.allocatedSinceCollection > this.budget) this.collectGarbage();
    try {
      return native.allocate(byteLength, this.place);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError) || byteLength > native.memoryStats().limit) throw error;
      this.collectAll();
      return native.allocate(byteLength, this.place);
    }
  }

  /** Later pieces come from other chunks. */
  leaveChunks(): void {
    this.tiny.current = undefined;
    this.small.current = undefined;
  }

  private collectGarbage(): void {
    const before = this.liveBytes();
    const start = performance.now();
    collector()({ type: 'minor' });
    const end = performance.now();
    const live = this.liveBytes();
    const share = (end - start) / (end - this.lastCollection);
    this.adaptBudget((before - live) / this.allocatedSinceCollection, end - start > COSTLY_MS ? share : 0);
    this.lastCollection = end;
    this.allocatedSinceCollection = 0;
    if (live >= 2 * this.liveAfterFullCollection + this.mostBudget) this.collectAll();
  }

  /** `freed`: the share of what was allocated since the last collection; `cost`: that of the time since then. */
  private adaptBudget(freed: number, cost: number): void {
    const isAmple = freed > 0.75 && cost < MOST_COST / 2;
    this.amplyBudgeted = isAmple ? this.amplyBudgeted + 1 : 0;
    if (freed < 0.5) this.budget = Math.min(2 * this.budget, this.mostBudget);
    else if (cost > MOST_COST && this.budget < MOST_FOR_COST * this.leastBudget) this.budget *= 2;
    if (this.amplyBudgeted < PATIENCE) return;
    this.budget = Math.max(this.budget / 2, this.leastBudget);
    this.amplyBudgeted = 0;
  }

  private collectAll(): void {
    // Without arguments: on Node 20 any argument makes it a minor one.
    collector()();
    this.liveAfterFullCollection = this.liveBytes();
    this.allocatedSinceCollection = 0;
  }
}

// On the CPU the budget is small, so that memory is used again while it is in the cache.
const hostMemory = new Memory(HOST, 8 * MIB, 128 * MIB, () => native.memoryStats().allocated);
const cudaMemories: Memory[] = [];

function memoryOf(device: Device): Memory {
  if (device === CPU) return hostMemory;
  const { index } = device;
  cudaMemories[index] ??= new Memory(index, 128 * MIB, 1024 * MIB, () => cudaBackend().memoryStat(index, 0));
  return cudaMemories[index];
}

/** Small storages on this device share no chunk with older ones: those belong to the stream that was current. */
export function leaveChunks(device: Device): void {
  memoryOf(device).leaveChunks();
}

let disposedHandle: Handle | undefined;

/** A handle that native code refuses, for pieces of a chunk that were disposed of. */
function disposed(): Handle {
  if (disposedHandle === undefined) {
    disposedHandle = native.allocate(0, HOST);
    native.dispose(disposedHandle);
  }
  return disposedHandle;
}

/**
 * A block of memory on a device, shared by a tensor and its views.
 *
 * @example torch.ones([3]).storage.byteLength // 12
 */
export class Storage {
  /** @internal */
  handle: Handle;
  /** @internal where the memory begins within the handle's, in bytes */
  readonly base: number;
  readonly device: Device;
  readonly byteLength: number;
  /** Counts the in-place changes, so that backward can tell when a saved tensor has been overwritten. */
  version = 0;
  /** Set by autograd for a gradient that someone has for their own, a leaf or the user: others need memory of theirs. */
  isHeld = false;
  /** The ArrayBuffer whose memory this is, if it is one's. */
  readonly buffer: ArrayBuffer | undefined;
  private serial = 0;
  private readonly kind: 'own' | 'piece' | 'shared' | 'pinned';

  private constructor(
    handle: Handle,
    base: number,
    device: Device,
    byteLength: number,
    kind: Storage['kind'],
    buffer?: ArrayBuffer,
  ) {
    this.handle = handle;
    this.base = base;
    this.device = device;
    this.byteLength = byteLength;
    this.kind = kind;
    this.buffer = buffer;
  }

  /** New memory, not initialised. */
  static allocate(byteLength: number, device: Device = CPU): Storage {
    const memory = device === CPU ? hostMemory : memoryOf(device);
    const chunks = byteLength <= memory.tiny.mostBytes ? memory.tiny : memory.small;
    if (byteLength > chunks.mostBytes) return new Storage(memory.allocate(byteLength), 0, device, byteLength, 'own');
    // Two steps, not a pair: most ops make a small storage.
    const base = chunks.take(byteLength);
    return new Storage(chunks.current as Handle, base, device, byteLength, 'piece');
  }

  /** Host memory that CUDA devices read and write directly, so that copies need not wait. */
  static allocatePinned(byteLength: number): Storage {
    cudaBackend();
    return new Storage(native.allocate(byteLength, PINNED), 0, CPU, byteLength, 'pinned');
  }

  /** The memory of an ArrayBuffer: what one side writes, the other sees. */
  static share(buffer: ArrayBuffer): Storage {
    if (!(buffer instanceof ArrayBuffer)) throw new ValueError('Storage.share: expected an ArrayBuffer');
    return new Storage(native.share(buffer), 0, CPU, buffer.byteLength, 'shared', buffer);
  }

  /**
   * What names the contents in caches of native code: a serial number and the version. Others may write into shared memory
   * unseen: it has none.
   */
  get contents(): readonly [serial: number, version: number] {
    if (this.kind === 'shared') return [0, 0];
    this.serial ||= native.nextSerial();
    return [this.serial, this.version];
  }

  get isPinned(): boolean {
    return this.kind === 'pinned';
  }

  /** Gives the memory back now. Every tensor on it throws {@link DisposedError} from then on. */
  dispose(): void {
    if (this.kind === 'piece') this.handle = disposed();
    else native.dispose(this.handle);
  }

  read(byteOffset: number, into: AnyTypedArray): void {
    native.read(this.handle, this.base + byteOffset, into);
  }

  write(byteOffset: number, from: AnyTypedArray): void {
    native.write(this.handle, this.base + byteOffset, from);
  }

  /**
   * Copies bytes from another storage, of any device. Without `wait` a copy between a GPU and pinned memory may still run when
   * this returns: on the current stream.
   */
  copyFrom(source: Storage, sourceOffset: number, byteOffset: number, bytes: number, wait = true): void {
    native.transfer(this.handle, this.base + byteOffset, source.handle, source.base + sourceOffset, bytes, wait);
  }

  /** The memory is used on this stream too: it is not given out again before what runs there now is done. */
  recordStream(stream: number): void {
    if (this.device === CPU) throw new DeviceError('recordStream: expected a tensor on cuda, got one on the cpu');
    native.recordStream(this.handle, stream);
  }
}

/**
 * What the allocator holds now.
 *
 * @example Object.keys(torch.memoryStats()) // ['allocated', 'peak', 'cached', 'limit', 'allocations', 'storages']
 */
export function memoryStats(): MemoryStats {
  return native.memoryStats();
}

/**
 * Allocations that would take the memory in use beyond this many bytes throw {@link OutOfMemoryError}.
 *
 * @example
 * torch.setMemoryLimit(2 ** 33);
 * torch.memoryStats().limit // 8589934592
 */
export function setMemoryLimit(bytes: number): void {
  native.setMemoryLimit(bytes);
}

/**
 * Gives the free blocks that are kept for later back to the system.
 *
 * @example
 * torch.emptyCache();
 * torch.memoryStats().cached // 0
 */
export function emptyCache(): void {
  native.emptyCache();
}
