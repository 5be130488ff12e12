// Parts of factorizations that are the same on every device.
#pragma once
#include <cstdint>

#include "complex.h"

namespace tt::functors {

// Element (i, j) of the eigenvectors of a real matrix. LAPACK gives columns of real numbers: two conjugate values,
// first the one above the real axis, share two, the real and the imaginary part of the first one's vector.
template <class R>
TT_HD Complex<R> eigenvector_element(const Complex<R>* values, const R* columns, int64_t n, int64_t i, int64_t j) {
  const R im = values[j].im;
  if (im > 0 && j + 1 < n) return {columns[j * n + i], columns[(j + 1) * n + i]};
  if (im < 0 && j > 0) return {columns[(j - 1) * n + i], -columns[j * n + i]};
  return {columns[j * n + i], R(0)};
}

}  // namespace tt::functors
