#include "allocator.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "error.h"

namespace tt {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
// Above this, what is kept free goes back to the system.
constexpr int64_t kMostCached = kExactBlocks ? 0 : int64_t{1} << 30;

// Size classes: four to each power of two, so that at most a fifth of a block is unused.
size_t round_to_class(size_t bytes) {
  if (bytes <= 4 * kAlignment) return std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  const size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) / step * step;
}

int class_of(size_t capacity) {
  if (capacity <= 4 * kAlignment) return static_cast<int>(capacity / kAlignment);
  const int power = std::bit_width(capacity - 1) - 1;
  return 4 * power + static_cast<int>((capacity - 1) >> (power - 2) & 3);
}

struct State {
  std::mutex mutex;
  std::vector<void*> free_lists[4 * 64];
  MemoryStats stats{0, 0, 0, INT64_MAX, 0};
  int64_t fail_at = 0;
};
auto& state = *new State();

void release_cached_locked() noexcept {
  for (auto& list : state.free_lists) {
    for (void* block : list) std::free(block);
    list.clear();
  }
  state.stats.cached = 0;
}

void* from_system(size_t capacity) {
  void* block = nullptr;
  const size_t alignment = capacity >= kHugePage ? kHugePage : kAlignment;
  if (posix_memalign(&block, alignment, capacity) != 0) return nullptr;
  if (capacity >= kHugePage) madvise(block, capacity, MADV_HUGEPAGE);
  return block;
}

}  // namespace

void* allocate_block(size_t bytes, size_t& capacity) {
  require(bytes <= (size_t{1} << 47), ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes");
  capacity = kExactBlocks ? std::max<size_t>(bytes, 1) : round_to_class(std::max<size_t>(bytes, 1));
  std::lock_guard lock(state.mutex);
  auto& stats = state.stats;
  ++stats.allocations;
  const bool injected = state.fail_at != 0 && --state.fail_at == 0;
  if (injected || stats.allocated + static_cast<int64_t>(capacity) > stats.limit)
    fail(ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes on the cpu: ", stats.allocated, " bytes are in use",
         injected ? ", and a test asked for this failure" : "", stats.limit == INT64_MAX ? "" : ", the limit is ",
         stats.limit == INT64_MAX ? std::string() : std::to_string(stats.limit));
  auto& list = state.free_lists[class_of(capacity)];
  void* block;
  if (!list.empty()) {
    block = list.back();
    list.pop_back();
    stats.cached -= static_cast<int64_t>(capacity);
  } else {
    block = from_system(capacity);
    if (!block) {
      release_cached_locked();
      block = from_system(capacity);
    }
    require(block != nullptr, ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes on the cpu: ", stats.allocated,
            " bytes are in use, and the system has no more");
  }
  stats.allocated += static_cast<int64_t>(capacity);
  stats.peak = std::max(stats.peak, stats.allocated);
  return block;
}

void release_block(void* block, size_t capacity) noexcept {
  std::lock_guard lock(state.mutex);
  state.stats.allocated -= static_cast<int64_t>(capacity);
  if (state.stats.cached + static_cast<int64_t>(capacity) > kMostCached) {
    std::free(block);
    return;
  }
  state.free_lists[class_of(capacity)].push_back(block);
  state.stats.cached += static_cast<int64_t>(capacity);
}

void release_cached_blocks() noexcept {
  std::lock_guard lock(state.mutex);
  release_cached_locked();
}

MemoryStats memory_stats() {
  std::lock_guard lock(state.mutex);
  return state.stats;
}

void set_memory_limit(int64_t bytes) {
  std::lock_guard lock(state.mutex);
  state.stats.limit = bytes;
}

void fail_allocation(int64_t n) {
  std::lock_guard lock(state.mutex);
  state.fail_at = n;
}

}  // namespace tt
