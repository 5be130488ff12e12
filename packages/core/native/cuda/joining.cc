// Copies that put tensors together or leave parts out.
#include "../checks/joining.h"

#include "contiguous.h"
#include "elements.h"

namespace tt::cuda {
namespace {

// cat(out, ...tensors; dim): all of one dtype
void cat(Operand* operands, int count, Params& params) {
  const Operand& out = operands[0];
  const int64_t dim = require_dim(out, params.integer());
  require_parts(operands, count, dim);
  Operand part = out;
  for (int k = 1; k < count; ++k) {
    part.sizes[dim] = operands[k].sizes[dim];
    part.numel = operands[k].numel;
    copy_elements(part, operands[k]);
    part.data += part.sizes[dim] * out.strides[dim] * static_cast<int64_t>(item_size(out.dtype));
  }
}

// Operands of the loop: out, self, and how far right of the diagonal elements are.
template <class Word>
__global__ void keep_triangle(uint32_t n, Offsets<3> offsets, bool lower, int64_t diagonal, Word* out,
                              const Word* self) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    const bool kept = lower ? at[2] <= diagonal : at[2] >= diagonal;
    out[at[0]] = kept ? self[at[1]] : Word{};
  }
}

// tril(out, self; diagonal): zero above that diagonal of the last two dimensions; triu: below it
template <bool lower>
void triangle(Operand* operands, int count, Params& params) {
  require_matrices(operands, count);
  // No matrix has more diagonals.
  const auto diagonal = static_cast<int64_t>(std::clamp(params.number(), -0x1p62, 0x1p62));
  const Operand &out = operands[0], &self = operands[1];
  if (out.numel == 0) return;
  Operand places[] = {out, self, numbers(out)};
  places[2].strides[out.ndim - 1] = 1;
  places[2].strides[out.ndim - 2] = -1;
  with_word_of<Bytes16>(item_size(out.dtype), [&]<class Word>() {
    constexpr size_t item_sizes[] = {sizeof(Word), sizeof(Word), 1};
    each_part(Loop<3>(places), item_sizes, [&](const Loop<3>& part) {
      TT_RUN_ELEMENTS(part.numel, keep_triangle<Word>, static_cast<uint32_t>(part.numel), offsets_of(part), lower,
                      diagonal - number(part.data[2]), reinterpret_cast<Word*>(part.data[0]),
                      reinterpret_cast<const Word*>(part.data[1]));
    });
  });
}

}  // namespace

void register_joining() {
  for_each_type(AllTypes{}, []<class T>() {
    register_kernel("cat", 1, kDevice, dtype_of<T>, cat);
    register_kernel("tril", 1, kDevice, dtype_of<T>, triangle<true>);
    register_kernel("triu", 1, kDevice, dtype_of<T>, triangle<false>);
  });
}

}  // namespace tt::cuda
