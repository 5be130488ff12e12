import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fromTypedArray, type Tensor } from '@ts-torch/tensor';
import { FormatError } from '@ts-torch/utils';

/** Unpacked, no file of these sets is larger. */
const MAX_UNPACKED = 2 ** 30;
const UNSIGNED_BYTE = 0x08;

/** Reads an idx file of bytes, as MNIST has them; `.gz` files are unpacked. Throws {@link FormatError}. */
export function readIdx(path: string): Tensor {
  return parseIdx(path.endsWith('.gz') ? unpack(path) : readFileSync(path), path);
}

function unpack(path: string): Buffer {
  try {
    return gunzipSync(readFileSync(path), { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    throw new FormatError(`${path}: cannot be unpacked: ${(error as Error).message}`);
  }
}

/**
 * An idx file's array, which shares the memory of the bytes: two zeros, the type (8: unsigned bytes), the number of dimensions,
 * their sizes (32 bits, big-endian), the elements. LeCun, "The MNIST database of handwritten digits".
 *
 * @example vision.datasets.parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 5), 'labels') // tensor([7, 5], dtype=torch.uint8)
 */
export function parseIdx(bytes: Uint8Array, name: string): Tensor {
  const fail = (reason: string): never => {
    throw new FormatError(`${name}: ${reason}`);
  };
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    fail('not an idx file: expected it to start with two zeros');
  const [type, rank] = [bytes[2], bytes[3] as number];
  if (type !== UNSIGNED_BYTE) fail(`offset 2: expected type 8, unsigned bytes, got ${type}`);
  const start = 4 + 4 * rank;
  if (rank === 0 || bytes.length < start) fail(`offset 3: ${rank} dimensions in a file of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d));
  const numel = shape.reduce((product, size) => product * size, 1);
  if (numel !== bytes.length - start)
    fail(`offset 4: [${shape.join(', ')}] has ${numel} elements, the file ${bytes.length - start} bytes for them`);
  return fromTypedArray(bytes.subarray(start), shape);
}
