// One functor per elementwise op of one operand: valid C++ for the host compiler and for nvcc.
// 16-bit floats arrive as float.
#pragma once
#include <cmath>

#include "complex.h"
#include "math.h"

namespace tt::functors {

struct Neg {
  template <class T>
  TT_HD T operator()(T x) const {
    return -x;
  }
};
struct Exp {
  template <class T>
  TT_HD T operator()(T x) const {
    return math::exp(x);
  }
};
struct Tanh {
  template <class T>
  TT_HD T operator()(T x) const {
    return math::tanh(x);
  }
};
struct Sqrt {
  template <class T>
  TT_HD T operator()(T x) const {
    return math::sqrt(x);
  }
};

//  op name, functor, dtypes, cost beside an addition
#define TT_UNARY_OPS(OP)                \
  OP(neg, Neg, NumberTypes, 1)          \
  OP(exp, Exp, FloatingAndComplex, 8)   \
  OP(tanh, Tanh, FloatingAndComplex, 8) \
  OP(sqrt, Sqrt, FloatingAndComplex, 2)

}  // namespace tt::functors
