// Helpers of the emulation's tests. Each test program runs what its first argument names.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../../cuda/portable.h"
#if !defined(__CUDACC__)
#include "../emulation.h"
#endif

namespace tt::test {

// Ends the program at the first failure.
inline void require_true(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  std::printf("%s:%d: not so: %s\n", file, line, what);
  std::exit(1);
}
inline void require_success(cudaError_t error, const char* what, const char* file, int line) {
  if (error == cudaSuccess) return;
  std::printf("%s:%d: %s: %s\n", file, line, what, cudaGetErrorString(error));
  std::exit(1);
}

#define REQUIRE(...) ::tt::test::require_true((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define SUCCEED(...) ::tt::test::require_success((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

// An array on the current device.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count) { SUCCEED(cudaMalloc(&data_, count * sizeof(T))); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    SUCCEED(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  // Waits for the device.
  std::vector<T> values() const {
    std::vector<T> values(count_);
    SUCCEED(cudaDeviceSynchronize());
    SUCCEED(cudaMemcpy(values.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  size_t count_;
};

inline std::vector<float> counting(size_t count, size_t period = 7) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i % period);
  return values;
}

struct Case {
  const char* name;
  void (*run)();
};

template <size_t N>
int run_case(const Case (&cases)[N], int argc, char** argv) {
  for (const Case& one : cases) {
    if (argc != 2 || std::string(argv[1]) != one.name) continue;
    one.run();
    return 0;
  }
  std::printf("usage: %s CASE, one of:\n", argv[0]);
  for (const Case& one : cases) std::printf("  %s\n", one.name);
  return 2;
}

}  // namespace tt::test
