import { DTypeError, describe, dtypeInfo, IndexError, isDType, TorchError, ValueError } from '@ts-torch/core';
import { type DeviceLike, type DType, Tensor } from '@ts-torch/tensor';
import {
  Callable,
  INVOKE,
  readOptions,
  requireGrad,
  sameShape,
  show,
  withoutRecording,
} from '@ts-torch/tensor/internal';
import { type Gradients, Hooks, type RemovableHandle } from './hooks.js';
import { Buffer, Parameter } from './parameter.js';
import { indent } from './printing.js';

/** A module's parameters and buffers by name, in order. The tensors share the module's memory. */
export type StateDict = Record<string, Tensor>;

/** Where to write a state dict, and what to write before its names. */
export interface StateDictOptions {
  destination?: StateDict | undefined;
  prefix?: string | undefined;
  /** The tensors themselves, not detached ones. */
  keepVars?: boolean | undefined;
}

/** The names that did not match in a lenient {@link Module.loadStateDict}. */
export interface IncompatibleKeys {
  missingKeys: string[];
  unexpectedKeys: string[];
}

interface NamingOptions {
  prefix?: string | undefined;
  /** Modules within modules, too. */
  recurse?: boolean | undefined;
}

interface ToOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
  nonBlocking?: boolean | undefined;
}

/** The options of layers that hold parameters: where and of which dtype they are made. */
export interface FactoryOptions {
  dtype?: DType | undefined;
  device?: DeviceLike | undefined;
}

export interface Module {
  /** Calls {@link Module.forward}, with the hooks around it. */
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>;
}

/**
 * The base of all layers and networks. A subclass makes its parameters and layers as properties and computes in `forward`; its
 * instances are called like functions.
 *
 * Properties that are a {@link Parameter}, a {@link Buffer} or a module are found by themselves, in the order of their definition
 * (`#private` ones cannot be). Their names in state dicts are the properties' names.
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(4, 8);
 *   out = new nn.Linear(8, 1);
 *   forward(x: Tensor): Tensor {
 *     return this.out(this.hidden(x).relu());
 *   }
 * }
 * const net = new Net();
 * net(torch.ones([2, 4])).shape; // [2, 1]
 */
export abstract class Module extends Callable {
  /** Whether layers such as dropout and batch normalization behave as in training; see {@link Module.train}. */
  training = true;

  /** Properties that were registered as buffers, and whether they are saved. */
  readonly #buffers = new Map<string, boolean>();
  readonly #loadHooks = new Set<(module: Module, keys: IncompatibleKeys) => void>();
  #hooks: Hooks | null = null;

  /**
   * The name that a property has in state dicts and in print: its own. PyTorch's layers override this with PyTorch's names
   * (`runningMean` is `running_mean`), so that checkpoints fit; networks ported from PyTorch may use {@link Module.snakeCase} too.
   */
  static stateName(property: string): string {
    return property;
  }

  /** `runningMean` as `running_mean`, for {@link Module.stateName}: `static override stateName = Module.snakeCase`. */
  static snakeCase(name: string): string {
    return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  /** What a call computes. */
  // biome-ignore lint/suspicious/noExplicitAny: subclasses have arguments and results of their own
  abstract forward(...args: any[]): any;

  override [INVOKE](args: unknown[]): unknown {
    if (typeof this.forward !== 'function') throw new TorchError(`${this.constructor.name}: it has no \`forward\``);
    if (this.#hooks === null) return this.forward(...args);
    return this.#hooks.run(this, (...inputs) => this.forward(...inputs), args);
  }

  // --- Members ------------------------------------------------------------------------------------------------------------

  /** @internal properties by their names in state dicts; containers that keep their members elsewhere override this */
  protected *members(): Iterable<readonly [name: string, value: unknown, property: string]> {
    const { stateName } = this.constructor as typeof Module;
    for (const property of Object.keys(this))
      yield [stateName(property), (this as unknown as Record<string, unknown>)[property], property];
  }

  *#ownParameters(): Iterable<[string, Parameter]> {
    for (const [name, value] of this.members()) if (value instanceof Parameter) yield [name, value];
  }

  *#ownBuffers(): Iterable<[name: string, buffer: Tensor, persistent: boolean]> {
    for (const [name, value, property] of this.members()) {
      if (!(value instanceof Tensor) || value instanceof Parameter) continue;
      if (value instanceof Buffer) yield [name, value, value.persistent];
      else if (this.#buffers.has(property)) yield [name, value, this.#buffers.get(property) as boolean];
    }
  }

  *#ownModules(): Iterable<[string, Module]> {
    for (const [name, value] of this.members()) if (value instanceof Module) yield [name, value];
  }

