import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { cat, empty, stack, Tensor } from '@ts-torch/tensor';
import { castable, checkTensor, readOptions, recurrentPrimitives, show } from '@ts-torch/tensor/internal';
import * as F from './functional/index.js';
import * as init from './init.js';
import { FACTORY, type FactoryOptions, Module } from './module.js';
import { checkProbability, checkWord } from './options.js';
import { Parameter } from './parameter.js';
import { fields, pythonFloat } from './printing.js';
import { checkCount } from './sizes.js';
import { PackedSequence } from './utils/rnn.js';

const { lstmCell, gruCell } = recurrentPrimitives;

// --- One step ---------------------------------------------------------------------------------------------------------------

/** The weights of one layer in one direction. */
interface Weights {
  readonly inputHidden: Tensor;
  readonly hiddenHidden: Tensor;
  readonly inputBias: Tensor | null;
  readonly hiddenBias: Tensor | null;
  /** Of an LSTM whose hidden state is projected. */
  readonly projection: Tensor | null;
}

/**
 * A step: `fromInput` is the input's part of the gates, `fromHidden` the hidden state's. States are lists of tensors, the hidden
 * state first.
 */
type Step = (fromInput: Tensor, fromHidden: Tensor, state: readonly Tensor[], weights: Weights) => Tensor[];

/** h' = f(from input + from hidden); Elman 1990. */
const elmanStep =
  (f: (x: Tensor) => Tensor): Step =>
  (fromInput, fromHidden) => [f(fromInput.add(fromHidden))];

const NONLINEARITIES = { tanh: elmanStep((x) => x.tanh()), relu: elmanStep((x) => x.relu()) };
type Nonlinearity = keyof typeof NONLINEARITIES;

/** c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'); Hochreiter & Schmidhuber 1997. */
const lstmStep: Step = (fromInput, fromHidden, [, cell], { projection }) => {
  const [hidden, next] = lstmCell(fromInput, fromHidden, cell as Tensor);
  return [projection === null ? hidden : F.linear(hidden, projection), next];
};

/** r and z gates, n = tanh(input + r hidden), h' = (1 - z) n + z h; Cho et al. 2014, arXiv:1406.1078. */
const gruStep: Step = (fromInput, fromHidden, [hidden]) => [gruCell(fromInput, fromHidden, hidden as Tensor)[0]];

/** How the steps of a series lie in one tensor. */
interface Layout {
  split(series: Tensor): Tensor[];
  join(steps: readonly Tensor[]): Tensor;
}

/** `[T, N, width]` */
const PADDED: Layout = { split: (series) => [...series.unbind(0)], join: (steps) => stack(steps) };

/** As {@link PackedSequence} has them: each step has as many samples as the one before, or fewer. */
const packedBy = (batchSizes: readonly number[]): Layout => ({
  split: (series) => series.split(batchSizes),
  join: (steps) => cat(steps),
});

/** The state of some samples of a batch. */
function samples(state: readonly Tensor[], from: number, to: number): readonly Tensor[] {
  if (from === 0 && to === state[0]?.shape[0]) return state;
  return state.map((part) => part.narrow(0, from, to - from));
}

const joined = (states: readonly (readonly Tensor[])[]): Tensor[] =>
  (states[0] as readonly Tensor[]).map((_, k) => cat(states.map((state) => state[k] as Tensor)));

