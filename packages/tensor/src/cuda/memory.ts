import { cudaBackend, ValueError } from '@ts-torch/core';
import { type CudaDeviceLike, cudaDeviceOf } from './device.js';

/** Figures of a device's allocator, in bytes or calls since the program began or {@link resetAccumulatedMemoryStats}. */
export interface CudaMemoryStats {
  /** Bytes in tensors. */
  readonly allocated: number;
  readonly maxAllocated: number;
  /** Bytes got from the driver: those in tensors, and those kept free for later ones. */
  readonly reserved: number;
  readonly maxReserved: number;
  readonly allocations: number;
  /** Allocations that the driver had to serve. */
  readonly driverAllocations: number;
  /** Allocations that first had to give the cache back. */
  readonly retries: number;
  /** Bytes that may be reserved. */
  readonly limit: number;
}

/** In the order of the native table. */
const FIGURES = [
  'allocated',
  'maxAllocated',
  'reserved',
  'maxReserved',
  'allocations',
  'driverAllocations',
  'retries',
  'limit',
] as const satisfies readonly (keyof CudaMemoryStats)[];

export function memoryStats(device?: CudaDeviceLike): CudaMemoryStats {
  const { index } = cudaDeviceOf('memoryStats', device);
  const read = FIGURES.map((name, figure) => [name, cudaBackend().memoryStat(index, figure)]);
  return Object.fromEntries(read) as unknown as CudaMemoryStats;
}

/** Bytes in tensors. */
export function memoryAllocated(device?: CudaDeviceLike): number {
  return memoryStats(device).allocated;
}

/** The most that {@link memoryAllocated} was, since the program began or {@link resetPeakMemoryStats}. */
export function maxMemoryAllocated(device?: CudaDeviceLike): number {
  return memoryStats(device).maxAllocated;
}

/** Bytes got from the driver. */
export function memoryReserved(device?: CudaDeviceLike): number {
  return memoryStats(device).reserved;
}

/** The most that {@link memoryReserved} was. */
export function maxMemoryReserved(device?: CudaDeviceLike): number {
  return memoryStats(device).maxReserved;
}

export function resetPeakMemoryStats(device?: CudaDeviceLike): void {
  cudaBackend().resetPeakMemoryStats(cudaDeviceOf('resetPeakMemoryStats', device).index);
}

/** Starts the counts of calls in {@link memoryStats} again. */
export function resetAccumulatedMemoryStats(device?: CudaDeviceLike): void {
  cudaBackend().resetMemoryCounts(cudaDeviceOf('resetAccumulatedMemoryStats', device).index);
}

/** Gives the memory that is kept free for later tensors back to the driver. */
export function emptyCache(): void {
  for (let index = 0; index < cudaBackend().deviceCount; index++) cudaBackend().emptyCache(index);
}

/** Bytes that the device has free, and in all. */
export function memGetInfo(device?: CudaDeviceLike): { free: number; total: number } {
  const { index } = cudaDeviceOf('memGetInfo', device);
  return { free: cudaBackend().deviceMemory(index, 0), total: cudaBackend().deviceMemory(index, 1) };
}

/** Reserving more than this share of the device's memory throws `OutOfMemoryError`. */
export function setPerProcessMemoryFraction(fraction: number, device?: CudaDeviceLike): void {
  if (!(fraction >= 0 && fraction <= 1))
    throw new ValueError(`setPerProcessMemoryFraction: expected a fraction from 0 to 1, got ${fraction}`);
  const { index } = cudaDeviceOf('setPerProcessMemoryFraction', device);
  cudaBackend().setMemoryLimit(index, Math.floor(fraction * cudaBackend().deviceMemory(index, 1)));
}

/** {@link memoryStats} as a table to print. */
export function memorySummary(device?: CudaDeviceLike): string {
  const place = cudaDeviceOf('memorySummary', device);
  const stats = memoryStats(place);
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rows: [string, string, string][] = [
    ['', 'now', 'most'],
    ['in tensors', mebibytes(stats.allocated), mebibytes(stats.maxAllocated)],
    ['reserved', mebibytes(stats.reserved), mebibytes(stats.maxReserved)],
    ['allocations', String(stats.allocations), ''],
    ['by the driver', String(stats.driverAllocations), ''],
    ['after emptying the cache', String(stats.retries), ''],
  ];
  const lines = rows.map(([what, now, most]) => what.padEnd(26) + now.padStart(14) + most.padStart(14));
  return [`memory of ${place}`, ...lines.map((line) => line.trimEnd())].join('\n');
}
