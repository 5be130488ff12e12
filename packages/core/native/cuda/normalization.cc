// Group and batch normalization of contiguous [N, C, S] arrays, as on the CPU. Groups are contiguous, so that a block
// normalizes one in one launch; a batch's channels are not: a reduction finds what each needs, a second launch applies.
#include "../checks/normalization.h"

#include "moments.h"

namespace tt::cuda {
namespace {

// Rows, or channels, of elements: number / length % count.
struct PartOf {
  int64_t length, count;
  bool wide;
  Divider by_length, by_count;

  PartOf(int64_t length, int64_t count, int64_t elements)
      : length(length), count(count), wide(elements > kMostElements), by_length{}, by_count{} {
    if (wide || elements == 0) return;
    by_length = Divider(static_cast<uint32_t>(length));
    by_count = Divider(static_cast<uint32_t>(count));
  }
  TT_D int64_t operator()(int64_t element) const {
    if (wide) return element / length % count;
    const uint32_t part = by_length.quotient(static_cast<uint32_t>(element));
    return part - by_count.quotient(part) * by_count.divisor;
  }
};

struct GradSums {
  double grad, product;
};
struct JoinGradSums {
  TT_D GradSums operator()(const GradSums& a, const GradSums& b) const {
    return {a.grad + b.grad, a.product + b.product};
  }
};

// --- Gradients of weight and bias ------------------------------------------------------------------------------------

// For each channel the sums of the gradient, and of its product with the normalized input.
template <class T>
struct ChannelGradients : JoinGradSums {
  using C = compute_t<T>;
  struct Element {
    C grad, product;
  };
  using Accumulator = Element;
  using State = GradSums;
  static constexpr int kWays = 2;

  const T *grad, *self;
  const C *mean, *rstd;
  PartOf statistic;
  T *grad_weight, *grad_bias;  // either may be nothing
  C *shifts, *slopes;          // of the input's gradient, by channel; or nothing

  TT_D Element start() const { return {0, 0}; }
  TT_D Element load(int64_t place) const {
    const int64_t at = statistic(place);
    const C g = static_cast<C>(grad[place]);
    return {g, g * (static_cast<C>(self[place]) - mean[at]) * rstd[at]};
  }
  TT_D void add(Element& sums, Element x, int64_t) const {
    sums.grad += x.grad;
    sums.product += x.product;
  }
  TT_D State state(Element sums) const { return {sums.grad, sums.product}; }
  TT_D void finish(const State& sums, int64_t count, const int64_t* places) const {
    const int64_t channel = places[1];
    if (grad_bias) grad_bias[channel] = static_cast<T>(static_cast<C>(sums.grad));
    if (grad_weight) grad_weight[channel] = static_cast<T>(static_cast<C>(sums.product));
    if (!shifts) return;
    const double elements = static_cast<double>(count);
    shifts[channel] = static_cast<C>(sums.grad / elements);
    slopes[channel] = static_cast<C>(sums.product / elements * static_cast<double>(rstd[channel]));
  }
};

// The reduction of [N, C, S] to channels.
ReductionDims by_channel(const Operand& self) {
  Operand out = self;
  out.sizes[0] = out.sizes[2] = 1;
  out.strides[0] = out.strides[2] = 0;
  out.strides[1] = 1;
  out.numel = out.sizes[1];
  return ReductionDims(&out, 1, self);
}

// --- Group normalization ---------------------------------------------------------------------------------------------

struct GroupShape {
  Groups rows;
  PartOf channel;  // of an element in its row

