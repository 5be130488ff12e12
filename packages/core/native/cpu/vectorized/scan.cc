// Running results along one dimension.
#include <cmath>

#include "../../functors/reduce.h"
#include "lines.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

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
  static A start() {
    return A(0);
  }
  template <class A>
  static A step(A running, A x) {
    return running + x;
  }
};
struct CumProd {
  template <class A>
  static A start() {
    return A(1);
  }
  template <class A>
  static A step(A running, A x) {
    return running * x;
  }
};
// log(exp(a) + exp(b)), without overflow
struct LogCumSumExp {
  template <class A>
  static A start() {
    return -std::numeric_limits<A>::infinity();
  }
  template <class A>
  static A step(A running, A x) {
    const A low = x < running ? x : running, high = x < running ? running : x;
    if (high != high || low != low) return running + x;
    if (low == high && std::isinf(low)) return low;
    return high + std::log1p(std::exp(low - high));
  }
};

// cumsum(out, self; dim)
template <class T, class Op>
void scan(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 2);
  operands[0].as<T>();
  operands[1].as<T>();
  using A = running_t<T>;
  const Lines<2> lines(operands, params.integer());
  lines.each(operands, std::is_same_v<Op, LogCumSumExp> ? 16 : 2, [&](const auto& p, int64_t columns) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* self = reinterpret_cast<const T*>(p[1]);
    if (lines.column_dim < 0) {
      A running = Op::template start<A>();
      for (int64_t i = 0; i < lines.length; ++i) {
        running = Op::step(running, static_cast<A>(static_cast<compute_t<T>>(self[i * lines.steps[1]])));
        out[i * lines.steps[0]] = functors::narrow<T>(running);
      }
      return;
    }
    A running[kLineColumns];
    std::fill_n(running, columns, Op::template start<A>());
    for (int64_t i = 0; i < lines.length; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        running[j] = Op::step(running[j], static_cast<A>(static_cast<compute_t<T>>(self[i * lines.steps[1] + j])));
        out[i * lines.steps[0] + j] = functors::narrow<T>(running[j]);
      }
  });
}

// cummax(values, indices, self; dim): the last of equals; once NaN, NaN
template <class T, bool maximum>
void extreme_scan(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  operands[0].as<T>();
  operands[1].as<int64_t>();
  operands[2].as<T>();
  const Lines<3> lines(operands, params.integer());
  lines.each(operands, 2, [&](const auto& p, int64_t columns) {
    for (int64_t j = 0; j < columns; ++j) {
      T* values = reinterpret_cast<T*>(p[0]) + j;
      int64_t* indices = reinterpret_cast<int64_t*>(p[1]) + j;
      const T* self = reinterpret_cast<const T*>(p[2]) + j;
      compute_t<T> best = static_cast<compute_t<T>>(self[0]);
      int64_t at = 0;
      for (int64_t i = 0; i < lines.length; ++i) {
        const compute_t<T> x = static_cast<compute_t<T>>(self[i * lines.steps[2]]);
        if (x != x || (maximum ? x >= best : x <= best)) best = x, at = i;
        values[i * lines.steps[0]] = static_cast<T>(best);
        indices[i * lines.steps[1]] = at;
      }
    }
  });
}

using Running = TypeList<double, float, Half, BFloat16, int64_t, Complex<float>, Complex<double>>;

}  // namespace

void register_scan() {
  register_for<Running>("cumsum", 1, []<class T>() -> Kernel { return scan<T, CumSum>; });
  register_for<Running>("cumprod", 1, []<class T>() -> Kernel { return scan<T, CumProd>; });
  register_for<Floating>("logcumsumexp", 1, []<class T>() -> Kernel { return scan<T, LogCumSumExp>; });
  register_for<RealAndBool>("cummax", 2, []<class T>() -> Kernel { return extreme_scan<T, true>; });
  register_for<RealAndBool>("cummin", 2, []<class T>() -> Kernel { return extreme_scan<T, false>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