/** Runs a step over time: all outputs, and the last state. The input's part of the gates is one product for all times. */
const runLayer = castable(
  'recurrentLayer',
  (
    step: Step,
    input: Tensor,
    layout: Layout,
    initial: readonly Tensor[],
    weights: Weights,
    reverse: boolean,
  ): { output: Tensor; state: readonly Tensor[] } => {
    const gates = layout.split(F.linear(input, weights.inputHidden, { bias: weights.inputBias }));
    if (reverse) gates.reverse();
    const outputs: Tensor[] = [];
    // Forwards, packed samples end; backwards, they begin.
    const ended: (readonly Tensor[])[] = [];
    let before = gates[0]?.shape[0] as number;
    let state = samples(initial, 0, before);
    for (const fromInput of gates) {
      const now = fromInput.shape[0] as number;
      if (now < before) ended.unshift(samples(state, now, before));
      if (now < before) state = samples(state, 0, now);
      if (now > before) state = joined([state, samples(initial, before, now)]);
      before = now;
      const fromHidden = F.linear(state[0] as Tensor, weights.hiddenHidden, { bias: weights.hiddenBias });
      state = step(fromInput, fromHidden, state, weights);
      outputs.push(state[0] as Tensor);
    }
    if (reverse) outputs.reverse();
    return { output: layout.join(outputs), state: ended.length === 0 ? state : joined([state, ...ended]) };
  },
);

/** One step from an input and its state. */
const runCell = castable('recurrentCell', (step: Step, input: Tensor, state: readonly Tensor[], weights: Weights) => {
  const fromInput = F.linear(input, weights.inputHidden, { bias: weights.inputBias });
  const fromHidden = F.linear(state[0] as Tensor, weights.hiddenHidden, { bias: weights.hiddenBias });
  return step(fromInput, fromHidden, state, weights);
});

// --- Layers -----------------------------------------------------------------------------------------------------------------

export interface RecurrentOptions extends FactoryOptions {
  /** Layers on top of each other. */
  numLayers?: number | undefined;
  bias?: boolean | undefined;
  /** Whether inputs are `[N, T, inputSize]` rather than `[T, N, inputSize]`. */
  batchFirst?: boolean | undefined;
  /** The probability of dropout between layers. */
  dropout?: number | undefined;
  /** Whether each layer runs backwards in time, too. */
  bidirectional?: boolean | undefined;
}

const RECURRENT: RecurrentOptions = {
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
  ...FACTORY,
};

