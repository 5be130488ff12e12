// Elementwise ops of two operands: op(out, self, other).
#include "../functors/binary.h"

#include "../functors/identity.h"
#include "../functors/unary.h"
#include "skeleton.h"

namespace tt::TT_INSTRUCTION_SET {

struct Cube {
  template <class T>
  TT_HD T operator()(T x) const {
    return x * x * x;
  }
};
struct InverseSquare {
  template <class T>
  TT_HD T operator()(T x) const {
    return T(1) / (x * x);
  }
};

static void require_operands(int count, int expected) {
  require(count == expected, ErrorKind::Internal, "expected ", expected, " operands, got ", count);
}

template <class Out, class T, class F, int cost>
void binary(Operand* operands, int count, Params&) {
  require_operands(count, 3);
  elementwise<Out, T, T>(operands, F{}, cost);
}

// Integers refuse a divisor of 0.
template <class T, class F, int cost>
void division(Operand* operands, int count, Params& params) {
  require_operands(count, 3);
  if constexpr (std::is_integral_v<T>)
    elementwise_nonzero<T>(operands, F{}, cost);
  else
    binary<T, T, F, cost>(operands, count, params);
}

// pow(out, self, other): exponents that people write most need no logarithm.
template <class T>
void pow(Operand* operands, int count, Params& params) {
  require_operands(count, 3);
  if (operands[2].is_scalar && operands[2].dtype == dtype_of<T>) {
    const compute_t<T> exponent = *operands[2].as<T>();
    if (exponent == 1) return elementwise<T, T>(operands, functors::Identity{});
    if (exponent == 2) return elementwise<T, T>(operands, functors::Square{});
    if (exponent == 3) return elementwise<T, T>(operands, Cube{});
    if (exponent == compute_t<T>(0.5)) return elementwise<T, T>(operands, functors::Sqrt{}, 2);
    if (exponent == compute_t<T>(-0.5)) return elementwise<T, T>(operands, functors::Rsqrt{}, 2);
    if (exponent == -1) return elementwise<T, T>(operands, functors::Reciprocal{});
    if (exponent == -2) return elementwise<T, T>(operands, InverseSquare{});
  }
  binary<T, T, functors::Pow, 16>(operands, count, params);
}

void register_binary() {
  using namespace functors;
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return binary<T, T, functor, cost>; });
  TT_BINARY_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return division<T, functor, cost>; });
  TT_DIVISION_OPS(TT_REGISTER)
#undef TT_REGISTER
#define TT_REGISTER(name, functor, types, cost) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return binary<bool, T, functor, cost>; });
  TT_COMPARISON_OPS(TT_REGISTER)
#undef TT_REGISTER
  register_for<Floating>("pow", 1, []<class T>() -> Kernel { return pow<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
