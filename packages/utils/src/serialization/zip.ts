import { crc32 } from 'node:zlib';
import type { ByteSource, Write } from './bytes.js';
import { FormatError } from './format-error.js';

// The part of PKWARE's APPNOTE 6.3 that PyTorch's archives use: stored entries, zip64 where sizes need it.

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LIMIT32 = 0xffffffff;
/** PyTorch pads the data of each entry to this, so that it may be mapped into memory. */
const ALIGNMENT = 64;
/** 1980-01-01: files of one content are equal. */
const DOS_DATE = 0x21;
const MAX_ENTRIES = 100_000;
/** Pieces that data is read, checked and written in. */
export const CHUNK = 1 << 22;

/** Fields of a record, as [bytes, value]. */
function record(fields: readonly (readonly [bytes: 2 | 4 | 8, value: number])[], ...tail: Uint8Array[]): Buffer {
  const head = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 8) head.writeBigUInt64LE(BigInt(value), at);
    else head.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return Buffer.concat([head, ...tail]);
}

interface Written {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
}

/** Data of an entry in pieces, which can be asked for twice: once for the checksum, once to write. */
export type Pieces = () => Iterable<Uint8Array>;

/** Writes an archive of stored entries. */
export class ZipWriter {
  private readonly entries: Written[] = [];
  private offset = 0;

  constructor(private readonly out: Write) {}

  private write(bytes: Uint8Array): void {
    this.out(bytes);
    this.offset += bytes.length;
  }

  add(path: string, pieces: Pieces): void {
    let size = 0;
    let crc = 0;
    for (const piece of pieces()) {
      size += piece.length;
      crc = crc32(piece, crc);
    }
    const name = Buffer.from(path);
    const entry = { name, size, crc, offset: this.offset };
    const big = size >= LIMIT32;
    const extra64 = big
      ? record([
          [2, 1],
          [2, 16],
          [8, size],
          [8, size],
        ])
      : Buffer.alloc(0);
    const head = 30 + name.length + extra64.length;
    const padding = paddingExtra(this.offset + head);
    this.write(
      record(
        [[4, LOCAL], ...commonFields(entry, big), [2, name.length], [2, extra64.length + padding.length]],
        name,
        extra64,
        padding,
      ),
    );
    for (const piece of pieces()) this.write(piece);
    this.entries.push(entry);
  }

  /** Writes the directory; the archive is complete then. */
  finish(): void {
    const start = this.offset;
    for (const entry of this.entries) this.write(centralRecord(entry));
    const size = this.offset - start;
    const count = this.entries.length;
    if (start >= LIMIT32 || size >= LIMIT32 || count >= 0xffff) {
      const end64 = this.offset;
      this.write(
        record([
          [4, END64],
          [8, 44],
          [2, 45],
          [2, 45],
          [4, 0],
          [4, 0],
          [8, count],
          [8, count],
          [8, size],
          [8, start],
        ]),
      );
      this.write(
        record([
          [4, LOCATOR64],
          [4, 0],
          [8, end64],
          [4, 1],
        ]),
      );
    }
    const short = Math.min(count, 0xffff);
    this.write(
      record([
        [4, END],
        [2, 0],
        [2, 0],
        [2, short],
        [2, short],
        [4, Math.min(size, LIMIT32)],
        [4, Math.min(start, LIMIT32)],
        [2, 0],
      ]),
    );
  }
}

/** An extra field of the size after which the data lies aligned: PyTorch's, which holds `Z`s. */
function paddingExtra(headEnd: number): Buffer {
  const fill = (ALIGNMENT - ((headEnd + 4) % ALIGNMENT)) % ALIGNMENT;
  return record(
    [
      [2, 0x4246],
      [2, fill],
    ],
    Buffer.alloc(fill, 'Z'),
  );
}

function commonFields({ crc, size }: Written, big: boolean): (readonly [2 | 4, number])[] {
  const short = big ? LIMIT32 : size;
  // Version needed, flags (names are UTF-8), method (stored), time, date, checksum, compressed and full size.
  return [
    [2, big ? 45 : 20],
    [2, 0x0800],
    [2, 0],
    [2, 0],
    [2, DOS_DATE],
    [4, crc],
    [4, short],
    [4, short],
  ];
}

