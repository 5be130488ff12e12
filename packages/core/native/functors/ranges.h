// Evenly spaced numbers: each is computed from its place, so that errors do not add up.
#pragma once
#include <cstdint>
#include <type_traits>

#include "../runtime/dtype.h"

namespace tt::functors {

// start + i * step. For integers what is no integer is truncated before it counts, as in PyTorch.
template <class T>
TT_HD T arange_element(int64_t i, double start, double step) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<int64_t>(start) + i * static_cast<int64_t>(step));
  else
    return static_cast<T>(static_cast<compute_t<T>>(start + static_cast<double>(i) * step));
}

// Of n numbers from start to end: the second half counts from the end, so that both ends are exact.
template <class T>
TT_HD T linspace_element(int64_t i, int64_t n, double start, double end) {
  const double step = n > 1 ? (end - start) / static_cast<double>(n - 1) : 0;
  const double near_start = start + static_cast<double>(i) * step;
  const double near_end = end - static_cast<double>(n - 1 - i) * step;
  const double value = n == 1 || 2 * i < n ? near_start : near_end;
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<int64_t>(value));
  else
    return static_cast<T>(static_cast<compute_t<T>>(value));
}

}  // namespace tt::functors
