import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readSafetensors, type StoredTensor } from './safetensors.js';

/** A value as the oracle writes it: plain JSON, or an object with one key (oracle/README.md). */
export type Encoded = null | boolean | number | string | readonly Encoded[] | { readonly [key: string]: Encoded };

/** One recorded call of an operator. */
export interface Case {
  readonly id: string;
  readonly op: string;
  readonly variant?: string;
  /** PyTorch's signature with the arguments of this call. */
  readonly params?: readonly (readonly [name: string, required: boolean, value: Encoded])[];
  readonly args?: readonly Encoded[];
  readonly kwargs?: Readonly<Record<string, Encoded>>;
  readonly method?: boolean;
  readonly inplace?: boolean;
  readonly out?: Encoded;
  readonly out_like?: readonly { readonly shape: readonly number[]; readonly dtype: string }[];
  readonly grads?: readonly Encoded[];
  readonly requires_grad?: readonly boolean[];
  readonly compare?: 'shape' | 'gauge';
  readonly error?: boolean;
}

/** The cases of one file, and the tensors that they name. */
export interface Group<T = Case> {
  readonly name: string;
  readonly cases: readonly T[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** The oracle that is part of the repository. */
export const ORACLE = join(import.meta.dirname, '../oracle');

const CASES = '.cases.jsonl.gz';

/** Reads a folder of the oracle (`operators`, `modules`, `optimizers`): each group's cases and tensors. */
export function readGroups<T = Case>(folder: string): Group<T>[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(CASES))
    .sort()
    .map((file) => readGroup<T>(folder, file.slice(0, -CASES.length)));
}

function readGroup<T>(folder: string, name: string): Group<T> {
  const lines = gunzipSync(readFileSync(join(folder, `${name}${CASES}`)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const tensors = join(folder, `${name}.tensors.safetensors.gz`);
  return {
    name,
    cases: lines.map((line) => JSON.parse(line) as T),
    tensors: existsSync(tensors) ? readSafetensors(tensors) : new Map(),
  };
}
