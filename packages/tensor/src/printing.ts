import { inspect } from 'node:util';
import { currentCudaDevice, type Device, DisposedError, defaultDevice, describe, ValueError } from '@ts-torch/core';
import { readOptions } from './op.js';
import { toTypedArray } from './ops/reading.js';
import { at, type Subscript } from './ops/subscripts.js';
import { defaultComplexDtype, defaultDtype } from './promotion.js';
import { withoutRecording } from './recording.js';
import { range } from './shape.js';
import { Tensor } from './tensor.js';

// PyTorch's torch/_tensor_str.py, to the letter.

export interface PrintOptions {
  /** Digits after the point. */
  precision?: number | undefined;
  /** Tensors of more elements are summarized. */
  threshold?: number | undefined;
  /** How many elements at both ends of each dimension a summary shows. */
  edgeitems?: number | undefined;
  /** Characters in a line. */
  linewidth?: number | undefined;
  /** A set of the above: `full` never summarizes. */
  profile?: 'default' | 'short' | 'full' | undefined;
  /** Scientific notation always, never, or (`null`) where magnitudes differ much. Each call that leaves it out sets it to `null`. */
  sciMode?: boolean | null | undefined;
}

const DEFAULT = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 };
const PROFILES = {
  default: DEFAULT,
  short: { ...DEFAULT, precision: 2, edgeitems: 2 },
  full: { ...DEFAULT, threshold: Number.POSITIVE_INFINITY },
};

const settings: typeof DEFAULT & { sciMode: boolean | null } = { ...DEFAULT, sciMode: null };

/**
 * How tensors print from here on; what is left out stays as it is.
 *
 * @example
 * torch.setPrintoptions({ precision: 2 });
 * String(torch.tensor([Math.PI])) // 'tensor([3.14])'
 */
export function setPrintoptions(options: PrintOptions): void {
  const { profile, sciMode, ...numbers } = readOptions<PrintOptions>('setPrintoptions', options, {
    precision: undefined,
    threshold: undefined,
    edgeitems: undefined,
    linewidth: undefined,
    profile: undefined,
    sciMode: null,
  });
  if (profile !== undefined && !Object.hasOwn(PROFILES, profile))
    throw new ValueError(`setPrintoptions: expected profile 'default', 'short' or 'full', got ${describe(profile)}`);
  for (const [name, value] of Object.entries(numbers)) {
    const whole = Number.isInteger(value) || (name === 'threshold' && value === Number.POSITIVE_INFINITY);
    const fits = whole && (value as number) >= 0 && (name !== 'precision' || (value as number) <= 100);
    if (value !== undefined && !fits)
      throw new ValueError(`setPrintoptions: expected ${name} to be an integer of at least 0, got ${describe(value)}`);
  }
  if (sciMode !== null && typeof sciMode !== 'boolean')
    throw new ValueError(`setPrintoptions: expected sciMode to be true, false or null, got ${describe(sciMode)}`);
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined);
  Object.assign(settings, profile === undefined ? {} : PROFILES[profile], Object.fromEntries(given), { sciMode });
}

// --- Numbers as Python writes them ------------------------------------------------------------------------------------------

/** More digits than any tie needs: JavaScript rounds ties up, Python to even. */
const BEYOND = 40;

/** Of the two neighbours that a digit string may be rounded to: the truncated one where it is an exact tie and that is even. */
function roundedToEven(rounded: string, exact: string, kept: number): string {
  const dot = exact.indexOf('.');
  const tie = /^50*$/.test(exact.slice(dot + 1 + kept));
  if (!tie) return rounded;
  const truncated = exact.slice(0, kept === 0 ? dot : dot + 1 + kept);
  return '02468'.includes(truncated.at(-1) as string) ? truncated : rounded;
}

function signed(value: number, text: string): string {
  return value < 0 || Object.is(value, -0) ? `-${text}` : text;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? 'inf' : '-inf';
}

/** Python's `'{:.4f}'`. */
function fixed(value: number, digits: number): string {
  const size = Math.abs(value);
  // From 10^21 on toFixed gives up; such numbers are integers.
  if (size >= 1e21) return signed(value, BigInt(size).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : ''));
  return signed(value, roundedToEven(size.toFixed(digits), size.toFixed(Math.min(digits + BEYOND, 100)), digits));
}

