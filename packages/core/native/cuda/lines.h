// Kernels along one dimension of some operands of one shape.
#pragma once
#include "../checks/operands.h"
#include "reduce.h"

namespace tt::cuda {

// Steps along a line, of the input and the first and last output; `dims` has the lines as outputs.
struct Lines {
  int64_t length;
  int64_t steps[3];
  ReductionDims dims;

  // How the lines' threads are shared out where each line is reduced first.
  Schedule schedule() const { return schedule_of(dims.outputs, length, dims.inner_is_kept ? dims.kept.inner() : 0); }
};

// Steps go to kernels by value.
struct Steps {
  int64_t self, first, last;
};

inline Steps steps_of(const Lines& lines) { return {lines.steps[0], lines.steps[1], lines.steps[2]}; }

// operands: one or two outputs (or what is read along with the input), then the input.
template <int N>
Lines lines_of(const Operand* operands, int64_t dim) {
  static_assert(N == 2 || N == 3);
  const Operand& self = operands[N - 1];
  require_dim(self, dim);
  for (int k = 0; k < N - 1; ++k) require_same_shape(operands[k], self);
  const bool has_dims = self.ndim > 0;
  Operand outs[2] = {operands[0], operands[N - 2]};
  for (Operand& out : outs) {
    if (has_dims) out.sizes[dim] = 1;
    out.numel = 1;
    for (int d = 0; d < out.ndim; ++d) out.numel *= out.sizes[d];
  }
  const auto step = [&](const Operand& operand) { return has_dims ? operand.strides[dim] : 1; };
  return {has_dims ? self.sizes[dim] : 1, {step(self), step(outs[0]), step(outs[1])}, ReductionDims(outs, 2, self)};
}

}  // namespace tt::cuda
