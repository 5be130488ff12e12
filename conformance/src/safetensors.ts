import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DType } from 'ts-torch';

/** One tensor of a safetensors file: its elements are `bytes`, row-major and little-endian, at an aligned address. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file whose header and data do not fit each other. */
export class SafetensorsError extends Error {}

const DTYPES: Readonly<Record<string, readonly [dtype: DType, itemSize: number]>> = {
  F64: ['float64', 8],
  F32: ['float32', 4],
  F16: ['float16', 2],
  BF16: ['bfloat16', 2],
  I64: ['int64', 8],
  I32: ['int32', 4],
  I16: ['int16', 2],
  I8: ['int8', 1],
  U8: ['uint8', 1],
  BOOL: ['bool', 1],
};

const HEADER_LIMIT = 100 * 2 ** 20;

/** Reads a safetensors file (`.gz`: compressed) into its tensors by name. */
export function readSafetensors(path: string): Map<string, StoredTensor> {
  const file = readFileSync(path);
  return parseSafetensors(path.endsWith('.gz') ? gunzipSync(file) : file);
}

/**
 * The tensors of a safetensors file: eight bytes with the header's length, the header (JSON), the data.
 * Throws {@link SafetensorsError} where anything reaches outside of the file.
 */
export function parseSafetensors(file: Uint8Array): Map<string, StoredTensor> {
  if (file.length < 8) throw new SafetensorsError(`expected at least 8 bytes, got ${file.length}`);
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > file.length)
    throw new SafetensorsError(`a header of ${length} bytes does not fit a file of ${file.length}`);
  const data = file.subarray(8 + length);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(parseHeader(file.subarray(8, 8 + length)))) {
    if (name !== '__metadata__') tensors.set(name, readEntry(name, entry, data));
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SafetensorsError(`the header is not JSON: ${(error as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new SafetensorsError('the header is not an object');
  return header as Record<string, unknown>;
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, entry: unknown, data: Uint8Array): StoredTensor {
  const { dtype: code, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  const known = Object.hasOwn(DTYPES, String(code)) ? DTYPES[String(code)] : undefined;
  if (known === undefined) throw new SafetensorsError(`${name}: unknown dtype ${String(code)}`);
  if (!Array.isArray(shape) || !shape.every(isSize)) throw new SafetensorsError(`${name}: not a shape: ${shape}`);
  const [begin, end] = Array.isArray(range) ? range : [];
  if (!isSize(begin) || !isSize(end) || begin > end || end > data.length)
    throw new SafetensorsError(`${name}: bytes ${begin} to ${end} lie outside of ${data.length}`);
  const [dtype, itemSize] = known;
  const expected = shape.reduce((product, size) => product * size, itemSize);
  if (end - begin !== expected)
    throw new SafetensorsError(`${name}: ${end - begin} bytes where [${shape}] of ${dtype} takes ${expected}`);
  // A copy: typed arrays need aligned addresses.
  return { dtype, shape, bytes: Uint8Array.from(data.subarray(begin, end)) };
}
