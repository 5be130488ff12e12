import { randomBytes } from 'node:crypto';
import { CPU, type Device, type DeviceLike, device as deviceOf } from './device.js';
import { ValueError } from './errors.js';

/**
 * The state of the Philox 4x32-10 counter-based generator (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3").
 * Kernels compute number `i` of a call from (seed, offset + i): the same at any number of threads, on every device.
 *
 * @example
 * const generator = new torch.Generator();
 * generator.manualSeed(7);
 * const first = torch.rand([2], { generator });
 * generator.manualSeed(7);
 * torch.rand([2], { generator }).equal(first) // true
 */
export class Generator {
  /** Whose default generator it is; others, too, may draw from it. */
  readonly device: Device;
  private seedValue: bigint;
  private offset = 0;

  constructor(seed?: number | bigint, options: { readonly device?: DeviceLike } = {}) {
    this.device = deviceOf(options.device ?? CPU);
    this.seedValue = 0n;
    if (seed === undefined) this.seed();
    else this.manualSeed(seed);
  }

  /** Starts the sequence of this seed: an integer, taken modulo 2^64. */
  manualSeed(seed: number | bigint): this {
    if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
      throw new ValueError(`manualSeed: expected an integer or a bigint, got ${String(seed)}`);
    }
    this.seedValue = BigInt.asUintN(64, BigInt(seed));
    this.offset = 0;
    return this;
  }

  /** Seeds from the system's entropy, and returns the seed. */
  seed(): bigint {
    this.manualSeed(randomBytes(8).readBigUInt64LE());
    return this.seedValue;
  }

  initialSeed(): bigint {
    return this.seedValue;
  }

  /** Seed and position, to go back to with {@link setState}. */
  getState(): { seed: bigint; offset: number } {
    return { seed: this.seedValue, offset: this.offset };
  }

  setState(state: { seed: bigint; offset: number }): void {
    this.manualSeed(state.seed);
    this.offset = state.offset;
  }

  /**
   * Takes the next `count` blocks of four 32-bit numbers. Kernel parameters: the seed's high and low 32 bits, and the
   * first block's number.
   */
  take(count: number): [seedHigh: number, seedLow: number, offset: number] {
    const { offset } = this;
    this.offset += count;
    return [Number(this.seedValue >> 32n), Number(this.seedValue & 0xffffffffn), offset];
  }
}

/** The generator of random ops on the CPU that are not given another. */
export const defaultGenerator = new Generator();

const cudaGenerators: Generator[] = [];

/** The generator of random ops on a device that are not given another; it begins with the seed of the CPU's. */
export function defaultGeneratorOf(device: Device): Generator {
  if (device === CPU) return defaultGenerator;
  cudaGenerators[device.index] ??= new Generator(defaultGenerator.initialSeed(), { device });
  return cudaGenerators[device.index] as Generator;
}

/** Starts the sequence of this seed on every device. */
export function seedAll(seed: number | bigint): Generator {
  defaultGenerator.manualSeed(seed);
  for (const generator of cudaGenerators) generator?.manualSeed(seed);
  return defaultGenerator;
}

/** Where the default generators of all devices stand, to go back to with {@link setGeneratorStates}. */
export interface GeneratorStates {
  readonly cpu: ReturnType<Generator['getState']>;
  /** By the device's number; a device that was not used yet has none. */
  readonly cuda: readonly (ReturnType<Generator['getState']> | undefined)[];
}

export function getGeneratorStates(): GeneratorStates {
  return { cpu: defaultGenerator.getState(), cuda: cudaGenerators.map((generator) => generator?.getState()) };
}

export function setGeneratorStates({ cpu, cuda }: GeneratorStates): void {
  defaultGenerator.setState(cpu);
  for (const [index, generator] of cudaGenerators.entries())
    generator?.setState(cuda[index] ?? { seed: defaultGenerator.initialSeed(), offset: 0 });
}
