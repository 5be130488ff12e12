import { cudaOption, describe, setCudaOption, ValueError } from '@ts-torch/core';

// What a program may ask of the kernels of all devices.

let deterministic: 'default' | 'warn' | 'error' = 'default';

/**
 * Asks that ops give the same bits each time. On the CPU they do so anyway; kernels of other devices that do not must ask
 * {@link getDeterministicDebugMode}, and warn or throw.
 *
 * @example
 * torch.useDeterministicAlgorithms(true);
 * torch.getDeterministicDebugMode() // 2
 */
export function useDeterministicAlgorithms(mode: boolean, options?: { warnOnly?: boolean | undefined }): void {
  if (typeof mode !== 'boolean')
    throw new ValueError(`useDeterministicAlgorithms: expected true or false, got ${describe(mode)}`);
  deterministic = mode ? (options?.warnOnly === true ? 'warn' : 'error') : 'default';
}

/**
 * Whether {@link useDeterministicAlgorithms} is on.
 *
 * @example torch.areDeterministicAlgorithmsEnabled() // false
 */
export function areDeterministicAlgorithmsEnabled(): boolean {
  return deterministic !== 'default';
}

/**
 * Whether ops that are not deterministic only warn.
 *
 * @example torch.isDeterministicAlgorithmsWarnOnlyEnabled() // false
 */
export function isDeterministicAlgorithmsWarnOnlyEnabled(): boolean {
  return deterministic === 'warn';
}

const MODES = ['default', 'warn', 'error'] as const;

/**
 * {@link useDeterministicAlgorithms} by the names 'default' (or 0), 'warn' (1) and 'error' (2).
 *
 * @example
 * torch.setDeterministicDebugMode('error');
 * torch.areDeterministicAlgorithmsEnabled() // true
 */
export function setDeterministicDebugMode(debugMode: (typeof MODES)[number] | 0 | 1 | 2): void {
  const mode = typeof debugMode === 'number' ? MODES[debugMode] : MODES.find((name) => name === debugMode);
  if (mode === undefined)
    throw new ValueError(
      `setDeterministicDebugMode: expected 'default', 'warn' or 'error', got ${describe(debugMode)}`,
    );
  deterministic = mode;
}

/**
 * 0, 1 or 2: {@link setDeterministicDebugMode}.
 *
 * @example torch.getDeterministicDebugMode() // 0
 */
export function getDeterministicDebugMode(): number {
  return MODES.indexOf(deterministic);
}

export type MatmulPrecision = 'highest' | 'high' | 'medium';
const PRECISIONS: readonly MatmulPrecision[] = ['highest', 'high', 'medium'];
let reduced: Exclude<MatmulPrecision, 'highest'> = 'high';

/**
 * How exact products of float32 matrices must be: 'highest' is float32; less allows kernels of CUDA to round their inputs to TF32 (`backends.cuda.matmul.allowTF32`).
 *
 * @example
 * torch.setFloat32MatmulPrecision('high');
 * torch.getFloat32MatmulPrecision() // 'high'
 */
export function setFloat32MatmulPrecision(value: MatmulPrecision): void {
  if (!PRECISIONS.includes(value))
    throw new ValueError(`setFloat32MatmulPrecision: expected ${PRECISIONS.join(', ')}, got ${describe(value)}`);
  if (value !== 'highest') reduced = value;
  setCudaOption('matmulTF32', value !== 'highest');
}

/**
 * What {@link setFloat32MatmulPrecision} has set.
 *
 * @example torch.getFloat32MatmulPrecision() // 'highest'
 */
export function getFloat32MatmulPrecision(): MatmulPrecision {
  return cudaOption('matmulTF32') ? reduced : 'highest';
}
