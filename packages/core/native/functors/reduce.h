// One functor per reduction. Element is loaded as Lane; lanes run through a block of elements; the blocks' results add
// up in Total; finish makes Out of that. `combine` and `map` (load, after the conversion) are written for numbers and
// for the compiler's vectors of them alike.
#pragma once
#include <cmath>
#include <limits>
#include <type_traits>

#include "../runtime/dtype.h"

namespace tt::functors {

template <class T>
constexpr bool is_integral_or_bool = std::is_integral_v<T>;

// Integers are summed without sign: overflow wraps, as in PyTorch, where signed overflow would be undefined.
template <class T>
using sum_lane_t = std::conditional_t<is_integral_or_bool<T>, uint64_t, compute_t<T>>;
template <class T>
struct SumTotal {
  using type = std::conditional_t<is_integral_or_bool<T>, uint64_t, double>;
};
template <class T>
struct SumTotal<Complex<T>> {
  using type = Complex<double>;
};
template <class T>
using sum_out_t = std::conditional_t<is_integral_or_bool<T>, int64_t, T>;

template <class T>
TT_HD sum_lane_t<T> sum_load(T x) {
  if constexpr (is_integral_or_bool<T>) {
    return static_cast<uint64_t>(static_cast<int64_t>(x));
  } else {
    return static_cast<sum_lane_t<T>>(x);
  }
}

// Double to a 16-bit float goes by way of float.
template <class Out, class Total>
TT_HD Out narrow(Total x) {
  return static_cast<Out>(static_cast<compute_t<Out>>(x));
}

template <class T>
struct Sum {
  using Element = T;
  using Lane = sum_lane_t<T>;
  using Total = typename SumTotal<T>::type;
  using Out = sum_out_t<T>;
  static constexpr bool kNeedsElements = false;
  TT_HD Lane identity() const { return Lane(0); }
  TT_HD Lane load(T x) const { return sum_load(x); }
  template <class V>
  TT_HD V map(V x) const {
    return x;
  }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return a + b;
  }
  TT_HD Out finish(Total total, int64_t) const { return narrow<Out>(total); }
};

// A sum that ends otherwise: `Running` names the functor whose loops it shares.
template <class T>
struct Mean : Sum<T> {
  using Running = Sum<T>;
  TT_HD T finish(typename Sum<T>::Total total, int64_t count) const {
    return narrow<T>(total / typename Sum<T>::Total(static_cast<double>(count)));
  }
};

template <class T>
struct NanSum : Sum<T> {
  template <class V>
  TT_HD V map(V x) const {
    return x != x ? V{} : x;
  }
  TT_HD typename Sum<T>::Lane load(T x) const { return map(sum_load(x)); }
};

template <class T>
struct Prod : Sum<T> {
  using Lane = typename Sum<T>::Lane;
  TT_HD Lane identity() const { return Lane(1); }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return a * b;
  }
};

template <class T>
struct Any {
  using Element = T;
  using Lane = uint8_t;
  using Total = uint8_t;
  using Out = bool;
  static constexpr bool kNeedsElements = false;
  TT_HD Lane identity() const { return 0; }
  TT_HD Lane load(T x) const { return x; }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return a | b;
  }
  TT_HD bool finish(Total total, int64_t) const { return total != 0; }
};
template <class T>
struct All : Any<T> {
  TT_HD uint8_t identity() const { return 1; }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return a & b;
  }
};

template <class T>
using order_lane_t = std::conditional_t<std::is_same_v<T, bool>, uint8_t, compute_t<T>>;

// Constants, since device code cannot call the host's functions.
template <class T>
constexpr T kLeast = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity()
                                                 : std::numeric_limits<T>::lowest();
template <class T>
constexpr T kGreatest = std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity()
                                                    : std::numeric_limits<T>::max();

// NaN wins: `b != b` takes it, and no comparison with it is true after that.
template <class T>
struct Amax {
  using Element = T;
  using Lane = order_lane_t<T>;
  using Total = Lane;
  using Out = T;
  static constexpr bool kNeedsElements = true;  // an empty maximum is none
  TT_HD Lane identity() const { return kLeast<Lane>; }
  TT_HD Lane load(T x) const { return static_cast<Lane>(x); }
  template <class V>
  TT_HD V map(V x) const {
    return x;
  }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return (b > a) | (b != b) ? b : a;
  }
  TT_HD T finish(Total total, int64_t) const { return static_cast<T>(total); }
};
template <class T>
struct Amin : Amax<T> {
  using Lane = typename Amax<T>::Lane;
  TT_HD Lane identity() const { return kGreatest<Lane>; }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return (b < a) | (b != b) ? b : a;
  }
};

// The vector norm: (sum |x|^p)^(1/p), here with p = 2. Lanes are double, where the squares of large floats do not
// overflow. Norms of other kinds (p = 0 and infinities, complex numbers) are compositions.
template <class T>
struct Norm2 {
  using Element = T;
  using Lane = double;
  using Total = double;
  using Out = T;
  static constexpr bool kNeedsElements = false;
  TT_HD Lane identity() const { return 0; }
  template <class V>
  TT_HD V map(V x) const {
    return x * x;
  }
  TT_HD Lane load(T x) const { return map(static_cast<double>(static_cast<compute_t<T>>(x))); }
  template <class V>
  TT_HD V combine(V a, V b) const {
    return a + b;
  }
  TT_HD T finish(Total total, int64_t) const { return narrow<T>(std::sqrt(total)); }
};
template <class T>
struct Norm1 : Norm2<T> {
  template <class V>
  TT_HD V map(V x) const {
    return x < 0 ? -x : x;
  }
  TT_HD double load(T x) const { return map(static_cast<double>(static_cast<compute_t<T>>(x))); }
  TT_HD T finish(double total, int64_t) const { return narrow<T>(total); }
};
template <class T>
struct NormP : Norm2<T> {
  double p;
  TT_HD double map(double x) const { return std::pow(std::fabs(x), p); }
  TT_HD double load(T x) const { return map(static_cast<compute_t<T>>(x)); }
  TT_HD T finish(double total, int64_t) const { return narrow<T>(std::pow(total, 1 / p)); }
};

// f(the functor of a norm of order p)
template <class T, class F>
void with_norm(double p, F&& f) {
  if (p == 2) return f(Norm2<T>{});
  if (p == 1) return f(Norm1<T>{});
  NormP<T> general{};
  general.p = p;
  f(general);
}

//  op name, functor, dtypes. Sums and products of integers and bools are int64.
#define TT_REDUCTIONS(OP)            \
  OP(sum, Sum, AllTypes)             \
  OP(mean, Mean, FloatingAndComplex) \
  OP(nansum, NanSum, Floating)       \
  OP(prod, Prod, AllTypes)           \
  OP(any, Any, TypeList<bool>)       \
  OP(all, All, TypeList<bool>)       \
  OP(amax, Amax, RealAndBool)        \
  OP(amin, Amin, RealAndBool)

}  // namespace tt::functors
