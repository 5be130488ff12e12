import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FormatError } from './format-error.js';

/** Bytes to read from: a file, without loading all of it, or an array. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes. Throws {@link FormatError} where the source ends before. */
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
}

function checkRange({ name, size }: ByteSource, position: number, length: number): void {
  const fits = Number.isSafeInteger(position) && Number.isSafeInteger(length) && position >= 0 && length >= 0;
  if (!fits || position + length > size)
    throw new FormatError(`${name}: ${length} bytes at offset ${position} reach beyond the end, at ${size}`);
}

class ArraySource implements ByteSource {
  readonly name = 'bytes';
  readonly size: number;

  constructor(private readonly bytes: Uint8Array) {
    this.size = bytes.length;
  }

  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    checkRange(this, position, length);
    return Uint8Array.from(this.bytes.subarray(position, position + length));
  }
}

class FileSource implements ByteSource {
  readonly size: number;

  constructor(
    readonly name: string,
    private readonly fd: number,
  ) {
    this.size = fstatSync(fd).size;
  }

  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    checkRange(this, position, length);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.fd, bytes, done, length - done, position + done);
      if (count === 0) throw new FormatError(`${this.name}: the file became shorter while it was read`);
      done += count;
    }
    return bytes;
  }
}

/** Calls `f` with the bytes of a file, or of an array. */
export function withSource<T>(file: string | Uint8Array, f: (source: ByteSource) => T): T {
  if (typeof file !== 'string') return f(new ArraySource(file));
  const fd = openSync(file, 'r');
  try {
    return f(new FileSource(file, fd));
  } finally {
    closeSync(fd);
  }
}

/** Where a file's bytes go, one piece after the other. */
export type Write = (bytes: Uint8Array) => void;

/**
 * Writes a file so that whoever reads it, and whatever interrupts the writing, finds the old content or the new one: to a new
 * file beside it, flushed to the disk, then renamed.
 */
export function writeAtomically(path: string, write: (write: Write) => void): void {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const fd = openSync(temporary, 'wx');
  try {
    try {
      write((bytes) => writeAll(fd, bytes));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}

/** A rename is safe on the disk once its directory is. Windows has no such call, and needs none. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
