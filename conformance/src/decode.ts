import * as torch from 'ts-torch';
import type { Encoded } from './oracle.js';
import type { StoredTensor } from './safetensors.js';

/** PyTorch's snake_case in ts-torch's camelCase. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** The tensor that a file holds; complex numbers are stored as a last dimension of real and imaginary part. */
export function loadTensor({ dtype, shape, bytes }: StoredTensor, complex = false): torch.Tensor {
  const target: torch.DType = complex ? (dtype === 'float32' ? 'complex64' : 'complex128') : dtype;
  const flat = torch.frombuffer(bytes.slice().buffer, { dtype: target });
  return flat.view(complex ? shape.slice(0, -1) : shape);
}

/** Python's `start:stop:step` as ts-torch writes it. */
function sliceText(parts: readonly Encoded[]): string {
  const [start, stop, step] = parts.map((part) => (part === null || part === undefined ? '' : String(part)));
  return step === '' ? `${start}:${stop}` : `${start}:${stop}:${step}`;
}

const SPECIAL_FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };

let device = torch.defaultDevice();

/** Puts the oracle's tensors on a device. It need not be the default one: ops take theirs from their arguments. */
export function placeTensors(on: torch.DeviceLike): void {
  device = torch.device(on);
}

/**
 * Turns what the oracle wrote into arguments, on the device of {@link placeTensors}. Tensors are collected in the order in which they appear: they
 * are what the flags of `requires_grad` count.
 */
export class Decoder {
  readonly tensors: torch.Tensor[] = [];
  private readonly stored: ReadonlyMap<string, StoredTensor>;
  private readonly requiresGrad: readonly boolean[];

  constructor(stored: ReadonlyMap<string, StoredTensor>, requiresGrad: readonly boolean[] = []) {
    this.stored = stored;
    this.requiresGrad = requiresGrad;
  }

  decode(value: Encoded): unknown {
    if (Array.isArray(value)) return value.map((item) => this.decode(item));
    if (typeof value !== 'object' || value === null) return value;
    const object = value as { readonly [key: string]: Encoded };
    if ('t' in object) return this.tensor(object);
    return decodeObject(object);
  }

  private tensor(value: { readonly [key: string]: Encoded }): torch.Tensor {
    const stored = this.stored.get(String(value['t']));
    if (stored === undefined) throw new Error(`the oracle has no tensor ${value['t']}`);
    const memory = loadTensor(stored, value['complex'] === true).to(device);
    const { shape, strides, offset } = value as { shape?: number[]; strides?: number[]; offset?: number };
    const view = shape === undefined ? memory : memory.asStrided(shape, strides ?? [], offset ?? 0);
    const result = view.detach();
    if (this.requiresGrad[this.tensors.length]) result.requiresGrad_();
    this.tensors.push(result);
    return result;
  }
}

function decodeObject(value: { readonly [key: string]: Encoded }): unknown {
  const [kind, content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'int':
      return BigInt(String(content));
    case 'float':
      return SPECIAL_FLOATS[String(content)];
    case 'complex': {
      const [re, im] = content as number[];
      return { re, im };
    }
    case 'dtype':
      return content;
    case 'device':
      return device;
    case 'memory_format':
      return camelCase(String(content));
    case 'slice':
      return sliceText(content as Encoded[]);
    case 'ellipsis':
      return '...';
    default:
      throw new Error(`the oracle has a value of unknown kind ${kind}`);
  }
}
