// What discrete Fourier transforms are made of.
#pragma once
#include <cstdint>
#include <vector>

#include "math.h"

namespace tt {

// exp(-2 pi i k / n); the eighths of the circle are exact.
TT_HD Complex<double> root_of_unity(int64_t k, int64_t n) {
  k %= n;
  const double angle = -2 * math::kPi<double> * static_cast<double>(k) / static_cast<double>(n);
  if (8 * k == n) return {math::kSqrtHalf<double>, -math::kSqrtHalf<double>};
  if (4 * k == n) return {0, -1};
  if (2 * k == n) return {-1, 0};
  if (4 * k == 3 * n) return {0, 1};
  return {math::cos(angle), math::sin(angle)};
}

// The radixes of a mixed-radix transform: the prime factors of its length, ascending from 7 on, and 4 before 2.
inline std::vector<int64_t> radixes_of(int64_t n) {
  std::vector<int64_t> factors;
  for (const int64_t radix : {4, 2, 3, 5})
    for (; n % radix == 0; n /= radix) factors.push_back(radix);
  for (int64_t radix = 7; radix * radix <= n; radix += 2)
    for (; n % radix == 0; n /= radix) factors.push_back(radix);
  if (n > 1) factors.push_back(n);
  return factors;
}

}  // namespace tt
