// How the operands of an elementwise op lie, and which loop suits them.
#include "elementwise.h"

namespace tt::cuda {
namespace {

// Row-major without gaps, of one shape, and aligned to whole packs.
template <int N>
bool is_even(const Operand* operands, const size_t* item_sizes) {
  const size_t width = 16 / *std::max_element(item_sizes, item_sizes + N);
  for (int k = 0; k < N; ++k) {
    if (operands[k].is_scalar) continue;
    const Operand& operand = operands[k];
    if (operand.ndim != operands[0].ndim || !operand.is_contiguous()) return false;
    if (!std::equal(operand.sizes, operand.sizes + operand.ndim, operands[0].sizes)) return false;
    if (reinterpret_cast<uintptr_t>(operand.data) % (item_sizes[k] * width) != 0) return false;
  }
  return true;
}

}  // namespace

template <int N>
void run_elementwise(const Operand* operands, const size_t* item_sizes, const Launches<N>& launches, const void* f) {
  for (int k = 0; k < N; ++k) require(operands[k].present, ErrorKind::Internal, "operand ", k, " is missing");
  if (operands[0].numel == 0) return;
  if (is_even<N>(operands, item_sizes)) return launches.even(f, operands, operands[0].numel);
  each_part(Loop<N>(operands), item_sizes, [&](const Loop<N>& part) {
    launches.strided(f, operands, part.data, offsets_of(part), static_cast<uint32_t>(part.numel));
  });
}

template void run_elementwise<1>(const Operand*, const size_t*, const Launches<1>&, const void*);
template void run_elementwise<2>(const Operand*, const size_t*, const Launches<2>&, const void*);
template void run_elementwise<3>(const Operand*, const size_t*, const Launches<3>&, const void*);
template void run_elementwise<4>(const Operand*, const size_t*, const Launches<4>&, const void*);
template void run_elementwise<5>(const Operand*, const size_t*, const Launches<5>&, const void*);

}  // namespace tt::cuda
