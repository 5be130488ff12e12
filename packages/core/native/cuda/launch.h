// How kernels are launched: on the current stream, with as many blocks as keep the device busy.
#pragma once
#include <algorithm>

#include "../runtime/registry.h"
#include "device.h"
#include "error_record.h"

namespace tt::cuda {

constexpr unsigned kWarp = 32;
constexpr unsigned kMostThreads = 256;

// Threads for rows of n elements that a block works on together: whole warps, no more than there is work.
inline unsigned threads_for(int64_t n) {
  const int64_t warps = (n + kWarp - 1) / kWarp;
  return static_cast<unsigned>(std::clamp<int64_t>(warps, 1, kMostThreads / kWarp)) * kWarp;
}

// Blocks of `threads` for n independent elements; kernels go over the rest in strides of the whole grid.
inline unsigned blocks_for(int64_t n, unsigned threads) {
  const int64_t wanted = (n + threads - 1) / threads;
  return static_cast<unsigned>(std::clamp<int64_t>(wanted, 1, 4 * resident_blocks(threads)));
}

// Kernels over independent elements: `for (int64_t i : ...)` by this thread's first element and the grid's stride.
TT_D int64_t first_element() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
TT_D int64_t grid_stride() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

}  // namespace tt::cuda

// TT_RUN(n, kernel<T>, args...): a kernel whose threads do not speak to each other, over n elements.
#define TT_RUN_ELEMENTS(n, kernel, ...)                                                                      \
  do {                                                                                                       \
    const int64_t tt_elements = (n);                                                                         \
    if (tt_elements == 0) break;                                                                             \
    const unsigned tt_threads = ::tt::cuda::threads_for(tt_elements);                                        \
    ::tt::cuda::check(TT_LAUNCH_INDEPENDENT(kernel, dim3(::tt::cuda::blocks_for(tt_elements, tt_threads)),   \
                                            dim3(tt_threads), 0, ::tt::cuda::current_stream(), __VA_ARGS__), \
                      "launching a kernel");                                                                 \
  } while (false)
