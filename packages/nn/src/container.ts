import { describe, IndexError, TorchError, ValueError } from '@ts-torch/core';
import { type DType, Tensor } from '@ts-torch/tensor';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

function checkMember<T>(op: string, value: unknown, kind: abstract new (...args: never[]) => T): asserts value is T {
  if (!(value instanceof kind)) throw new ValueError(`${op}: expected a ${kind.name}, got ${describe(value)}`);
}

function normalIndex(op: string, index: number, length: number, end = length - 1): number {
  if (!Number.isInteger(index) || index < -length || index > end)
    throw new IndexError(`${op}: index ${describe(index)} is out of range for ${length} members`);
  return index < 0 ? index + length : index;
}

/** Entries of an object or a map, which keeps the order of names such as '1'. */
function entriesOf<T>(op: string, values: Readonly<Record<string, T>> | ReadonlyMap<string, T>): [string, T][] {
  if (values instanceof Map) return [...values];
  if (typeof values !== 'object' || values === null || values instanceof Tensor)
    throw new ValueError(`${op}: expected an object or a map, got ${describe(values)}`);
  return Object.entries(values);
}

/** A module that only holds others. */
abstract class Container extends Module {
  // biome-ignore lint/suspicious/noExplicitAny: there is nothing to call
  override forward(..._args: any[]): any {
    throw new TorchError(`${this.constructor.name}: it has no \`forward\``);
  }
}

/** What {@link Sequential} and {@link ModuleList} share: an order of modules. They are properties: `list[0]` reads as in PyTorch. */
abstract class IndexedModules<M extends Module> extends Container {
  [index: number]: M;

  /** The modules by name; one that occurs twice counts twice. */
  protected entries(): [string, M][] {
    const found: [string, M][] = [];
    for (const [name, value] of this.members()) if (value instanceof Module) found.push([name, value as M]);
    return found;
  }

  private replaceFrom(start: number, change: (rest: M[]) => M[]): void {
    const rest = this.entries().slice(start);
    for (const [name] of rest) Reflect.deleteProperty(this, name);
    this.extend(change(rest.map(([, module]) => module)));
  }

  override get length(): number {
    return this.entries().length;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.entries()
      .map(([, module]) => module)
      .values();
  }

  /** The member at an index; negative ones count from the end. Throws {@link IndexError}. */
  at(index: number): M {
    const entries = this.entries();
    return (entries[normalIndex(`${this.constructor.name}.at`, index, entries.length)] as [string, M])[1];
  }

  /** Puts another module in a member's place. */
  set(index: number, module: M): void {
    const entries = this.entries();
    const [name] = entries[normalIndex(`${this.constructor.name}.set`, index, entries.length)] as [string, M];
    this.addModule(name, module);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    checkMember(`${this.constructor.name}.append`, module, Module);
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds several modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the member at `index`. */
  insert(index: number, module: M): this {
    checkMember(`${this.constructor.name}.insert`, module, Module);
    const at = normalIndex(`${this.constructor.name}.insert`, index, this.length, this.length);
    this.replaceFrom(at, (rest) => [module, ...rest]);
    return this;
  }

  /** Takes the member at `index` (the last one where left out) away, and returns it. */
  pop(index = -1): M {
    const at = normalIndex(`${this.constructor.name}.pop`, index, this.length);
    const taken = this.at(at);
    this.replaceFrom(at, (rest) => rest.slice(1));
    return taken;
  }
}

/** What the first of several modules takes; tensors where they are not known one by one. */
// biome-ignore lint/suspicious/noExplicitAny: any further arguments
type InputOf<L> = L extends readonly [{ forward(input: infer I, ...rest: any[]): any }, ...unknown[]] ? I : Tensor;
/** What the last of several modules gives. */
// biome-ignore lint/suspicious/noExplicitAny: any arguments
type OutputOf<L> = L extends readonly [...unknown[], { forward(...args: any[]): infer O }] ? O : Tensor;

/**
 * Modules one after the other: each gets the result of the one before.
 *
 * @example
 * const mlp = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1));
 * mlp(torch.ones([2, 4])).shape // [2, 1]
 * const named = new nn.Sequential({ hidden: new nn.Linear(4, 8), out: new nn.Linear(8, 1) });
 * Object.keys(named.stateDict()) // ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
 */
export class Sequential<const L extends readonly Module[] = readonly Module[]> extends IndexedModules<L[number]> {
  constructor(...modules: L);
  constructor(modules: Readonly<Record<string, Module>> | ReadonlyMap<string, Module>);
  constructor(...modules: L | [Readonly<Record<string, Module>> | ReadonlyMap<string, Module>]) {
    super();
    const [first] = modules;
    if (modules.length === 1 && typeof first === 'object' && first !== null)
      for (const [name, module] of entriesOf('Sequential', first as Readonly<Record<string, Module>>))
        this.addModule(name, module);
    else this.extend(modules as L);
  }

