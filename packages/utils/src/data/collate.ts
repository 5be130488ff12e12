import { describe, ValueError } from '@ts-torch/core';
import { stack, Tensor, tensor } from '@ts-torch/tensor';

/** What a list of samples becomes: tensors are stacked, numbers become tensors, tuples and objects are collated by field. */
export type Collated<T> = T extends Tensor
  ? Tensor
  : T extends number | bigint | boolean
    ? Tensor
    : T extends string
      ? string[]
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T extends object
          ? { [K in keyof T]: Collated<T[K]> }
          : T[];

/**
 * Makes a batch of samples. Tensors get a new first dimension; numbers become a float32 tensor, bigints int64, booleans bool;
 * strings stay a list; tuples and objects are collated field by field.
 *
 * @example utils.data.defaultCollate([torch.tensor([1, 2]), torch.tensor([3, 4])]) // tensor([[1., 2.], [3., 4.]])
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  if (batch.length === 0) throw new ValueError('defaultCollate: expected samples, got an empty list');
  return collate(batch, 'sample') as Collated<T>;
}

function collate(batch: readonly unknown[], where: string): unknown {
  const first = batch[0];
  if (first instanceof Tensor) return stack(batch as Tensor[]);
  switch (typeof first) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return tensor(batch as number[]);
    case 'string':
      return [...batch];
    case 'object':
      if (first !== null)
        return Array.isArray(first)
          ? collateTuples(batch as unknown[][], where)
          : collateObjects(batch as object[], where);
  }
  throw new ValueError(
    `defaultCollate: cannot make a batch of ${where}: ${describe(first)}; give the data loader a collateFn`,
  );
}

function collateTuples(batch: readonly unknown[][], where: string): unknown[] {
  const { length } = batch[0] as unknown[];
  const other = batch.find((sample) => sample?.length !== length);
  if (other !== undefined)
    throw new ValueError(`defaultCollate: ${where} has ${length} fields in one sample, ${other?.length} in another`);
  return Array.from({ length }, (_, i) =>
    collate(
      batch.map((sample) => sample[i]),
      `${where}[${i}]`,
    ),
  );
}

function collateObjects(batch: readonly object[], where: string): object {
  const fields = Object.keys(batch[0] as object).map((name) => {
    const values = batch.map((sample) => (sample as Record<string, unknown>)[name]);
    return [name, collate(values, `${where}.${name}`)];
  });
  return Object.fromEntries(fields);
}
