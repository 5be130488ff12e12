// Numbers that name things for as long as the process runs.
#pragma once
#include <atomic>
#include <cstdint>

namespace tt {

// A number that no other call gives, on any thread; never 0.
inline int64_t next_serial() {
  static std::atomic<int64_t> last{0};
  return ++last;
}

}  // namespace tt
