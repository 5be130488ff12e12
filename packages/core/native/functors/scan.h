// Running results: `step` takes the next element, or the result of those that follow.
#pragma once
#include <type_traits>

#include "math.h"
#include "reduce.h"

namespace tt::functors {

// The type of a running sum or product: double for floats, as PyTorch's on the CPU.
template <class T>
struct RunningType {
  using type = std::conditional_t<std::is_same_v<T, int64_t>, uint64_t, double>;
};
template <class T>
struct RunningType<Complex<T>> {
  using type = Complex<double>;
};
template <class T>
using running_t = typename RunningType<T>::type;

struct CumSum {
  template <class A>
  static TT_HD A start() {
    return A(0);
  }
  template <class A>
  static TT_HD A step(A running, A x) {
    return running + x;
  }
};
struct CumProd {
  template <class A>
  static TT_HD A start() {
    return A(1);
  }
  template <class A>
  static TT_HD A step(A running, A x) {
    return running * x;
  }
};
// log(exp(a) + exp(b)), without overflow
struct LogCumSumExp {
  template <class A>
  static TT_HD A start() {
    return -math::kInfinity<A>;
  }
  template <class A>
  static TT_HD A step(A running, A x) {
    const A low = x < running ? x : running, high = x < running ? running : x;
    if (high != high || low != low) return running + x;
    if (low == high && low - low != 0) return low;  // infinite
    return high + math::log1p(math::exp(low - high));
  }
};

// Whether x takes the place of the extreme of what came before it: the last of equals does, and NaN, after which only
// NaN does.
template <bool maximum, class C>
TT_HD bool follows(C x, C extreme) {
  return x != x || (maximum ? x >= extreme : x <= extreme);
}

using Running = TypeList<double, float, Half, BFloat16, int64_t, Complex<float>, Complex<double>>;

}  // namespace tt::functors
