// Elements as unsigned numbers of the same order, in which NaN is the largest and -0 equals 0: what sorting compares.
#pragma once
#include <cstdint>

#include "../runtime/dtype.h"

namespace tt::functors {

// Of a dtype that has an order. Keys have as many bits as its elements, or are reversed within them.
struct KeyFormat {
  int bytes;
  bool is_float;
  uint64_t sign;      // 0 where there is none
  uint64_t infinity;  // of floats
  uint64_t reversed;  // what flips a key's bits for descending order, or 0
  uint64_t highest;   // the key of NaN, in ascending order
};

inline KeyFormat key_format(DType dtype, bool descending) {
  const auto bytes = static_cast<int>(item_size(dtype));
  const uint64_t highest = ~uint64_t{0} >> (64 - 8 * bytes);
  const uint64_t sign = dtype == DType::UInt8 || dtype == DType::Bool ? 0 : highest ^ (highest >> 1);
  const auto format = [&](uint64_t infinity) {
    return KeyFormat{bytes, infinity != 0, sign, infinity, descending ? highest : 0, highest};
  };
  switch (dtype) {
    case DType::Float64:
      return format(0x7FF0000000000000);
    case DType::Float32:
      return format(0x7F800000);
    case DType::Float16:
      return format(0x7C00);
    case DType::BFloat16:
      return format(0x7F80);
    default:
      return format(0);
  }
}

template <class Key>
TT_HD Key key_of(Key bits, const KeyFormat& format) {
  const auto sign = static_cast<Key>(format.sign), highest = static_cast<Key>(format.highest);
  Key key = bits ^ sign;
  if (format.is_float) {
    const Key magnitude = bits & ~sign;
    // Negative floats order backwards.
    if (magnitude != bits && magnitude != 0) key = ~bits & highest;
    if (magnitude == 0) key = sign;
    if (magnitude > static_cast<Key>(format.infinity)) key = highest;
  }
  return key ^ static_cast<Key>(format.reversed);
}

// Places in a line: by key, equal ones in the order of the line.
template <class Key>
struct KeyedPlace {
  Key key;
  uint32_t place;
  TT_HD friend bool operator<(const KeyedPlace& a, const KeyedPlace& b) {
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  }
};

}  // namespace tt::functors
