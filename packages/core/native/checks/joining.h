// What the ops that put tensors together ask of them.
#pragma once
#include "operands.h"

namespace tt {

// operands: the output, then its parts along `dim`.
inline void require_parts(const Operand* operands, int count, int64_t dim) {
  const Operand& out = operands[0];
  require(out.ndim > 0, ErrorKind::Shape, "tensors of no dimensions cannot be joined");
  int64_t total = 0;
  for (int k = 1; k < count; ++k) {
    const Operand& part = operands[k];
    require(part.present, ErrorKind::Internal, "operand ", k, " is missing");
    require_same_dtype(out, part);
    bool fits = part.ndim == out.ndim;
    for (int d = 0; d < out.ndim && fits; ++d) fits = d == dim || part.sizes[d] == out.sizes[d];
    require(fits, ErrorKind::Shape, "cannot put ", part.shape(), " into ", out.shape(), " along dimension ", dim);
    total += part.sizes[dim];
  }
  require(total == out.sizes[dim], ErrorKind::Shape, "expected ", out.sizes[dim], " along dimension ", dim, ", got ",
          total);
}

// An output and an input of matrices.
inline void require_matrices(const Operand* operands, int count) {
  require_operands(operands, count, 2);
  require_same_dtype(operands[0], operands[1]);
  require_same_shape(operands[0], operands[1]);
  require(operands[0].ndim >= 2, ErrorKind::Shape, "expected at least two dimensions, got ", operands[0].shape());
}

}  // namespace tt
