// softmax and its logarithm along one dimension, and their gradients: one pass for what a line adds up to, one that
// writes.
#include "../functors/math.h"
#include "lines.h"

namespace tt::cuda {
namespace {

// The sum of exp(x - greatest) over some elements.
template <class C>
struct ExpSum {
  C greatest, sum;

  TT_D void add(C x) {
    if (x > greatest) {
      sum = sum * math::exp(greatest - x) + (1 + (x - x));  // NaN where x is infinite
      greatest = x;
    } else {
      sum += math::exp(x - greatest);
    }
  }
};
struct JoinExpSums {
  template <class C>
  TT_D ExpSum<C> operator()(ExpSum<C> a, ExpSum<C> b) const {
    const C greatest = a.greatest > b.greatest ? a.greatest : b.greatest;
    return {greatest, a.sum * math::exp(a.greatest - greatest) + b.sum * math::exp(b.greatest - greatest)};
  }
};
// Finite, so that its difference from an element is never NaN.
template <class C>
constexpr C kLowest = std::numeric_limits<C>::lowest();

template <class T>
__global__ void softmax(Schedule schedule, WideOffsets<3> lines, Steps steps, bool log, T* out, const T* self) {
  using C = compute_t<T>;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * schedule.across;
  for (int64_t base = static_cast<int64_t>(blockIdx.x) * schedule.across; base < schedule.outputs; base += stride) {
    const int64_t line = base + schedule.output_of_thread();
    const bool exists = line < schedule.outputs;
    int64_t places[3] = {0, 0, 0};
    if (exists) lines.find(line, places);
    const T* x = self + places[0];
    ExpSum<C> found{kLowest<C>, 0};
    for (int64_t i = schedule.lane_of_thread(); exists && i < schedule.count; i += schedule.along)
      found.add(static_cast<C>(x[i * steps.self]));
    found = join(found, JoinExpSums{}, schedule);
    const C log_sum = math::log(found.sum), scale = 1 / found.sum;
    for (int64_t i = schedule.lane_of_thread(); exists && i < schedule.count; i += schedule.along) {
      const C difference = static_cast<C>(x[i * steps.self]) - found.greatest;
      out[places[1] + i * steps.first] = static_cast<T>(log ? difference - log_sum : math::exp(difference) * scale);
    }
  }
}

template <class T>
__global__ void softmax_backward(Schedule schedule, WideOffsets<3> lines, Steps steps, bool log, T* out, const T* grad,
                                 const T* result) {
  using C = compute_t<T>;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * schedule.across;
  for (int64_t base = static_cast<int64_t>(blockIdx.x) * schedule.across; base < schedule.outputs; base += stride) {
    const int64_t line = base + schedule.output_of_thread();
    const bool exists = line < schedule.outputs;
    int64_t places[3] = {0, 0, 0};
    if (exists) lines.find(line, places);
    const T *y = result + places[0], *g = grad + places[2];
    C sum = 0;
    for (int64_t i = schedule.lane_of_thread(); exists && i < schedule.count; i += schedule.along) {
      const C gradient = static_cast<C>(g[i * steps.last]);
      sum += log ? gradient : gradient * static_cast<C>(y[i * steps.self]);
    }
    sum = join(sum, Add{}, schedule);
    for (int64_t i = schedule.lane_of_thread(); exists && i < schedule.count; i += schedule.along) {
      const C gradient = static_cast<C>(g[i * steps.last]), value = static_cast<C>(y[i * steps.self]);
      out[places[1] + i * steps.first] =
          static_cast<T>(log ? gradient - math::exp(value) * sum : (gradient - sum) * value);
    }
  }
}

// softmax(out, self; dim)
template <class T, bool log>
void forward(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 2);
  T* out = operands[0].as<T>();
  const T* self = operands[1].as<T>();
  const Lines lines = lines_of<2>(operands, params.integer());
  if (operands[0].numel == 0) return;
  const Schedule schedule = lines.schedule();
  check(TT_LAUNCH(softmax<T>, dim3(schedule.blocks()), dim3(schedule.threads()), 0, current_stream(), schedule,
                  wide_offsets(lines.dims.kept), steps_of(lines), log, out, self),
        "launching softmax");
}

// softmaxBackward(gradSelf, grad, result; dim)
template <class T, bool log>
void backward(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  T* out = operands[0].as<T>();
  const T *grad = operands[1].as<T>(), *result = operands[2].as<T>();
  const Lines lines = lines_of<3>(operands, params.integer());
  if (operands[0].numel == 0) return;
  const Schedule schedule = lines.schedule();
  check(TT_LAUNCH(softmax_backward<T>, dim3(schedule.blocks()), dim3(schedule.threads()), 0, current_stream(), schedule,
                  wide_offsets(lines.dims.kept), steps_of(lines), log, out, grad, result),
        "launching softmax's gradient");
}

}  // namespace

void register_softmax() {
  register_for<Floating>("softmax", 1, []<class T>() -> Kernel { return forward<T, false>; });
  register_for<Floating>("logSoftmax", 1, []<class T>() -> Kernel { return forward<T, true>; });
  register_for<Floating>("softmaxBackward", 1, []<class T>() -> Kernel { return backward<T, false>; });
  register_for<Floating>("logSoftmaxBackward", 1, []<class T>() -> Kernel { return backward<T, true>; });
}

}  // namespace tt::cuda
