// Scalar math for functors. On the host the C library's functions are declared as vectorizable (glibc's libmvec has
// vector versions of them, accurate to 4 ulp), so that a plain loop over a functor becomes SIMD code.
#pragma once
#include <cmath>

#include "complex.h"
#include "portability.h"

#if !defined(__CUDACC__) && defined(__GLIBC__) && defined(__x86_64__)
extern "C" {
#define TT_VECTOR_MATH_1(name)                                          \
  _Pragma("omp declare simd notinbranch") double name(double) noexcept; \
  _Pragma("omp declare simd notinbranch") float name##f(float) noexcept;
TT_VECTOR_MATH_1(exp)
TT_VECTOR_MATH_1(tanh)
#undef TT_VECTOR_MATH_1
}
#endif

namespace tt::math {

#define TT_REAL_MATH(name)                           \
  TT_HD float name(float x) { return ::name##f(x); } \
  TT_HD double name(double x) { return ::name(x); }
TT_REAL_MATH(exp)
TT_REAL_MATH(tanh)
TT_REAL_MATH(sqrt)
#undef TT_REAL_MATH

template <class T>
TT_HD Complex<T> exp(Complex<T> z) {
  const T scale = math::exp(z.re);
  return {scale * std::cos(z.im), scale * std::sin(z.im)};
}
template <class T>
TT_HD Complex<T> tanh(Complex<T> z) {
  const T twice = 2 * z.re, scale = std::cosh(twice) + std::cos(2 * z.im);
  return {std::sinh(twice) / scale, std::sin(2 * z.im) / scale};
}
template <class T>
TT_HD Complex<T> sqrt(Complex<T> z) {
  const T modulus = std::hypot(z.re, z.im);
  const T re = std::sqrt((modulus + std::fabs(z.re)) / 2);
  if (re == 0) return {0, z.im};
  return z.re >= 0 ? Complex<T>{re, z.im / (2 * re)} : Complex<T>{std::fabs(z.im) / (2 * re), std::copysign(re, z.im)};
}

}  // namespace tt::math
