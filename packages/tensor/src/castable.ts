import { POLICIES, type Policy } from './autocast-policies.js';

/** Runs an op with its arguments cast as its policy says. */
export type Autocaster = <Args extends readonly unknown[], Result>(
  op: string,
  policy: Policy,
  call: (...args: Args) => Result,
  args: Args,
) => Result;

/** The autocaster in force; `null` outside of `autocast`, and within the ops that it runs. */
let autocaster: Autocaster | null = null;

/** @internal gives the one that was in force */
export function setAutocaster(next: Autocaster | null): Autocaster | null {
  const before = autocaster;
  autocaster = next;
  return before;
}

/** Runs `f` in the dtypes that its tensors have, whatever scope it is in. */
export function withoutAutocast<T>(f: () => T): T {
  if (autocaster === null) return f();
  const before = setAutocaster(null);
  try {
    return f();
  } finally {
    setAutocaster(before);
  }
}

/** The ops that the table of policies has found; a test expects all that it names. */
export const castableOps = new Set<string>();

/** Declares an op that `autocast` runs in another dtype, where the table has its name. Others pay nothing. */
export function castable<Args extends readonly unknown[], Result>(
  name: string,
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  const policy = POLICIES.get(name);
  if (policy === undefined) return call;
  castableOps.add(name);
  const cast = (...args: Args): Result => (autocaster === null ? call(...args) : autocaster(name, policy, call, args));
  return Object.defineProperty(cast, 'name', { value: name });
}