/** Python's `'{:.4e}'`: an exponent of at least two digits. */
function scientific(value: number, digits: number): string {
  const size = Math.abs(value);
  const [rounded, power] = size.toExponential(digits).split('e') as [string, string];
  const [exact, exactPower] = size.toExponential(Math.min(digits + BEYOND, 100)).split('e') as [string, string];
  const mantissa = power === exactPower ? roundedToEven(rounded, exact, digits) : rounded;
  return signed(value, `${mantissa}e${power[0]}${power.slice(1).padStart(2, '0')}`);
}

// --- One format for all elements of a tensor ----------------------------------------------------------------------------------

type Value = number | bigint | boolean;

interface Formatter {
  readonly width: number;
  readonly format: (value: Value) => string;
}

function integerFormatter(values: readonly Value[]): Formatter {
  const text = (value: Value): string => (typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value));
  return padded(text, values, 0);
}

function padded(text: (value: Value) => string, values: readonly Value[], extra: number): Formatter {
  const width = values.reduce<number>((most, value) => Math.max(most, text(value).length + extra), 1);
  return { width, format: (value) => text(value).padStart(width) };
}

function floatFormatter(values: readonly number[]): Formatter {
  const { precision, sciMode } = settings;
  const usual = values.filter((value) => Number.isFinite(value) && value !== 0);
  const whole = usual.every(Number.isInteger);
  const scientificMode = isWide(usual, whole);
  const asInteger = (value: Value): string => fixed(value as number, 0);
  const asFixed = (value: Value): string => fixed(value as number, precision);
  const asScientific = (value: Value): string => scientific(value as number, precision);
  // The width is that of the mode which the values suggest, also where sciMode overrules it.
  const { width } = scientificMode
    ? padded(asScientific, usual, 0)
    : padded(whole ? asInteger : asFixed, usual, whole ? 1 : 0);
  const text = (value: Value): string => {
    const name = special(value as number);
    if (name !== undefined) return name;
    if (usual.length > 0 && sciMode !== null ? sciMode : scientificMode) return asScientific(value);
    return whole ? `${asInteger(value)}.` : asFixed(value);
  };
  return { width, format: (value) => text(value).padStart(width) };
}

/** Whether the magnitudes differ so much that scientific notation reads better. */
function isWide(usual: readonly number[], whole: boolean): boolean {
  if (usual.length === 0) return false;
  const least = usual.reduce((a, b) => Math.min(a, Math.abs(b)), Number.POSITIVE_INFINITY);
  const most = usual.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return most / least > 1000 || most > 1e8 || (!whole && least < 1e-4);
}

// --- Elements in brackets -------------------------------------------------------------------------------------------------

interface Elements {
  readonly shape: readonly number[];
  /** Where the middle of a dimension was left out. */
  readonly cut: readonly boolean[];
  readonly text: (index: number) => string;
  /** Characters of an element, the comma and space included. */
  readonly width: number;
}

/** The ends of each dimension that is too long for a summary; the longest first, so that little is copied. */
function withoutMiddles(self: Tensor, cut: readonly boolean[]): Tensor {
  const { edgeitems } = settings;
  const dims = range(self.shape.length).filter((d) => cut[d]);
  dims.sort((a, b) => (self.shape[b] as number) - (self.shape[a] as number));
  let result = self;
  for (const d of dims) {
    const ends = [...range(edgeitems), ...range(edgeitems).map((i) => i - edgeitems)];
    result = at(result, ...range(d).map((): Subscript => ':'), ends);
  }
  return result;
}

function readValues(self: Tensor): Value[] {
  const wide = self.dtype === 'float16' || self.dtype === 'bfloat16' ? self.to('float32') : self;
  const array: ArrayLike<number | bigint> = toTypedArray(wide);
  return self.dtype === 'bool' ? Array.from(array, Boolean) : Array.from(array);
}

function elementsOf(self: Tensor): Elements {
  const summarize = self.numel() > settings.threshold;
  const cut = self.shape.map((size) => summarize && size > 2 * settings.edgeitems);
  const short = withoutMiddles(self, cut);
  const values = readValues(short);
  const { shape } = short;
  if (self.isComplex()) return { shape, cut, ...complexElements(values as number[]) };
  const { width, format } = self.isFloatingPoint() ? floatFormatter(values as number[]) : integerFormatter(values);
  return { shape, cut, width: width + 2, text: (index) => format(values[index] as Value) };
}

