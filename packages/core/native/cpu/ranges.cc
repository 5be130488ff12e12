// Evenly spaced numbers. Each is computed from its place, so that errors do not add up.
#include "../runtime/operand.h"
#include "../runtime/parallel.h"
#include "../runtime/registry.h"

namespace tt {
namespace {

template <class T, class F>
void fill(const Operand& out, F&& f) {
  require(out.ndim == 1, ErrorKind::Shape, "expected 1 dimension, got ", out.ndim);
  T* data = out.as<T>();
  const int64_t stride = out.strides[0];
  parallel_for(out.numel, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) data[i * stride] = f(i);
  });
}

// arange(out; start, step)
template <class T>
void arange(Operand* operands, int, Params& params) {
  if constexpr (std::is_integral_v<T>) {
    // PyTorch truncates what is no integer before it counts.
    const auto start = static_cast<int64_t>(params.number()), step = static_cast<int64_t>(params.number());
    fill<T>(operands[0], [&](int64_t i) { return static_cast<T>(start + i * step); });
  } else {
    const double start = params.number(), step = params.number();
    fill<T>(operands[0], [&](int64_t i) {
      return static_cast<T>(static_cast<compute_t<T>>(start + static_cast<double>(i) * step));
    });
  }
}

// linspace(out; start, end): the second half counts from the end, so that both ends are exact.
template <class T>
void linspace(Operand* operands, int, Params& params) {
  const double start = params.number(), end = params.number();
  const int64_t n = operands[0].numel;
  const double step = n > 1 ? (end - start) / static_cast<double>(n - 1) : 0;
  fill<T>(operands[0], [&](int64_t i) {
    const double value =
        2 * i < n ? start + static_cast<double>(i) * step : end - static_cast<double>(n - 1 - i) * step;
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<int64_t>(n > 1 ? value : start));
    else
      return static_cast<T>(static_cast<compute_t<T>>(n > 1 ? value : start));
  });
}

}  // namespace

void register_ranges() {
  register_for<RealTypes>("arange", 1, []<class T>() -> Kernel { return arange<T>; });
  register_for<RealTypes>("linspace", 1, []<class T>() -> Kernel { return linspace<T>; });
}

}  // namespace tt
