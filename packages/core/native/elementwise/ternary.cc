// Elementwise ops of three operands or more, and those that choose: op(out, inputs...).
#include "../functors/ternary.h"

#include "skeleton.h"

namespace tt::TT_INSTRUCTION_SET {

template <class T, class F>
void ternary(Operand* operands, int count, Params&) {
  require(count == 4, ErrorKind::Internal, "expected 4 operands, got ", count);
  elementwise<T, T, T, T>(operands, F{});
}

template <class T, class F>
void quaternary(Operand* operands, int count, Params&) {
  require(count == 5, ErrorKind::Internal, "expected 5 operands, got ", count);
  elementwise<T, T, T, T, T>(operands, F{});
}

struct Choose {
  template <class Word>
  TT_HD Word operator()(uint8_t condition, Word a, Word b) const {
    return condition != 0 ? a : b;
  }
};
// where(out, condition, self, other): moves elements of any dtype.
void where(Operand* operands, int count, Params&) {
  require(count == 4, ErrorKind::Internal, "expected 4 operands, got ", count);
  require(operands[1].dtype == DType::Bool, ErrorKind::DType, "expected a condition of bool, got ",
          dtype_name(operands[1].dtype));
  with_word(operands[0].dtype, [&]<class Word>() { elementwise_words<Word, uint8_t, Word, Word>(operands, Choose{}); });
}

void register_ternary() {
  using namespace functors;
#define TT_REGISTER(name, functor, types) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return ternary<T, functor>; });
  TT_TERNARY_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return quaternary<T, functor>; });
  TT_QUATERNARY_OPS(TT_REGISTER)
#undef TT_REGISTER
  register_kernel("where", 1, kDevice, DType::Bool, where);
}

}  // namespace tt::TT_INSTRUCTION_SET
