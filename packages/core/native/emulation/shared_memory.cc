#include "shared_memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "race_check.h"
#include "scheduler.h"

namespace tt::emulation {
namespace {

constexpr size_t kArrays = 64;
constexpr size_t kGuardBytes = 64 << 10;
constexpr size_t kStaticStride = kStaticSharedBytes + kGuardBytes;
constexpr size_t kDynamicRoom = (kDynamicSharedBytes + 4095) / 4096 * 4096;
constexpr size_t kTotal = kGuardBytes + kArrays * kStaticStride + kDynamicRoom + kGuardBytes;

// guard, static array 0, guard, static array 1, guard ... dynamic, guard
char* arena() {
  static char* const mapping = [] {
    void* found = mmap(nullptr, kTotal, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) {
      std::perror("emulated shared memory");
      std::abort();
    }
    char* base = static_cast<char*>(found);
    for (size_t array = 0; array < kArrays; ++array)
      mprotect(base + kGuardBytes + array * kStaticStride, kStaticSharedBytes, PROT_READ | PROT_WRITE);
    mprotect(base + kGuardBytes + kArrays * kStaticStride, kDynamicRoom, PROT_READ | PROT_WRITE);
    return base;
  }();
  return mapping;
}

char* end_of_array(size_t array) { return arena() + kGuardBytes + array * kStaticStride + kStaticSharedBytes; }
char* end_of_dynamic() { return arena() + kTotal - kGuardBytes; }

// Another block's array at the same place is another array.
void renew(char* begin, size_t bytes) {
  if constexpr (race_check::enabled)
    mmap(begin, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

size_t arrays = 0;
size_t static_bytes = 0;
void* dynamic = nullptr;

}  // namespace

void SharedArray::claim(size_t bytes, size_t alignment) {
  static_bytes = (static_bytes + alignment - 1) / alignment * alignment + bytes;
  if (static_bytes > kStaticSharedBytes)
    fail_kernel(cudaErrorLaunchFailure, "static shared memory of %zu bytes; the limit is %zu", static_bytes,
                kStaticSharedBytes);
  if (arrays == kArrays) fail_kernel(cudaErrorLaunchFailure, "more than %zu shared arrays", kArrays);
  address_ = end_of_array(arrays++) - bytes;
  block_ = block_number;
  const race_check::Unwatched here;
  memset(address_, 0xFF, bytes);
}

void* dynamic_shared_memory() {
  if (!dynamic)
    fail_kernel(cudaErrorIllegalAddress, "dynamic shared memory is used, but the launch asked for 0 bytes of it");
  return dynamic;
}

void start_shared_memory(size_t dynamic_bytes) {
  const race_check::Unwatched here;
  ++block_number;
  for (size_t array = 0; array < arrays; ++array) renew(end_of_array(array) - kStaticSharedBytes, kStaticSharedBytes);
  if (dynamic) renew(end_of_dynamic() - kDynamicRoom, kDynamicRoom);
  arrays = 0;
  static_bytes = 0;
  dynamic = nullptr;
  if (dynamic_bytes == 0) return;
  const size_t room = (dynamic_bytes + 15) / 16 * 16;
  dynamic = end_of_dynamic() - room;
  memset(dynamic, 0xFF, room);
}

bool overran_shared_memory(const void* address) {
  const char* byte = static_cast<const char*>(address);
  return byte >= arena() && byte < arena() + kTotal;
}

}  // namespace tt::emulation
