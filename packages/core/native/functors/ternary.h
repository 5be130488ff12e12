// One functor per elementwise op of three operands or more.
#pragma once
#include "binary.h"

namespace tt::functors {

// self + alpha * other
struct AddScaled {
  template <class T>
  TT_HD T operator()(T self, T other, T alpha) const {
    return static_cast<T>(self + alpha * other);
  }
};
// Where low exceeds high, high wins.
struct Clamp {
  template <class T>
  TT_HD T operator()(T x, T low, T high) const {
    const T above = (x < low) | (low != low) ? low : x;
    return (above > high) | (high != high) ? high : above;
  }
};
// Exact at both ends.
struct Lerp {
  template <class T>
  TT_HD T operator()(T start, T end, T weight) const {
    bool near_start;
    if constexpr (is_complex<T>)
      near_start = weight.re * weight.re + weight.im * weight.im < T(0.25).re;
    else
      near_start = math::fabs(weight) < T(0.5);
    const T gap = end - start, from_start = start + weight * gap, from_end = end - gap * (T(1) - weight);
    return near_start ? from_start : from_end;
  }
};
struct AddCMul {
  template <class T>
  TT_HD T operator()(T self, T a, T b, T value) const {
    return static_cast<T>(self + value * a * b);
  }
};
struct AddCDiv {
  template <class T>
  TT_HD T operator()(T self, T a, T b, T value) const {
    return self + value * (a / b);
  }
};

//  op name, functor, dtypes
#define TT_TERNARY_OPS(OP)              \
  OP(addScaled, AddScaled, NumberTypes) \
  OP(clamp, Clamp, RealTypes)           \
  OP(lerp, Lerp, FloatingAndComplex)
#define TT_QUATERNARY_OPS(OP)       \
  OP(addcmul, AddCMul, NumberTypes) \
  OP(addcdiv, AddCDiv, FloatingAndComplex)

}  // namespace tt::functors
