// Where values fall in a histogram, and where they belong in sorted boundaries.
#pragma once
#include <cstdint>

#include "portability.h"

namespace tt::functors {

// One of `bins` even bins from low to high, both included; -1 for what is outside, and for NaN.
TT_HD int64_t histogram_bin(double value, double low, double high, int64_t bins) {
  if (!(value >= low && value <= high)) return -1;
  const auto bin = static_cast<int64_t>((value - low) / (high - low) * static_cast<double>(bins));
  return bin < bins ? bin : bins - 1;
}

// The first of n boundaries that is not less than a value, with `right` the first that is greater.
template <class T, class BoundaryAt>
TT_HD int64_t first_boundary(T value, int64_t n, bool right, const BoundaryAt& boundary_at) {
  int64_t low = 0, high = n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const T boundary = boundary_at(middle);
    if (right ? !(boundary > value) : !(boundary >= value))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace tt::functors
