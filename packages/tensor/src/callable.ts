import { TorchError } from '@ts-torch/core';

/** What a call of a {@link Callable} runs. */
export const INVOKE = Symbol('invoke');

/** Objects that can be called: the constructor returns a function that has the class as its prototype. */
export class Callable {
  constructor() {
    const instance = ((...args: unknown[]) => (instance as unknown as Callable)[INVOKE](args)) as unknown as Callable;
    Object.setPrototypeOf(instance, new.target.prototype);
    // A function's own properties would shadow members of these names.
    Reflect.deleteProperty(instance, 'name');
    Reflect.deleteProperty(instance, 'length');
    // biome-ignore lint/correctness/noConstructorReturn: this is what makes instances callable
    return instance;
  }

  [INVOKE](_args: unknown[]): unknown {
    throw new TorchError(`${this.constructor.name}: cannot be called`);
  }
}