  GroupShape(const Groups& groups, int64_t size) : rows(groups), channel(size, groups.channels, groups.length) {}
  // Of a row, its first channel.
  TT_D int64_t first_channel(int64_t row) const { return row % rows.groups * rows.channels; }
};

template <class T, class C = compute_t<T>>
__global__ void group_norm(Schedule schedule, GroupShape shape, double eps, T* out, C* mean, C* rstd, const T* self,
                           const T* weight, const T* bias) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * schedule.across;
  for (int64_t base = static_cast<int64_t>(blockIdx.x) * schedule.across; base < schedule.outputs; base += step) {
    const int64_t row = base + schedule.output_of_thread(), first = schedule.lane_of_thread();
    // The last block may have threads to spare.
    const int64_t count = row < schedule.outputs ? schedule.count : 0;
    const T* x = self + row * schedule.count;
    T* y = out + row * schedule.count;
    MomentSums sums{0, 0, 0, 0};
    for (int64_t i = first; i < count; i += schedule.along) sums.add(static_cast<C>(x[i]));
    const Moments moments = join(sums.moments(), JoinMoments{}, schedule);
    const C center = static_cast<C>(moments.mean);
    const C scale = static_cast<C>(1 / std::sqrt(moments.deviations / static_cast<double>(schedule.count) + eps));
    if (row < schedule.outputs && first == 0) {
      mean[row] = center;
      rstd[row] = scale;
    }
    const int64_t channels = shape.first_channel(row);
    for (int64_t i = first; i < count; i += schedule.along) {
      const int64_t c = channels + shape.channel(i);
      const C factor = scale * (weight ? static_cast<C>(weight[c]) : C(1));
      y[i] = static_cast<T>((static_cast<C>(x[i]) - center) * factor + (bias ? static_cast<C>(bias[c]) : C(0)));
    }
  }
}

// d x = rstd (g w - mean(g w) - xhat mean(g w xhat)), xhat = (x - mean) rstd
template <class T, class C = compute_t<T>>
__global__ void group_norm_backward(Schedule schedule, GroupShape shape, T* out, const T* grad, const T* self,
                                    const C* mean, const C* rstd, const T* weight) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * schedule.across;
  for (int64_t base = static_cast<int64_t>(blockIdx.x) * schedule.across; base < schedule.outputs; base += step) {
    const int64_t row = base + schedule.output_of_thread(), first = schedule.lane_of_thread();
    const bool exists = row < schedule.outputs;
    const int64_t count = exists ? schedule.count : 0, channels = shape.first_channel(row);
    const T *g = grad + row * schedule.count, *x = self + row * schedule.count;
    const C center = exists ? mean[row] : C(0), scale = exists ? rstd[row] : C(0);
    C grads = 0, products = 0;
    for (int64_t i = first; i < count; i += schedule.along) {
      const C weighted = static_cast<C>(g[i]) * (weight ? static_cast<C>(weight[channels + shape.channel(i)]) : C(1));
      grads += weighted;
      products += weighted * (static_cast<C>(x[i]) - center);
    }
    const GradSums sums = join(GradSums{grads, products}, JoinGradSums{}, schedule);
    const double length = static_cast<double>(schedule.count);
    const C shift = static_cast<C>(sums.grad / length), slope = static_cast<C>(sums.product / length) * scale * scale;
    for (int64_t i = first; i < count; i += schedule.along) {
      const C factor = weight ? static_cast<C>(weight[channels + shape.channel(i)]) : C(1);
      out[row * schedule.count + i] =
          static_cast<T>(scale * (static_cast<C>(g[i]) * factor - shift - (static_cast<C>(x[i]) - center) * slope));
    }
  }
}

// groupNorm(out, mean, rstd, self, weight?, bias?; groups, eps)
template <class T>
void run_group_norm(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 6, ErrorKind::Internal, "expected six operands");
  const Shape shape = shape_of(operands[3]);
  const Groups groups = groups_of(shape, params.integer());
  const double eps = params.number();
  T* out = required<T>(operands[0], shape.numel());
  C* mean = required<C>(operands[1], groups.rows);
  C* rstd = required<C>(operands[2], groups.rows);
  const T* self = required<T>(operands[3], shape.numel());
  const T* weight = dense<T>(operands[4], shape.channels);
  const T* bias = dense<T>(operands[5], shape.channels);
  if (groups.rows == 0) return;
  const Schedule schedule = schedule_of(groups.rows, groups.length, 0);
  constexpr auto kernel = group_norm<T, C>;
  check(TT_LAUNCH(kernel, dim3(schedule.blocks()), dim3(schedule.threads()), 0, current_stream(), schedule,
                  GroupShape(groups, shape.size), eps, out, mean, rstd, self, weight, bias),
        "launching a group normalization");
}

// groupNormBackward(gradSelf?, gradWeight?, gradBias?, grad, self, mean, rstd, weight?; groups)
template <class T>
void run_group_norm_backward(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 8, ErrorKind::Internal, "expected eight operands");
  const Shape shape = shape_of(operands[4]);
  const Groups groups = groups_of(shape, params.integer());
  const auto [grad_self, grad_weight, grad_bias, grad, self, mean, rstd, weight] =
      read_gradient<T>(operands, shape, groups.rows);
  if (grad_weight || grad_bias) {
    const PartOf row(groups.length, groups.rows, shape.numel());
    run_reduction(ChannelGradients<T>{{}, grad, self, mean, rstd, row, grad_weight, grad_bias, nullptr, nullptr},
                  by_channel(operands[4]));
  }
  if (!grad_self || shape.numel() == 0) return;
  const Schedule schedule = schedule_of(groups.rows, groups.length, 0);
  constexpr auto kernel = group_norm_backward<T, C>;
  check(TT_LAUNCH(kernel, dim3(schedule.blocks()), dim3(schedule.threads()), 0, current_stream(), schedule,
                  GroupShape(groups, shape.size), grad_self, grad, self, mean, rstd, weight),
        "launching a group normalization's gradient");
}

// --- Batch normalization ---------------------------------------------------------------------------------------------

template <class T>
struct BatchMoments : MomentReducer<T> {
  using C = compute_t<T>;
  bool training;
  double momentum, eps;
  C *mean, *rstd;
  T *running_mean, *running_var;

