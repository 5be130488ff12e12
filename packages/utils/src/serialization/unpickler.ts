import { type DType, type DTypeInfo, describe, dtypeInfo } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { requireGrad } from '@ts-torch/tensor/internal';
import { STORAGE_CLASSES } from './dtypes.js';
import { FormatError } from './format-error.js';

type Storage = Tensor['storage'];

/** A storage of the file, with the dtype that its tensors have. */
interface TypedStorage {
  readonly storage: Storage;
  readonly dtype: DTypeInfo;
  readonly numel: number;
}

/** Gives the memory of a storage, which must have this many bytes. */
export type LoadStorage = (key: string, byteLength: number, location: string) => Storage;

const MAX_STACK = 1_000_000;
const MAX_NESTING = 1000;

class OrderedDict extends Map<unknown, unknown> {}

/** A name that a pickle may use: a function of a tuple of arguments, or a plain value. */
class Global {
  constructor(
    readonly name: string,
    readonly call: ((args: readonly unknown[], fail: Fail) => unknown) | null,
    readonly value: unknown = null,
  ) {}
}

type Fail = (reason: string) => never;

class StorageClass {
  constructor(readonly dtype: DType) {}
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every(isSize);

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`: the view must lie within its storage. */
function rebuildTensor([typed, offset, shape, strides, requiresGrad]: readonly unknown[], fail: Fail): Tensor {
  const { storage, dtype, numel } = isTypedStorage(typed) ? typed : fail('a tensor without a storage');
  if (!isSize(offset) || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length)
    return fail(`a tensor of offset ${describe(offset)}, size ${describe(shape)}, stride ${describe(strides)}`);
  const empty = shape.includes(0);
  const last = shape.reduce((sum, size, d) => sum + (size - 1) * (strides[d] as number), offset);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count) || (empty ? offset > numel : !(last < numel)))
    fail(
      `a tensor of offset ${offset}, size ${describe(shape)}, stride ${describe(strides)} reaches beyond its ${numel} elements`,
    );
  const tensor = new Tensor(storage, shape, strides, offset, dtype);
  if (requiresGrad !== true) return tensor;
  if (dtype.rank < 2) return fail(`a tensor of ${dtype.name} that requires a gradient`);
  return requireGrad(tensor);
}

function rebuildParameter([data, requiresGrad]: readonly unknown[], fail: Fail): Tensor {
  if (!(data instanceof Tensor)) return fail('a parameter without a tensor');
  return requiresGrad === true && data.dtypeInfo.rank >= 2 ? requireGrad(data) : data;
}

function orderedDict([items]: readonly unknown[], fail: Fail): OrderedDict {
  if (items === undefined) return new OrderedDict();
  const isPair = (item: unknown): item is [unknown, unknown] => Array.isArray(item) && item.length === 2;
  if (!Array.isArray(items) || !items.every(isPair)) return fail('an OrderedDict of something else than pairs');
  for (const [key] of items) checkKey(key, fail);
  return new OrderedDict(items);
}

function counter([counts]: readonly unknown[], fail: Fail): unknown {
  return counts instanceof Map ? counts : fail('a Counter without counts');
}

function singleArgument(kind: string, fits: (value: unknown) => boolean) {
  return ([value]: readonly unknown[], fail: Fail): unknown =>
    fits(value) ? value : fail(`a ${kind} of ${describe(value)}`);
}

/** All that a pickle may name, exactly. Whatever else it names is refused: a pickle could run any program otherwise. */
const GLOBALS = new Map<string, Global>(
  [
    new Global('torch._utils _rebuild_tensor_v2', rebuildTensor),
    new Global('torch._utils _rebuild_parameter', rebuildParameter),
    new Global('collections OrderedDict', orderedDict),
    new Global('collections Counter', counter),
    new Global('torch Size', singleArgument('torch.Size', isSizes)),
    new Global(
      'torch device',
      singleArgument('torch.device', (value) => typeof value === 'string'),
    ),
    ...Object.entries(STORAGE_CLASSES).flatMap(([dtype, name]) => [
      new Global(`torch ${name}`, null, new StorageClass(dtype as DType)),
      new Global(`torch ${dtype}`, null, dtype),
    ]),
  ].map((entry) => [entry.name, entry]),
);

function isTypedStorage(value: unknown): value is TypedStorage {
  return (
    typeof value === 'object' && value !== null && 'storage' in value && 'numel' in value && !(value instanceof Tensor)
  );
}

function checkKey(key: unknown, fail: Fail): void {
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'boolean')
    fail(`a dictionary with the key ${describe(key)}`);
}

/**
 * Reads a pickle of state dicts: a stack machine that knows the opcodes of protocol 2 that such pickles have, and no names but
 * the table's. Throws {@link FormatError} for anything else.
 */
export class Unpickler {
  private readonly view: DataView;
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, unknown>();
  /** Lists, as opposed to tuples: only those may grow. */
  private readonly lists = new WeakSet<object>();
  private readonly storages = new Map<string, TypedStorage>();
  private at = 0;
  private opcodeAt = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly source: string,
    private readonly loadStorage: LoadStorage,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private readonly fail: Fail = (reason) => {
    throw new FormatError(`${this.source}: data.pkl, offset ${this.opcodeAt}: ${reason}`);
  };

  load(): unknown {
    if (this.u8() !== 0x80 || this.u8() !== 2) this.fail('expected a pickle of protocol 2');
    for (;;) {
      this.opcodeAt = this.at;
      const code = this.u8();
      if (code === 0x2e) break;
      const run = OPCODES.get(code) ?? this.fail(`opcode 0x${code.toString(16)} is not allowed`);
      run(this.machine);
      if (this.stack.length > MAX_STACK) this.fail(`more than ${MAX_STACK} values on the stack`);
    }
    if (this.at !== this.bytes.length) this.fail(`${this.bytes.length - this.at} bytes after the end`);
    if (this.stack.length !== 1 || this.marks.length !== 0)
      this.fail(`${this.stack.length} values are left, expected one`);
    return this.plain(this.stack[0], new Map(), 0);
  }

  // --- What opcodes do ----------------------------------------------------------------------------------------------------

  private readonly machine = {
    push: (value: unknown): void => {
      this.stack.push(value);
    },
    pop: (): unknown => this.pop(),
    top: (): unknown =>
      this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.at(-1) : this.fail('an empty stack'),
    mark: (): void => {
      if (this.marks.length >= MAX_NESTING) this.fail(`more than ${MAX_NESTING} marks`);
      this.marks.push(this.stack.length);
    },
    popMark: (): unknown[] => this.stack.splice(this.marks.pop() ?? this.fail('no mark')),
    list: (): unknown[] => {
      const list: unknown[] = [];
      this.lists.add(list);
      return list;
    },
    append: (target: unknown, items: readonly unknown[]): void => {
      if (!Array.isArray(target) || !this.lists.has(target))
        this.fail(`items for ${describe(target)}, which is no list`);
      else for (const item of items) target.push(item);
    },
    set: (target: unknown, items: readonly unknown[]): void => {
      const dictionary =
        target instanceof Map ? target : this.fail(`items for ${describe(target)}, which is no dictionary`);
      if (items.length % 2 !== 0) this.fail('a key without a value');
      for (let i = 0; i < items.length; i += 2) {
        checkKey(items[i], this.fail);
        dictionary.set(items[i], items[i + 1]);
      }
    },
    memoize: (index: number, value: unknown): void => {
      if (index > this.opcodeAt) this.fail(`memo ${index} has no place yet`);
      this.memo.set(index, value);
    },
    recall: (index: number): unknown =>
      this.memo.has(index) ? this.memo.get(index) : this.fail(`memo ${index} is empty`),
    global: (): unknown => {
      const name = `${this.line()} ${this.line()}`;
      const known = GLOBALS.get(name) ?? this.fail(`the name '${name.replace(' ', '.')}' is not allowed`);
      return known.call === null ? known.value : known;
    },
    reduce: (callee: unknown, args: unknown): unknown => {
      if (!(callee instanceof Global) || callee.call === null) return this.fail(`a call of ${describe(callee)}`);
      return Array.isArray(args) ? callee.call(args, this.fail) : this.fail(`arguments that are ${describe(args)}`);
    },
    // The state of an OrderedDict is PyTorch's `_metadata`: versions of modules, which nothing here needs.
    build: (target: unknown): void => {
      if (!(target instanceof OrderedDict)) this.fail(`a state for ${describe(target)}`);
    },
    storage: (id: unknown): TypedStorage => this.storage(id),
    u8: (): number => this.u8(),
    u16: (): number => this.take(2, (at) => this.view.getUint16(at, true)),
    u32: (): number => this.take(4, (at) => this.view.getUint32(at, true)),
    i32: (): number => this.take(4, (at) => this.view.getInt32(at, true)),
    f64: (): number => this.take(8, (at) => this.view.getFloat64(at, false)),
    text: (length: number): string => this.take(length, (at) => this.decode(this.bytes.subarray(at, at + length))),
    long: (length: number): number | bigint =>
      this.take(length, (at) => this.long(this.bytes.subarray(at, at + length))),
  };

  private pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.fail('an empty stack');
    return this.stack.pop();
  }

  private take<T>(length: number, read: (at: number) => T): T {
    if (length > this.bytes.length - this.at)
      this.fail(`${length} bytes where ${this.bytes.length - this.at} are left`);
    this.at += length;
    return read(this.at - length);
  }

  private u8(): number {
    return this.take(1, (at) => this.view.getUint8(at));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end === -1 || end - this.at > 256) this.fail('a name without end');
    const line = this.bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }

  private decode(bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.fail('text that is not UTF-8');
    }
  }

  private long(bytes: Uint8Array): number | bigint {
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
    value = BigInt.asIntN(8 * bytes.length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** `('storage', class, key, location, numel)`. */
  private storage(id: unknown): TypedStorage {
    const [kind, storageClass, key, location, numel] = Array.isArray(id) ? id : [];
    const isNamed = kind === 'storage' && typeof key === 'string' && typeof location === 'string';
    if (!isNamed || !(storageClass instanceof StorageClass) || !isSize(numel))
      return this.fail(`a storage named ${describe(id)}`);
    const dtype = dtypeInfo(storageClass.dtype);
    const known = this.storages.get(key);
    if (known !== undefined) {
      if (known.dtype !== dtype || known.numel !== numel) this.fail(`storage '${key}' is described in two ways`);
      return known;
    }
    const byteLength = numel * dtype.itemSize;
    if (!Number.isSafeInteger(byteLength)) this.fail(`a storage of ${numel} elements`);
    const loaded = { storage: this.loadStorage(key, byteLength, location), dtype, numel };
    this.storages.set(key, loaded);
    return loaded;
  }

  // --- The result -----------------------------------------------------------------------------------------------------------

  /** Dictionaries whose keys are all strings become objects without a prototype; others stay maps. */
  private plain(value: unknown, done: Map<object, unknown>, depth: number): unknown {
    if (depth > MAX_NESTING) this.fail(`values nested more than ${MAX_NESTING} deep`);
    if (value instanceof Global || value instanceof StorageClass || isTypedStorage(value))
      this.fail('a value that is neither tensor nor plain data');
    if (typeof value !== 'object' || value === null || value instanceof Tensor) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (value instanceof Map) return this.plainDictionary(value, done, depth);
    const list: unknown[] = [];
    done.set(value, list);
    for (const item of value as unknown[]) list.push(this.plain(item, done, depth + 1));
    return list;
  }

  private plainDictionary(value: Map<unknown, unknown>, done: Map<object, unknown>, depth: number): unknown {
    const named = [...value.keys()].every((key) => typeof key === 'string');
    const object: Record<string, unknown> = Object.create(null);
    const map = new Map<unknown, unknown>();
    done.set(value, named ? object : map);
    for (const [key, item] of value) {
      const converted = this.plain(item, done, depth + 1);
      if (named) object[key as string] = converted;
      else map.set(key, converted);
    }
    return named ? object : map;
  }
}

type Machine = Unpickler['machine'];

/** The opcodes that PyTorch's pickles have; Python's `pickletools` describes them. */
const OPCODES = new Map<number, (machine: Machine) => void>(
  Object.entries({
    N: ({ push }: Machine) => push(null),
    '\x88': ({ push }: Machine) => push(true),
    '\x89': ({ push }: Machine) => push(false),
    K: ({ push, u8 }: Machine) => push(u8()),
    M: ({ push, u16 }: Machine) => push(u16()),
    J: ({ push, i32 }: Machine) => push(i32()),
    '\x8a': ({ push, u8, long }: Machine) => push(long(u8())),
    G: ({ push, f64 }: Machine) => push(f64()),
    X: ({ push, u32, text }: Machine) => push(text(u32())),
    ']': ({ push, list }: Machine) => push(list()),
    '}': ({ push }: Machine) => push(new Map()),
    ')': ({ push }: Machine) => push([]),
    '(': ({ mark }: Machine) => mark(),
    t: ({ push, popMark }: Machine) => push(popMark()),
    '\x85': ({ push, pop }: Machine) => push([pop()]),
    '\x86': ({ push, pop }: Machine) => push([pop(), pop()].reverse()),
    '\x87': ({ push, pop }: Machine) => push([pop(), pop(), pop()].reverse()),
    a: ({ pop, top, append }: Machine) => {
      const item = pop();
      append(top(), [item]);
    },
    e: ({ popMark, top, append }: Machine) => {
      const items = popMark();
      append(top(), items);
    },
    s: ({ pop, top, set }: Machine) => {
      const [value, key] = [pop(), pop()];
      set(top(), [key, value]);
    },
    u: ({ popMark, top, set }: Machine) => {
      const items = popMark();
      set(top(), items);
    },
    q: ({ u8, top, memoize }: Machine) => memoize(u8(), top()),
    r: ({ u32, top, memoize }: Machine) => memoize(u32(), top()),
    h: ({ push, u8, recall }: Machine) => push(recall(u8())),
    j: ({ push, u32, recall }: Machine) => push(recall(u32())),
    c: ({ push, global }: Machine) => push(global()),
    R: ({ push, pop, reduce }: Machine) => {
      const args = pop();
      push(reduce(pop(), args));
    },
    b: ({ pop, top, build }: Machine) => {
      pop();
      build(top());
    },
    Q: ({ push, pop, storage }: Machine) => push(storage(pop())),
  }).map(([code, run]) => [code.charCodeAt(0), run]),
);
