// One functor per elementwise op of two operands. Comparisons give bool.
#pragma once
#include "complex.h"
#include "portability.h"

namespace tt::functors {

struct Add {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    return a + b;
  }
};
struct Sub {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    return a - b;
  }
};
struct Mul {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    return a * b;
  }
};
struct Div {
  template <class T>
  TT_HD T operator()(T a, T b) const {
    return a / b;
  }
};
struct LogicalOr {
  TT_HD bool operator()(bool a, bool b) const { return a || b; }
};
struct LogicalAnd {
  TT_HD bool operator()(bool a, bool b) const { return a && b; }
};

struct Eq {
  template <class T>
  TT_HD bool operator()(T a, T b) const {
    return a == b;
  }
};
struct Gt {
  template <class T>
  TT_HD bool operator()(T a, T b) const {
    return a > b;
  }
};

//  op name, functor, dtypes, cost
#define TT_BINARY_OPS(OP)               \
  OP(add, Add, NumberTypes, 1)          \
  OP(sub, Sub, NumberTypes, 1)          \
  OP(mul, Mul, NumberTypes, 1)          \
  OP(div, Div, FloatingAndComplex, 1)   \
  OP(add, LogicalOr, TypeList<bool>, 1) \
  OP(mul, LogicalAnd, TypeList<bool>, 1)

// The output is bool.
#define TT_COMPARISON_OPS(OP) \
  OP(eq, Eq, AllTypes, 1)     \
  OP(gt, Gt, RealAndBool, 1)

}  // namespace tt::functors
