// What the operands of a transform must be.
#pragma once
#include "operands.h"

namespace tt {

// fft(out, self; dim, ...)
inline void require_transform(const Operand* operands, int count, int64_t dim) {
  require(count == 2, ErrorKind::Internal, "expected an output and an input");
  const Operand &out = operands[0], &self = operands[1];
  require(out.ndim == self.ndim && std::equal(self.sizes, self.sizes + self.ndim, out.sizes), ErrorKind::Shape,
          "operands of shapes ", out.shape(), " and ", self.shape());
  require(dim >= 0 && dim < self.ndim, ErrorKind::Index, "dim ", dim, " is out of range");
}

}  // namespace tt
