// What kernels of every device ask of their operands before they touch memory.
#pragma once
#include <algorithm>

#include "../runtime/operand.h"

namespace tt {

inline void require_same_shape(const Operand& a, const Operand& b) {
  require(a.ndim == b.ndim && std::equal(a.sizes, a.sizes + a.ndim, b.sizes), ErrorKind::Shape,
          "expected one shape, got ", a.shape(), " and ", b.shape());
}

inline void require_same_dtype(const Operand& a, const Operand& b) {
  require(a.dtype == b.dtype, ErrorKind::DType, "expected one dtype, got ", dtype_name(a.dtype), " and ",
          dtype_name(b.dtype));
}

inline void require_operands(const Operand* operands, int count, int expected) {
  require(count == expected, ErrorKind::Internal, "expected ", expected, " operands, got ", count);
  for (int i = 0; i < count; ++i) require(operands[i].present, ErrorKind::Internal, "operand ", i, " is missing");
}

// A dimension of `self`, which a tensor of no dimensions has too, with one element.
inline int64_t require_dim(const Operand& self, int64_t dim) {
  require(dim >= 0 && dim < std::max(self.ndim, 1), ErrorKind::Index, "no dimension ", dim, " in shape ", self.shape());
  return dim;
}

// A tensor without dimensions as one of one dimension.
inline Operand at_least_1d(const Operand& operand) {
  Operand result = operand;
  if (result.ndim == 0) {
    result.ndim = 1;
    result.sizes[0] = 1;
    result.strides[0] = 1;
  }
  return result;
}

// A number has the shape of operand 0; here it takes that of another operand.
inline void respread(Operand& scalar, const Operand& like) {
  if (!scalar.is_scalar) return;
  scalar.ndim = like.ndim;
  scalar.numel = like.numel;
  std::copy_n(like.sizes, like.ndim, scalar.sizes);
  std::fill_n(scalar.strides, like.ndim, 0);
  scalar.data = scalar.scalar;
}

}  // namespace tt
