// Evenly spaced numbers.
#include "../functors/ranges.h"

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
  const double start = params.number(), step = params.number();
  fill<T>(operands[0], [=](int64_t i) { return functors::arange_element<T>(i, start, step); });
}

// linspace(out; start, end)
template <class T>
void linspace(Operand* operands, int, Params& params) {
  const double start = params.number(), end = params.number();
  const int64_t n = operands[0].numel;
  fill<T>(operands[0], [=](int64_t i) { return functors::linspace_element<T>(i, n, start, end); });
}

}  // namespace

void register_ranges() {
  register_for<RealTypes>("arange", 1, []<class T>() -> Kernel { return arange<T>; });
  register_for<RealTypes>("linspace", 1, []<class T>() -> Kernel { return linspace<T>; });
}

}  // namespace tt
