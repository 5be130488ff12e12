// What becomes of an element at which another one arrives.
#pragma once
#include <cstdint>
#include <type_traits>

#include "../runtime/dtype.h"

namespace tt {

// The numbers are those that ops give as a parameter.
enum class Combine : int64_t { Assign, Add, Multiply, Max, Min };

template <class T>
TT_HD T combine(Combine mode, T target, T source) {
  const auto a = static_cast<compute_t<T>>(target), b = static_cast<compute_t<T>>(source);
  if constexpr (std::is_same_v<T, bool>) {
    return mode == Combine::Multiply || mode == Combine::Min ? a && b : a || b;
  } else if constexpr (std::is_integral_v<T>) {
    // Without sign, where overflow wraps.
    const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
    if (mode == Combine::Add) return static_cast<T>(x + y);
    if (mode == Combine::Multiply) return static_cast<T>(x * y);
    return (mode == Combine::Max) == (b > a) ? source : target;
  } else {
    if (mode == Combine::Add) return static_cast<T>(a + b);
    if (mode == Combine::Multiply) return static_cast<T>(a * b);
    if constexpr (is_complex<T>)
      return target;  // which has no order
    else
      return b != b || (mode == Combine::Max ? b > a : b < a) ? source : target;
  }
}

}  // namespace tt