/** What the recurrent layers share: their weights and the walk over layers, directions and time. */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly projSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;

  static override stateName = Module.snakeCase;

  /** `gates`: how many vectors of the hidden size a step computes. */
  constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    given: RecurrentOptions & { projSize?: number | undefined },
  ) {
    super();
    const op = new.target.name;
    const { dtype, device, projSize = 0 } = given;
    checkCount(op, 'inputSize', inputSize);
    checkCount(op, 'hiddenSize', hiddenSize, 1);
    checkCount(op, 'numLayers', given.numLayers, 1);
    checkProbability(op, given.dropout);
    checkCount(op, 'projSize', projSize);
    if (projSize >= hiddenSize)
      throw new ValueError(`${op}: expected projSize below hiddenSize ${hiddenSize}, got ${describe(projSize)}`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.projSize = projSize;
    this.numLayers = given.numLayers;
    this.bias = given.bias as boolean;
    this.batchFirst = given.batchFirst as boolean;
    this.dropout = given.dropout as number;
    this.bidirectional = given.bidirectional as boolean;
    const make = (name: string, ...shape: number[]): void =>
      this.registerParameter(name, new Parameter(empty(shape, { dtype, device })));
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (const suffix of this.suffixes(layer)) {
        const width = layer === 0 ? inputSize : this.outputSize * this.directions;
        make(`weightIh${suffix}`, gates * hiddenSize, width);
        make(`weightHh${suffix}`, gates * hiddenSize, this.outputSize);
        if (this.bias) make(`biasIh${suffix}`, gates * hiddenSize);
        if (this.bias) make(`biasHh${suffix}`, gates * hiddenSize);
        if (projSize > 0) make(`weightHr${suffix}`, projSize, hiddenSize);
      }
    }
    this.resetParameters();
  }

  protected get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** The size of the hidden state as it comes out. */
  protected get outputSize(): number {
    return this.projSize || this.hiddenSize;
  }

  private suffixes(layer: number): string[] {
    return this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
  }

  private weights(suffix: string): Weights {
    const own = this as unknown as Record<string, Tensor | undefined>;
    return {
      inputHidden: own[`weightIh${suffix}`] as Tensor,
      hiddenHidden: own[`weightHh${suffix}`] as Tensor,
      inputBias: own[`biasIh${suffix}`] ?? null,
      hiddenBias: own[`biasHh${suffix}`] ?? null,
      projection: own[`weightHr${suffix}`] ?? null,
    };
  }

  /** Uniform in [-k, k], k = 1 / sqrt(hiddenSize). */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) init.uniform_(parameter, { a: -bound, b: bound });
  }

  /** The layers one after the other. `sizes` are those of the states; `given` holds the first ones, or null for zeros. */
  protected run(
    step: Step,
    input: Series,
    given: readonly Tensor[] | null,
    sizes: readonly number[],
  ): { output: Series; states: Tensor[] } {
    if (input instanceof PackedSequence) return this.runPacked(step, input, given, sizes);
    const op = this.constructor.name;
    checkTensor(op, input, 'input');
    if ((input.ndim !== 2 && input.ndim !== 3) || input.shape.at(-1) !== this.inputSize)
      throw new ShapeError(
        `${op}: expected an input of 2 or 3 dimensions, the last of size ${this.inputSize}, got ${show(input.shape)}`,
      );
    const batched = input.ndim === 3;
    const batch = batched ? input : input.unsqueeze(this.batchFirst ? 0 : 1);
    const series = this.batchFirst ? batch.transpose(0, 1) : batch;
    if (series.shape[0] === 0) throw new ShapeError(`${op}: expected at least one time step, got ${show(input.shape)}`);
    const count = this.numLayers * this.directions;
    const samples = series.shape[1] as number;
    const first = sizes.map((size, k) => this.initial(series, given?.[k], batched, [count, samples, size]));
    const { output, states } = this.layers(step, series, PADDED, first);
    const ordered = this.batchFirst ? output.transpose(0, 1) : output;
    if (batched) return { output: ordered, states };
    return { output: ordered.squeeze(this.batchFirst ? 0 : 1), states: states.map((state) => state.squeeze(1)) };
  }

  /** States come and go in the order of the sequences, and are sorted by length in between. */
  private runPacked(
    step: Step,
    input: PackedSequence,
    given: readonly Tensor[] | null,
    sizes: readonly number[],
  ): { output: PackedSequence; states: Tensor[] } {
    const { data, sortedIndices, unsortedIndices } = input;
    if (data.ndim !== 2 || data.shape[1] !== this.inputSize)
      throw new ShapeError(
        `${this.constructor.name}: expected packed data of shape [steps, ${this.inputSize}], got ${show(data.shape)}`,
      );
    const ordered = (state: Tensor, order: Tensor | null): Tensor => (order ? state.indexSelect(1, order) : state);
    const shape = [this.numLayers * this.directions, input.sizes[0] as number];
    const first = sizes.map((size, k) =>
      ordered(this.initial(data, given?.[k], true, [...shape, size]), sortedIndices),
    );
    const { output, states } = this.layers(step, data, packedBy(input.sizes), first);
    return { output: input.map(() => output), states: states.map((state) => ordered(state, unsortedIndices)) };
  }

  private layers(
    step: Step,
    series: Tensor,
    layout: Layout,
    first: readonly Tensor[],
  ): { output: Tensor; states: Tensor[] } {
    let output = series;
    const last: (readonly Tensor[])[] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      const runs = this.suffixes(layer).map((suffix, direction) => {
        const place = layer * this.directions + direction;
        const initial = first.map((state) => state.select(0, place));
        return runLayer(step, output, layout, initial, this.weights(suffix), direction === 1);
      });
      last.push(...runs.map(({ state }) => state));
      output =
        runs.length === 1
          ? (runs[0] as { output: Tensor }).output
          : cat(
              runs.map((run) => run.output),
              { dim: -1 },
            );
      if (layer < this.numLayers - 1) output = F.dropout(output, { p: this.dropout, training: this.training });
    }
    return { output, states: first.map((_, k) => stack(last.map((state) => state[k] as Tensor))) };
  }

  private initial(series: Tensor, given: Tensor | undefined, batched: boolean, shape: number[]): Tensor {
    if (given === undefined) return series.newZeros(shape);
    const state = batched ? given : given.unsqueeze(1);
    if (given.ndim !== (batched ? 3 : 2) || show(state.shape) !== show(shape))
      throw new ShapeError(
        `${this.constructor.name}: expected a state of shape ${show(batched ? shape : shape.toSpliced(1, 1))}, got ${show(given.shape)}`,
      );
    return state;
  }

  override extraRepr(): string {
    const { inputSize, hiddenSize, projSize, numLayers, bias, batchFirst, dropout, bidirectional } = this;
    const shown = {
      ...(projSize !== 0 && { proj_size: projSize }),
      ...(numLayers !== 1 && { num_layers: numLayers }),
      ...(!bias && { bias }),
      ...(batchFirst && { batch_first: batchFirst }),
      ...(dropout !== 0 && { dropout: pythonFloat(dropout) }),
      ...(bidirectional && { bidirectional }),
    };
    return [String(inputSize), String(hiddenSize), fields(shown)].filter((part) => part !== '').join(', ');
  }
}

