// Evenly spaced numbers. This file is compiled without fused products and sums.
#include "../functors/ranges.h"

#include "launch.h"

namespace tt::cuda {
namespace {

template <class T>
struct Arange {
  double start, step;
  TT_D T operator()(int64_t i) const { return functors::arange_element<T>(i, start, step); }
};
template <class T>
struct Linspace {
  int64_t n;
  double start, end;
  TT_D T operator()(int64_t i) const { return functors::linspace_element<T>(i, n, start, end); }
};

template <class T, class F>
__global__ void fill_places(int64_t n, F f, T* out, int64_t out_stride) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) out[i * out_stride] = f(i);
}

template <class T, class F>
void fill(const Operand& out, const F& f) {
  require(out.ndim == 1, ErrorKind::Shape, "expected 1 dimension, got ", out.ndim);
  constexpr auto kernel = fill_places<T, F>;
  TT_RUN_ELEMENTS(out.numel, kernel, out.numel, f, out.as<T>(), out.strides[0]);
}

// arange(out; start, step)
template <class T>
void arange(Operand* operands, int, Params& params) {
  const double start = params.number(), step = params.number();
  fill<T>(operands[0], Arange<T>{start, step});
}

// linspace(out; start, end)
template <class T>
void linspace(Operand* operands, int, Params& params) {
  const double start = params.number(), end = params.number();
  fill<T>(operands[0], Linspace<T>{operands[0].numel, start, end});
}

}  // namespace

void register_ranges() {
  register_for<RealTypes>("arange", 1, []<class T>() -> Kernel { return arange<T>; });
  register_for<RealTypes>("linspace", 1, []<class T>() -> Kernel { return linspace<T>; });
}

}  // namespace tt::cuda
