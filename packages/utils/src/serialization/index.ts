import { fileURLToPath } from 'node:url';
import { type Device, DeviceError, type DeviceLike, describe, device, Storage, ValueError } from '@ts-torch/core';
import '@ts-torch/autograd';
import { readOptions } from '@ts-torch/tensor/internal';
import { type ByteSource, type Write, withSource, writeAtomically } from './bytes.js';
import { FormatError } from './format-error.js';
import { Pickler } from './pickler.js';
import { Unpickler } from './unpickler.js';
import { CHUNK, readEntry, readPieces, readZip, type ZipEntry, ZipWriter } from './zip.js';

export { FormatError } from './format-error.js';

const MAX_PICKLE = 2 ** 28;

/** Where to read or write: a path, or a `file:` URL. */
export type FileLike = string | URL;

function pathOf(op: string, file: unknown): string {
  if (file instanceof URL) return fileURLToPath(file);
  if (typeof file === 'string' && file !== '') return file;
  throw new ValueError(`${op}: expected a path, got ${describe(file)}`);
}

function writeArchive(value: unknown, write: Write): void {
  const pickler = new Pickler();
  const pickle = pickler.pickle(value);
  const zip = new ZipWriter(write);
  const add = (name: string, bytes: Uint8Array): void => zip.add(`archive/${name}`, () => [bytes]);
  add('data.pkl', pickle);
  add('byteorder', Buffer.from('little'));
  for (const { key, storage, byteLength } of pickler.storages)
    zip.add(`archive/data/${key}`, function* () {
      for (let at = 0; at < byteLength; at += CHUNK) {
        const piece = new Uint8Array(Math.min(CHUNK, byteLength - at));
        storage.read(at, piece);
        yield piece;
      }
    });
  add('version', Buffer.from('3\n'));
  zip.finish();
}

/**
 * Writes tensors, numbers, strings, lists and dictionaries of such (`model.stateDict()`, a checkpoint) to a file that PyTorch's
 * `torch.load` reads. The file is replaced as a whole: an interrupted save leaves the old one. Tensors that share memory share
 * it in the file. Objects become dictionaries with string keys, maps keep numbers as keys. Throws {@link ValueError} for
 * functions and instances of classes, which a file cannot hold.
 *
 * @example
 * const file = join(tmpdir(), 'ts-torch-example.pt');
 * torch.save(torch.tensor([1, 2]), file);
 * torch.load(file) // tensor([1., 2.])
 */
export function save(value: unknown, file: FileLike): void {
  const path = pathOf('save', file);
  writeAtomically(path, (write) => writeArchive(value, write));
}

/**
 * What {@link save} would write, as bytes.
 *
 * @example torch.load(torch.serialize({ weight: torch.tensor([1, 2]) })).weight // tensor([1., 2.])
 */
export function serialize(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  writeArchive(value, (bytes) => parts.push(Uint8Array.from(bytes)));
  return Buffer.concat(parts);
}

export interface LoadOptions {
  /** The device that tensors are loaded to; that which each was saved on unless given. */
  mapLocation?: DeviceLike | null | undefined;
}

/**
 * Reads what {@link save}, or PyTorch's `torch.save`, wrote: from a path, or from bytes. Nothing in a file is ever run: only tensors and
 * plain data are accepted (PyTorch's `weights_only`), and everything is checked before memory is taken. Dictionaries become
 * objects without a prototype, or maps where a key is no string; tuples become lists; parameters become tensors that require a
 * gradient. Throws {@link FormatError} for anything else.
 *
 * @example torch.load(torch.serialize([torch.tensor([1, 2]), 'a'])) // [tensor([1., 2.]), 'a']
 */
// biome-ignore lint/suspicious/noExplicitAny: only the caller knows what the file holds
export function load(file: FileLike | Uint8Array, options?: LoadOptions): any {
  const defaults: LoadOptions = { mapLocation: null };
  const { mapLocation } = readOptions('load', options, defaults);
  const source = file instanceof Uint8Array ? file : pathOf('load', file);
  const target = mapLocation ? device(mapLocation) : null;
  return withSource(source, (bytes) => readArchive(bytes, target));
}

/** The device that a file names. */
function savedDevice(source: ByteSource, location: string): Device {
  if (location === 'cpu') return device('cpu');
  if (!/^cuda(:\d{1,3})?$/.test(location))
    throw new FormatError(`${source.name}: a tensor on the unknown device ${describe(location)}`);
  try {
    return device(location as DeviceLike);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      `load: ${source.name} holds tensors of ${location}; give mapLocation: 'cpu', since ${error.message}`,
    );
  }
}

function readArchive(source: ByteSource, target: Device | null): unknown {
  const entries = readZip(source);
  const found = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (found.length !== 1)
    throw new FormatError(`${source.name}: expected one data.pkl, as torch.save writes it, got ${found.length}`);
  const folder = (found[0] as string).slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order !== undefined && (order.size > 16 || readEntry(source, order).toString() !== 'little'))
    throw new FormatError(`${source.name}: expected little-endian data`);
  const pickle = entries.get(`${folder}data.pkl`) as ZipEntry;
  if (pickle.size > MAX_PICKLE) throw new FormatError(`${source.name}: a data.pkl of ${pickle.size} bytes`);
  return new Unpickler(readEntry(source, pickle), source.name, (key, byteLength, location) => {
    const entry = entries.get(`${folder}data/${key}`);
    if (entry === undefined) throw new FormatError(`${source.name}: storage '${key}' is missing`);
    if (entry.size !== byteLength)
      throw new FormatError(`${source.name}: storage '${key}' has ${entry.size} bytes, its tensors need ${byteLength}`);
    return readStorage(source, entry, target ?? savedDevice(source, location));
  }).load();
}

function readStorage(source: ByteSource, entry: ZipEntry, target: Device): Storage {
  const storage = Storage.allocate(entry.size, target);
  let at = 0;
  for (const piece of readPieces(source, entry)) {
    storage.write(at, piece);
    at += piece.length;
  }
  return storage;
}