/** What recurrent layers run over, and give. */
type Series = Tensor | PackedSequence;

/** A state given by position or by name. */
type StateArgument<S> = S | { hx?: S | null | undefined } | null;

function stateOf<S>(op: string, argument: StateArgument<S> | undefined): S | null {
  if (argument === undefined || argument === null) return null;
  if (argument instanceof Tensor || Array.isArray(argument)) return argument as S;
  return readOptions<{ hx: S | null }>(op, argument, { hx: null }).hx;
}

/** The states of an LSTM: hidden and cell. */
export type LSTMState = readonly [hidden: Tensor, cell: Tensor];

function lstmStates(op: string, given: LSTMState | null): readonly Tensor[] | null {
  if (
    given !== null &&
    !(Array.isArray(given) && given.length === 2 && given.every((state) => state instanceof Tensor))
  )
    throw new ValueError(`${op}: expected hx to be [hidden, cell], got ${describe(given)}`);
  return given;
}

export interface RNNOptions extends RecurrentOptions {
  nonlinearity?: Nonlinearity | undefined;
}

/**
 * Elman's recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).
 *
 * Shape: input `[T, N, inputSize]` (`[N, T, inputSize]` with `batchFirst`) or without N, state `[numLayers directions, N, hiddenSize]`;
 * results: outputs of all times `[T, N, directions hiddenSize]`, and the last state. A {@link PackedSequence} of sequences of different
 * lengths gives a packed one, and the state at the end of each.
 *
 * @example
 * const [output, hidden] = new nn.RNN(3, 4, { batchFirst: true })(torch.ones([2, 5, 3]));
 * [output.shape, hidden.shape] // [[2, 5, 4], [1, 2, 4]]
 */
export class RNN extends Recurrent {
  readonly nonlinearity: Nonlinearity;

  constructor(inputSize: number, hiddenSize: number, options?: RNNOptions) {
    const defaults: RNNOptions = { ...RECURRENT, nonlinearity: 'tanh' };
    const { nonlinearity, ...given } = readOptions<RNNOptions>('RNN', options, defaults);
    checkWord('RNN', 'nonlinearity', nonlinearity, ['tanh', 'relu']);
    super(1, inputSize, hiddenSize, given);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: PackedSequence, hx?: StateArgument<Tensor>): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: StateArgument<Tensor>): [output: Tensor, hidden: Tensor];
  override forward(input: Series, hx?: StateArgument<Tensor>): [output: Series, hidden: Tensor] {
    const given = stateOf<Tensor>('RNN', hx);
    const { output, states } = this.run(NONLINEARITIES[this.nonlinearity], input, given && [given], [this.hiddenSize]);
    return [output, states[0] as Tensor];
  }
}

export interface RNN {
  /** Of sequences of different lengths; {@link Module} has the call of a tensor. */
  (input: PackedSequence, hx?: StateArgument<Tensor>): [output: PackedSequence, hidden: Tensor];
}

