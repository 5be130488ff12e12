// Strided operands as one loop over their elements, with as few dimensions as their strides allow.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "../runtime/operand.h"

// Compiled once for each instruction set and device, in a namespace of its own: the linker must never take one's copy
// of a function for another's.
namespace tt::TT_INSTRUCTION_SET {

// One row: pointers to the first element of each operand, strides in elements, and the functor with its parameters.
using RowFunction = void (*)(const void* f, char* const* pointers, const int64_t* strides, int64_t length);

// N operands of one shape, with as few dimensions as their strides allow: dimensions of one element are dropped, the
// smallest stride of operand 0 comes last, and neighbours that form one even run are merged.
template <int N>
struct Loop {
  int ndim;
  int64_t numel;
  int64_t sizes[kMaxDims];
  int64_t strides[N][kMaxDims];
  char* data[N];

  explicit Loop(const Operand* operands) : ndim(0), numel(operands[0].numel) {
    const Operand& lead = operands[0];
    for (int k = 0; k < N; ++k) {
      require(operands[k].present, ErrorKind::Internal, "operand ", k, " is missing");
      require(operands[k].ndim == lead.ndim && std::equal(lead.sizes, lead.sizes + lead.ndim, operands[k].sizes),
              ErrorKind::Shape, "operands of shapes ", lead.shape(), " and ", operands[k].shape());
      data[k] = operands[k].data;
    }
    int order[kMaxDims];
    int count = 0;
    for (int d = 0; d < lead.ndim; ++d)
      if (lead.sizes[d] != 1) order[count++] = d;
    // Insertion sort, stable: few dimensions, nearly always in order.
    for (int i = 1; i < count; ++i)
      for (int j = i; j > 0 && magnitude(operands, order[j - 1]) < magnitude(operands, order[j]); --j)
        std::swap(order[j - 1], order[j]);
    for (int i = 0; i < count; ++i) push(operands, order[i]);
    if (ndim == 0) {
      ndim = 1;
      sizes[0] = 1;
      for (int k = 0; k < N; ++k) strides[k][0] = 1;
    }
  }

  int64_t inner() const { return sizes[ndim - 1]; }

  // Calls row(f, pointers, strides, length) for the elements [begin, end) in the order of the loop. The row function
  // comes as a pointer, so that this walk is compiled once for each N, not for each functor.
  void each_row(int64_t begin, int64_t end, const size_t* item_sizes, RowFunction row, const void* f) const {
    int64_t index[kMaxDims];
    int64_t rest = begin;
    char* pointers[N];
    for (int k = 0; k < N; ++k) pointers[k] = data[k];
    for (int d = ndim - 1; d >= 0; --d) {
      index[d] = rest % sizes[d];
      rest /= sizes[d];
      for (int k = 0; k < N; ++k) pointers[k] += index[d] * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
    }
    int64_t inner_strides[N];
    for (int k = 0; k < N; ++k) inner_strides[k] = strides[k][ndim - 1];
    while (begin < end) {
      const int64_t length = std::min(end - begin, inner() - index[ndim - 1]);
      row(f, pointers, inner_strides, length);
      begin += length;
      advance(index, pointers, length, item_sizes);
    }
  }

 private:
  // Dimensions are ordered by the stride of operand 0, then by those of the others.
  static int64_t magnitude(const Operand* operands, int d) {
    for (int k = 0; k < N; ++k)
      if (operands[k].strides[d] != 0) return std::abs(operands[k].strides[d]);
    return 0;
  }

  void push(const Operand* operands, int d) {
    if (ndim > 0) {
      bool merges = true;
      for (int k = 0; k < N; ++k) merges &= strides[k][ndim - 1] == operands[k].strides[d] * operands[k].sizes[d];
      if (merges) {
        sizes[ndim - 1] *= operands[0].sizes[d];
        for (int k = 0; k < N; ++k) strides[k][ndim - 1] = operands[k].strides[d];
        return;
      }
    }
    sizes[ndim] = operands[0].sizes[d];
    for (int k = 0; k < N; ++k) strides[k][ndim] = operands[k].strides[d];
    ++ndim;
  }

  void advance(int64_t* index, char** pointers, int64_t length, const size_t* item_sizes) const {
    int d = ndim - 1;
    int64_t step = length;
    while (true) {
      index[d] += step;
      for (int k = 0; k < N; ++k) pointers[k] += step * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
      if (index[d] < sizes[d] || d == 0) return;
      for (int k = 0; k < N; ++k) pointers[k] -= index[d] * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
      index[d] = 0;
      --d;
      step = 1;
    }
  }
};

}  // namespace tt::TT_INSTRUCTION_SET