function centralRecord(entry: Written): Buffer {
  const { name, size, offset } = entry;
  const big = size >= LIMIT32;
  const far = offset >= LIMIT32;
  const values64 = [...(big ? [size, size] : []), ...(far ? [offset] : [])].map((value) => [8, value] as const);
  const extra = values64.length === 0 ? Buffer.alloc(0) : record([[2, 1], [2, 8 * values64.length], ...values64]);
  return record(
    [
      [4, CENTRAL],
      [2, 45],
      ...commonFields(entry, big),
      [2, name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, far ? LIMIT32 : offset],
    ],
    name,
    extra,
  );
}

// --- Reading --------------------------------------------------------------------------------------------------------------

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Where the data begins. */
  readonly data: number;
}

interface Listed extends Omit<ZipEntry, 'data'> {
  readonly header: number;
}

/** Reads fields of a record one after the other. */
class Cursor {
  private readonly view: DataView;
  at = 0;

  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u16(): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  u64(): number {
    this.at += 8;
    return Number(this.view.getBigUint64(this.at - 8, true));
  }

  skip(bytes: number): this {
    this.at += bytes;
    return this;
  }

  take(bytes: number): Uint8Array {
    this.at += bytes;
    return this.bytes.subarray(this.at - bytes, this.at);
  }
}

