// Running results along one dimension.
#include "../../functors/scan.h"

#include "lines.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

using functors::running_t;

// cumsum(out, self; dim)
template <class T, class Op>
void scan(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 2);
  operands[0].as<T>();
  operands[1].as<T>();
  using A = running_t<T>;
  const Lines<2> lines(operands, params.integer());
  lines.each(operands, std::is_same_v<Op, functors::LogCumSumExp> ? 16 : 2, [&](const auto& p, int64_t columns) {
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
        if (functors::follows<maximum>(x, best)) best = x, at = i;
        values[i * lines.steps[0]] = static_cast<T>(best);
        indices[i * lines.steps[1]] = at;
      }
    }
  });
}

using functors::Running;

}  // namespace

void register_scan() {
  register_for<Running>("cumsum", 1, []<class T>() -> Kernel { return scan<T, functors::CumSum>; });
  register_for<Running>("cumprod", 1, []<class T>() -> Kernel { return scan<T, functors::CumProd>; });
  register_for<Floating>("logcumsumexp", 1, []<class T>() -> Kernel { return scan<T, functors::LogCumSumExp>; });
  register_for<RealAndBool>("cummax", 2, []<class T>() -> Kernel { return extreme_scan<T, true>; });
  register_for<RealAndBool>("cummin", 2, []<class T>() -> Kernel { return extreme_scan<T, false>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
