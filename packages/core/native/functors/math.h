// Scalar math for functors. On the host the C library's functions are declared as vectorizable (glibc's libmvec has
// vector versions of them, accurate to 4 ulp), so that a plain loop over a functor becomes SIMD code.
#pragma once
#include <cmath>

#include "complex.h"
#include "portability.h"

#if defined(__CUDACC__)
#include <cuda/std/complex>
namespace tt::math {
namespace library = ::cuda::std;
}
#else
#include <complex>
namespace tt::math {
namespace library = ::std;
}
#endif

// Functions of one number that the C library has for float and double, in scalar and vector forms.
#define TT_MATH_1(F) \
  F(acos)            \
  F(acosh)           \
  F(asin)            \
  F(asinh)           \
  F(atan)            \
  F(atanh)           \
  F(cos)             \
  F(cosh)            \
  F(erf)             \
  F(erfc)            \
  F(exp)             \
  F(exp2)            \
  F(expm1)           \
  F(log)             \
  F(log10)           \
  F(log1p)           \
  F(log2)            \
  F(sin)             \
  F(sinh)            \
  F(tan)             \
  F(tanh)
#define TT_MATH_2(F) \
  F(atan2)           \
  F(hypot)           \
  F(pow)
// Those that have no vector forms, or are single instructions.
#define TT_SCALAR_MATH_1(F) \
  F(ceil)                   \
  F(fabs)                   \
  F(floor)                  \
  F(rint)                   \
  F(sqrt)                   \
  F(trunc)
#define TT_SCALAR_MATH_2(F) \
  F(copysign)               \
  F(fmod)                   \
  F(nextafter)

#if !defined(__CUDACC__) && defined(__GLIBC__) && defined(__x86_64__)
extern "C" {
#define TT_VECTOR_1(name)                                               \
  _Pragma("omp declare simd notinbranch") double name(double) noexcept; \
  _Pragma("omp declare simd notinbranch") float name##f(float) noexcept;
#define TT_VECTOR_2(name)                                                       \
  _Pragma("omp declare simd notinbranch") double name(double, double) noexcept; \
  _Pragma("omp declare simd notinbranch") float name##f(float, float) noexcept;
TT_MATH_1(TT_VECTOR_1)
TT_MATH_2(TT_VECTOR_2)
#undef TT_VECTOR_1
#undef TT_VECTOR_2
}
#endif

namespace tt::math {

#define TT_REAL_1(name)                              \
  TT_HD float name(float x) { return ::name##f(x); } \
  TT_HD double name(double x) { return ::name(x); }
#define TT_REAL_2(name)                                          \
  TT_HD float name(float a, float b) { return ::name##f(a, b); } \
  TT_HD double name(double a, double b) { return ::name(a, b); }
TT_MATH_1(TT_REAL_1)
TT_SCALAR_MATH_1(TT_REAL_1)
TT_MATH_2(TT_REAL_2)
TT_SCALAR_MATH_2(TT_REAL_2)
#undef TT_REAL_1
#undef TT_REAL_2

template <class T>
constexpr T kPi = T(3.14159265358979323846);
template <class T>
constexpr T kLn2 = T(0.693147180559945309417);
template <class T>
constexpr T kSqrtHalf = T(0.707106781186547524401);
template <class T>
constexpr T kInfinity = T(__builtin_huge_val());
template <class T>
constexpr T kNaN = T(__builtin_nan(""));

// fmod. The C library's takes a bit of the quotient at a time; a quotient below 2^28 and its product with b are exact
// in double, and so is their difference from a.
TT_HD float remainder_of(float a, float b) {
  const double quotient = static_cast<double>(a) / b;
  if (!(quotient < 0x1p28 && quotient > -0x1p28)) return math::fmod(a, b);
  const double whole = math::trunc(quotient);
  if (whole == 0 && a - a == 0) return b == b ? a : b;  // b may be infinite
  double r = a - static_cast<double>(b) * whole;
  // The quotient may have been rounded up to an integer.
  if (r != 0 && (r < 0) != (a < 0)) r += (b < 0) == (a < 0) ? b : -static_cast<double>(b);
  return math::copysign(static_cast<float>(r), a);
}
TT_HD double remainder_of(double a, double b) { return math::fmod(a, b); }

// erf to about 4e-7, as x P(x^2) / Q(x^2) over [-4, 4] (the minimax fit that Eigen uses): a third of the time.
TT_HD float quick_erf(float x) {
  const float kept = x < -4.0f ? -4.0f : (x > 4.0f ? 4.0f : x), s = kept * kept;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  return kept * p / q;
}
TT_HD double quick_erf(double x) { return math::erf(x); }

// --- Complex numbers -------------------------------------------------------------------------------------------------

template <class T>
TT_HD library::complex<T> to_library(Complex<T> z) {
  return {z.re, z.im};
}
template <class T>
TT_HD Complex<T> from_library(library::complex<T> z) {
  return {z.real(), z.imag()};
}

#define TT_COMPLEX_1(name)                             \
  template <class T>                                   \
  TT_HD Complex<T> name(Complex<T> z) {                \
    return from_library(library::name(to_library(z))); \
  }
TT_COMPLEX_1(acos)
TT_COMPLEX_1(acosh)
TT_COMPLEX_1(asin)
TT_COMPLEX_1(asinh)
TT_COMPLEX_1(atan)
TT_COMPLEX_1(atanh)
TT_COMPLEX_1(cos)
TT_COMPLEX_1(cosh)
TT_COMPLEX_1(exp)
TT_COMPLEX_1(log)
TT_COMPLEX_1(log10)
TT_COMPLEX_1(sin)
TT_COMPLEX_1(sinh)
TT_COMPLEX_1(sqrt)
TT_COMPLEX_1(tan)
TT_COMPLEX_1(tanh)
#undef TT_COMPLEX_1

template <class T>
TT_HD Complex<T> pow(Complex<T> a, Complex<T> b) {
  if (b == Complex<T>(0)) return Complex<T>(1);
  return from_library(library::pow(to_library(a), to_library(b)));
}
template <class T>
TT_HD Complex<T> log2(Complex<T> z) {
  return log(z) * Complex<T>(1 / kLn2<T>);
}
template <class T>
TT_HD Complex<T> exp2(Complex<T> z) {
  return exp(z * Complex<T>(kLn2<T>));
}
template <class T>
TT_HD Complex<T> expm1(Complex<T> z) {
  // exp(z) - 1 = expm1(x) cos(y) + (cos(y) - 1) + i exp(x) sin(y)
  const T half = math::sin(z.im / 2);
  return {math::expm1(z.re) * math::cos(z.im) - 2 * half * half, math::exp(z.re) * math::sin(z.im)};
}
template <class T>
TT_HD Complex<T> log1p(Complex<T> z) {
  // |1 + z|^2 = 1 + x (2 + x) + y^2
  const T x = z.re, y = z.im;
  if (math::fabs(x) > T(0.5) || math::fabs(y) > T(0.5)) return log(Complex<T>(1 + x, y));
  return {math::log1p(x * (2 + x) + y * y) / 2, math::atan2(y, 1 + x)};
}
template <class T>
TT_HD T abs(Complex<T> z) {
  return math::hypot(z.re, z.im);
}

}  // namespace tt::math
