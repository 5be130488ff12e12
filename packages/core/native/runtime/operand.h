// What a kernel gets: strided arrays that have been checked against their memory, and parameters.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "dtype.h"
#include "error.h"

namespace tt {

constexpr int kMaxDims = 64;
constexpr int kMaxOperands = 16;

enum class DeviceType : uint8_t { CPU, CUDA };
constexpr int kDeviceTypeCount = 2;

// A strided array. `data` is its first element; strides count elements, and may be 0 or negative. All of its elements
// lie within the storage: `launch` has checked that. A number given in place of an array has `is_scalar`, one element,
// the shape of operand 0 and zero strides. An argument left out has neither data nor elements: `present` is false.
struct Operand {
  char* data;
  int64_t numel;
  DType dtype;
  DeviceType device;
  uint8_t device_index;
  bool present;
  bool is_scalar;
  int ndim;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxDims];
  alignas(16) char scalar[16];

  template <class T>
  T* as() const {
    require(dtype == dtype_of<T>, ErrorKind::DType, "expected an operand of ", dtype_name(dtype_of<T>), ", got ",
            dtype_name(dtype));
    return reinterpret_cast<T*>(data);
  }
  // Row-major without gaps.
  bool is_contiguous() const {
    if (numel == 0) return true;
    int64_t expected = 1;
    for (int d = ndim - 1; d >= 0; --d) {
      if (sizes[d] == 1) continue;
      if (strides[d] != expected) return false;
      expected *= sizes[d];
    }
    return true;
  }
  std::string shape() const;
};

// The numbers of a call that are not arrays, read in order.
class Params {
 public:
  Params(const double* values, int count) : values_(values), end_(values + count) {}
  double number() {
    require(values_ < end_, ErrorKind::Internal, "a parameter is missing");
    return *values_++;
  }
  int64_t integer() {
    const double value = number();
    require(std::floor(value) == value && std::fabs(value) <= 9007199254740992.0, ErrorKind::Value,
            "expected an integer parameter, got ", value);
    return static_cast<int64_t>(value);
  }
  bool boolean() { return number() != 0; }
  // Written by JavaScript as its length, then its elements.
  std::vector<int64_t> integers() {
    const int64_t count = integer();
    require(count >= 0 && count <= end_ - values_, ErrorKind::Internal, "a list parameter is cut short");
    std::vector<int64_t> result(count);
    for (auto& value : result) value = integer();
    return result;
  }
  bool done() const { return values_ == end_; }

 private:
  const double* values_;
  const double* end_;
};

}  // namespace tt
