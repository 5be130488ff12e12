// One functor per elementwise op of one operand: valid C++ for the host compiler and for nvcc. 16-bit floats arrive as
// float. Both sides of a choice are computed before it, so that loops over the functors vectorize. A functor's members
// are the kernel's parameters, in order.
#pragma once
#include <cmath>
#include <type_traits>

#include "complex.h"
#include "math.h"

namespace tt::functors {

#define TT_FUNCTOR_1(Name, ...)        \
  struct Name {                        \
    template <class T>                 \
    TT_HD auto operator()(T x) const { \
      return __VA_ARGS__;              \
    }                                  \
  };

template <class T>
constexpr bool is_integer = std::is_integral_v<T>;

// --- Arithmetic
// ---------------------------------------------------------------------------------------------------------

struct Neg {
  template <class T>
  TT_HD T operator()(T x) const {
    return static_cast<T>(-x);
  }
};
struct Abs {
  template <class T>
  TT_HD real_t<T> operator()(T x) const {
    if constexpr (is_complex<T>)
      return math::abs(x);
    else if constexpr (is_integer<T>)
      return static_cast<T>(x < 0 ? -x : x);
    else
      return math::fabs(x);
  }
};
struct Sign {
  template <class T>
  TT_HD T operator()(T x) const {
    return static_cast<T>((x > T(0)) - (x < T(0)));
  }
};
struct Sgn {
  template <class T>
  TT_HD T operator()(T z) const {
    if constexpr (is_complex<T>) {
      const auto modulus = math::abs(z);
      return modulus == 0 ? T(0) : T(z.re / modulus, z.im / modulus);
    } else {
      return Sign{}(z);
    }
  }
};
struct SignBit {
  template <class T>
  TT_HD bool operator()(T x) const {
    if constexpr (is_integer<T>)
      return x < T(0);
    else
      return math::copysign(T(1), x) < 0;
  }
};
struct Square {
  template <class T>
  TT_HD T operator()(T x) const {
    return static_cast<T>(x * x);
  }
};
struct Reciprocal {
  template <class T>
  TT_HD T operator()(T x) const {
    return T(1) / x;
  }
};
TT_FUNCTOR_1(Sqrt, math::sqrt(x))
TT_FUNCTOR_1(Rsqrt, T(1) / math::sqrt(x))
TT_FUNCTOR_1(Ceil, math::ceil(x))
TT_FUNCTOR_1(Floor, math::floor(x))
TT_FUNCTOR_1(Trunc, math::trunc(x))
// Halves go to the even neighbour.
TT_FUNCTOR_1(Round, math::rint(x))
TT_FUNCTOR_1(Frac, x - math::trunc(x))
struct Conj {
  template <class T>
  TT_HD T operator()(T z) const {
    return T(z.re, -z.im);
  }
};
// The angle of a complex number; pi for negative real ones.
struct Angle {
  template <class T>
  TT_HD real_t<T> operator()(T x) const {
    if constexpr (is_complex<T>)
      return math::atan2(x.im, x.re);
    else
      return x != x ? x : (x < 0 ? math::kPi<T> : T(0));
  }
};
struct BitwiseNot {
  template <class T>
  TT_HD T operator()(T x) const {
    if constexpr (std::is_same_v<T, bool>)
      return !x;
    else
      return static_cast<T>(~x);
  }
};
struct LogicalNot {
  template <class T>
  TT_HD bool operator()(T x) const {
    return x == T(0);
  }
};
struct NanToNum {
  double nan, posinf, neginf;
  template <class T>
  TT_HD T operator()(T x) const {
    const T finite = x == math::kInfinity<T> ? T(posinf) : (x == -math::kInfinity<T> ? T(neginf) : x);
    return x != x ? T(nan) : finite;
  }
};

// --- Exponentials, logarithms, angles
// -------------------------------------------------------------------------------------

TT_FUNCTOR_1(Exp, math::exp(x))
TT_FUNCTOR_1(Exp2, math::exp2(x))
TT_FUNCTOR_1(Expm1, math::expm1(x))
TT_FUNCTOR_1(Log, math::log(x))
TT_FUNCTOR_1(Log10, math::log10(x))
TT_FUNCTOR_1(Log1p, math::log1p(x))
TT_FUNCTOR_1(Log2, math::log2(x))
TT_FUNCTOR_1(Sin, math::sin(x))
TT_FUNCTOR_1(Cos, math::cos(x))
TT_FUNCTOR_1(Tan, math::tan(x))
TT_FUNCTOR_1(Asin, math::asin(x))
TT_FUNCTOR_1(Acos, math::acos(x))
TT_FUNCTOR_1(Atan, math::atan(x))
TT_FUNCTOR_1(Sinh, math::sinh(x))
TT_FUNCTOR_1(Cosh, math::cosh(x))
TT_FUNCTOR_1(Tanh, math::tanh(x))
TT_FUNCTOR_1(Asinh, math::asinh(x))
TT_FUNCTOR_1(Acosh, math::acosh(x))
TT_FUNCTOR_1(Atanh, math::atanh(x))
TT_FUNCTOR_1(Erf, math::erf(x))
TT_FUNCTOR_1(Erfc, math::erfc(x))
TT_FUNCTOR_1(Sigmoid, T(1) / (T(1) + math::exp(-x)))
// sin(pi x) / (pi x)
struct Sinc {
  template <class T>
  TT_HD T operator()(T x) const {
    const T scaled = x * T(math::kPi<real_t<T>>), quotient = math::sin(scaled) / scaled;
    return x == T(0) ? T(1) : quotient;
  }
};
// log(x / (1 - x)), x kept within [eps, 1 - eps] where eps >= 0
struct Logit {
  double eps;
  template <class T>
  TT_HD T operator()(T x) const {
    const T low = T(eps), high = T(1) - low;
    const T kept = eps < 0 ? x : (x < low ? low : (x > high ? high : x));
    return math::log(kept / (T(1) - kept));
  }
};

// --- Activations
// ----------------------------------------------------------------------------------------------------------

template <class T>
TT_HD T logistic(T x) {
  return T(1) / (T(1) + math::exp(-x));
}
// log(1 + exp(x)), without overflow
template <class T>
TT_HD T log1p_exp(T x) {
  return (x > 0 ? x : T(0)) + math::log1p(math::exp(-math::fabs(x)));
}

// NaN stays.
TT_FUNCTOR_1(Relu, x <= T(0) ? T(0) : x)
// x sigmoid(x); Elfwing et al. 2017, arXiv:1702.03118
TT_FUNCTOR_1(Silu, x / (T(1) + math::exp(-x)))
// x tanh(log(1 + exp(x))); Misra 2019, arXiv:1908.08681. With w = exp(x) (exp(x) + 2), tanh(...) = w / (w + 2).
struct Mish {
  template <class T>
  TT_HD T operator()(T x) const {
    const T e = math::exp(x < T(20) ? x : T(20)), w = e * (e + 2), y = x * w / (w + 2);
    return x > T(20) ? x : y;
  }
};
// x times the normal distribution's function; Hendrycks and Gimpel 2016, arXiv:1606.08415
TT_FUNCTOR_1(Gelu, x* T(0.5) * (T(1) + math::quick_erf(x * math::kSqrtHalf<T>)))
// Its approximation by tanh
struct GeluTanh {
  template <class T>
  TT_HD T operator()(T x) const {
    const T inner = T(0.797884560802865355880) * (x + T(0.044715) * x * x * x);
    return T(0.5) * x * (T(1) + math::tanh(inner));
  }
};
// scale * (x > 0 ? x : alpha (exp(inputScale x) - 1)): elu, celu and selu
struct Elu {
  double alpha, scale, input_scale;
  template <class T>
  TT_HD T operator()(T x) const {
    const T below = T(alpha) * T(scale) * math::expm1(x * T(input_scale));
    return x > T(0) ? x * T(scale) : below;
  }
};
// log(1 + exp(beta x)) / beta, x itself where beta x exceeds the threshold
struct Softplus {
  double beta, threshold;
  template <class T>
  TT_HD T operator()(T x) const {
    const T scaled = x * T(beta), y = math::log1p(math::exp(scaled)) / T(beta);
    return scaled > T(threshold) ? x : y;
  }
};
TT_FUNCTOR_1(LogSigmoid, -log1p_exp(-x))
struct LeakyRelu {
  double slope;
  template <class T>
  TT_HD T operator()(T x) const {
    return x > T(0) ? x : x * T(slope);
  }
};
struct Hardtanh {
  double low, high;
  template <class T>
  TT_HD T operator()(T x) const {
    const T above = x < T(low) ? T(low) : x;
    return above > T(high) ? T(high) : above;
  }
};
template <class T>
TT_HD T relu6_shifted(T x) {
  const T y = x + T(3), above = y < T(0) ? T(0) : y;
  return above > T(6) ? T(6) : above;
}
TT_FUNCTOR_1(Hardsigmoid, relu6_shifted(x) / T(6))
TT_FUNCTOR_1(Hardswish, x* relu6_shifted(x) / T(6))
struct Softshrink {
  double lambda;
  template <class T>
  TT_HD T operator()(T x) const {
    const T bound = T(lambda);
    return x > bound ? x - bound : (x < -bound ? x + bound : (x != x ? x : T(0)));
  }
};
struct Hardshrink {
  double lambda;
  template <class T>
  TT_HD T operator()(T x) const {
    return x >= T(-lambda) && x <= T(lambda) ? T(0) : x;
  }
};
struct Threshold {
  double threshold, value;
  template <class T>
  TT_HD T operator()(T x) const {
    return x <= T(threshold) ? T(value) : x;
  }
};

//  op name, functor, dtypes, cost beside an addition
#define TT_UNARY_OPS(OP)                            \
  OP(neg, Neg, NumberTypes, 1)                      \
  OP(abs, Abs, RealTypes, 1)                        \
  OP(sign, Sign, RealAndBool, 1)                    \
  OP(sgn, Sgn, ComplexTypes, 4)                     \
  OP(square, Square, NumberTypes, 1)                \
  OP(reciprocal, Reciprocal, FloatingAndComplex, 1) \
  OP(sqrt, Sqrt, FloatingAndComplex, 2)             \
  OP(rsqrt, Rsqrt, FloatingAndComplex, 2)           \
  OP(ceil, Ceil, Floating, 1)                       \
  OP(floor, Floor, Floating, 1)                     \
  OP(trunc, Trunc, Floating, 1)                     \
  OP(round, Round, Floating, 1)                     \
  OP(frac, Frac, Floating, 1)                       \
  OP(conj, Conj, ComplexTypes, 1)                   \
  OP(angle, Angle, Floating, 1)                     \
  OP(bitwiseNot, BitwiseNot, IntegralAndBool, 1)    \
  OP(nanToNum, NanToNum, Floating, 1)               \
  OP(exp, Exp, FloatingAndComplex, 8)               \
  OP(exp2, Exp2, FloatingAndComplex, 8)             \
  OP(expm1, Expm1, FloatingAndComplex, 8)           \
  OP(log, Log, FloatingAndComplex, 8)               \
  OP(log10, Log10, FloatingAndComplex, 8)           \
  OP(log1p, Log1p, FloatingAndComplex, 8)           \
  OP(log2, Log2, FloatingAndComplex, 8)             \
  OP(sin, Sin, FloatingAndComplex, 8)               \
  OP(cos, Cos, FloatingAndComplex, 8)               \
  OP(tan, Tan, FloatingAndComplex, 8)               \
  OP(asin, Asin, FloatingAndComplex, 8)             \
  OP(acos, Acos, FloatingAndComplex, 8)             \
  OP(atan, Atan, FloatingAndComplex, 8)             \
  OP(sinh, Sinh, FloatingAndComplex, 8)             \
  OP(cosh, Cosh, FloatingAndComplex, 8)             \
  OP(tanh, Tanh, FloatingAndComplex, 8)             \
  OP(asinh, Asinh, FloatingAndComplex, 16)          \
  OP(acosh, Acosh, FloatingAndComplex, 16)          \
  OP(atanh, Atanh, FloatingAndComplex, 16)          \
  OP(erf, Erf, Floating, 8)                         \
  OP(erfc, Erfc, Floating, 8)                       \
  OP(sigmoid, Sigmoid, FloatingAndComplex, 8)       \
  OP(sinc, Sinc, FloatingAndComplex, 8)             \
  OP(logit, Logit, Floating, 8)                     \
  OP(relu, Relu, RealTypes, 1)                      \
  OP(silu, Silu, Floating, 8)                       \
  OP(mish, Mish, Floating, 8)                       \
  OP(gelu, Gelu, Floating, 8)                       \
  OP(geluTanh, GeluTanh, Floating, 8)               \
  OP(elu, Elu, Floating, 8)                         \
  OP(softplus, Softplus, Floating, 16)              \
  OP(logSigmoid, LogSigmoid, Floating, 16)          \
  OP(leakyRelu, LeakyRelu, Floating, 1)             \
  OP(hardtanh, Hardtanh, RealTypes, 1)              \
  OP(hardsigmoid, Hardsigmoid, Floating, 1)         \
  OP(hardswish, Hardswish, Floating, 1)             \
  OP(softshrink, Softshrink, Floating, 1)           \
  OP(hardshrink, Hardshrink, Floating, 1)           \
  OP(threshold, Threshold, RealTypes, 1)

// The output is of the parts' dtype.
#define TT_MODULUS_OPS(OP)      \
  OP(abs, Abs, ComplexTypes, 2) \
  OP(angle, Angle, ComplexTypes, 8)

// The output is bool.
#define TT_PREDICATES(OP)              \
  OP(signbit, SignBit, RealAndBool, 1) \
  OP(logicalNot, LogicalNot, AllTypes, 1)

}  // namespace tt::functors
