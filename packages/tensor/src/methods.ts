import { Tensor } from './tensor.js';

/** A function's type without its first parameter. Unions and rest parameters pass through; overloads and generics do not. */
// biome-ignore lint/suspicious/noExplicitAny: any function whose first parameter is a tensor
export type Method<F> = F extends (self: any, ...args: infer A) => infer R ? (...args: A) => R : never;

/**
 * The methods that a module of ops gives to Tensor; its primitives are its default export. Keys are never renamed here: editors would
 * lose docs and definitions.
 */
export type Methods<Ops, Names extends keyof Ops = Exclude<keyof Ops, 'default'>> = { [K in Names]: Method<Ops[K]> };

/** Makes every function of a module of ops a method: `x.tanh()` is `tanh(x)`. */
export function attachMethods(...modules: object[]): void {
  for (const module of modules) {
    for (const [name, op] of Object.entries(module)) {
      if (typeof op !== 'function') continue;
      const method = {
        [name](this: Tensor, ...args: unknown[]): unknown {
          return op(this, ...args);
        },
      }[name];
      Object.defineProperty(Tensor.prototype, name, { value: method, configurable: true, writable: true });
    }
  }
}
