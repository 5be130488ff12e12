// The one header that a kernel file includes. The same source is compiled by nvcc for a GPU, and by the host compiler
// for the emulated devices (../emulation).
//
//   template <class T>
//   __global__ void scale(T* out, const T* self, int64_t count, T factor) { ... }
//
//   TT_LAUNCH(TT_KERNEL(scale<float>), grid, block, shared_bytes, stream, out, self, count, 2.0f)
//
// Arguments are converted to the kernel's own parameter types. The value is a cudaError_t.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "../functors/portability.h"

// Keeps the commas of template arguments together.
#define TT_KERNEL(...) __VA_ARGS__

#if defined(__CUDACC__)

#include <cuda_runtime.h>

#define TT_D __device__ __forceinline__
#define TT_UNROLL _Pragma("unroll")

// TT_SHARED(float, tile, [16][17]): an array that the threads of a block share.
#define TT_SHARED(Type, name, dims) __shared__ Type name dims
// TT_DYNAMIC_SHARED(float, values): the memory whose size the launch gives, as a pointer.
#define TT_DYNAMIC_SHARED(Type, name)                                \
  extern __shared__ __align__(16) unsigned char tt_dynamic_shared[]; \
  Type* name = reinterpret_cast<Type*>(tt_dynamic_shared)

#define TT_LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
  ::tt::launch(kernel, grid, block, shared_bytes, stream __VA_OPT__(, ) __VA_ARGS__)
#define TT_LAUNCH_INDEPENDENT TT_LAUNCH

namespace tt {

// The arguments are converted by the call.
template <class... Parameters>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                   std::type_identity_t<Parameters>... arguments) {
  // One more than there are arguments: an array has at least one element.
  void* pointers[] = {const_cast<void*>(static_cast<const void*>(&arguments))..., nullptr};
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, pointers, shared_bytes, stream);
}

}  // namespace tt

#else

#include "../emulation/cuda_runtime.h"
#include "../emulation/device.h"
#include "../emulation/launch.h"

#define TT_D inline __attribute__((always_inline))
#define TT_UNROLL

#define TT_SHARED(Type, name, dims)                              \
  static constinit ::tt::emulation::SharedArray name##_in_block; \
  auto& name = name##_in_block.get<Type dims>()
#define TT_DYNAMIC_SHARED(Type, name) Type* name = static_cast<Type*>(::tt::emulation::dynamic_shared_memory())

#define TT_LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
  ::tt::emulation::Launcher<(kernel)>::launch(false, grid, block, shared_bytes, stream __VA_OPT__(, ) __VA_ARGS__)
// The same for a kernel that promises to call no barrier and no warp collective.
#define TT_LAUNCH_INDEPENDENT(kernel, grid, block, shared_bytes, stream, ...) \
  ::tt::emulation::Launcher<(kernel)>::launch(true, grid, block, shared_bytes, stream __VA_OPT__(, ) __VA_ARGS__)

#endif
