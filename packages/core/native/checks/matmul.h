// Matrix products, before the arithmetic: what the operands must be, and how their batches lie.
#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include "../runtime/operand.h"

namespace tt {

// Of c = a b, for each matrix of the batch: a is [m, k], b [k, n], c [m, n].
struct ProductSizes {
  int64_t m, n, k;
  int64_t work() const { return m * n * k; }
};

// A batch of matrices: `batch_strides` as many as the output has batch dimensions, 0 where broadcast.
template <class T>
struct MatrixBatch {
  T* data;
  int64_t row_stride, column_stride;
  std::vector<int64_t> batch_strides;
};

template <class T>
MatrixBatch<T> batch_of(const Operand& operand, T* data) {
  const int last = operand.ndim - 1;
  MatrixBatch<T> batch{data, operand.strides[last - 1], operand.strides[last], {}};
  for (int d = 0; d < last - 1; ++d) batch.batch_strides.push_back(operand.sizes[d] == 1 ? 0 : operand.strides[d]);
  return batch;
}

// The same operand as if it lay in row-major order.
inline Operand as_row_major(const Operand& operand) {
  Operand packed = operand;
  int64_t stride = 1;
  for (int d = operand.ndim - 1; d >= 0; --d) {
    packed.strides[d] = stride;
    stride *= operand.sizes[d];
  }
  return packed;
}

// The same operand with broadcast batch dimensions of one element.
inline Operand without_broadcast(Operand operand) {
  for (int d = 0; d < operand.ndim - 2; ++d) {
    if (operand.strides[d] != 0 || operand.sizes[d] == 0) continue;
    operand.numel /= operand.sizes[d];
    operand.sizes[d] = 1;
  }
  return operand;
}

// Whether the rows (or the columns) of each matrix lie without gaps and do not overlap, as BLAS asks.
inline bool has_unit_stride(const Operand& operand, int unit, int other) {
  const int64_t unit_size = operand.sizes[unit], stride = operand.strides[other];
  return (operand.strides[unit] == 1 || unit_size == 1) &&
         (operand.sizes[other] == 1 || stride >= std::max<int64_t>(unit_size, 1));
}
inline bool is_blas_matrix(const Operand& operand) {
  const int row = operand.ndim - 2, column = operand.ndim - 1;
  return has_unit_stride(operand, column, row) || has_unit_stride(operand, row, column);
}

// A batch whose rows follow each other evenly, times one matrix, is one taller matrix.
template <class T>
void fold_batch_into_rows(ProductSizes& sizes, std::vector<int64_t>& batch_sizes, MatrixBatch<const T>& a,
                          MatrixBatch<const T>& b, MatrixBatch<T>& c) {
  while (!batch_sizes.empty()) {
    const auto folds = [&](const auto& batch) { return batch.batch_strides.back() == batch.row_stride * sizes.m; };
    const bool even = b.batch_strides.back() == 0 && folds(a) && folds(c) && a.column_stride == 1;
    if (batch_sizes.back() != 1 && (!even || a.row_stride < sizes.k || c.row_stride < sizes.n)) return;
    sizes.m *= batch_sizes.back();
    batch_sizes.pop_back();
    a.batch_strides.pop_back();
    b.batch_strides.pop_back();
    c.batch_strides.pop_back();
  }
}

// Neighbouring batch dimensions that form one even run in all three operands are one.
template <class T>
void merge_batches(std::vector<int64_t>& batch_sizes, MatrixBatch<const T>& a, MatrixBatch<const T>& b,
                   MatrixBatch<T>& c) {
  for (size_t d = batch_sizes.size(); d-- > 1;) {
    const int64_t size = batch_sizes[d];
    const auto even = [&](const auto& batch) { return batch.batch_strides[d - 1] == batch.batch_strides[d] * size; };
    if (size != 1 && batch_sizes[d - 1] != 1 && !(even(a) && even(b) && even(c))) continue;
    const size_t kept = size != 1 ? d : d - 1, dropped = size != 1 ? d - 1 : d;
    batch_sizes[kept] = size * batch_sizes[d - 1];
    const auto drop = [&](auto& batch) { batch.batch_strides.erase(batch.batch_strides.begin() + dropped); };
    drop(a);
    drop(b);
    drop(c);
    batch_sizes.erase(batch_sizes.begin() + dropped);
  }
}

template <class T>
int64_t batch_offset(const MatrixBatch<T>& batch, const std::vector<int64_t>& sizes, int64_t index) {
  int64_t offset = 0;
  for (int d = static_cast<int>(sizes.size()) - 1; d >= 0; --d) {
    offset += index % sizes[d] * batch.batch_strides[d];
    index /= sizes[d];
  }
  return offset;
}

inline ProductSizes check_product(const Operand& out, const Operand& a, const Operand& b) {
  require(out.ndim >= 2 && a.ndim == out.ndim && b.ndim == out.ndim, ErrorKind::Shape,
          "expected operands of one number of dimensions, at least 2; got ", out.shape(), ", ", a.shape(), ", ",
          b.shape());
  const int row = out.ndim - 2, column = out.ndim - 1;
  require(a.sizes[row] == out.sizes[row] && b.sizes[column] == out.sizes[column] && a.sizes[column] == b.sizes[row],
          ErrorKind::Shape, "cannot multiply ", a.shape(), " by ", b.shape(), " into ", out.shape());
  for (int d = 0; d < row; ++d)
    require((a.sizes[d] == out.sizes[d] || a.sizes[d] == 1) && (b.sizes[d] == out.sizes[d] || b.sizes[d] == 1),
            ErrorKind::Shape, "cannot broadcast ", a.shape(), " and ", b.shape(), " to ", out.shape());
  require(a.dtype == b.dtype && a.dtype == out.dtype, ErrorKind::DType, "operands of ", dtype_name(a.dtype), ", ",
          dtype_name(b.dtype), " and ", dtype_name(out.dtype));
  return {out.sizes[row], out.sizes[column], a.sizes[column]};
}

inline void check_addend(const Operand& addend, const Operand& out) {
  require(addend.ndim == out.ndim && std::equal(out.sizes, out.sizes + out.ndim, addend.sizes), ErrorKind::Shape,
          "the addend's shape ", addend.shape(), " is not the output's, ", out.shape());
  require(addend.dtype == out.dtype, ErrorKind::DType, "the addend is ", dtype_name(addend.dtype), ", the output ",
          dtype_name(out.dtype));
}

template <class T>
T read_number(Params& params) {
  const double re = params.number(), im = params.number();
  if constexpr (is_complex<T>) {
    return T(static_cast<real_t<T>>(re), static_cast<real_t<T>>(im));
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(std::fabs(re) < 9.2e18 ? static_cast<int64_t>(re) : 0);
  } else {
    return static_cast<T>(re);
  }
}

inline Operand transposed(Operand operand) {
  const int last = operand.ndim - 1;
  std::swap(operand.sizes[last], operand.sizes[last - 1]);
  std::swap(operand.strides[last], operand.strides[last - 1]);
  return operand;
}

}  // namespace tt