interface Directory {
  readonly count: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The entries of an archive by name. Throws {@link FormatError} for all that PyTorch's archives do not have: compression,
 * encryption, entries that overlap or are named twice, names that lead out of the archive, headers that contradict each other.
 */
export function readZip(source: ByteSource): Map<string, ZipEntry> {
  const directory = findDirectory(source);
  const listed = readDirectory(source, directory);
  const entries = new Map<string, ZipEntry>();
  let free = 0;
  for (const entry of listed.sort((a, b) => a.header - b.header)) {
    if (entry.header < free) throw new FormatError(`${source.name}: entry '${entry.name}' overlaps another one`);
    const complete = readLocal(source, entry);
    free = complete.data + complete.size;
    if (free > directory.start) throw new FormatError(`${source.name}: entry '${entry.name}' overlaps the directory`);
    if (entries.has(entry.name)) throw new FormatError(`${source.name}: entry '${entry.name}' is there twice`);
    entries.set(entry.name, complete);
  }
  return entries;
}

function findDirectory(source: ByteSource): Directory {
  const tail = Math.min(source.size, 22 + 0xffff);
  const bytes = source.read(source.size - tail, tail);
  for (let at = tail - 22; at >= 0; at--) {
    const cursor = new Cursor(bytes).skip(at);
    if (cursor.u32() !== END) continue;
    const disks = [cursor.u16(), cursor.u16()];
    const counts = [cursor.u16(), cursor.u16()];
    const [size, start] = [cursor.u32(), cursor.u32()];
    if (cursor.u16() !== tail - at - 22) continue;
    if (disks.some((disk) => disk !== 0) || counts[0] !== counts[1])
      throw new FormatError(`${source.name}: an archive in several parts`);
    const position = source.size - tail + at;
    const short = { count: counts[0] as number, size, start, end: position };
    const found = directory64(source, position) ?? short;
    if ([short.size, short.start].includes(LIMIT32) && found === short)
      throw new FormatError(`${source.name}: offset ${position}: expected a zip64 end record before it`);
    if (found.start + found.size !== found.end)
      throw new FormatError(
        `${source.name}: offset ${found.start}: the directory does not end where its end is recorded`,
      );
    if (found.count > MAX_ENTRIES)
      throw new FormatError(`${source.name}: ${found.count} entries, expected at most ${MAX_ENTRIES}`);
    return found;
  }
  throw new FormatError(`${source.name}: not a zip archive: it has no end record`);
}

/** The record of archives that are large; PyTorch writes it in all. */
function directory64(source: ByteSource, end: number): Directory | undefined {
  if (end < 76) return undefined;
  const locator = new Cursor(source.read(end - 20, 20));
  if (locator.u32() !== LOCATOR64) return undefined;
  const position = locator.skip(4).u64();
  const cursor = new Cursor(source.read(position, 56));
  if (cursor.u32() !== END64) throw new FormatError(`${source.name}: offset ${position}: expected a zip64 end record`);
  if (position + 76 !== end)
    throw new FormatError(`${source.name}: offset ${position}: expected the zip64 end record at the end`);
  const count = cursor.skip(20).u64();
  if (cursor.u64() !== count) throw new FormatError(`${source.name}: an archive in several parts`);
  const [size, start] = [cursor.u64(), cursor.u64()];
  return { count, size, start, end: position };
}

function readDirectory(source: ByteSource, { count, size, start }: Directory): Listed[] {
  const cursor = new Cursor(source.read(start, size));
  const entries: Listed[] = [];
  for (let i = 0; i < count; i++) {
    const fail = (reason: string): never => {
      throw new FormatError(`${source.name}: entry ${i} of the directory: ${reason}`);
    };
    if (cursor.left < 46 || cursor.u32() !== CENTRAL) fail('it is cut off');
    const flags = cursor.skip(4).u16();
    const method = cursor.u16();
    const crc = cursor.skip(4).u32();
    const sizes = [cursor.u32(), cursor.u32()] as const;
    const [nameLength, extraLength, commentLength] = [cursor.u16(), cursor.u16(), cursor.u16()];
    const header = cursor.skip(8).u32();
    if (cursor.left < nameLength + extraLength + commentLength) fail('it is cut off');
    const name = readName(cursor.take(nameLength)) ?? fail('its name is not allowed');
    const extra = new Cursor(Uint8Array.from(cursor.take(extraLength)));
    cursor.skip(commentLength);
    if (flags & 1) fail(`'${name}' is encrypted`);
    if (method !== 0) fail(`'${name}' is compressed`);
    const [full, stored, at] = read64(extra, [sizes[1], sizes[0], header]) ?? fail(`'${name}' lacks its zip64 sizes`);
    if (full !== stored) fail(`'${name}' has two sizes, ${full} and ${stored}`);
    entries.push({ name, size: full as number, crc, header: at as number });
  }
  if (cursor.left !== 0) throw new FormatError(`${source.name}: ${cursor.left} bytes too many in the directory`);
  return entries;
}

/** Names stay inside of the archive's folder. */
function readName(bytes: Uint8Array): string | undefined {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const parts = name.split('/');
  const bad =
    name === '' || name.includes('\0') || name.includes('\\') || parts.some((part) => part === '' || part === '..');
  return bad ? undefined : name;
}

/** Sizes of 32 bits, those that are full taken from the zip64 extra field; undefined where it lacks them. */
function read64(extra: Cursor, values: readonly number[]): number[] | undefined {
  if (!values.includes(LIMIT32)) return [...values];
  while (extra.left >= 4) {
    const [id, length] = [extra.u16(), extra.u16()];
    if (length > extra.left) return undefined;
    if (id !== 1) {
      extra.skip(length);
      continue;
    }
    const wide = values.filter((value) => value === LIMIT32).length;
    return length < 8 * wide ? undefined : values.map((value) => (value === LIMIT32 ? extra.u64() : value));
  }
  return undefined;
}

/** Finds the data behind the local header, which must say what the directory says. */
function readLocal(source: ByteSource, entry: Listed): ZipEntry {
  const { name, size, crc, header } = entry;
  const cursor = new Cursor(source.read(header, 30));
  const fail = (reason: string): never => {
    throw new FormatError(`${source.name}: offset ${header}: entry '${name}': ${reason}`);
  };
  if (cursor.u32() !== LOCAL) fail('expected a local header');
  const flags = cursor.skip(2).u16();
  const method = cursor.u16();
  const localCrc = cursor.skip(4).u32();
  const sizes = [cursor.u32(), cursor.u32()];
  const [nameLength, extraLength] = [cursor.u16(), cursor.u16()];
  const rest = new Cursor(source.read(header + 30, nameLength + extraLength));
  if (readName(rest.take(nameLength)) !== name) fail('its local header has another name');
  if (method !== 0 || flags & 1) fail('its local header says that it is compressed or encrypted');
  // With flag 3 checksum and sizes come behind the data, and the header has zeros.
  const known =
    flags & 8 ? [crc, size, size] : [localCrc, ...(read64(rest, sizes) ?? fail('it lacks its zip64 sizes'))];
  if (known[0] !== crc || known[1] !== size || known[2] !== size) fail('its local header and the directory differ');
  return { name, size, crc, data: header + 30 + nameLength + extraLength };
}

/** The data of an entry in pieces; throws {@link FormatError} at the end where its checksum is wrong. */
export function* readPieces(
  source: ByteSource,
  { name, size, crc, data }: ZipEntry,
): Generator<Uint8Array<ArrayBuffer>> {
  let actual = 0;
  for (let at = 0; at < size; at += CHUNK) {
    const piece = source.read(data + at, Math.min(CHUNK, size - at));
    actual = crc32(piece, actual);
    yield piece;
  }
  if (actual !== crc)
    throw new FormatError(`${source.name}: offset ${data}: entry '${name}' is damaged: its checksum is wrong`);
}

/** The whole data of an entry. */
export function readEntry(source: ByteSource, entry: ZipEntry): Buffer {
  return Buffer.concat([...readPieces(source, entry)]);
}
