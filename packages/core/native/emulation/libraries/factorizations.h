// LAPACK's factorizations, as GPUs' libraries have them: they end for any numbers.
#pragma once
#include <algorithm>
#include <cmath>

#include "../../cpu/openblas.h"

namespace tt::emulation {

// LAPACK may never return from, or read out of bounds with, what is not a number. Then all of a matrix becomes that.
template <class T>
bool spreads_nan(int rows, int columns, T* a, int lda) {
  bool finite = true;
  for (int64_t c = 0; c < columns; ++c)
    for (int64_t r = 0; r < rows; ++r) finite &= a[c * lda + r] - a[c * lda + r] == T(0);
  for (int64_t c = 0; !finite && c < columns; ++c) std::fill_n(a + c * lda, rows, T(std::nan("")));
  return !finite;
}

template <class T>
void getrf(int m, int n, T* a, int lda, int* pivots, int* info) {
  *info = 0;
  for (int i = 0; i < std::min(m, n); ++i) pivots[i] = i + 1;
  if (!spreads_nan(m, n, a, lda)) blas::getrf(&m, &n, a, &lda, pivots, info);
}

template <class T>
void potrf(int fill, int n, T* a, int lda, int* info) {
  *info = 0;
  if (!spreads_nan(n, n, a, lda)) blas::potrf(fill == 0 ? "L" : "U", &n, a, &lda, info);
}

}  // namespace tt::emulation
