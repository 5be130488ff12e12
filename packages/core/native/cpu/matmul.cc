// Matrix products of any dtype and strides, batched and broadcast.
#include "../checks/matmul.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "../runtime/registry.h"
#include "../runtime/signals.h"
#include "contiguous.h"
#include "gemm.h"

namespace tt {
namespace {

template <class T>
Matrix<T> blas_matrix(const MatrixBatch<const T>& batch, const T* data, int64_t rows, int64_t columns) {
  const bool row_major = (batch.column_stride == 1 || columns == 1) && (rows == 1 || batch.row_stride >= columns);
  if (row_major) return {data, std::max(rows == 1 ? columns : batch.row_stride, columns), false};
  return {data, std::max(columns == 1 ? rows : batch.column_stride, rows), true};
}

// Matrices that BLAS cannot take as they lie, or of 16-bit floats, are copied.
template <class T>
class MatrixInput {
 public:
  explicit MatrixInput(const Operand& operand) {
    if (operand.dtype == dtype_of<T> && is_blas_matrix(operand)) {
      batch = batch_of<const T>(operand, operand.as<T>());
      return;
    }
    const Operand once = without_broadcast(operand);
    scratch_.allocate(once.numel);
    copy_out(once, scratch_.data());
    batch = batch_of<const T>(as_row_major(once), scratch_.data());
  }
  MatrixBatch<const T> batch;

