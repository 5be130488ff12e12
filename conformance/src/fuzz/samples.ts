import { type Arguments, argumentsOf, functionName, methodName } from '../call.js';
import { Decoder } from '../decode.js';
import { type Case, type Group, ORACLE, readGroups } from '../oracle.js';

/** A recorded call of PyTorch's, as the arguments of one of ts-torch's names. */
export interface Sample {
  /** Makes the arguments, in new memory. */
  readonly make: () => unknown[];
}

function sample(test: Case, group: Group, form: 'function' | 'method', more: Record<string, unknown> = {}): Sample {
  return { make: () => flat(argumentsOf(test, new Decoder(group.tensors), form), more) };
}

function flat({ positional, options }: Arguments, more: Record<string, unknown>): unknown[] {
  const all = { ...options, ...more };
  return Object.keys(all).length === 0 ? positional : [...positional, all];
}

/** The samples of each name: functions by their path, methods as `Tensor.name`, and their in-place forms. */
export class Samples {
  private readonly byName = new Map<string, Sample[]>();
  readonly all: Sample[] = [];

  constructor() {
    for (const group of readGroups(`${ORACLE}/operators`)) {
      for (const test of group.cases) this.addCase(test, group);
    }
  }

  of(name: string): readonly Sample[] {
    return this.byName.get(name) ?? [];
  }

  private addCase(test: Case, group: Group): void {
    const asFunction = sample(test, group, 'function');
    this.all.push(asFunction);
    this.add(functionName(test.op), asFunction);
    const asMethod = sample(test, group, 'method');
    const method = methodName(test.op);
    this.add(`Tensor.${method}`, asMethod);
    this.add(`Tensor.${method}_`, asMethod);
    this.add(`${method}_`, asMethod);
    if (test.op.startsWith('nn.functional.'))
      this.add(functionName(test.op), sample(test, group, 'function', { inplace: true }));
  }

  private add(name: string, added: Sample): void {
    const list = this.byName.get(name);
    if (list === undefined) this.byName.set(name, [added]);
    else list.push(added);
  }
}
