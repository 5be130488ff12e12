// Copies that put tensors together or leave parts out.
#include "../checks/joining.h"

#include "walk.h"

namespace tt {
namespace {

// cat(out, ...tensors; dim): all of one dtype
void cat(Operand* operands, int count, Params& params) {
  const Operand& out = operands[0];
  const int64_t dim = require_dim(out, params.integer());
  require_parts(operands, count, dim);
  const MoveRow copy = copy_row_of(out.dtype);
  char* to = out.data;
  for (int k = 1; k < count; ++k) {
    const Operand& part = operands[k];
    const auto rows = walk(0, out.ndim, part, out);
    parallel_for(rows.numel, kGrain, [&](int64_t begin, int64_t end) {
      rows.each_row(begin, end, [&](const auto& offsets, int64_t n, int64_t) {
        copy(to + offsets[1], rows.step(1), part.data + offsets[0], rows.step(0), n);
      });
    });
    to += part.sizes[dim] * bytes(out, static_cast<int>(dim));
  }
}

// tril(out, self; diagonal): zero above that diagonal of the last two dimensions; triu: below it
template <bool lower>
void triangle(Operand* operands, int count, Params& params) {
  require_matrices(operands, count);
  const double diagonal = params.number();
  const Operand &out = operands[0], &self = operands[1];
  if (out.numel == 0) return;
  const int last = out.ndim - 1;
  const int64_t columns = out.sizes[last], rows = out.sizes[last - 1];
  Walk<2> batches;
  for (int d = 0; d < last; ++d) batches.push(out.sizes[d], {bytes(out, d), bytes(self, d)});
  const int64_t item = static_cast<int64_t>(item_size(out.dtype)), to_step = bytes(out, last),
                from_step = bytes(self, last);
  const MoveRow copy = copy_row_of(out.dtype);
  const char zero[16] = {};
  const auto row = [&](char* to, const char* from, int64_t r) {
    // Columns before `cut` are those at or below the diagonal, or strictly below it for triu.
    const double place = static_cast<double>(r) + diagonal + (lower ? 1 : 0);
    const auto cut = static_cast<int64_t>(std::min(std::max(place, 0.0), static_cast<double>(columns)));
    const int64_t kept_begin = lower ? 0 : cut, kept_end = lower ? cut : columns;
    if (to != from)
      copy(to + kept_begin * to_step, to_step, from + kept_begin * from_step, from_step, kept_end - kept_begin);
    const int64_t zero_begin = lower ? cut : 0, zero_end = lower ? columns : cut;
    if (to_step == item)
      std::memset(to + zero_begin * item, 0, (zero_end - zero_begin) * item);
    else
      copy(to + zero_begin * to_step, to_step, zero, 0, zero_end - zero_begin);
  };
  parallel_for(batches.numel, std::max<int64_t>(kGrain / columns, 1), [&](int64_t begin, int64_t end) {
    batches.each_row(begin, end, [&](const auto& offsets, int64_t n, int64_t first) {
      for (int64_t i = 0; i < n; ++i)
        row(out.data + offsets[0] + i * batches.step(0), self.data + offsets[1] + i * batches.step(1),
            (first + i) % rows);
    });
  });
}

}  // namespace

void register_joining() {
  for_each_type(AllTypes{}, []<class T>() {
    register_kernel("cat", 1, DeviceType::CPU, dtype_of<T>, cat);
    register_kernel("tril", 1, DeviceType::CPU, dtype_of<T>, triangle<true>);
    register_kernel("triu", 1, DeviceType::CPU, dtype_of<T>, triangle<false>);
  });
}

}  // namespace tt