  #checkName(kind: string, name: unknown): asserts name is string {
    const label = `${this.constructor.name}.${kind}`;
    if (typeof name !== 'string') throw new ValueError(`${label}: expected a name, got ${describe(name)}`);
    if (name === '' || name.includes('.'))
      throw new ValueError(`${label}: expected a name without '.', not empty, got ${describe(name)}`);
    const before = (this as unknown as Record<string, unknown>)[name];
    const replaceable = before instanceof Parameter || before instanceof Module || this.#buffers.has(name);
    if (before !== undefined && before !== null && !replaceable)
      throw new ValueError(`${label}: the name '${name}' is taken by another property`);
  }

  #register(name: string, value: unknown): void {
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Makes a tensor a buffer: it moves with the module and, if `persistent`, is saved with it. Reassigning the property keeps that. */
  registerBuffer(name: string, tensor: Tensor | null, options?: { persistent?: boolean | undefined }): void {
    this.#checkName('registerBuffer', name);
    const { persistent } = readOptions('registerBuffer', options, { persistent: true });
    if (tensor !== null && !(tensor instanceof Tensor))
      throw new ValueError(`registerBuffer: expected a tensor or null for '${name}', got ${describe(tensor)}`);
    this.#register(name, tensor);
    this.#buffers.set(name, persistent);
  }

  /** Sets a parameter by name; the same as assigning the property. */
  registerParameter(name: string, param: Parameter | null): void {
    this.#checkName('registerParameter', name);
    if (param !== null && !(param instanceof Parameter))
      throw new ValueError(`registerParameter: expected a Parameter or null for '${name}', got ${describe(param)}`);
    this.#register(name, param);
  }

  /** Sets a child by name; the same as assigning the property. */
  addModule(name: string, module: Module | null): void {
    this.#checkName('addModule', name);
    if (module !== null && !(module instanceof Module))
      throw new ValueError(`addModule: expected a module or null for '${name}', got ${describe(module)}`);
    this.#register(name, module);
  }

  /** {@link Module.addModule}, by its other name. */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module);
  }

  // --- Walking ------------------------------------------------------------------------------------------------------------

  /** This module and all within, each once, parents first, with their paths (`'encoder.0'`; this one's is `prefix`). */
  namedModules(options?: { prefix?: string | undefined; removeDuplicate?: boolean | undefined }): [string, Module][] {
    const { prefix, removeDuplicate } = readOptions('namedModules', options, { prefix: '', removeDuplicate: true });
    const seen = new Set<Module>();
    const found: [string, Module][] = [];
    const visit = (path: string, module: Module): void => {
      if (seen.has(module)) return;
      if (removeDuplicate) seen.add(module);
      found.push([path, module]);
      for (const [name, child] of module.#ownModules()) visit(joined(path, name), child);
    };
    visit(prefix, this);
    return found;
  }

  /** This module and all within, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** The modules right below this one, each once. */
  namedChildren(): [string, Module][] {
    return unique(this.#ownModules());
  }

  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  /** All parameters with their paths, shared ones once. */
  namedParameters(options?: NamingOptions): [string, Parameter][] {
    return this.#named('namedParameters', options, (module) => module.#ownParameters());
  }

  /** What an optimizer gets. With `recurse: false` only those of this very module. */
  parameters(options?: { recurse?: boolean | undefined }): Parameter[] {
    return this.namedParameters(options).map(([, parameter]) => parameter);
  }

  /** All buffers with their paths, shared ones once. */
  namedBuffers(options?: NamingOptions): [string, Tensor][] {
    return this.#named('namedBuffers', options, (module) => module.#ownBuffers());
  }

  buffers(options?: { recurse?: boolean | undefined }): Tensor[] {
    return this.namedBuffers(options).map(([, buffer]) => buffer);
  }

  #named<T>(
    op: string,
    options: NamingOptions | undefined,
    own: (module: Module) => Iterable<readonly [string, T, ...unknown[]]>,
  ): [string, T][] {
    const { prefix, recurse } = readOptions(op, options, { prefix: '', recurse: true });
    const modules: [string, Module][] = recurse ? this.namedModules({ prefix }) : [[prefix, this]];
    function* all(): Iterable<readonly [string, T]> {
      for (const [path, module] of modules) for (const [name, value] of own(module)) yield [joined(path, name), value];
    }
    return unique(all());
  }

  /** The module at a path such as `'encoder.0'`; `''` is this one. Throws {@link IndexError} where there is none. */
  getSubmodule(target: string): Module {
    let module: Module = this;
    for (const name of target === '' ? [] : target.split('.')) {
      const next = new Map(module.#ownModules()).get(name);
      if (next === undefined)
        throw new IndexError(`getSubmodule: ${module.constructor.name} has no module '${name}', in '${target}'`);
      module = next;
    }
    return module;
  }

  /** The parameter at a path such as `'encoder.0.weight'`. */
  getParameter(target: string): Parameter {
    return this.#memberAt('getParameter', 'parameter', target, (module) => module.#ownParameters());
  }

  /** The buffer at a path such as `'norm.running_mean'`. */
  getBuffer(target: string): Tensor {
    return this.#memberAt('getBuffer', 'buffer', target, (module) => module.#ownBuffers());
  }

  #memberAt<T>(
    op: string,
    kind: string,
    target: string,
    own: (module: Module) => Iterable<readonly [string, T, ...unknown[]]>,
  ): T {
    const dot = target.lastIndexOf('.');
    const module = this.getSubmodule(target.slice(0, Math.max(dot, 0)));
    for (const [name, value] of own(module)) if (name === target.slice(dot + 1)) return value;
    throw new IndexError(`${op}: ${module.constructor.name} has no ${kind} '${target.slice(dot + 1)}', in '${target}'`);
  }

  /** Calls `fn` with each module below this one, then with this one. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  // --- Modes, dtypes, devices ---------------------------------------------------------------------------------------------

  /** Sets training mode, here and in all modules within: dropout drops, batch normalization uses the batch's own statistics. */
  train(mode = true): this {
    if (typeof mode !== 'boolean') throw new ValueError(`train: expected a boolean, got ${describe(mode)}`);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** The opposite of {@link Module.train}: for evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** Whether gradients are wanted for all parameters. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Forgets the gradients of all parameters; with `setToNone: false` they become zeros. */
  zeroGrad(options?: { setToNone?: boolean | undefined }): void {
    const { setToNone } = readOptions('zeroGrad', options, { setToNone: true });
    for (const parameter of this.parameters()) {
      if (parameter.grad === null) continue;
      parameter.grad = setToNone ? null : withoutRecording(() => (parameter.grad as Tensor).detach().mul(0));
    }
  }

  #convert(convert: (tensor: Tensor) => Tensor): this {
    withoutRecording(() => {
      for (const parameter of this.parameters()) {
        parameter.data = convert(parameter);
        if (parameter.grad !== null) parameter.grad = convert(parameter.grad).detach();
      }
      for (const buffer of this.buffers()) buffer.data = convert(buffer);
    });
    return this;
  }

  /**
   * Moves and converts all parameters and buffers, in place: `to('cuda')`, `to('float64')`, `to({ dtype, device })`. Of dtypes only
   * floating-point ones are taken, and only floating-point tensors change theirs.
   */
  to(target: DType | DeviceLike | Tensor | ToOptions): this {
    const { dtype, device } = readTarget(target);
    if (dtype !== undefined && dtypeInfo(dtype).rank < 2)
      throw new DTypeError(`Module.to: expected a floating-point or complex dtype, got ${dtype}`);
    return this.#convert((tensor) => {
      const converted = dtype !== undefined && tensor.dtypeInfo.rank >= 2 ? tensor.to(dtype) : tensor;
      return device === undefined ? converted : converted.to(device);
    });
  }

  #castFloats(dtype: DType): this {
    return this.#convert((tensor) => (tensor.isFloatingPoint() ? tensor.to(dtype) : tensor));
  }

  /** Converts all parameters and buffers, integers too. */
  type(dstType: DType): this {
    return this.#convert((tensor) => tensor.to(dstType));
  }

  /** Floating-point parameters and buffers as float32. */
  float(): this {
    return this.#castFloats('float32');
  }

  /** Floating-point parameters and buffers as float64. */
  double(): this {
    return this.#castFloats('float64');
  }

  /** Floating-point parameters and buffers as float16. */
  half(): this {
    return this.#castFloats('float16');
  }

  /** Floating-point parameters and buffers as bfloat16. */
  bfloat16(): this {
    return this.#castFloats('bfloat16');
  }

  /** Parameters and buffers on the CPU. */
  cpu(): this {
    return this.to('cpu');
  }

  /** Parameters and buffers on a GPU: the current one, or that of a number. */
  cuda(device?: number | DeviceLike): this {
    return this.to((typeof device === 'number' ? `cuda:${device}` : (device ?? 'cuda')) as DeviceLike);
  }

  // --- State --------------------------------------------------------------------------------------------------------------

  /**
   * All parameters and persistent buffers by path, as PyTorch names and orders them: a module's parameters, its buffers, then its
   * children. The tensors share the module's memory: {@link Tensor.clone} them to keep a state.
   */
  stateDict(options?: StateDictOptions): StateDict {
    const { destination, prefix, keepVars } = readOptions<StateDictOptions>('stateDict', options, {
      destination: undefined,
      prefix: '',
      keepVars: false,
    });
    const dict: StateDict = destination ?? Object.create(null);
    for (const { key, tensor } of this.#stateEntries(prefix ?? '')) dict[key] = keepVars ? tensor : tensor.detach();
    return dict;
  }

  *#stateEntries(prefix: string): Iterable<{ key: string; tensor: Tensor }> {
    for (const [name, tensor] of this.#ownParameters()) yield { key: prefix + name, tensor };
    for (const [name, tensor, persistent] of this.#ownBuffers()) if (persistent) yield { key: prefix + name, tensor };
    for (const [name, child] of this.#ownModules()) yield* child.#stateEntries(`${prefix}${name}.`);
  }

  /**
   * Copies a state dict into this module's parameters and buffers. Where a name is missing or unexpected (unless `strict` is
   * false), or a shape differs, it throws {@link ValueError} naming all of them, and nothing is changed.
   */
  loadStateDict(
    stateDict: Readonly<StateDict> | ReadonlyMap<string, Tensor>,
    options?: { strict?: boolean | undefined },
  ): IncompatibleKeys {
    const { strict } = readOptions('loadStateDict', options, { strict: true });
    if (typeof stateDict !== 'object' || stateDict === null)
      throw new ValueError(`loadStateDict: expected a state dict, got ${describe(stateDict)}`);
    const given = new Map<string, unknown>(stateDict instanceof Map ? stateDict : Object.entries(stateDict));
    const problems: string[] = [];
    const copies: { tensor: Tensor; source: Tensor }[] = [];
    const known = new Set<string>();
    const missingKeys: string[] = [];
    for (const { key, tensor } of this.#stateEntries('')) {
      known.add(key);
      const source = given.get(key);
      if (source === undefined) missingKeys.push(key);
      else if (!(source instanceof Tensor)) problems.push(`'${key}': expected a tensor, got ${describe(source)}`);
      else if (!sameShape(source.shape, tensor.shape))
        problems.push(`'${key}': size mismatch, ${show(source.shape)} given, ${show(tensor.shape)} in the module`);
      else copies.push({ tensor, source });
    }
    const keys: IncompatibleKeys = { missingKeys, unexpectedKeys: [...given.keys()].filter((key) => !known.has(key)) };
    this.#runLoadHooks(keys);
    if (strict) problems.unshift(...mismatches(keys));
    if (problems.length > 0)
      throw new ValueError(
        `loadStateDict: the state does not fit ${this.constructor.name}:\n  ${problems.join('\n  ')}`,
      );
    withoutRecording(() => {
      for (const { tensor, source } of copies) tensor.copy_(source);
    });
    return keys;
  }

  #runLoadHooks(keys: IncompatibleKeys): void {
    for (const module of this.modules()) for (const hook of module.#loadHooks) hook(module, keys);
  }

  /** Called by {@link Module.loadStateDict} with the names that did not match, which it may change. */
  registerLoadStateDictPostHook(hook: (module: Module, incompatibleKeys: IncompatibleKeys) => void): RemovableHandle {
    return Hooks.register(this.#loadHooks, hook);
  }

  /**
   * A deep copy: parameters, buffers and modules are copied, and what is shared within stays shared. Hooks are not copied, nor can
   * `#private` fields be: classes that have some must override this.
   */
  clone(): this {
    return copyOf(this, new Map()) as this;
  }

  /** @internal an empty instance of the same class that knows the same buffers, made without the class's constructor */
  static blankCopy(module: Module): Module {
    const copy = Reflect.construct(Module, [], module.constructor as typeof Module) as Module;
    for (const [name, persistent] of module.#buffers) copy.#buffers.set(name, persistent);
    return copy;
  }

  // --- Hooks --------------------------------------------------------------------------------------------------------------

  get #ownHooks(): Hooks {
    this.#hooks ??= new Hooks();
    return this.#hooks;
  }

  /** Called before `forward` with its arguments; what it returns (a list, or one value) takes their place. */
  registerForwardPreHook(hook: (module: this, inputs: Parameters<this['forward']>) => unknown): RemovableHandle {
    return Hooks.register(this.#ownHooks.forwardPre, hook);
  }

  /** Called after `forward`; what it returns takes the result's place. */
  registerForwardHook(
    hook: (
      module: this,
      inputs: Parameters<this['forward']>,
      output: ReturnType<this['forward']>,
    ) => ReturnType<this['forward']> | undefined | void,
  ): RemovableHandle {
    return Hooks.register(this.#ownHooks.forward, hook);
  }

  /** Called when the gradients of a call's inputs are known; what it returns takes their place. */
  registerFullBackwardHook(
    hook: (module: this, gradInput: Gradients, gradOutput: Gradients) => Gradients | undefined | void,
  ): RemovableHandle {
    return Hooks.register(this.#ownHooks.backward, (gradInput: Gradients, gradOutput: Gradients) =>
      hook(this, gradInput, gradOutput),
    );
  }

  /** Called when the gradients of a call's results are known, before they flow into the module; may replace them. */
  registerFullBackwardPreHook(
    hook: (module: this, gradOutput: Gradients) => Gradients | undefined | void,
  ): RemovableHandle {
    return Hooks.register(this.#ownHooks.backwardPre, (gradOutput: Gradients) => hook(this, gradOutput));
  }

  // --- Printing -----------------------------------------------------------------------------------------------------------

  /** What stands between the parentheses when the module is printed. */
  extraRepr(): string {
    return '';
  }

  /** The tree of modules, as PyTorch prints it. */
  override toString(): string {
    const extra = this.extraRepr();
    const children = [...this.#ownModules()].map(([name, child]) => `(${name}): ${indent(child.toString())}`);
    const { name } = this.constructor;
    if (children.length === 0 && !extra.includes('\n')) return `${name}(${extra})`;
    const lines = [...(extra === '' ? [] : extra.split('\n')), ...children];
    return `${name}(\n${lines.map((line) => `  ${line}\n`).join('')})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** The options of {@link FactoryOptions} with their defaults. */
export const FACTORY: FactoryOptions = { dtype: undefined, device: undefined };

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function unique<T>(entries: Iterable<readonly [string, T, ...unknown[]]>): [string, T][] {
  const seen = new Set<T>();
  const found: [string, T][] = [];
  for (const [name, value] of entries) {
    if (seen.has(value)) continue;
    seen.add(value);
    found.push([name, value]);
  }
  return found;
}

function mismatches({ missingKeys, unexpectedKeys }: IncompatibleKeys): string[] {
  const quoted = (keys: string[]): string => keys.map((key) => `'${key}'`).join(', ');
  const problems: string[] = [];
  if (missingKeys.length > 0) problems.push(`missing: ${quoted(missingKeys)}`);
  if (unexpectedKeys.length > 0) problems.push(`unexpected: ${quoted(unexpectedKeys)}`);
  return problems;
}

function readTarget(target: DType | DeviceLike | Tensor | ToOptions): ToOptions {
  if (target instanceof Tensor) return { dtype: target.dtype, device: target.device };
  if (isDType(target)) return { dtype: target };
  if (typeof target === 'object' && target !== null && !('type' in target))
    return readOptions<ToOptions>('to', target, { dtype: undefined, device: undefined, nonBlocking: false });
  return { device: target as DeviceLike };
}

/** Copies what may hold a module's state: modules, tensors, and plain arrays, objects, maps and sets of them. */
function copyOf(value: unknown, copies: Map<unknown, unknown>): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
  const before = copies.get(value);
  if (before !== undefined) return before;
  if (value instanceof Tensor) return remember(copies, value, copyTensor(value));
  if (value instanceof Module) {
    const copy = remember(copies, value, Module.blankCopy(value));
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      if ('value' in descriptor) descriptor.value = copyOf(descriptor.value, copies);
      Object.defineProperty(copy, name, descriptor);
    }
    return copy;
  }
  if (Array.isArray(value)) return value.map((item) => copyOf(item, copies));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyOf(item, copies)]));
  if (Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item, copies)]));
  return value;
}

function remember<T>(copies: Map<unknown, unknown>, original: unknown, copy: T): T {
  copies.set(original, copy);
  return copy;
}

function copyTensor(tensor: Tensor): Tensor {
  const copy = withoutRecording(() => tensor.detach().clone());
  if (tensor instanceof Parameter) return new Parameter(copy, { requiresGrad: tensor.requiresGrad });
  if (tensor instanceof Buffer) return new Buffer(copy, { persistent: tensor.persistent });
  return tensor.isLeaf && tensor.requiresGrad ? requireGrad(copy) : copy;
}