/**
 * Gated recurrent units (Cho et al. 2014, arXiv:1406.1078); shapes as in {@link RNN}.
 *
 * @example
 * const [output, hidden] = new nn.GRU(3, 4, { batchFirst: true })(torch.ones([2, 5, 3]));
 * [output.shape, hidden.shape] // [[2, 5, 4], [1, 2, 4]]
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentOptions) {
    super(3, inputSize, hiddenSize, readOptions<RecurrentOptions>('GRU', options, RECURRENT));
  }

  override forward(input: PackedSequence, hx?: StateArgument<Tensor>): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: StateArgument<Tensor>): [output: Tensor, hidden: Tensor];
  override forward(input: Series, hx?: StateArgument<Tensor>): [output: Series, hidden: Tensor] {
    const given = stateOf<Tensor>('GRU', hx);
    const { output, states } = this.run(gruStep, input, given && [given], [this.hiddenSize]);
    return [output, states[0] as Tensor];
  }
}

export interface GRU {
  /** Of sequences of different lengths; {@link Module} has the call of a tensor. */
  (input: PackedSequence, hx?: StateArgument<Tensor>): [output: PackedSequence, hidden: Tensor];
}

export interface LSTMOptions extends RecurrentOptions {
  /** The size that the hidden state is projected to; 0 leaves it. Sak et al. 2014, arXiv:1402.1128. */
  projSize?: number | undefined;
}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997); shapes as in {@link RNN}. Its state is `[hidden, cell]`:
 * `const [output, [hidden, cell]] = lstm(x)`.
 *
 * @example
 * const [output, [hidden, cell]] = new nn.LSTM(3, 4, { batchFirst: true })(torch.ones([2, 5, 3]));
 * [output.shape, hidden.shape, cell.shape] // [[2, 5, 4], [1, 2, 4], [1, 2, 4]]
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options?: LSTMOptions) {
    super(4, inputSize, hiddenSize, readOptions<LSTMOptions>('LSTM', options, { ...RECURRENT, projSize: 0 }));
  }

  override forward(input: PackedSequence, hx?: StateArgument<LSTMState>): LSTMResult<PackedSequence>;
  override forward(input: Tensor, hx?: StateArgument<LSTMState>): LSTMResult<Tensor>;
  override forward(input: Series, hx?: StateArgument<LSTMState>): LSTMResult<Series> {
    const given = lstmStates('LSTM', stateOf<LSTMState>('LSTM', hx));
    const { output, states } = this.run(lstmStep, input, given, [this.outputSize, this.hiddenSize]);
    return [output, states as [Tensor, Tensor]];
  }
}

export interface LSTM {
  /** Of sequences of different lengths; {@link Module} has the call of a tensor. */
  (input: PackedSequence, hx?: StateArgument<LSTMState>): LSTMResult<PackedSequence>;
}

/** The outputs of all times, and the last state. */
export type LSTMResult<Output> = [output: Output, state: [hidden: Tensor, cell: Tensor]];

// --- Cells --------------------------------------------------------------------------------------------------------------------

export interface CellOptions extends FactoryOptions {
  bias?: boolean | undefined;
}

const CELL: CellOptions = { bias: true, ...FACTORY };

