// Runs the threads of a block one after another on one CPU core. A thread has a stack of its own only once it waits for
// others (at a barrier or in a warp collective): a kernel that never waits is a plain loop on a single stack.
//
// One kernel runs at a time, under the runtime's lock; hence plain variables.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "cuda_runtime.h"
#include "race_check.h"

inline uint3 threadIdx;
inline uint3 blockIdx;
inline dim3 blockDim;
inline dim3 gridDim;
constexpr int warpSize = 32;

namespace tt::emulation {

struct Thread {
  uint3 index;
  unsigned linear;
};

// The threads of the current block, in the order in which they start.
struct ThreadQueue {
  const Thread* threads = nullptr;
  unsigned count = 0;
  unsigned next = 0;
  unsigned stop = 0;  // where a stack starts no more of them
  unsigned finished = 0;
  unsigned current = 0;  // the running thread's linear index
};
inline ThreadQueue thread_queue;

// Makes the next thread that has not begun the running one. False: there is none for this stack.
TT_UNCHECKED inline bool start_next_thread() {
  ThreadQueue& queue = thread_queue;
  if (queue.next == queue.stop) return false;
  const Thread& thread = queue.threads[queue.next++];
  threadIdx = thread.index;
  queue.current = thread.linear;
  return true;
}

// One launch of a kernel. `run` runs it for threads until none is left to start.
struct Grid {
  const char* signature;  // names the kernel, after "Kernel = "
  const void* kernel;
  void (*run)(const void* parameters);
  dim3 grid;
  dim3 block;
  size_t shared_bytes;
  int device;
  bool independent;  // promises not to wait
};

cudaError_t run_grid(const Grid& grid, const void* parameters);
std::string kernel_name(const Grid& grid);

// What a thread calls.
struct Votes {
  unsigned voters;
  unsigned in_favour;
};
Votes block_barrier(bool vote);
enum class WarpCall : uint8_t { synchronize, shuffle, ballot, match };
uint64_t warp_collective(WarpCall call, unsigned mask, uint64_t value, unsigned source_lane);
// Ends the kernel with an error; printf-like.
[[noreturn]] void fail_kernel(cudaError_t error, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Whether the calling thread of the process is inside a kernel, for the signal handler.
bool running_kernel();
[[noreturn]] void fail_kernel_at(const void* address, int signal);

}  // namespace tt::emulation