  TT_D static T mixed(T old, double share, double fresh) {
    return static_cast<T>(static_cast<C>((1 - share) * static_cast<double>(static_cast<C>(old)) + share * fresh));
  }
  TT_D void finish(const Moments& moments, int64_t, const int64_t* places) const {
    const int64_t c = places[1];
    const double n = moments.count;
    const double center = training ? moments.mean : static_cast<double>(static_cast<C>(running_mean[c]));
    const double variance = training ? moments.deviations / n : static_cast<double>(static_cast<C>(running_var[c]));
    if (training && running_mean) running_mean[c] = mixed(running_mean[c], momentum, center);
    if (training && running_var) running_var[c] = mixed(running_var[c], momentum, moments.deviations / (n - 1));
    mean[c] = static_cast<C>(center);
    rstd[c] = static_cast<C>(1 / std::sqrt(variance + eps));
  }
};

template <class T, class C = compute_t<T>>
__global__ void batch_norm(int64_t n, PartOf channel, T* out, const C* mean, const C* rstd, const T* self,
                           const T* weight, const T* bias) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const int64_t c = channel(i);
    const C factor = rstd[c] * (weight ? static_cast<C>(weight[c]) : C(1));
    out[i] = static_cast<T>((static_cast<C>(self[i]) - mean[c]) * factor + (bias ? static_cast<C>(bias[c]) : C(0)));
  }
}

template <class T, class C = compute_t<T>>
__global__ void batch_norm_backward(int64_t n, PartOf channel, bool training, T* out, const T* grad, const T* self,
                                    const C* mean, const C* rstd, const T* weight, const C* shifts, const C* slopes) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const int64_t c = channel(i);
    const C factor = rstd[c] * (weight ? static_cast<C>(weight[c]) : C(1));
    C g = static_cast<C>(grad[i]);
    if (training) g = g - shifts[c] - (static_cast<C>(self[i]) - mean[c]) * slopes[c];
    out[i] = static_cast<T>(factor * g);
  }
}

// batchNorm(out, mean, rstd, runningMean?, runningVar?, self, weight?, bias?; training, momentum, eps)
template <class T>
void run_batch_norm(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 8, ErrorKind::Internal, "expected eight operands");
  BatchMoments<T> moments{};
  moments.training = params.boolean();
  moments.momentum = params.number();
  moments.eps = params.number();
  const Shape shape = shape_of(operands[5]);
  T* out = required<T>(operands[0], shape.numel());
  moments.mean = required<C>(operands[1], shape.channels);
  moments.rstd = required<C>(operands[2], shape.channels);
  moments.running_mean = dense<T>(operands[3], shape.channels);
  moments.running_var = dense<T>(operands[4], shape.channels);
  moments.data = required<T>(operands[5], shape.numel());
  const T* weight = dense<T>(operands[6], shape.channels);
  const T* bias = dense<T>(operands[7], shape.channels);
  require(moments.training || (moments.running_mean && moments.running_var), ErrorKind::Value,
          "the running mean and variance are needed outside of training");
  ReductionDims dims = by_channel(operands[5]);
  if (!moments.training) dims.count = 0;  // nothing to look at: what is known is converted
  run_reduction(moments, dims);
  constexpr auto kernel = batch_norm<T, C>;
  TT_RUN_ELEMENTS(shape.numel(), kernel, shape.numel(), PartOf(shape.size, shape.channels, shape.numel()), out,
                  moments.mean, moments.rstd, moments.data, weight, bias);
}

// batchNormBackward(gradSelf?, gradWeight?, gradBias?, grad, self, mean, rstd, weight?; training)
template <class T>
void run_batch_norm_backward(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 8, ErrorKind::Internal, "expected eight operands");
  const bool training = params.boolean();
  const Shape shape = shape_of(operands[4]);
  const auto [grad_self, grad_weight, grad_bias, grad, self, mean, rstd, weight] =
      read_gradient<T>(operands, shape, shape.channels);
  const PartOf channel(shape.size, shape.channels, shape.numel());
  const bool through_statistics = training && grad_self;
  const Workspace sums(through_statistics ? 2 * shape.channels * sizeof(C) : 0);
  C* shifts = through_statistics ? sums.as<C>() : nullptr;
  C* slopes = through_statistics ? shifts + shape.channels : nullptr;
  if (grad_weight || grad_bias || through_statistics)
    run_reduction(ChannelGradients<T>{{}, grad, self, mean, rstd, channel, grad_weight, grad_bias, shifts, slopes},
                  by_channel(operands[4]));
  if (!grad_self) return;
  constexpr auto kernel = batch_norm_backward<T, C>;
  TT_RUN_ELEMENTS(shape.numel(), kernel, shape.numel(), channel, training, grad_self, grad, self, mean, rstd, weight,
                  shifts, slopes);
}

}  // namespace

void register_normalization() {
  register_for<Floating>("groupNorm", 3, []<class T>() -> Kernel { return run_group_norm<T>; });
  register_for<Floating>("groupNormBackward", 3, []<class T>() -> Kernel { return run_group_norm_backward<T>; });
  register_for<Floating>("batchNorm", 5, []<class T>() -> Kernel { return run_batch_norm<T>; });
  register_for<Floating>("batchNormBackward", 3, []<class T>() -> Kernel { return run_batch_norm_backward<T>; });
}

}  // namespace tt::cuda
