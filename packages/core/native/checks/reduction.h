// The dimensions of a reduction, as CPU and CUDA kernels walk them: those that are kept and those that are reduced,
// each with as few dimensions as their strides allow.
#pragma once
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "../runtime/operand.h"

namespace tt::TT_INSTRUCTION_SET {

// Dimensions of one kind, outermost first; neighbours that form one even run are merged.
template <int N>
struct DimList {
  int ndim = 0;
  int64_t sizes[kMaxDims + 1];
  int64_t strides[N][kMaxDims + 1];

  void push(int64_t size, const std::array<int64_t, N>& steps) {
    bool merges = ndim > 0;
    for (int k = 0; k < N && merges; ++k) merges = strides[k][ndim - 1] == steps[k] * size;
    if (merges) {
      sizes[ndim - 1] *= size;
    } else {
      sizes[ndim++] = size;
    }
    for (int k = 0; k < N; ++k) strides[k][ndim - 1] = steps[k];
  }
  int64_t count() const {
    int64_t result = 1;
    for (int d = 0; d < ndim; ++d) result *= sizes[d];
    return result;
  }
  int64_t inner() const { return sizes[ndim - 1]; }
};

struct ReductionDims {
  DimList<3> kept;  // strides of the input, of the first and of the last output
  DimList<1> reduced;
  int64_t outputs = 0, count = 0;  // elements of the output, and elements that each is made of
  bool inner_is_kept = false;      // the dimension whose elements lie closest

  // outs: `out_count` outputs of one shape, absent ones allowed: that of `self`, with size 1 where it is reduced.
  ReductionDims(const Operand* outs, int out_count, const Operand& self) {
    const Operand& out = outs[0].present ? outs[0] : outs[out_count - 1];
    for (int k = 0; k < out_count; ++k) check_shape(outs[k], out, self);
    outputs = out.numel;
    if (outputs == 0) return;
    int order[kMaxDims];
    int dims = 0;
    for (int d = 0; d < self.ndim; ++d)
      if (self.sizes[d] != 1) order[dims++] = d;
    for (int i = 1; i < dims; ++i)
      for (int j = i; j > 0 && distance(self, order[j - 1]) < distance(self, order[j]); --j)
        std::swap(order[j - 1], order[j]);
    for (int i = 0; i < dims; ++i) {
      const int d = order[i];
      inner_is_kept = out.sizes[d] == self.sizes[d];
      if (inner_is_kept) {
        kept.push(self.sizes[d], {self.strides[d], stride(outs[0], d), stride(outs[out_count - 1], d)});
      } else {
        reduced.push(self.sizes[d], {self.strides[d]});
      }
    }
    if (kept.ndim == 0) kept.push(1, {0, 0, 0});
    if (reduced.ndim == 0) reduced.push(1, {0});
    count = reduced.count();
  }

 private:
  static void check_shape(const Operand& out, const Operand& lead, const Operand& self) {
    if (!out.present) return;
    bool fits = out.ndim == self.ndim;
    for (int d = 0; d < self.ndim && fits; ++d)
      fits = out.sizes[d] == lead.sizes[d] && (out.sizes[d] == self.sizes[d] || out.sizes[d] == 1);
    require(fits, ErrorKind::Shape, "cannot reduce ", self.shape(), " to ", out.shape());
  }
  static int64_t stride(const Operand& out, int d) { return out.present ? out.strides[d] : 0; }
  // Repeated elements (stride 0) go outermost.
  static int64_t distance(const Operand& self, int d) {
    return self.strides[d] == 0 ? std::numeric_limits<int64_t>::max() : std::abs(self.strides[d]);
  }
};

// amax(out, self): an extreme of nothing does not exist.
inline void require_elements(const Operand& out, const Operand& self) {
  require(self.numel > 0 || out.numel == 0, ErrorKind::Shape, "cannot reduce over no elements: input of shape ",
          self.shape());
}

inline void require_one_dimension(const Operand& out, const Operand& self) {
  int reduced = 0;
  for (int d = 0; d < self.ndim && out.ndim == self.ndim; ++d) reduced += out.sizes[d] == 1 && self.sizes[d] != 1;
  require(reduced <= 1, ErrorKind::Shape, "expected one reduced dimension, got ", reduced);
}

}  // namespace tt::TT_INSTRUCTION_SET
