// One functor per elementwise op of two operands. Comparisons give bool.
#pragma once
#include <type_traits>

#include "complex.h"
#include "math.h"
#include "portability.h"

namespace tt::functors {

#define TT_FUNCTOR_2(Name, Result, ...)       \
  struct Name {                               \
    template <class T>                        \
    TT_HD Result operator()(T a, T b) const { \
      return __VA_ARGS__;                     \
    }                                         \
  };

// --- Arithmetic
// ---------------------------------------------------------------------------------------------------------

TT_FUNCTOR_2(Add, T, static_cast<T>(a + b))
TT_FUNCTOR_2(Sub, T, static_cast<T>(a - b))
TT_FUNCTOR_2(Mul, T, static_cast<T>(a* b))
TT_FUNCTOR_2(Div, T, a / b)
struct LogicalOr {
  TT_HD bool operator()(bool a, bool b) const { return a | b; }
};
struct LogicalAnd {
  TT_HD bool operator()(bool a, bool b) const { return a & b; }
};

// Integer division traps for a divisor of 0, and for the least number by -1: kernels refuse the first.
template <class T>
TT_HD T quotient(T a, T b) {
  if (b == T(0)) return T(0);
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1)) return static_cast<T>(-a);
  return static_cast<T>(a / b);
}
template <class T>
TT_HD T rest(T a, T b) {
  return static_cast<T>(a - static_cast<T>(quotient(a, b) * b));
}

struct DivTrunc {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return quotient(a, b);
    else
      return math::trunc(a / b);
  }
};
// The sign of the dividend.
struct Fmod {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return rest(a, b);
    else
      return math::remainder_of(a, b);
  }
};
// The sign of the divisor, as in Python.
struct Remainder {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T r = Fmod{}(a, b);
    return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(r + b) : r;
  }
};
// Python's //: from the remainder, since a / b may round up to the next integer.
struct DivFloor {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      const T q = quotient(a, b);
      return rest(a, b) != T(0) && (a < T(0)) != (b < T(0)) ? static_cast<T>(q - 1) : q;
    } else {
      if (b == T(0)) return a / b;
      const T r = math::remainder_of(a, b);
      T q = (a - r) / b;
      if (r != T(0) && (b < T(0)) != (r < T(0))) q -= T(1);
      if (q == T(0)) return math::copysign(T(0), a / b);
      const T whole = math::floor(q);
      return q - whole > T(0.5) ? whole + T(1) : whole;
    }
  }
};

// Integers by squaring; a negative exponent leaves only the powers of 1 and -1.
template <class T>
TT_HD T integer_power(T base, T exponent) {
  if (exponent < T(0)) {
    if (base == T(1)) return T(1);
    return base == static_cast<T>(-1) ? T(exponent % 2 ? -1 : 1) : T(0);
  }
  T result = T(1);
  while (exponent > T(0)) {
    if (exponent & 1) result = static_cast<T>(result * base);
    base = static_cast<T>(base * base);
    exponent = static_cast<T>(exponent >> 1);
  }
  return result;
}
struct Pow {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return integer_power(a, b);
    else
      return math::pow(a, b);
  }
};

// --- Order
// ----------------------------------------------------------------------------------------------------------------

// NaN wins.
TT_FUNCTOR_2(Maximum, T, (a > b) | (a != a) ? a : b)
TT_FUNCTOR_2(Minimum, T, (a < b) | (a != a) ? a : b)
// Numbers win.
TT_FUNCTOR_2(Fmax, T, (a > b) | (b != b) ? a : b)
TT_FUNCTOR_2(Fmin, T, (a < b) | (b != b) ? a : b)
TT_FUNCTOR_2(Heaviside, T, a == T(0) ? b : T(a > T(0)))

TT_FUNCTOR_2(Eq, bool, a == b)
TT_FUNCTOR_2(Ne, bool, a != b)
TT_FUNCTOR_2(Lt, bool, a < b)
TT_FUNCTOR_2(Le, bool, a <= b)
TT_FUNCTOR_2(Gt, bool, a > b)
TT_FUNCTOR_2(Ge, bool, a >= b)

