// Host memory: freed blocks go back to lists by size class, so that a training step pays no page faults after its first
// run.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tt {

// Under AddressSanitizer each storage is a block of its own, of exactly its size, that goes back to the system when it
// is freed: blocks that are rounded up, kept or shared would hide what is read and written beyond them.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kExactBlocks = true;
#else
constexpr bool kExactBlocks = false;
#endif

struct MemoryStats {
  int64_t allocated;    // bytes in live blocks
  int64_t peak;         // the most that was ever
  int64_t cached;       // bytes in free blocks
  int64_t limit;        // allocations beyond it fail
  int64_t allocations;  // calls so far
};

// 64-byte aligned, not initialised. Throws OutOfMemory. `capacity` gets the block's real size, to be given back on
// release.
void* allocate_block(size_t bytes, size_t& capacity);
void release_block(void* block, size_t capacity) noexcept;
void release_cached_blocks() noexcept;
MemoryStats memory_stats();
void set_memory_limit(int64_t bytes);
// The n-th allocation from now fails; 0 turns it off. For tests of what happens then.
void fail_allocation(int64_t n);

}  // namespace tt
