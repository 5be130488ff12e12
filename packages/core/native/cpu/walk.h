// Walks strided operands in rows, for kernels that are bound by memory: strides in bytes, types erased.
#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include "../checks/operands.h"
#include "../runtime/parallel.h"
#include "../runtime/registry.h"

namespace tt {

// N operands over the same sizes, in row-major order; dimensions of one element are dropped and neighbours that form
// one even run merged. Dimensions are pushed from the outermost to the innermost.
template <int N>
struct Walk {
  int ndim = 0;
  int64_t numel = 1;
  int64_t sizes[kMaxDims + 1];
  int64_t strides[N][kMaxDims + 1];

  void push(int64_t size, const std::array<int64_t, N>& steps) {
    numel *= size;
    if (size == 1) return;
    bool merges = ndim > 0;
    for (int k = 0; k < N && merges; ++k) merges = strides[k][ndim - 1] == steps[k] * size;
    if (merges)
      sizes[ndim - 1] *= size;
    else
      sizes[ndim++] = size;
    for (int k = 0; k < N; ++k) strides[k][ndim - 1] = steps[k];
  }

  int64_t inner() const { return ndim == 0 ? 1 : sizes[ndim - 1]; }
  // The step of operand k along a row.
  int64_t step(int k) const { return ndim == 0 ? 0 : strides[k][ndim - 1]; }

  // f(offsets in bytes, length, number of the first element) for each row of the elements [begin, end).
  template <class F>
  void each_row(int64_t begin, int64_t end, F&& f) const {
    if (begin >= end) return;
    int64_t index[kMaxDims + 1];
    std::array<int64_t, N> offsets{};
    int64_t rest = begin;
    for (int d = ndim - 1; d >= 0; --d) {
      index[d] = rest % sizes[d];
      rest /= sizes[d];
      for (int k = 0; k < N; ++k) offsets[k] += index[d] * strides[k][d];
    }
    while (begin < end) {
      const int64_t length = ndim == 0 ? 1 : std::min(end - begin, inner() - index[ndim - 1]);
      f(offsets, length, begin);
      begin += length;
      int64_t step = length;
      for (int d = ndim - 1; d >= 0; --d, step = 1) {
        index[d] += step;
        for (int k = 0; k < N; ++k) offsets[k] += step * strides[k][d];
        if (index[d] < sizes[d]) break;
        for (int k = 0; k < N; ++k) offsets[k] -= index[d] * strides[k][d];
        index[d] = 0;
      }
    }
  }
  template <class F>
  void each_row(F&& f) const {
    each_row(0, numel, f);
  }
};

inline int64_t bytes(const Operand& operand, int d) {
  return operand.strides[d] * static_cast<int64_t>(item_size(operand.dtype));
}

// The dimensions [from, to) of operands that have the same sizes there.
template <class... Operands>
Walk<sizeof...(Operands)> walk(int from, int to, const Operands&... operands) {
  Walk<sizeof...(Operands)> result;
  const Operand& lead = std::get<0>(std::tie(operands...));
  for (int d = from; d < to; ++d) result.push(lead.sizes[d], {bytes(operands, d)...});
  return result;
}

// --- Copying elements of any type -----------------------------------------------------------------------------------

using MoveRow = void (*)(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n);

template <class Word>
void copy_row(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n) {
  if (to_step == sizeof(Word) && from_step == sizeof(Word)) {
    std::memcpy(to, from, n * sizeof(Word));
    return;
  }
  for (int64_t i = 0; i < n; ++i) std::memcpy(to + i * to_step, from + i * from_step, sizeof(Word));
}

inline MoveRow copy_row_of(DType dtype) {
  return with_word(dtype, []<class Word>() -> MoveRow { return copy_row<Word>; });
}

}  // namespace tt
