import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CPU, type Device } from './device.js';
import { ValueError } from './errors.js';
import { type AnyTypedArray, type Handle, type MemoryStats, native } from './native.js';

/** Bytes allocated between two collections. */
const COLLECTION_BUDGET = 128 * 2 ** 20;

type Collect = (options: { type: 'minor' | 'major' }) => void;

let collect: Collect | undefined;
let allocatedSinceCollection = 0;
let liveAfterFullCollection = 0;

/**
 * V8 sees handles of a few bytes where there are megabytes, and so would collect far too late. Each time the budget has
 * been spent a minor collection is asked for: it takes 0.3 ms, and frees the temporaries of the last few steps. Where that
 * leaves twice what the last full collection left, a full one follows.
 */
function collectGarbage(): void {
  if (collect === undefined) {
    // The collector's own switch: --expose-gc gives `gc` to contexts made from now on.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  allocatedSinceCollection = 0;
  collect({ type: 'minor' });
  const live = native.memoryStats().allocated;
  if (live < 2 * liveAfterFullCollection + COLLECTION_BUDGET) return;
  collect({ type: 'major' });
  liveAfterFullCollection = native.memoryStats().allocated;
}

/** A block of memory on a device, shared by a tensor and its views. */
export class Storage {
  /** @internal */
  readonly handle: Handle;
  readonly device: Device;
  readonly byteLength: number;
  /** Counts the in-place changes, so that backward can tell when a saved tensor has been overwritten. */
  version = 0;
  /** The ArrayBuffer whose memory this is, if it is one's. */
  readonly buffer: ArrayBuffer | undefined;

  private constructor(handle: Handle, device: Device, byteLength: number, buffer?: ArrayBuffer) {
    this.handle = handle;
    this.device = device;
    this.byteLength = byteLength;
    this.buffer = buffer;
  }

  /** New memory, not initialised. */
  static allocate(byteLength: number, device: Device = CPU): Storage {
    allocatedSinceCollection += byteLength;
    if (allocatedSinceCollection > COLLECTION_BUDGET) collectGarbage();
    return new Storage(native.allocate(byteLength), device, byteLength);
  }

  /** The memory of an ArrayBuffer: what one side writes, the other sees. */
  static share(buffer: ArrayBuffer): Storage {
    if (!(buffer instanceof ArrayBuffer)) throw new ValueError('Storage.share: expected an ArrayBuffer');
    return new Storage(native.share(buffer), CPU, buffer.byteLength, buffer);
  }

  /** Gives the memory back now. Every tensor on it throws {@link DisposedError} from then on. */
  dispose(): void {
    native.dispose(this.handle);
  }

  read(byteOffset: number, into: AnyTypedArray): void {
    native.read(this.handle, byteOffset, into);
  }

  write(byteOffset: number, from: AnyTypedArray): void {
    native.write(this.handle, byteOffset, from);
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
