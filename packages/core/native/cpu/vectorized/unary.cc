#include "../../functors/unary.h"

#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

template <class T, class F, int cost>
void unary(Operand* operands, int, Params&) {
  elementwise<T, T>(operands, F{}, cost);
}

void register_unary() {
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return unary<T, functors::functor, cost>; });
  TT_UNARY_OPS(TT_REGISTER)
#undef TT_REGISTER
}

}  // namespace tt::TT_INSTRUCTION_SET
