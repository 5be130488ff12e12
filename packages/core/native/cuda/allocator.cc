#include "allocator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "device.h"

namespace tt::cuda {
namespace {

constexpr int kMaxDevices = 16;
constexpr size_t kSmallest = 512;
// Smaller blocks are cut from segments of this size: a call of the driver costs a millisecond, and takes 2 MiB anyway.
constexpr size_t kSegment = size_t{2} << 20;
constexpr size_t kLargestCut = kSegment / 4;

// Four classes to each power of two: at most a fifth of a block is unused.
size_t round_to_class(size_t bytes) {
  if (bytes <= kSmallest) return kSmallest;
  const size_t step = std::max<size_t>(std::bit_floor(bytes - 1) / 4, kSmallest);
  return (bytes + step - 1) / step * step;
}

struct Use {
  int stream;               // that it was allocated on
  std::vector<int> others;  // that it was used on besides
};

struct Waiting {
  void* block;
  size_t capacity;
  int stream;
  std::vector<cudaEvent_t> events;
};

struct Pool {
  std::mutex mutex;
  // By stream and capacity.
  std::map<std::pair<int, size_t>, std::vector<void*>> free;
  std::unordered_map<void*, Use> live;
  std::vector<Waiting> waiting;
  std::vector<void*> segments;                            // never given back while blocks of them may live
  std::map<int, std::pair<char*, size_t>> open_segments;  // by stream: the rest of the segment that is being cut
  MemoryStats stats{0, 0, 0, 0, 0, 0, 0, INT64_MAX};
};
auto& pools = *new std::array<Pool, kMaxDevices>();

int64_t signed_size(size_t bytes) { return static_cast<int64_t>(bytes); }

void* from_driver(Pool& pool, size_t bytes) {
  if (pool.stats.reserved + signed_size(bytes) > pool.stats.limit) return nullptr;
  void* block = nullptr;
  const cudaError_t status = cudaMalloc(&block, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(status, "allocating memory");
  pool.stats.reserved += signed_size(bytes);
  pool.stats.peak_reserved = std::max(pool.stats.peak_reserved, pool.stats.reserved);
  ++pool.stats.driver_allocations;
  return block;
}

// Blocks that other streams have finished with go to the lists.
void collect_waiting(Pool& pool, bool wait) {
  std::erase_if(pool.waiting, [&](Waiting& entry) {
    for (cudaEvent_t event : entry.events) {
      if (wait) cudaEventSynchronize(event);
      if (cudaEventQuery(event) == cudaErrorNotReady) {
        cudaGetLastError();
        return false;
      }
    }
    for (cudaEvent_t event : entry.events) cudaEventDestroy(event);
    pool.free[{entry.stream, entry.capacity}].push_back(entry.block);
    return true;
  });
}

void empty_locked(Pool& pool) {
  collect_waiting(pool, true);
  for (auto& [key, blocks] : pool.free) {
    if (key.second <= kLargestCut) continue;
    for (void* block : blocks) {
      cudaFree(block);  // waits for the device
      pool.stats.reserved -= signed_size(key.second);
    }
    blocks.clear();
  }
}

void* cut_from_segment(Pool& pool, int stream, size_t capacity) {
  auto& [next, rest] = pool.open_segments[stream];
  if (rest < capacity) {
    void* segment = from_driver(pool, kSegment);
    if (segment == nullptr) return nullptr;
    // What is left of the old one goes to the lists in pieces.
    for (size_t piece = kLargestCut; rest >= kSmallest; piece /= 2) {
      for (; rest >= piece && round_to_class(piece) == piece; rest -= piece, next += piece)
        pool.free[{stream, piece}].push_back(next);
      if (piece == kSmallest) break;
    }
    pool.segments.push_back(segment);
    next = static_cast<char*>(segment);
    rest = kSegment;
  }
  void* block = next;
  next += capacity;
  rest -= capacity;
  return block;
}

void* find_block(Pool& pool, int stream, size_t capacity) {
  if (!pool.waiting.empty()) collect_waiting(pool, false);
  const auto list = pool.free.find({stream, capacity});
  if (list != pool.free.end() && !list->second.empty()) {
    void* block = list->second.back();
    list->second.pop_back();
    return block;
  }
  return capacity <= kLargestCut ? cut_from_segment(pool, stream, capacity) : from_driver(pool, capacity);
}

std::string megabytes(int64_t bytes) { return bytes == INT64_MAX ? "none" : std::to_string(bytes) + " bytes"; }

}  // namespace

void* allocate(int device, size_t bytes, size_t& capacity) {
  use_device(device);
  Pool& pool = pools[device];
  require(bytes <= (size_t{1} << 47), ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes on cuda:", device);
  capacity = round_to_class(bytes);
  const int stream = current_stream_number(device);
  std::lock_guard lock(pool.mutex);
  ++pool.stats.allocations;
  void* block = find_block(pool, stream, capacity);
  if (block == nullptr) {
    ++pool.stats.retries;
    empty_locked(pool);
    block = find_block(pool, stream, capacity);
  }
  if (block == nullptr) {
    size_t free = 0, total = 0;
    cudaMemGetInfo(&free, &total);
    fail(ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes on cuda:", device, ": ", pool.stats.allocated,
         " bytes are in use and ", pool.stats.reserved - pool.stats.allocated, " kept free, the device has ", free,
         " of ", total, " left, and the limit is ", megabytes(pool.stats.limit));
  }
  pool.live.insert_or_assign(block, Use{stream, {}});
  pool.stats.allocated += signed_size(capacity);
  pool.stats.peak_allocated = std::max(pool.stats.peak_allocated, pool.stats.allocated);
  return block;
}

void release(int device, void* block, size_t capacity) noexcept {
  Pool& pool = pools[device];
  std::lock_guard lock(pool.mutex);
  const auto entry = pool.live.find(block);
  if (entry == pool.live.end()) return;
  const Use use = std::move(entry->second);
  pool.live.erase(entry);
  pool.stats.allocated -= signed_size(capacity);
  Waiting waiting{block, capacity, use.stream, {}};
  for (int other : use.others) {
    cudaEvent_t event;
    if (cudaEventCreateWithFlags(&event, cudaEventDisableTiming) != cudaSuccess) continue;
    cudaEventRecord(event, stream_of(device, other));
    waiting.events.push_back(event);
  }
  if (waiting.events.empty())
    pool.free[{use.stream, capacity}].push_back(block);
  else
    pool.waiting.push_back(std::move(waiting));
}

void record_stream(int device, void* block, int stream) {
  stream_of(device, stream);
  Pool& pool = pools[device];
  std::lock_guard lock(pool.mutex);
  const auto entry = pool.live.find(block);
  require(entry != pool.live.end(), ErrorKind::Value, "the block is not one of cuda:", device);
  Use& use = entry->second;
  if (stream != use.stream && std::find(use.others.begin(), use.others.end(), stream) == use.others.end())
    use.others.push_back(stream);
}

void empty_cache(int device) {
  use_device(device);
  std::lock_guard lock(pools[device].mutex);
  empty_locked(pools[device]);
}

MemoryStats memory_stats(int device) {
  std::lock_guard lock(pools[device].mutex);
  return pools[device].stats;
}

void reset_peaks(int device) {
  std::lock_guard lock(pools[device].mutex);
  auto& stats = pools[device].stats;
  stats.peak_allocated = stats.allocated;
  stats.peak_reserved = stats.reserved;
}

void reset_counts(int device) {
  std::lock_guard lock(pools[device].mutex);
  auto& stats = pools[device].stats;
  stats.allocations = stats.driver_allocations = stats.retries = 0;
}

void set_limit(int device, int64_t bytes) {
  std::lock_guard lock(pools[device].mutex);
  pools[device].stats.limit = bytes;
}

void* allocate_pinned(size_t bytes, size_t& capacity) {
  use_device(std::max(current_device(), 0));
  capacity = std::max<size_t>(bytes, 1);
  void* block = nullptr;
  check(cudaHostAlloc(&block, capacity, cudaHostAllocPortable), "allocating pinned memory");
  return block;
}

void release_pinned(void* block, size_t) noexcept { cudaFreeHost(block); }

Workspace::Workspace(size_t bytes) : device_(current_device()), data_(allocate(device_, bytes, capacity_)) {}

}  // namespace tt::cuda
