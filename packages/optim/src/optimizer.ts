import { enableGrad, noGrad } from '@ts-torch/autograd';
import { describe, InternalError, ValueError } from '@ts-torch/core';
import { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { checkRanges, type Ranges } from './ranges.js';
import { loadGroup, loadState, type OptimizerStateDict, saveGroup, saveState } from './state-dict.js';

/** What every group of parameters has; the base class applies `weightDecay` and `maximize` to the gradients. */
export interface GroupOptions {
  /** Learning rate. */
  lr: number;
  /** L2 penalty: this times the parameter is added to its gradient. */
  weightDecay?: number;
  /** Go up the gradient, not down. */
  maximize?: boolean;
}

/** Options as a user gives them: those left out, or undefined, are the defaults. */
export type Given<Options> = { [K in keyof Options]?: Options[K] | undefined };

/** Parameters with options of their own. */
export type ParamGroup<Options> = Options & {
  params: Tensor[];
  /** The learning rate before any scheduler changed it. */
  initialLr?: number;
};

/** What an optimizer is made of: parameters, or groups of them with options of their own. */
export type Params<Options> = Iterable<Tensor> | Iterable<Given<Options> & { params: Iterable<Tensor> | Tensor }>;

/** A parameter with its gradient and its state. */
export interface Update<State> {
  readonly param: Tensor;
  readonly grad: Tensor;
  readonly state: State;
}

/**
 * The base of all optimizers: parameter groups, gradients that are missing, closures, state dicts. A subclass gives its
 * options, the state that it keeps for a parameter, and the update.
 */
export abstract class Optimizer<Options extends GroupOptions = GroupOptions, State extends object = object> {
  /** The options of groups that do not give their own. */
  readonly defaults: Options;
  readonly paramGroups: ParamGroup<Options>[] = [];
  /** What is kept for each parameter that has been updated. */
  readonly state = new Map<Tensor, State>();
  /** @internal calls of `step` so far: schedulers warn when they come first */
  stepCount = 0;
  private readonly ranges: Ranges<Options>;

  /** Throws {@link ValueError} for no parameters, options out of their range, and tensors that are no leaves. */
  constructor(
    params: Params<Options>,
    options: Given<Options> | undefined,
    defaults: Options,
    ranges: Ranges<Options>,
  ) {
    this.ranges = ranges;
    this.defaults = readOptions(this.name, options, defaults) as Options;
    this.check(this.defaults);
    for (const group of this.groupsOf(params)) this.addParamGroup(group);
  }

  protected get name(): string {
    return this.constructor.name;
  }

  private groupsOf(params: Params<Options>): (Given<Options> & { params: Iterable<Tensor> | Tensor })[] {
    if (params instanceof Tensor || typeof params?.[Symbol.iterator] !== 'function')
      throw new ValueError(`${this.name}: expected a list of parameters or of groups, got ${describe(params)}`);
    const items = [...params];
    if (items.length === 0) throw new ValueError(`${this.name}: expected parameters, got an empty list`);
    const groups = items.filter((item) => !(item instanceof Tensor));
    if (groups.length === 0) return [{ params: items as Tensor[] } as Given<Options> & { params: Tensor[] }];
    if (groups.length !== items.length)
      throw new ValueError(`${this.name}: expected parameters or groups of them, got both in one list`);
    return groups as (Given<Options> & { params: Iterable<Tensor> })[];
  }

  /** Adds parameters, with options of their own, for the steps to come. */
  addParamGroup(group: Given<Options> & { params: Iterable<Tensor> | Tensor }): void {
    if (typeof group !== 'object' || group === null || !('params' in group))
      throw new ValueError(`${this.name}: expected a group such as { params, lr }, got ${describe(group)}`);
    const { params: given, ...options } = group;
    const params = given instanceof Tensor ? [given] : [...given];
    const { initialLr, ...own } = options as { initialLr?: number };
    const read = readOptions(this.name, own, this.defaults);
    this.check(read);
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const [i, param] of params.entries()) {
      this.checkParam(param, i);
      if (known.has(param)) throw new ValueError(`${this.name}: parameter ${i} of the group is already optimized`);
      known.add(param);
    }
    this.paramGroups.push({
      ...read,
      ...(initialLr === undefined ? {} : { initialLr }),
      params,
    } as ParamGroup<Options>);
  }

  private checkParam(param: unknown, i: number): asserts param is Tensor {
    if (!(param instanceof Tensor))
      throw new ValueError(`${this.name}: expected parameter ${i} to be a tensor, got ${describe(param)}`);
    if (!param.isLeaf)
      throw new ValueError(`${this.name}: parameter ${i} is no leaf: it is the result of ${param.gradFn}`);
  }

  /** Throws for options that make no sense; subclasses add what no range says. */
  protected check(options: Options): void {
    checkRanges(this.name, options, this.ranges);
  }

  /** Forgets the gradients; with `setToNone: false` they become zeros, which moments and momentum do see. */
  zeroGrad(options?: { setToNone?: boolean | undefined }): void {
    const { setToNone } = readOptions('zeroGrad', options, { setToNone: true as boolean | undefined });
    for (const { params } of this.paramGroups)
      for (const param of params) {
        if (setToNone) param.grad = null;
        else param.grad?.detach_().zero_();
      }
  }

  /**
   * Updates the parameters that have a gradient. `closure` evaluates the model again, and returns the loss, which is what
   * `step` returns then.
   */
  step(): undefined;
  step<Loss>(closure: () => Loss): Loss;
  step<Loss>(closure?: () => Loss): Loss | undefined {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    noGrad(() => {
      for (const group of this.paramGroups) this.updateGroup(group);
    });
    this.stepCount++;
    return loss;
  }

  private updateGroup(group: ParamGroup<Options>): void {
    const updates: Update<State>[] = [];
    for (const param of group.params) {
      // A gradient that was set by hand may have another dtype.
      const grad = param.grad?.to(param.dtype);
      if (grad !== undefined) updates.push({ param, grad, state: this.stateOf(param, group) });
    }
    this.updateAll(updates, group);
  }

  /** Updates the parameters of a group that have a gradient, within `noGrad`: one by one unless a subclass knows better. */
  protected updateAll(updates: readonly Update<State>[], options: Options): void {
    const { maximize, weightDecay } = options;
    for (const { param, grad, state } of updates) {
      let direction = maximize ? grad.neg() : grad;
      if (weightDecay) direction = direction.add(param, { alpha: weightDecay });
      this.update(param, direction, state, options);
    }
  }

  /** The state of a parameter, made at its first update. */
  private stateOf(param: Tensor, group: ParamGroup<Options>): State {
    const known = this.state.get(param);
    if (known !== undefined) return known;
    const state = this.newState(param, group);
    this.state.set(param, state);
    return state;
  }

  /** The state of a parameter before its first update. */
  protected abstract newState(param: Tensor, options: Options): State;

  /** Updates one parameter; `weightDecay` and `maximize` are in the gradient already. */
  protected update(_param: Tensor, _grad: Tensor, _state: State, _options: Options): void {
    throw new InternalError(`${this.name}: a subclass must define update or updateAll`);
  }

  /** Numbers of the state that PyTorch keeps as float32 tensors, and that files therefore hold as such. */
  protected get tensorScalars(): readonly string[] {
    return [];
  }

  /**
   * The state in PyTorch's structure and under PyTorch's names (`exp_avg`, `weight_decay`): what `torch.save` writes,
   * PyTorch loads. Parameters go by their positions. Tensors are those in use, not copies.
   */
  stateDict(): OptimizerStateDict {
    const positions = new Map(this.paramGroups.flatMap(({ params }) => params).map((param, i) => [param, i]));
    const state: OptimizerStateDict['state'] = new Map();
    for (const [param, i] of positions) {
      const own = this.state.get(param);
      if (own !== undefined) state.set(i, saveState(own, this.tensorScalars));
    }
    return { state, param_groups: this.paramGroups.map((group) => saveGroup(group, positions)) };
  }

  /**
   * Takes over what {@link Optimizer.stateDict}, or PyTorch's `state_dict`, gave; tensors are copied to the dtype and device of their
   * parameters. Throws {@link ValueError} where the groups differ in number or size.
   */
  loadStateDict(stateDict: OptimizerStateDict): void {
    const groups = stateDict?.param_groups;
    if (!Array.isArray(groups) || typeof stateDict.state !== 'object' || stateDict.state === null)
      throw new ValueError(`${this.name}: expected a state dict { state, param_groups }, got ${describe(stateDict)}`);
    if (groups.length !== this.paramGroups.length)
      throw new ValueError(
        `${this.name}: the state has ${groups.length} groups, the optimizer ${this.paramGroups.length}`,
      );
    const loaded = groups.map((saved, i) => {
      const group = this.paramGroups[i] as ParamGroup<Options>;
      const { params, values } = loadGroup(this.name, saved, i, group);
      const merged = { ...group, ...values } as ParamGroup<Options>;
      this.check(merged);
      return { group, merged, params };
    });
    this.state.clear();
    // A file's keys are numbers; an object's are strings.
    const entries = stateDict.state instanceof Map ? [...stateDict.state] : Object.entries(stateDict.state);
    const saved = new Map(entries.map(([position, state]) => [Number(position), state]));
    for (const { group, merged, params } of loaded) {
      Object.assign(group, merged);
      group.params.forEach((param, i) => {
        const state = saved.get(params[i] as number);
        if (state !== undefined) this.state.set(param, loadState<State>(state, param, this.tensorScalars));
      });
    }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return String(this);
  }

  toString(): string {
    const groups = this.paramGroups.map(({ params, ...options }, i) => {
      const lines = Object.entries(options).map(([name, value]) => `    ${name}: ${describe(value)}\n`);
      return `Parameter Group ${i} (${params.length} parameters)\n${lines.join('')}`;
    });
    return `${this.name} (\n${groups.join('\n')})`;
  }
}
