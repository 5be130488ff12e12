import { cudaBackend, cudaDeviceCount, cudaOption, setCudaOption } from '@ts-torch/core';

// torch.backends: which libraries the kernels of CUDA use, and how exact they are. Setting them loads nothing.

/** Matrix products on CUDA devices. */
class CudaMatmul {
  /**
   * Whether products of float32 matrices may round their inputs to TF32 (10 bits of fraction), which newer GPUs multiply many times
   * as fast; false. `setFloat32MatmulPrecision('high')` is the same.
   */
  get allowTF32(): boolean {
    return cudaOption('matmulTF32');
  }
  set allowTF32(value: boolean) {
    setCudaOption('matmulTF32', value);
  }
}

/** Convolutions by cuDNN. */
class CudnnBackend {
  /** Whether cuDNN is used where it is found; true. Without it convolutions are kernels of our own, which are slower. */
  get enabled(): boolean {
    return cudaOption('cudnn');
  }
  set enabled(value: boolean) {
    setCudaOption('cudnn', value);
  }
  /** Whether convolutions of float32 may round their inputs to TF32; true, as in PyTorch. */
  get allowTF32(): boolean {
    return cudaOption('cudnnTF32');
  }
  set allowTF32(value: boolean) {
    setCudaOption('cudnnTF32', value);
  }
  /** Whether cuDNN measures its algorithms for each new shape, where else it guesses; false. */
  get benchmark(): boolean {
    return cudaOption('cudnnBenchmark');
  }
  set benchmark(value: boolean) {
    setCudaOption('cudnnBenchmark', value);
  }
  /** Whether only algorithms that give the same bits each time are used; false. */
  get deterministic(): boolean {
    return cudaOption('cudnnDeterministic');
  }
  set deterministic(value: boolean) {
    setCudaOption('cudnnDeterministic', value);
  }
  /** Whether the library is found. */
  isAvailable(): boolean {
    return this.version() !== null;
  }
  /** Such as 91002; `null` where the library is missing. */
  version(): number | null {
    if (cudaDeviceCount() === 0) return null;
    return cudaBackend().cudnnVersion() || null;
  }
}

export const cuda: { readonly matmul: CudaMatmul } = { matmul: new CudaMatmul() };
export const cudnn: CudnnBackend = new CudnnBackend();