function complexElements(pairs: readonly number[]): Pick<Elements, 'text' | 'width'> {
  const real = floatFormatter(pairs.filter((_, i) => i % 2 === 0));
  const imaginary = floatFormatter(pairs.filter((_, i) => i % 2 === 1));
  return {
    width: real.width + imaginary.width + 3,
    text: (index) => {
      const part = `${imaginary.format(pairs[2 * index + 1] as number).trimStart()}j`;
      return `${real.format(pairs[2 * index] as number)}${part.startsWith('-') ? '' : '+'}${part}`;
    },
  };
}

function brackets(elements: Elements, dim: number, first: number, indent: number): string {
  const { shape, cut, text } = elements;
  const size = shape[dim];
  if (size === undefined) return text(first);
  const last = dim === shape.length - 1;
  const step = shape.slice(dim + 1).reduce((product, length) => product * length, 1);
  const items = range(size).map((i) =>
    last ? text(first + i) : brackets(elements, dim + 1, first + i * step, indent + 1),
  );
  if (cut[dim]) items.splice(settings.edgeitems, 0, last ? ' ...' : '...');
  return `[${last ? inLines(items, elements.width, indent) : items.join(`,${'\n'.repeat(shape.length - dim - 1)}${' '.repeat(indent + 1)}`)}]`;
}

function inLines(items: readonly string[], width: number, indent: number): string {
  const perLine = Math.max(1, Math.floor((settings.linewidth - indent) / width));
  const lines = range(Math.ceil(items.length / perLine)).map((i) =>
    items.slice(i * perLine, (i + 1) * perLine).join(', '),
  );
  return lines.join(`,\n${' '.repeat(indent + 1)}`);
}

// --- The whole --------------------------------------------------------------------------------------------------------------

/** Of autograd, where it is installed. */
type Tracked = Tensor & { readonly gradFn?: { readonly name: string } | null; readonly requiresGrad?: boolean };

function isDefault(self: Tensor): boolean {
  return [defaultDtype().name, defaultComplexDtype().name, 'int64', 'bool'].includes(self.dtype);
}

function tuple(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

function suffixesOf(self: Tracked): string[] {
  const empty = self.numel() === 0;
  const result: string[] = [];
  if (!isUsual(self.device)) result.push(`device='${self.device}'`);
  if (empty && self.shape.length !== 1) result.push(`size=${tuple(self.shape)}`);
  if (empty ? self.dtype !== defaultDtype().name : !isDefault(self)) result.push(`dtype=torch.${self.dtype}`);
  if (self.gradFn) result.push(`grad_fn=<${self.gradFn.name}>`);
  else if (self.requiresGrad) result.push('requires_grad=True');
  return result;
}

function withSuffixes(text: string, suffixes: readonly string[], indent: number): string {
  let result = text;
  // One more than the line has, as in PyTorch.
  let line = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    const fits = line + suffix.length + 2 <= settings.linewidth;
    result += fits ? `, ${suffix}` : `,\n${' '.repeat(indent)}${suffix}`;
    line = fits ? line + suffix.length + 2 : indent + suffix.length;
  }
  return `${result})`;
}

const PREFIX = 'tensor(';

/** The tensor as PyTorch prints it. Never throws. */
export function print(self: Tensor): string {
  try {
    const body = self.numel() === 0 ? '[]' : withoutRecording(() => brackets(elementsOf(self), 0, 0, PREFIX.length));
    return withSuffixes(`${PREFIX}${body}`, suffixesOf(self), PREFIX.length);
  } catch (error) {
    if (!(error instanceof DisposedError)) throw error;
    return `${PREFIX}disposed, size=${tuple(self.shape)}, dtype=torch.${self.dtype})`;
  }
}

/** `String(x)`, and `console.log(x)` through Node's `util.inspect`. */
export function attachPrinting(): void {
  const define = (name: string | symbol, value: (this: Tensor) => string): void => {
    Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
  };
  define('toString', function toString() {
    return print(this);
  });
  // Subclasses that print otherwise only override toString.
  define(inspect.custom, function custom() {
    return this.toString();
  });
}

/** Whether a tensor is on this device if it was given none. */
function isUsual(device: Device): boolean {
  return device.type === defaultDevice().type && (device.type === 'cpu' || device === currentCudaDevice());
}
