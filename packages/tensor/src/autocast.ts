import {
  DeviceError,
  type DeviceType,
  DTypeError,
  type DTypeInfo,
  describe,
  dtypeInfo,
  type Storage,
  ValueError,
} from '@ts-torch/core';
import type { Policy } from './autocast-policies.js';
import { type Autocaster, setAutocaster } from './castable.js';
import { readOptions } from './op.js';
import copyPrimitives from './ops/copying.js';
import { promoteInfo } from './promotion.js';
import { isParameter, recorder } from './recording.js';
import { runScope } from './scope.js';
import { Tensor } from './tensor.js';

const FLOAT32 = dtypeInfo('float32');
const FLOAT16 = dtypeInfo('float16');
const LOWER_PRECISION = { cpu: dtypeInfo('bfloat16'), cuda: FLOAT16 } as const;

/** What the scopes that a program is in ask for. */
interface State {
  /** The lower precision on each device; `null` where ops are not cast. */
  readonly lower: Readonly<Record<DeviceType, DTypeInfo | null>>;
  readonly cacheEnabled: boolean;
}

let state: State = { lower: { cpu: null, cuda: null }, cacheEnabled: true };

// --- Scopes -------------------------------------------------------------------------------------------------------------

export interface AutocastOptions {
  /** The lower precision: float16 on CUDA devices, bfloat16 on the CPU, where it is left out. */
  dtype?: 'float16' | 'bfloat16' | undefined;
  /** `false` runs ops in the dtype of their arguments, within an enabled scope too. */
  enabled?: boolean | undefined;
  /** Whether a parameter is cast once, rather than at each use, until the outermost scope ends. */
  cacheEnabled?: boolean | undefined;
}

/**
 * Runs `body` in mixed precision (Micikevicius et al. 2018, arXiv:1710.03740): on tensors of the device, matrix products and convolutions
 * compute in float16 or bfloat16; sums, exponentials, norms and losses in float32; other ops in the dtype that comes to them. Ops in place, those
 * with `out` or a `dtype` of their own, and float64 are left alone. Parameters keep their dtype, and get gradients of it; call `backward()` after
 * the scope, and with float16 scale the loss by {@link amp.GradScaler}. Refuses async bodies.
 *
 * Throws {@link DeviceError} for anything but `'cpu'` and `'cuda'`, {@link DTypeError} for a dtype of more than 16 bits.
 *
 * @example
 * const weight = torch.ones([2, 2], { requiresGrad: true });
 * const product = torch.autocast('cpu', () => weight.matmul(weight));
 * product.sum().backward();
 * [product.dtype, weight.grad?.dtype] // ['bfloat16', 'float32']
 */
export function autocast<T>(device: DeviceType, body: () => T): T;
export function autocast<T>(device: DeviceType, options: AutocastOptions, body: () => T): T;
export function autocast<T>(device: DeviceType, options: AutocastOptions | (() => T), body?: () => T): T {
  const [given, run] = typeof options === 'function' ? [undefined, options] : [options, body as () => T];
  return runScope('autocast', run, enter(stateOf(device, given)));
}

function stateOf(device: DeviceType, options: AutocastOptions | undefined): State {
  if (device !== 'cpu' && device !== 'cuda')
    throw new DeviceError(`autocast: expected the device 'cpu' or 'cuda', got ${describe(device)}`);
  const { dtype, enabled, cacheEnabled } = readOptions('autocast', options, {
    dtype: LOWER_PRECISION[device].name,
    enabled: true,
    cacheEnabled: state.cacheEnabled,
  });
  const info = dtypeInfo(dtype);
  if (info.category !== 'float' || info.itemSize !== 2)
    throw new DTypeError(`autocast: expected float16 or bfloat16, got ${info.name}`);
  return { lower: { ...state.lower, [device]: enabled ? info : null }, cacheEnabled };
}

let depth = 0;

