// Matrix products on row-major memory, by whichever library is fastest.
#pragma once
#include <cstdint>

#include "../runtime/dtype.h"

namespace tt {

// A row-major matrix with `stride` elements from row to row; or, transposed, its transpose lies so.
template <class T>
struct Matrix {
  const T* data;
  int64_t stride;
  bool transposed = false;
};

// Whether OpenBLAS multiplies [m, k] by [k, n] sooner. It has little overhead, 1 us beside the 8 that oneDNN takes with
// signals blocked, but packs the right matrix at 3 elements per ns; and oneDNN reaches 95% of the peak of cores that
// OpenBLAS 0.3.21 does not know.
constexpr bool is_small_product(int64_t m, int64_t n, int64_t k) {
  return m * n * k <= 64 * 64 * 64 && k * n <= 24 * 1024;
}

// c[m, n] = alpha a[m, k] b[k, n] + beta c. With beta = 0, c is not read. T: float, double and their complex numbers.
template <class T>
void gemm(int64_t m, int64_t n, int64_t k, T alpha, Matrix<T> a, Matrix<T> b, T beta, T* c, int64_t c_stride);

}  // namespace tt