/** What the cells share: the weights of one step. */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;

  static override stateName = Module.snakeCase;

  constructor(gates: number, inputSize: number, hiddenSize: number, { bias, dtype, device }: CellOptions) {
    super();
    checkCount(new.target.name, 'inputSize', inputSize);
    checkCount(new.target.name, 'hiddenSize', hiddenSize, 1);
    const make = (...shape: number[]): Parameter => new Parameter(empty(shape, { dtype, device }));
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias as boolean;
    this.weightIh = make(gates * hiddenSize, inputSize);
    this.weightHh = make(gates * hiddenSize, hiddenSize);
    this.biasIh = bias ? make(gates * hiddenSize) : null;
    this.biasHh = bias ? make(gates * hiddenSize) : null;
    this.resetParameters();
  }

  /** Uniform in [-k, k], k = 1 / sqrt(hiddenSize). */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) init.uniform_(parameter, { a: -bound, b: bound });
  }

  /** One step; `count` states. Without a batch dimension one is added for the while. */
  protected run(step: Step, input: Tensor, given: readonly Tensor[] | null, count: number): Tensor[] {
    const op = this.constructor.name;
    const { inputSize, hiddenSize, weightIh, weightHh, biasIh, biasHh } = this;
    if ((input.ndim !== 1 && input.ndim !== 2) || input.shape.at(-1) !== inputSize)
      throw new ShapeError(
        `${op}: expected an input of 1 or 2 dimensions, the last of size ${inputSize}, got ${show(input.shape)}`,
      );
    const wanted = input.shape.with(-1, hiddenSize);
    const states = given ?? Array.from({ length: count }, () => input.newZeros(wanted));
    for (const state of states) {
      if (show(state.shape) !== show(wanted))
        throw new ShapeError(`${op}: expected a state of shape ${show(wanted)}, got ${show(state.shape)}`);
    }
    const rows = (tensor: Tensor): Tensor => (input.ndim === 1 ? tensor.unsqueeze(0) : tensor);
    const weights: Weights = {
      inputHidden: weightIh,
      hiddenHidden: weightHh,
      inputBias: biasIh,
      hiddenBias: biasHh,
      projection: null,
    };
    const next = runCell(step, rows(input), states.map(rows), weights);
    return input.ndim === 1 ? next.map((tensor) => tensor.squeeze(0)) : next;
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? '' : ', bias=False'}`;
  }
}

/**
 * One step of {@link RNN}. Shape: `[N, inputSize]` and `[N, hiddenSize]`, or without N.
 *
 * @example new nn.RNNCell(3, 4)(torch.ones([2, 3])).shape // [2, 4]
 */
export class RNNCell extends Cell {
  readonly nonlinearity: Nonlinearity;

  constructor(
    inputSize: number,
    hiddenSize: number,
    options?: CellOptions & { nonlinearity?: Nonlinearity | undefined },
  ) {
    const defaults: CellOptions & { nonlinearity?: Nonlinearity } = { ...CELL, nonlinearity: 'tanh' };
    const { nonlinearity, ...given } = readOptions('RNNCell', options, defaults);
    checkWord('RNNCell', 'nonlinearity', nonlinearity, ['tanh', 'relu']);
    super(1, inputSize, hiddenSize, given);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx?: StateArgument<Tensor>): Tensor {
    const given = stateOf<Tensor>('RNNCell', hx);
    return this.run(NONLINEARITIES[this.nonlinearity], input, given && [given], 1)[0] as Tensor;
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/**
 * One step of {@link GRU}. Shape: `[N, inputSize]` and `[N, hiddenSize]`, or without N.
 *
 * @example new nn.GRUCell(3, 4)(torch.ones([2, 3])).shape // [2, 4]
 */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options?: CellOptions) {
    super(3, inputSize, hiddenSize, readOptions<CellOptions>('GRUCell', options, CELL));
  }

  override forward(input: Tensor, hx?: StateArgument<Tensor>): Tensor {
    const given = stateOf<Tensor>('GRUCell', hx);
    return this.run(gruStep, input, given && [given], 1)[0] as Tensor;
  }
}

/**
 * One step of {@link LSTM}: `const [hidden, cell] = lstmCell(x, [hidden, cell])`.
 *
 * @example
 * const [hidden, cell] = new nn.LSTMCell(3, 4)(torch.ones([2, 3]));
 * [hidden.shape, cell.shape] // [[2, 4], [2, 4]]
 */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options?: CellOptions) {
    super(4, inputSize, hiddenSize, readOptions<CellOptions>('LSTMCell', options, CELL));
  }

  override forward(input: Tensor, hx?: StateArgument<LSTMState>): [hidden: Tensor, cell: Tensor] {
    const given = lstmStates('LSTMCell', stateOf<LSTMState>('LSTMCell', hx));
    return this.run(lstmStep, input, given, 2) as [Tensor, Tensor];
  }
}
