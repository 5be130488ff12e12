import { DTYPES, type DTypeInfo } from './dtype.js';
import { describe, InternalError, ValueError } from './errors.js';
import { callArgs, type Handle, native } from './native.js';
import type { Storage } from './storage.js';

/** A strided array: what kernels see of a tensor. Strides and offset count elements. */
export interface Strided {
  readonly storage: Storage;
  readonly dtypeInfo: DTypeInfo;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A complex number, as `item()` returns it. */
export interface ComplexNumber {
  readonly re: number;
  readonly im: number;
}

/** A number in place of an array: it takes the shape of the output, and costs no memory. */
export class Scalar {
  readonly value: number | bigint | ComplexNumber;
  readonly dtypeInfo: DTypeInfo;
  constructor(value: number | bigint | boolean | ComplexNumber, dtype: DTypeInfo) {
    // Only int64 holds what a number cannot.
    const narrow = typeof value === 'boolean' || (typeof value === 'bigint' && dtype.name !== 'int64');
    this.value = narrow ? Number(value) : value;
    this.dtypeInfo = dtype;
  }
}

/** An argument that was left out is `null`. */
export type Operand = Strided | Scalar | null;
/** Parameters of a kernel that are not arrays; a list goes as its length and its elements. */
export type Param = number | boolean | readonly number[];

/** A kernel of the native table. */
export interface Kernel {
  readonly id: number;
  readonly name: string;
}

const ABSENT = 0;
const ARRAY = 1;
const NUMBER = 2;
const COMPLEX = 3;
const BIGINT = 4;

const kernels = new Map<string, Kernel>();

/** The kernel of that name. Operands are its outputs, then its inputs. */
export function kernel(name: string): Kernel {
  let found = kernels.get(name);
  if (found === undefined) {
    const id = native.opId(name);
    if (id < 0) throw new InternalError(`there is no kernel '${name}'`);
    found = { id, name };
    kernels.set(name, found);
  }
  return found;
}

/** For each kernel the dtypes that it takes on each kind of device; none on `cuda` before a CUDA device was asked for. */
export function kernelTable(): Map<string, { outputs: number; cpu: string[]; cuda: string[] }> {
  const table = new Map<string, { outputs: number; cpu: string[]; cuda: string[] }>();
  for (const [name, [outputs, cpu, cuda]] of Object.entries(native.opTable())) {
    table.set(name, { outputs, cpu: dtypesOf(cpu), cuda: dtypesOf(cuda) });
  }
  return table;
}

function dtypesOf(mask: number): string[] {
  return DTYPES.filter(({ code }) => (mask >> code) & 1).map(({ name }) => name);
}

function packArray(args: Float64Array, at: number, array: Strided): number {
  const { shape, strides } = array;
  const ndim = shape.length;
  args[at] = ARRAY;
  args[at + 1] = array.dtypeInfo.code;
  args[at + 2] = ndim;
  // Pieces of a chunk begin at multiples of 64 bytes, so that this is a whole number of elements.
  args[at + 3] = array.offset + array.storage.base / array.dtypeInfo.itemSize;
  let next = at + 4;
  for (let d = 0; d < ndim; d++) args[next++] = shape[d] as number;
  for (let d = 0; d < ndim; d++) args[next++] = strides[d] as number;
  return next;
}

function packScalar(args: Float64Array, at: number, scalar: Scalar): number {
  const { value } = scalar;
  args[at + 1] = scalar.dtypeInfo.code;
  if (typeof value === 'number') {
    args[at] = NUMBER;
    args[at + 2] = value;
    return at + 3;
  }
  if (typeof value === 'bigint') {
    const word = BigInt.asIntN(64, value);
    args[at] = BIGINT;
    args[at + 2] = Number(word >> 32n);
    args[at + 3] = Number(word & 0xffffffffn);
    return at + 4;
  }
  args[at] = COMPLEX;
  args[at + 2] = value.re;
  args[at + 3] = value.im;
  return at + 4;
}

function pack(args: Float64Array, at: number, operand: Operand): number {
  if (operand === null) {
    args[at] = ABSENT;
    return at + 1;
  }
  if (operand instanceof Scalar) return packScalar(args, at, operand);
  return packArray(args, at, operand);
}

function handleOf(operand: Operand): Handle | undefined {
  return operand === null || operand instanceof Scalar ? undefined : operand.storage.handle;
}

/** What users gave may come this far unchecked. */
function isNumberList(param: unknown): param is readonly number[] {
  return Array.isArray(param) && param.every((value) => typeof value === 'number');
}

function packParams(kernel: Kernel, args: Float64Array, at: number, params: readonly Param[]): number {
  let next = at + 1;
  for (const param of params) {
    if (typeof param === 'number') args[next++] = param;
    else if (typeof param === 'boolean') args[next++] = param ? 1 : 0;
    else if (isNumberList(param)) {
      args[next++] = param.length;
      for (const value of param) args[next++] = value;
    } else throw new ValueError(`${kernel.name}: expected a number, got ${describe(param)}`);
  }
  args[at] = next - at - 1;
  return next;
}

/** Runs a kernel that writes `out` from nothing but numbers or one array. */
export function launch1(kernel: Kernel, out: Strided, self: Strided): void {
  const at = packArray(callArgs, packArray(callArgs, 0, out), self);
  callArgs[at] = 0;
  native.launch(kernel.id, 2, out.storage.handle, self.storage.handle);
}

/** Runs a kernel that writes `out` from two operands. */
export function launch2(kernel: Kernel, out: Strided, self: Strided | Scalar, other: Strided | Scalar): void {
  let at = packArray(callArgs, 0, out);
  at = pack(callArgs, at, self);
  at = pack(callArgs, at, other);
  callArgs[at] = 0;
  native.launch(kernel.id, 3, out.storage.handle, handleOf(self), handleOf(other));
}

const MAX_OPERANDS = 16;

/** Runs any kernel: outputs first, then inputs, then the parameters in the order in which the kernel reads them. */
export function launch(kernel: Kernel, operands: readonly Operand[], params: readonly Param[] = []): void {
  let words = 1;
  for (const operand of operands)
    words += operand === null ? 1 : operand instanceof Scalar ? 4 : 4 + 2 * operand.shape.length;
  for (const param of params) words += Array.isArray(param) ? param.length + 1 : 1;
  const fits = operands.length <= MAX_OPERANDS && words <= callArgs.length;
  const args = fits ? callArgs : new Float64Array(words);
  let at = 0;
  for (const operand of operands) at = pack(args, at, operand);
  packParams(kernel, args, at, params);
  const handles = operands.map(handleOf);
  if (fits) native.launch(kernel.id, operands.length, ...handles);
  else native.launchList(kernel.id, handles, args);
}

/** One element: a number, a boolean, a bigint for int64, or a complex number. */
export function readElement(
  storage: Storage,
  dtype: DTypeInfo,
  element: number,
): number | bigint | boolean | ComplexNumber {
  const value = native.item(storage.handle, dtype.code, element + storage.base / dtype.itemSize);
  return value ?? { re: callArgs[0] as number, im: callArgs[1] as number };
}
