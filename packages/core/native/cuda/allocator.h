// Device memory: freed blocks are kept by size class and by the stream that they were used on, so that an allocation
// costs no call of the runtime, and no wait. A block that is freed while kernels still run may be given out again at
// once on the same stream, whose work is in order.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tt::cuda {

struct MemoryStats {
  int64_t allocated, peak_allocated;  // bytes in live blocks
  int64_t reserved, peak_reserved;    // bytes got from the driver, free blocks included
  int64_t allocations;                // calls so far
  int64_t driver_allocations;         // those that the driver had to serve
  int64_t retries;                    // allocations that had to free the cache first
  int64_t limit;
};

// On the current stream of the device. Throws OutOfMemory after the cache has been freed in vain.
void* allocate(int device, size_t bytes, size_t& capacity);
void release(int device, void* block, size_t capacity) noexcept;
// The block is used on this stream too: it is not given out again before what runs there now is done.
void record_stream(int device, void* block, int stream);
void empty_cache(int device);
MemoryStats memory_stats(int device);
void reset_peaks(int device);
void reset_counts(int device);
void set_limit(int device, int64_t bytes);

// Host memory that the device reads and writes directly.
void* allocate_pinned(size_t bytes, size_t& capacity);
void release_pinned(void* block, size_t capacity) noexcept;

// Memory of the current device for the time of a kernel: the stream's order makes it safe to give it back at once.
class Workspace {
 public:
  explicit Workspace(size_t bytes);
  ~Workspace() { release(device_, data_, capacity_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  int device_;
  size_t capacity_ = 0;
  void* data_;
};

}  // namespace tt::cuda
