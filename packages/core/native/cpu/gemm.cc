#include "gemm.h"

#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <vector>

#include "../runtime/error.h"
#include "../runtime/parallel.h"
#include "../runtime/signals.h"
#include "openblas.h"

namespace tt {
namespace {

template <class T>
void scale(int64_t m, int64_t n, T beta, T* c, int64_t c_stride) {
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) c[i * c_stride + j] = beta == T(0) ? T(0) : c[i * c_stride + j] * beta;
}

template <class T>
T dot_piece(int64_t count, const T* a, int64_t a_step, const T* b, int64_t b_step) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::max(a_step, b_step) <= INT32_MAX)
      return blas::dot(static_cast<int>(count), a, static_cast<int>(a_step), b, static_cast<int>(b_step));
  }
  T sum(0);
  for (int64_t i = 0; i < count; ++i) sum += a[i * a_step] * b[i * b_step];
  return sum;
}

// One element of the product: gemm's packing would cost many times the sum. Pieces of fixed length make the result
// independent of the number of threads.
template <class T>
T dot(int64_t count, const T* a, int64_t a_step, const T* b, int64_t b_step) {
  constexpr int64_t kPiece = 8192;
  const int64_t pieces = (count + kPiece - 1) / kPiece;
  std::vector<T> sums(pieces, T(0));
  parallel_for(pieces, kGrain / kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece * kPiece, length = std::min(kPiece, count - first);
      sums[piece] = dot_piece(length, a + first * a_step, a_step, b + first * b_step, b_step);
    }
  });
  T total(0);
  for (const T& sum : sums) total += sum;
  return total;
}

}  // namespace

template <class T>
void gemm(int64_t m, int64_t n, int64_t k, T alpha, Matrix<T> a, Matrix<T> b, T beta, T* c, int64_t c_stride) {
  if (m == 0 || n == 0) return;
  if (k == 0) return scale(m, n, beta, c, c_stride);
  if (m == 1 && n == 1) {
    const T product = alpha * dot(k, a.data, a.transposed ? a.stride : 1, b.data, b.transposed ? 1 : b.stride);
    *c = beta == T(0) ? product : product + *c * beta;
    return;
  }
  if constexpr (std::is_same_v<T, float>) {
    if (!is_small_product(m, n, k)) {
      const SignalsBlocked blocked;
      dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, alpha, a.data, a.stride, b.data, b.stride,
                 beta, c, c_stride);
      return;
    }
  }
  require(std::max({m, n, k, a.stride, b.stride, c_stride}) <= INT32_MAX, ErrorKind::Shape,
          "a matrix product is limited to sizes of 2^31");
  const auto columns = static_cast<int>(n), rows = static_cast<int>(m), depth = static_cast<int>(k);
  const auto lda = static_cast<int>(a.stride), ldb = static_cast<int>(b.stride), ldc = static_cast<int>(c_stride);
  // Column-major BLAS computes the transpose, c^T = b^T a^T, which is the same memory.
  blas::gemm(b.transposed ? "T" : "N", a.transposed ? "T" : "N", &columns, &rows, &depth, &alpha, b.data, &ldb, a.data,
             &lda, &beta, c, &ldc);
}

template void gemm(int64_t, int64_t, int64_t, float, Matrix<float>, Matrix<float>, float, float*, int64_t);
template void gemm(int64_t, int64_t, int64_t, double, Matrix<double>, Matrix<double>, double, double*, int64_t);
template void gemm(int64_t, int64_t, int64_t, Complex<float>, Matrix<Complex<float>>, Matrix<Complex<float>>,
                   Complex<float>, Complex<float>*, int64_t);
template void gemm(int64_t, int64_t, int64_t, Complex<double>, Matrix<Complex<double>>, Matrix<Complex<double>>,
                   Complex<double>, Complex<double>*, int64_t);

}  // namespace tt
