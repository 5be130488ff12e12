// NVIDIA GPUs. This build has no CUDA backend: there are none.

/** Whether tensors can lie on an NVIDIA GPU. */
export function isAvailable(): boolean {
  return deviceCount() > 0;
}

/** The number of GPUs. */
export function deviceCount(): number {
  return 0;
}