// --- Functions
// ------------------------------------------------------------------------------------------------------------

TT_FUNCTOR_2(Atan2, T, math::atan2(a, b))
TT_FUNCTOR_2(Hypot, T, math::hypot(a, b))
TT_FUNCTOR_2(CopySign, T, math::copysign(a, b))
TT_FUNCTOR_2(NextAfter, T, math::nextafter(a, b))
// log(exp(a) + exp(b)), without overflow
struct LogAddExp {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T most = Maximum{}(a, b), gap = -math::fabs(a - b);
    const T sum = most + math::log1p(math::exp(gap));
    return a == b && most - most != T(0) ? a : sum;
  }
};
struct LogAddExp2 {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T most = Maximum{}(a, b), gap = -math::fabs(a - b);
    const T sum = most + math::log1p(math::exp2(gap)) * (1 / math::kLn2<T>);
    return a == b && most - most != T(0) ? a : sum;
  }
};
// a log(b); 0 where a is 0, unless b is NaN
struct Xlogy {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T product = a * math::log(b);
    return b != b ? b : (a == T(0) ? T(0) : product);
  }
};
struct Xlog1py {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T product = a * math::log1p(b);
    return b != b ? b : (a == T(0) ? T(0) : product);
  }
};

// --- Integers and bits
// ------------------------------------------------------------------------------------------------------

TT_FUNCTOR_2(BitwiseAnd, T, static_cast<T>(a& b))
TT_FUNCTOR_2(BitwiseOr, T, static_cast<T>(a | b))
TT_FUNCTOR_2(BitwiseXor, T, static_cast<T>(a ^ b))
// Shifts by as many bits as the type has, or by a negative number, move everything out.
struct ShiftLeft {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    using U = std::make_unsigned_t<T>;
    const U bits = sizeof(T) * 8;
    return static_cast<U>(b) >= bits ? T(0) : static_cast<T>(static_cast<U>(a) << (static_cast<U>(b) & (bits - 1)));
  }
};
struct ShiftRight {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    using U = std::make_unsigned_t<T>;
    const U bits = sizeof(T) * 8;
    const int64_t by = static_cast<U>(b) >= bits ? int64_t{bits - 1} : static_cast<int64_t>(b);
    const T shifted = static_cast<T>(a >> by);
    return std::is_signed_v<T> || static_cast<U>(b) < bits ? shifted : T(0);
  }
};
template <class T>
TT_HD T greatest_common_divisor(T a, T b) {
  using U = std::make_unsigned_t<T>;
  U x = a < 0 ? U(0) - static_cast<U>(a) : static_cast<U>(a), y = b < 0 ? U(0) - static_cast<U>(b) : static_cast<U>(b);
  while (x != 0) {
    const U r = y % x;
    y = x;
    x = r;
  }
  return static_cast<T>(y);
}
TT_FUNCTOR_2(Gcd, T, greatest_common_divisor(a, b))
struct Lcm {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    const T product = static_cast<T>(quotient(a, greatest_common_divisor(a, b)) * b);
    return product < T(0) ? static_cast<T>(-product) : product;
  }
};

// --- Gradients: one pass where a composition would take several
// -------------------------------------------------------------

