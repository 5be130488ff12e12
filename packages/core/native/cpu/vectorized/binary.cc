#include "../../functors/binary.h"

#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

template <class Out, class T, class F, int cost>
void binary(Operand* operands, int, Params&) {
  elementwise<Out, T, T>(operands, F{}, cost);
}

void register_binary() {
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return binary<T, T, functors::functor, cost>; });
  TT_BINARY_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return binary<bool, T, functors::functor, cost>; });
  TT_COMPARISON_OPS(TT_REGISTER)
#undef TT_REGISTER
}

}  // namespace tt::TT_INSTRUCTION_SET
