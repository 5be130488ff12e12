import { describe, ValueError } from '@ts-torch/core';
import { Tensor, tensor } from '@ts-torch/tensor';

/** An optimizer's state as PyTorch lays it out: see `Optimizer.stateDict`. */
export interface OptimizerStateDict {
  /** By the parameter's position in all groups. */
  state: Map<number, Record<string, unknown>> | Record<number, Record<string, unknown>>;
  param_groups: Record<string, unknown>[];
}

/** `expAvgSq` -> `exp_avg_sq`; a capital in front stays (`HDiag` -> `H_diag`). */
export function toSnakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `exp_avg_sq` -> `expAvgSq`. */
export function toCamelCase(name: string): string {
  return name.replace(/(?<!^)_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function saveGroup(
  { params, ...options }: { params: Tensor[] },
  positions: Map<Tensor, number>,
): Record<string, unknown> {
  const named = Object.entries(options).map(([name, value]) => [toSnakeCase(name), value]);
  return { ...Object.fromEntries(named), params: params.map((param) => positions.get(param)) };
}

/** The positions of a saved group's parameters, and those of its options that the group has too (PyTorch's `foreach` and its like it has not). */
export function loadGroup(
  op: string,
  saved: Record<string, unknown>,
  number: number,
  group: { params: Tensor[] },
): { params: number[]; values: Record<string, unknown> } {
  const { params, ...options } = saved;
  if (!Array.isArray(params))
    throw new ValueError(`${op}: expected group ${number} to name its params, got ${describe(params)}`);
  if (params.length !== group.params.length)
    throw new ValueError(
      `${op}: group ${number} of the state has ${params.length} parameters, the optimizer's ${group.params.length}`,
    );
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    const name = toCamelCase(key);
    if (name in group || name === 'initialLr') values[name] = value;
  }
  return { params: params.map(Number), values };
}

export function saveState(state: object, tensorScalars: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(state).map(([name, value]) => [
    toSnakeCase(name),
    tensorScalars.includes(name) ? tensor(value, { device: 'cpu' }) : value,
  ]);
  return Object.fromEntries(entries);
}

export function loadState<State>(
  saved: Record<string, unknown>,
  param: Tensor,
  tensorScalars: readonly string[],
): State {
  const entries = Object.entries(saved).map(([key, value]) => {
    const name = toCamelCase(key);
    return [name, tensorScalars.includes(name) && value instanceof Tensor ? value.item() : copyFor(param, value)];
  });
  return Object.fromEntries(entries) as State;
}

/** A copy that no other optimizer shares, in the dtype and on the device of the parameter. */
function copyFor(param: Tensor, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => copyFor(param, item));
  if (!(value instanceof Tensor)) return value;
  return value.to({ dtype: param.dtype, device: param.device, copy: true });
}