  override forward(input: InputOf<L>): OutputOf<L> {
    let value: unknown = input;
    for (const module of this) value = (module as Module)(value);
    return value as OutputOf<L>;
  }
}

/**
 * A list of modules: iterable, `list[0]`, `list.at(-1)`. It has no `forward` of its own.
 *
 * @example new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 1)]).length // 2
 */
export class ModuleList<M extends Module = Module> extends IndexedModules<M> {
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }
}

/**
 * Modules by name. It has no `forward` of its own.
 *
 * @example
 * const layers = new nn.ModuleDict({ relu: new nn.ReLU(), tanh: new nn.Tanh() });
 * [...layers.keys()] // ['relu', 'tanh']
 */
export class ModuleDict<T extends Record<string, Module> = Record<string, Module>> extends Container {
  private readonly modulesByName = new Map<string, Module>();

  constructor(modules?: T | ReadonlyMap<string, Module>) {
    super();
    if (modules !== undefined) this.update(modules);
  }

  protected override *members(): Iterable<readonly [string, unknown, string]> {
    for (const [name, module] of this.modulesByName) yield [name, module, name];
  }

  /** The module of a name. Throws {@link IndexError} where there is none. */
  get<K extends keyof T & string>(name: K): T[K] {
    const module = this.modulesByName.get(name);
    if (module === undefined) throw new IndexError(`ModuleDict: there is no module '${name}'`);
    return module as T[K];
  }

  /** Sets the module of a name. */
  set(name: string, module: Module): this {
    if (typeof name !== 'string' || name === '' || name.includes('.'))
      throw new ValueError(`ModuleDict: expected a name without '.', not empty, got ${describe(name)}`);
    checkMember('ModuleDict', module, Module);
    this.modulesByName.set(name, module);
    return this;
  }

  override addModule(name: string, module: Module | null): void {
    if (module === null) this.modulesByName.delete(name);
    else this.set(name, module);
  }

  has(name: string): boolean {
    return this.modulesByName.has(name);
  }

  /** Takes a module away, and returns it. */
  pop<K extends keyof T & string>(name: K): T[K] {
    const module = this.get(name);
    this.modulesByName.delete(name);
    return module;
  }

  /** Sets several modules, in the order of an object's or a map's entries. */
  update(modules: Readonly<Record<string, Module>> | ReadonlyMap<string, Module>): this {
    for (const [name, module] of entriesOf('ModuleDict', modules)) this.set(name, module);
    return this;
  }

  clear(): void {
    this.modulesByName.clear();
  }

  get size(): number {
    return this.modulesByName.size;
  }

  keys(): IterableIterator<string> {
    return this.modulesByName.keys();
  }

  values(): IterableIterator<T[keyof T]> {
    return this.modulesByName.values() as IterableIterator<T[keyof T]>;
  }

  entries(): IterableIterator<[string, T[keyof T]]> {
    return this.modulesByName.entries() as IterableIterator<[string, T[keyof T]]>;
  }

  /** The names, as iterating over a dict gives them in PyTorch. */
  [Symbol.iterator](): IterableIterator<string> {
    return this.keys();
  }
}

