// The contiguous [N, C, S] arrays of normalization.
#pragma once
#include "../runtime/operand.h"

namespace tt::TT_INSTRUCTION_SET {

inline void require_dense(const Operand& operand, DType dtype) {
  require(operand.dtype == dtype, ErrorKind::DType, "expected ", dtype_name(dtype), ", got ",
          dtype_name(operand.dtype));
  require(operand.is_contiguous() && !operand.is_scalar, ErrorKind::Internal, "expected a contiguous array");
}

// A dense array of `count` elements, or null where it was left out.
template <class T>
T* dense(const Operand& operand, int64_t count) {
  if (!operand.present) return nullptr;
  require_dense(operand, dtype_of<T>);
  require(operand.numel == count, ErrorKind::Shape, "expected ", count, " elements, got the shape ", operand.shape());
  return reinterpret_cast<T*>(operand.data);
}

struct Shape {
  int64_t n, channels, size;
  int64_t numel() const { return n * channels * size; }
};

inline Shape shape_of(const Operand& self) {
  require(self.present && self.ndim == 3, ErrorKind::Shape, "expected [N, C, S], got ", self.shape());
  return {self.sizes[0], self.sizes[1], self.sizes[2]};
}

template <class T>
T* required(const Operand& operand, int64_t count) {
  require(operand.present, ErrorKind::Internal, "an operand is missing");
  return dense<T>(operand, count);
}

// How the channels form groups: `rows` of `length` elements, each of the `channels` of one group.
struct Groups {
  int64_t groups, rows, channels, length;
};

inline Groups groups_of(const Shape& shape, int64_t groups) {
  require(groups > 0 && shape.channels % groups == 0, ErrorKind::Shape, shape.channels, " channels do not make ",
          groups, " groups");
  const int64_t channels = shape.channels / groups;
  return {groups, shape.n * groups, channels, channels * shape.size};
}

// Of groupNormBackward and batchNormBackward (gradSelf?, gradWeight?, gradBias?, grad, self, mean, rstd, weight?):
// `rows` means.
template <class T>
struct NormalizationGradient {
  using C = compute_t<T>;
  T *grad_self, *grad_weight, *grad_bias;
  const T *grad, *self;
  const C *mean, *rstd;
  const T* weight;
};

template <class T>
NormalizationGradient<T> read_gradient(const Operand* operands, const Shape& shape, int64_t rows) {
  using C = compute_t<T>;
  return {dense<T>(operands[0], shape.numel()),    dense<T>(operands[1], shape.channels),
          dense<T>(operands[2], shape.channels),   required<T>(operands[3], shape.numel()),
          required<T>(operands[4], shape.numel()), required<C>(operands[5], rows),
          required<C>(operands[6], rows),          dense<T>(operands[7], shape.channels)};
}

}  // namespace tt::TT_INSTRUCTION_SET
