// Elementwise ops of one operand: op(out, self; the functor's members).
#include "../functors/unary.h"

#include "../functors/read_functor.h"
#include "skeleton.h"

namespace tt::TT_INSTRUCTION_SET {

template <class Out, class T, class F, int cost>
void unary(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands, got ", count);
  elementwise<Out, T>(operands, read_functor<F>(params), cost);
}

void register_unary() {
  using namespace functors;
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return unary<T, T, functor, cost>; });
  TT_UNARY_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return unary<real_t<T>, T, functor, cost>; });
  TT_MODULUS_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return unary<bool, T, functor, cost>; });
  TT_PREDICATES(TT_REGISTER)
#undef TT_REGISTER
}

}  // namespace tt::TT_INSTRUCTION_SET