/** Puts a state in force; gives what ends that. */
function enter(next: State): () => void {
  const before = state;
  const isOn = next.lower.cpu !== null || next.lower.cuda !== null;
  const outer = setAutocaster(isOn ? runCast : null);
  state = next;
  depth++;
  return () => {
    state = before;
    setAutocaster(outer);
    depth--;
    if (depth === 0) casts.clear();
  };
}

/** What runs functions later as they would run here: in the same scopes of `autocast`. */
export function keepAutocast(): <T>(f: () => T) => T {
  const kept = state;
  return (f) => {
    const leave = enter(kept);
    try {
      return f();
    } finally {
      leave();
    }
  };
}

// --- Ops ----------------------------------------------------------------------------------------------------------------

const runCast: Autocaster = (op, policy, call, args) => {
  const cast = args.some(namesResult) ? args : castArguments(op, policy, args);
  // What the op is made of runs in the dtypes that were chosen for it.
  const outer = setAutocaster(null);
  try {
    return call(...cast);
  } finally {
    setAutocaster(outer);
  }
};

/** Whether an argument is options that say where the result goes, or its dtype. */
function namesResult(arg: unknown): boolean {
  return isPlainObject(arg) && (arg['out'] ?? arg['dtype'] ?? null) !== null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function castArguments<Args extends readonly unknown[]>(op: string, policy: Policy, args: Args): Args {
  const eligible = tensorsIn(args).filter(isEligible);
  const wanted = WANTED[policy](op, eligible);
  return castAll(args, wanted) as unknown as Args;
}

/** The dtype that each policy asks for; `null` for that of the scope. */
const WANTED: Readonly<Record<Policy, (op: string, eligible: readonly Tensor[]) => DTypeInfo | null>> = {
  lowerPrecision: () => null,
  float32: () => FLOAT32,
  widest: (_, [first, ...others]) =>
    first === undefined ? null : others.reduce((info, other) => promoteInfo(info, other.dtypeInfo), first.dtypeInfo),
  refused: (op, eligible) => {
    if (eligible.some(({ device }) => state.lower[device.type] === FLOAT16))
      throw new ValueError(
        `${op}: its gradients may not fit float16, which autocast uses here; use ${op}WithLogits and leave out the sigmoid before it`,
      );
    return FLOAT32;
  },
};

/** Whether a scope casts a tensor: not where it is of another device, of integers, or of float64. */
function isEligible({ device, dtypeInfo: info }: Tensor): boolean {
  return state.lower[device.type] !== null && info.category === 'float' && info.itemSize <= 4;
}

/** The tensors among arguments, in lists and options too. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isPlainObject(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

function castAll(value: unknown, wanted: DTypeInfo | null): unknown {
  if (value instanceof Tensor) return isEligible(value) ? castOne(value, wanted) : value;
  if (Array.isArray(value)) return value.map((item) => castAll(item, wanted));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, castAll(item, wanted)]));
}

function castOne(tensor: Tensor, wanted: DTypeInfo | null): Tensor {
  const info = wanted ?? (state.lower[tensor.device.type] as DTypeInfo);
  if (tensor.dtypeInfo === info) return tensor;
  return wanted === null && state.cacheEnabled && isParameter(tensor)
    ? castOnce(tensor, info)
    : copyPrimitives.cast(tensor, info);
}

// --- Parameters that were cast --------------------------------------------------------------------------------------------

interface Cast {
  readonly result: Tensor;
  /** The parameter's memory when it was cast, and how often that had been changed. */
  readonly storage: Storage;
  readonly version: number;
  readonly isRecorded: boolean;
}

const casts = new Map<Tensor, Cast>();

/** A parameter in another dtype: the same tensor each time, while the parameter stays as it is. */
function castOnce(parameter: Tensor, info: DTypeInfo): Tensor {
  const { storage } = parameter;
  const { version } = storage;
  const known = casts.get(parameter);
  const fits = known?.result.dtypeInfo === info && known.storage === storage && known.version === version;
  if (fits && (known.isRecorded || recorder === null)) return known.result;
  const result = copyPrimitives.cast(parameter, info);
  casts.set(parameter, { result, storage, version, isRecorded: recorder !== null });
  return result;
}