function asParameter(value: Tensor): Parameter {
  checkMember('expected parameters', value, Tensor);
  return value instanceof Parameter ? value : new Parameter(value);
}

/** The names of PyTorch's tensor types. */
const TENSOR_TYPES: Partial<Record<DType, string>> = {
  float64: 'DoubleTensor',
  float32: 'FloatTensor',
  float16: 'HalfTensor',
  bfloat16: 'BFloat16Tensor',
};

/** How PyTorch prints a parameter within a list or, with the names of tensor types, a dictionary. */
function summary(name: string, parameter: Parameter, type: string = parameter.dtype): string {
  return `(${name}): Parameter containing: [torch.${type} of size ${parameter.shape.join('x')}]`;
}

/**
 * A list of parameters: iterable, `list[0]`, `list.at(-1)`. Tensors become parameters.
 *
 * @example new nn.ParameterList([new nn.Parameter(torch.ones([2]))]).length // 1
 */
export class ParameterList extends Container {
  [index: number]: Parameter;

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  override get length(): number {
    return [...this].length;
  }

  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (let i = 0; i in this; i++) yield this[i] as Parameter;
  }

  at(index: number): Parameter {
    return this[normalIndex('ParameterList.at', index, this.length)] as Parameter;
  }

  set(index: number, value: Tensor): void {
    this[normalIndex('ParameterList.set', index, this.length)] = asParameter(value);
  }

  append(value: Tensor): this {
    this.registerParameter(String(this.length), asParameter(value));
    return this;
  }

  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value);
    return this;
  }

  override extraRepr(): string {
    return [...this].map((parameter, i) => `  ${summary(String(i), parameter)}`).join('\n');
  }
}

/**
 * Parameters by name. Tensors become parameters.
 *
 * @example
 * const weights = new nn.ParameterDict({ left: new nn.Parameter(torch.ones([2])) });
 * [...weights.keys()] // ['left']
 */
export class ParameterDict<T extends Record<string, Tensor> = Record<string, Tensor>> extends Container {
  private readonly parametersByName = new Map<string, Parameter>();

  constructor(parameters?: T | ReadonlyMap<string, Tensor>) {
    super();
    if (parameters !== undefined) this.update(parameters);
  }

  protected override *members(): Iterable<readonly [string, unknown, string]> {
    for (const [name, parameter] of this.parametersByName) yield [name, parameter, name];
  }

  /** The parameter of a name. Throws {@link IndexError} where there is none. */
  get(name: keyof T & string): Parameter {
    const parameter = this.parametersByName.get(name);
    if (parameter === undefined) throw new IndexError(`ParameterDict: there is no parameter '${name}'`);
    return parameter;
  }

  set(name: string, value: Tensor): this {
    if (typeof name !== 'string' || name === '')
      throw new ValueError(`ParameterDict: expected a name, got ${describe(name)}`);
    this.parametersByName.set(name, asParameter(value));
    return this;
  }

  has(name: string): boolean {
    return this.parametersByName.has(name);
  }

  /** Takes a parameter away, and returns it. */
  pop(name: keyof T & string): Parameter {
    const parameter = this.get(name);
    this.parametersByName.delete(name);
    return parameter;
  }

  /** Sets several parameters, in the order of an object's or a map's entries. */
  update(parameters: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>): this {
    for (const [name, value] of entriesOf('ParameterDict', parameters)) this.set(name, value);
    return this;
  }

  clear(): void {
    this.parametersByName.clear();
  }

  get size(): number {
    return this.parametersByName.size;
  }

  keys(): IterableIterator<string> {
    return this.parametersByName.keys();
  }

  values(): IterableIterator<Parameter> {
    return this.parametersByName.values();
  }

  entries(): IterableIterator<[string, Parameter]> {
    return this.parametersByName.entries();
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.keys();
  }

  override extraRepr(): string {
    return [...this.parametersByName]
      .map(([name, parameter]) => `  ${summary(name, parameter, TENSOR_TYPES[parameter.dtype])}`)
      .join('\n');
  }
}
