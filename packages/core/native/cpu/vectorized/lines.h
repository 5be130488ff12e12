// Kernels along one dimension: finds the lines of it in N operands of one shape, and gives them out one by one or,
// where another dimension is the contiguous one, by blocks of neighbouring lines ("columns").
#pragma once
#include "../walk.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

constexpr int64_t kLineColumns = 64;

template <int N>
struct Lines {
  int64_t length = 1;
  int64_t steps[N];  // along the line, in elements
  int64_t columns = 1;
  int column_dim = -1;
  int64_t blocks = 1;
  Walk<N> outer;

  Lines(const Operand* operands, int64_t dim) {
    const Operand& lead = operands[0];
    require_dim(lead, dim);
    for (int k = 1; k < N; ++k) require_same_shape(lead, operands[k]);
    std::fill_n(steps, N, 1);
    if (lead.ndim > 0) {
      length = lead.sizes[dim];
      for (int k = 0; k < N; ++k) steps[k] = operands[k].strides[dim];
      find_columns(operands, dim);
    }
    if (column_dim >= 0) {
      columns = lead.sizes[column_dim];
      blocks = (columns + kLineColumns - 1) / kLineColumns;
    }
    for (int d = 0; d < lead.ndim; ++d) {
      if (d == dim || d == column_dim) continue;
      std::array<int64_t, N> strides;
      for (int k = 0; k < N; ++k) strides[k] = bytes(operands[k], d);
      outer.push(lead.sizes[d], strides);
    }
  }

  // f(pointers, columns) for each line, or block of columns; `cost` is that of an element beside an addition's.
  template <class F>
  void each(const Operand* operands, int64_t cost, F&& f) const {
    if (length == 0 || columns == 0) return;
    const int64_t work = std::max<int64_t>(length * std::min(columns, kLineColumns) * cost, 1);
    parallel_for(outer.numel * blocks, std::max<int64_t>(kGrain / work, 1), [&](int64_t begin, int64_t end) {
      for (int64_t unit = begin; unit < end;) {
        const int64_t block = unit % blocks, first = block * kLineColumns;
        // Rows of the walk over the outer dimensions, one block of columns at a time.
        outer.each_row(unit / blocks, unit / blocks + 1, [&](const auto& offsets, int64_t, int64_t) {
          std::array<char*, N> pointers;
          for (int k = 0; k < N; ++k)
            pointers[k] = operands[k].data + offsets[k] + first * static_cast<int64_t>(item_size(operands[k].dtype));
          f(pointers, std::min(kLineColumns, columns - first));
        });
        ++unit;
      }
    });
  }

 private:
  void find_columns(const Operand* operands, int64_t dim) {
    const Operand& lead = operands[0];
    bool contiguous = true;
    for (int k = 0; k < N; ++k) contiguous &= operands[k].strides[dim] == 1;
    if (contiguous) return;
    for (int d = 0; d < lead.ndim; ++d) {
      bool unit = d != dim && lead.sizes[d] >= 4;
      for (int k = 0; k < N && unit; ++k) unit = operands[k].strides[d] == 1;
      if (unit) column_dim = d;
    }
  }
};

}  // namespace tt::TT_INSTRUCTION_SET