 private:
  Scratch<T> scratch_;
};

// Integer products wrap, as the fixed-size integers of PyTorch do.
template <class T>
void integer_gemm(ProductSizes sizes, T alpha, const MatrixBatch<const T>& a, const T* a_data,
                  const MatrixBatch<const T>& b, const T* b_data, T beta, T* c, int64_t c_stride) {
  using Word = uint64_t;
  parallel_for(sizes.m, std::max<int64_t>(kGrain / std::max<int64_t>(sizes.n * sizes.k, 1), 1),
               [&](int64_t begin, int64_t end) {
                 std::vector<Word> sums(sizes.n);
                 for (int64_t i = begin; i < end; ++i) {
                   std::fill(sums.begin(), sums.end(), 0);
                   for (int64_t p = 0; p < sizes.k; ++p) {
                     const auto left = static_cast<Word>(a_data[i * a.row_stride + p * a.column_stride]);
                     const T* right = b_data + p * b.row_stride;
                     if (b.column_stride == 1) {
                       for (int64_t j = 0; j < sizes.n; ++j) sums[j] += left * static_cast<Word>(right[j]);
                     } else {
                       for (int64_t j = 0; j < sizes.n; ++j)
                         sums[j] += left * static_cast<Word>(right[j * b.column_stride]);
                     }
                   }
                   T* row = c + i * c_stride;
                   for (int64_t j = 0; j < sizes.n; ++j) {
                     Word sum = sums[j] * static_cast<Word>(alpha);
                     if (beta != 0) sum += static_cast<Word>(row[j]) * static_cast<Word>(beta);
                     row[j] = static_cast<T>(sum);
                   }
                 }
               });
}

template <class T>
void multiply(ProductSizes sizes, T alpha, const MatrixBatch<const T>& a, const T* a_data,
              const MatrixBatch<const T>& b, const T* b_data, T beta, T* c, int64_t c_stride) {
  if constexpr (std::is_integral_v<T>)
    integer_gemm(sizes, alpha, a, a_data, b, b_data, beta, c, c_stride);
  else
    gemm(sizes.m, sizes.n, sizes.k, alpha, blas_matrix(a, a_data, sizes.m, sizes.k),
         blas_matrix(b, b_data, sizes.k, sizes.n), beta, c, c_stride);
}

// Small products are shared out among the threads; each of the large ones is worth all threads.
constexpr int64_t kLargeProduct = int64_t{1} << 21;
constexpr int64_t kProductGrain = int64_t{1} << 16;

template <class T>
void multiply_batches(ProductSizes sizes, std::vector<int64_t> batch_sizes, T alpha, MatrixBatch<const T> a,
                      MatrixBatch<const T> b, T beta, MatrixBatch<T> c) {
  fold_batch_into_rows(sizes, batch_sizes, a, b, c);
  int64_t count = 1;
  for (int64_t size : batch_sizes) count *= size;
  const auto run = [&](int64_t begin, int64_t end) {
    std::optional<SignalsBlocked> once;
    if (end - begin > 1 && !is_small_product(sizes.m, sizes.n, sizes.k)) once.emplace();
    for (int64_t i = begin; i < end; ++i)
      multiply(sizes, alpha, a, a.data + batch_offset(a, batch_sizes, i), b, b.data + batch_offset(b, batch_sizes, i),
               beta, c.data + batch_offset(c, batch_sizes, i), c.row_stride);
  };
  if (count < 4 * thread_count() && sizes.work() >= kLargeProduct) return run(0, count);
  parallel_for(count, std::max<int64_t>(kProductGrain / std::max<int64_t>(sizes.work(), 1), 1), run);
}

// What the output holds before the product is added to it.
template <class T>
void start_from(const Operand& addend, const Operand& out, T* data, const Operand& layout) {
  check_addend(addend, out);
  const bool in_place = addend.data == reinterpret_cast<char*>(data) &&
                        std::equal(layout.strides, layout.strides + layout.ndim, addend.strides);
  if (in_place) return;
  if (layout.is_contiguous()) return copy_out(addend, data);
  Scratch<T> packed(addend.numel);
  copy_out(addend, packed.data());
  copy_in(packed.data(), layout);
}

template <class T>
void product(const Operand& out, const Operand& a, const Operand& b, const Operand* addend, T beta, T alpha) {
  const ProductSizes sizes = check_product(out, a, b);
  if (out.numel == 0) return;
  const bool direct = out.dtype == dtype_of<T> && has_unit_stride(out, out.ndim - 1, out.ndim - 2);
  // A column-major output: (a b)^T = b^T a^T.
  if (!direct && out.dtype == dtype_of<T> && has_unit_stride(out, out.ndim - 2, out.ndim - 1)) {
    const Operand addend_transposed = addend ? transposed(*addend) : out;
    return product(transposed(out), transposed(b), transposed(a), addend ? &addend_transposed : nullptr, beta, alpha);
  }
  Scratch<T> scratch;
  if (!direct) scratch.allocate(out.numel);
  T* data = direct ? out.as<T>() : scratch.data();
  const Operand layout = direct ? out : as_row_major(out);
  if (addend) start_from(*addend, out, data, layout);
  const MatrixInput<T> left(a), right(b);
  MatrixBatch<T> result = batch_of(layout, data);
  if (sizes.m == 1) result.row_stride = std::max(result.row_stride, sizes.n);
  std::vector<int64_t> batch_sizes(out.sizes, out.sizes + out.ndim - 2);
  multiply_batches<T>(sizes, std::move(batch_sizes), alpha, left.batch, right.batch, addend ? beta : T(0), result);
  if (!direct) copy_in(data, out);
}

// matmul(out, a, b, addend?; beta, alpha): beta addend + alpha (a b). All have out's number of dimensions, at least 2;
// the batch dimensions of a and b broadcast, the addend has out's shape. beta and alpha: real and imaginary part.
template <class T>
void matmul(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 4, ErrorKind::Internal, "expected 4 operands");
  const auto beta = read_number<Compute>(params), alpha = read_number<Compute>(params);
  const Operand* addend = operands[3].present && beta != Compute(0) ? &operands[3] : nullptr;
  product<Compute>(operands[0], operands[1], operands[2], addend, beta, alpha);
}

}  // namespace

void register_matmul() {
  register_for<NumberTypes>("matmul", 1, []<class T>() -> Kernel { return matmul<T>; });
}

}  // namespace tt
