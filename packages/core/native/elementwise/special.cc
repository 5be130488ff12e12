// Special functions: op(out, self; the functor's members) and op(out, self, other).
#include "../functors/special.h"

#include "../functors/read_functor.h"
#include "skeleton.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

template <class T, class F, int cost>
void special_unary(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands, got ", count);
  elementwise<T, T>(operands, read_functor<F>(params), cost);
}

template <class T, class F, int cost>
void special_binary(Operand* operands, int count, Params&) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands, got ", count);
  elementwise<T, T, T>(operands, F{}, cost);
}

}  // namespace

void register_special() {
  using namespace functors;
#define TT_REGISTER(name, functor, cost) \
  register_for<Floating>(#name, 1, []<class T>() -> Kernel { return special_unary<T, functor, cost>; });
  TT_SPECIAL_UNARY_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, cost) \
  register_for<Floating>(#name, 1, []<class T>() -> Kernel { return special_binary<T, functor, cost>; });
  TT_SPECIAL_BINARY_OPS(TT_REGISTER)
#undef TT_REGISTER
}

}  // namespace tt::TT_INSTRUCTION_SET
