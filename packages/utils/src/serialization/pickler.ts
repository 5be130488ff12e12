import { type DType, describe, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { STORAGE_CLASSES } from './dtypes.js';

type Storage = Tensor['storage'];

/** A storage that the pickle names, as elements of one dtype. */
export interface SavedStorage {
  readonly key: string;
  readonly storage: Storage;
  readonly byteLength: number;
}

/** Parts of a pickle in protocol 2: see Python's `pickletools`. */
const op = (code: string): Buffer => Buffer.from(code, 'latin1');
const global = (module: string, name: string): Buffer => op(`c${module}\n${name}\n`);

const PROTO2 = op('\x80\x02');
const STOP = op('.');
const MARK = op('(');
const TUPLE = op('t');
const REDUCE = op('R');
const PERSISTENT = op('Q');
const NONE = op('N');
const TRUE = op('\x88');
const FALSE = op('\x89');
const REBUILD_TENSOR = global('torch._utils', '_rebuild_tensor_v2');
/** `OrderedDict()`: the hooks of a tensor, none. */
const NO_HOOKS = Buffer.concat([global('collections', 'OrderedDict'), op(')R')]);

function packed(code: string, bytes: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(1 + bytes);
  buffer.write(code, 'latin1');
  write(buffer);
  return buffer;
}

function integer(value: bigint): Buffer {
  if (value >= 0n && value < 0x100n) return packed('K', 1, (buffer) => buffer.writeUInt8(Number(value), 1));
  if (value >= 0n && value < 0x10000n) return packed('M', 2, (buffer) => buffer.writeUInt16LE(Number(value), 1));
  if (BigInt.asIntN(32, value) === value) return packed('J', 4, (buffer) => buffer.writeInt32LE(Number(value), 1));
  let bytes = 5;
  while (BigInt.asIntN(8 * bytes, value) !== value) bytes++;
  if (bytes > 255) throw new ValueError('save: an integer of more than 255 bytes');
  const digits = Array.from({ length: bytes }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
  return Buffer.concat([op('\x8a'), Uint8Array.of(bytes, ...digits)]);
}

function number(value: number): Buffer {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return integer(BigInt(value));
  return packed('G', 8, (buffer) => buffer.writeDoubleBE(value, 1));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = packed('X', 4, (buffer) => buffer.writeUInt32LE(bytes.length, 1));
  return Buffer.concat([head, bytes]);
}

/** Writes values as a pickle; tensors' storages are collected beside it. */
export class Pickler {
  readonly storages: SavedStorage[] = [];
  private readonly known = new Map<Storage, Map<DType, SavedStorage>>();
  private readonly parts: Buffer[] = [];
  /** The values that the current one lies in. */
  private readonly path = new Set<object>();

  /** The pickle of one value. Throws {@link ValueError} for what is no tensor, number, string, list or dictionary. */
  pickle(value: unknown): Buffer {
    this.parts.push(PROTO2);
    this.value(value, 'the value');
    this.parts.push(STOP);
    return Buffer.concat(this.parts);
  }

  private value(value: unknown, where: string): void {
    if (value === null || value === undefined) this.parts.push(NONE);
    else if (typeof value === 'boolean') this.parts.push(value ? TRUE : FALSE);
    else if (typeof value === 'number') this.parts.push(number(value));
    else if (typeof value === 'bigint') this.parts.push(integer(value));
    else if (typeof value === 'string') this.parts.push(text(value));
    else if (value instanceof Tensor) this.tensor(value);
    else if (typeof value === 'object') this.container(value, where);
    else throw new ValueError(`save: cannot write ${describe(value)}, ${where}`);
  }

  private container(value: object, where: string): void {
    if (this.path.has(value)) throw new ValueError(`save: cannot write ${where}: it contains itself`);
    this.path.add(value);
    if (Array.isArray(value)) this.list(value, where);
    else if (value instanceof Map) this.dictionary(value, where);
    else if ([Object.prototype, null].includes(Object.getPrototypeOf(value)))
      this.dictionary(Object.entries(value), where);
    else throw new ValueError(`save: cannot write ${describe(value)}, ${where}: save its state, such as stateDict()`);
    this.path.delete(value);
  }

  private list(items: readonly unknown[], where: string): void {
    this.parts.push(op(']('));
    for (const [i, item] of items.entries()) this.value(item, `${where}[${i}]`);
    this.parts.push(op('e'));
  }

  private dictionary(entries: Iterable<readonly [unknown, unknown]>, where: string): void {
    this.parts.push(op('}('));
    for (const [key, value] of entries) {
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new ValueError(
          `save: cannot write ${where}: expected keys that are strings or numbers, got ${describe(key)}`,
        );
      this.value(key, where);
      this.value(value, where === 'the value' ? key.toString() : `${where}.${key}`);
    }
    this.parts.push(op('u'));
  }

  private integers(values: readonly number[]): void {
    this.parts.push(MARK, ...values.map(number), TUPLE);
  }

  private tensor(tensor: Tensor): void {
    const saved = this.storageOf(tensor);
    const storageClass = global('torch', STORAGE_CLASSES[tensor.dtype]);
    this.parts.push(
      REBUILD_TENSOR,
      MARK,
      MARK,
      text('storage'),
      storageClass,
      text(saved.key),
      text(String(tensor.device)),
    );
    this.parts.push(number(saved.byteLength / tensor.elementSize()), TUPLE, PERSISTENT, number(tensor.offset));
    this.integers(tensor.shape);
    this.integers(tensor.strides);
    this.parts.push(tensor.requiresGrad ? TRUE : FALSE, NO_HOOKS, TUPLE, REDUCE);
  }

  /** Tensors that share memory share it in the file, too. */
  private storageOf({ storage, dtype, dtypeInfo }: Tensor): SavedStorage {
    const byDtype = this.known.get(storage) ?? new Map<DType, SavedStorage>();
    this.known.set(storage, byDtype);
    const known = byDtype.get(dtype);
    if (known !== undefined) return known;
    const byteLength = storage.byteLength - (storage.byteLength % dtypeInfo.itemSize);
    const saved = { key: String(this.storages.length), storage, byteLength };
    byDtype.set(dtype, saved);
    this.storages.push(saved);
    return saved;
  }
}