// What follows is f(grad, saved): the derivative times the gradient.
TT_FUNCTOR_2(ReluBackward, T, b > T(0) ? a : (b != b ? b : T(0)))
// From the result
TT_FUNCTOR_2(SigmoidBackward, T, a*(T(1) - b) * b)
TT_FUNCTOR_2(TanhBackward, T, a*(T(1) - b * b))
struct SiluBackward {
  template <class T>
  TT_HD T operator()(T grad, T x) const {
    const T s = T(1) / (T(1) + math::exp(-x));
    return grad * s * (T(1) + x * (T(1) - s));
  }
};
struct GeluBackward {
  template <class T>
  TT_HD T operator()(T grad, T x) const {
    const T cdf = T(0.5) * (T(1) + math::quick_erf(x * math::kSqrtHalf<T>));
    const T pdf = math::exp(T(-0.5) * x * x) * T(0.398942280401432677940);
    return grad * (cdf + x * pdf);
  }
};
struct GeluTanhBackward {
  template <class T>
  TT_HD T operator()(T grad, T x) const {
    constexpr T beta = T(0.797884560802865355880), kappa = T(0.044715);
    const T t = math::tanh(beta * (x + kappa * x * x * x));
    const T slope = (T(1) - t * t) * beta * (T(1) + 3 * kappa * x * x);
    return grad * (T(0.5) * (T(1) + t) + T(0.5) * x * slope);
  }
};

//  op name, functor, dtypes, cost
#define TT_BINARY_OPS(OP)                           \
  OP(add, Add, NumberTypes, 1)                      \
  OP(sub, Sub, NumberTypes, 1)                      \
  OP(mul, Mul, NumberTypes, 1)                      \
  OP(div, Div, FloatingAndComplex, 1)               \
  OP(add, LogicalOr, TypeList<bool>, 1)             \
  OP(mul, LogicalAnd, TypeList<bool>, 1)            \
  OP(pow, Pow, NumberTypes, 16)                     \
  OP(maximum, Maximum, RealAndBool, 1)              \
  OP(minimum, Minimum, RealAndBool, 1)              \
  OP(fmax, Fmax, RealAndBool, 1)                    \
  OP(fmin, Fmin, RealAndBool, 1)                    \
  OP(heaviside, Heaviside, RealAndBool, 1)          \
  OP(atan2, Atan2, Floating, 16)                    \
  OP(hypot, Hypot, Floating, 8)                     \
  OP(copysign, CopySign, Floating, 1)               \
  OP(nextafter, NextAfter, Real32And64, 4)          \
  OP(logaddexp, LogAddExp, Floating, 16)            \
  OP(logaddexp2, LogAddExp2, Floating, 16)          \
  OP(xlogy, Xlogy, Floating, 8)                     \
  OP(xlog1py, Xlog1py, Floating, 8)                 \
  OP(bitwiseAnd, BitwiseAnd, IntegralAndBool, 1)    \
  OP(bitwiseOr, BitwiseOr, IntegralAndBool, 1)      \
  OP(bitwiseXor, BitwiseXor, IntegralAndBool, 1)    \
  OP(bitwiseLeftShift, ShiftLeft, Integral, 1)      \
  OP(bitwiseRightShift, ShiftRight, Integral, 1)    \
  OP(gcd, Gcd, Integral, 64)                        \
  OP(lcm, Lcm, Integral, 64)                        \
  OP(reluBackward, ReluBackward, Floating, 1)       \
  OP(sigmoidBackward, SigmoidBackward, Floating, 1) \
  OP(tanhBackward, TanhBackward, Floating, 1)       \
  OP(siluBackward, SiluBackward, Floating, 8)       \
  OP(geluBackward, GeluBackward, Floating, 16)      \
  OP(geluTanhBackward, GeluTanhBackward, Floating, 8)

// Integers refuse a divisor of 0.
#define TT_DIVISION_OPS(OP)             \
  OP(divTrunc, DivTrunc, RealTypes, 4)  \
  OP(divFloor, DivFloor, RealTypes, 16) \
  OP(fmod, Fmod, RealTypes, 16)         \
  OP(remainder, Remainder, RealTypes, 16)

// The output is bool.
#define TT_COMPARISON_OPS(OP) \
  OP(eq, Eq, AllTypes, 1)     \
  OP(ne, Ne, AllTypes, 1)     \
  OP(lt, Lt, RealAndBool, 1)  \
  OP(le, Le, RealAndBool, 1)  \
  OP(gt, Gt, RealAndBool, 1)  \
  OP(ge, Ge, RealAndBool, 1)

}  // namespace tt::functors
