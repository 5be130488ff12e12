// Shared memory of the running block. Every array ends where an inaccessible page begins, so that running over its end
// is an error, and is filled with 0xFF (NaN) for every block, so that reading what was never written shows.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tt::emulation {

inline uint64_t block_number = 0;  // differs from block to block

// An array that a kernel declares: one object for each declaration.
class SharedArray {
 public:
  template <class T>
  T& get() {
    if (block_ != block_number) claim(sizeof(T), alignof(T));
    return *static_cast<T*>(address_);
  }

 private:
  void claim(size_t bytes, size_t alignment);

  uint64_t block_ = 0;
  void* address_ = nullptr;
};

void* dynamic_shared_memory();

// Before each block; `dynamic_bytes` is what the launch asked for.
void start_shared_memory(size_t dynamic_bytes);
// Whether an access to this address ran over an array's end.
bool overran_shared_memory(const void* address);

constexpr size_t kStaticSharedBytes = 48 << 10;
constexpr size_t kDynamicSharedBytes = 227 << 10;

}  // namespace tt::emulation
