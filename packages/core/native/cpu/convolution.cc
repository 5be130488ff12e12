// Convolutions in one to three dimensions and their two gradients. The three are all there is: a transposed convolution
// is the gradient by the input, and the gradients of gradients are convolutions again.
#include "../checks/convolution.h"

#include <algorithm>
#include <vector>

#include "../runtime/registry.h"
#include "contiguous.h"
#include "convolution_table.h"
#include "depthwise.h"
#include "gemm.h"
#include "im2col.h"
#include "onednn.h"

namespace tt {
namespace {

// --- As matrix products ---------------------------------------------------------------------------------------------

// Per group: the weight is a matrix [out channels, in channels * kernel], the windows are columns. A tile of columns
// fits the second-level cache together with the rest.
template <class T>
class MatrixConvolution {
 public:
  explicit MatrixConvolution(const Convolution& conv)
      : w(conv.windows),
        conv(conv),
        in_size(w.input_size()),
        out_size(w.output_size()),
        in_channels(conv.in_channels / conv.groups),
        out_channels(conv.out_channels / conv.groups),
        depth(in_channels * w.kernel_size()),
        trivial(w.trivial()),
        tile(tile_size()) {}

  void forward(const T* input, const T* weight, const T* bias, T* output) const {
    const int64_t tiles = (out_size + tile - 1) / tile;
    parallel_for(conv.batch * conv.groups * tiles, 1, [&](int64_t begin, int64_t end) {
      const Scratch<T> columns(trivial ? 0 : depth * tile);
      for (int64_t task = begin; task < end; ++task) {
        const int64_t image = task / tiles, first = task % tiles * tile, last = std::min(first + tile, out_size);
        T* out = output + image * out_channels * out_size + first;
        const int64_t group = image % conv.groups;
        for (int64_t c = 0; bias && c < out_channels; ++c)
          std::fill_n(out + c * out_size, last - first, bias[group * out_channels + c]);
        gemm<T>(out_channels, last - first, depth, T(1), weight_of(weight, group),
                lay_out(input, image, first, last, columns.data()), T(bias ? 1 : 0), out, out_size);
      }
    });
  }

  // Tiles of one image overlap in the input, so an image (of one group) is one task.
  void input_gradient(const T* out_gradient, const T* weight, T* in_gradient) const {
    parallel_for(conv.batch * conv.groups, 1, [&](int64_t begin, int64_t end) {
      const Scratch<T> columns(trivial ? 0 : depth * tile);
      for (int64_t image = begin; image < end; ++image) {
        T* in = in_gradient + image * in_channels * in_size;
        if (!trivial) std::fill_n(in, in_channels * in_size, T(0));
        Matrix<T> transposed = weight_of(weight, image % conv.groups);
        transposed.transposed = true;
        for (int64_t first = 0; first < out_size; first += tile) {
          const int64_t last = std::min(first + tile, out_size);
          const Matrix<T> gradient{out_gradient + image * out_channels * out_size + first, out_size};
          T* to = trivial ? in + first : columns.data();
          gemm<T>(depth, last - first, out_channels, T(1), transposed, gradient, T(0), to,
                  trivial ? in_size : last - first);
          if (!trivial) col2im(w, in_channels, to, first, last, in);
        }
      }
    });
  }

  // Each thread sums over its share of the images and tiles; then the sums are added up.
  void weight_gradient(const T* out_gradient, const T* input, T* weight_gradient) const {
    const int64_t tiles = (out_size + tile - 1) / tile, tasks = conv.batch * tiles;
    const int64_t size = conv.out_channels * depth;
    const int64_t shares = std::max<int64_t>(std::min<int64_t>(thread_count(), tasks), 1);
    const Scratch<T> sums(shares * size);
    parallel_for(shares, 1, [&](int64_t begin, int64_t end) {
      const Scratch<T> columns(trivial ? 0 : depth * tile);
      for (int64_t share = begin; share < end; ++share) {
        T* sum = sums.data() + share * size;
        std::fill_n(sum, size, T(0));
        for (int64_t task = tasks * share / shares; task < tasks * (share + 1) / shares; ++task)
          for (int64_t group = 0; group < conv.groups; ++group)
            add_weight_gradient(out_gradient, input, task / tiles * conv.groups + group, task % tiles * tile,
                                columns.data(), sum + group * out_channels * depth);
      }
    });
    parallel_for(size, kGrain, [&](int64_t begin, int64_t end) {
      std::copy(sums.data() + begin, sums.data() + end, weight_gradient + begin);
      for (int64_t share = 1; share < shares; ++share)
        for (int64_t i = begin; i < end; ++i) weight_gradient[i] += sums.data()[share * size + i];
    });
  }

 private:
  Matrix<T> weight_of(const T* weight, int64_t group) const { return {weight + group * out_channels * depth, depth}; }

  Matrix<T> lay_out(const T* input, int64_t image, int64_t first, int64_t last, T* columns) const {
    const T* in = input + image * in_channels * in_size;
    if (trivial) return {in + first, in_size};
    im2col(w, in_channels, in, first, last, columns);
    return {columns, last - first};
  }

  void add_weight_gradient(const T* out_gradient, const T* input, int64_t image, int64_t first, T* columns,
                           T* sum) const {
    const int64_t last = std::min(first + tile, out_size);
    const Matrix<T> gradient{out_gradient + image * out_channels * out_size + first, out_size};
    Matrix<T> seen = lay_out(input, image, first, last, columns);
    seen.transposed = true;
    gemm<T>(out_channels, depth, last - first, T(1), gradient, seen, T(1), sum, depth);
  }

  int64_t tile_size() const {
    constexpr int64_t kTileBytes = 384 << 10;
    const int64_t fitting = kTileBytes / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(depth, 1);
    return std::min(std::max<int64_t>(fitting / 16 * 16, 64), std::max<int64_t>(out_size, 1));
  }

  const Windows& w;
  const Convolution& conv;
  const int64_t in_size, out_size;
  const int64_t in_channels, out_channels;  // of one group
  const int64_t depth;
  const bool trivial;
  const int64_t tile;
};

// --- By oneDNN ------------------------------------------------------------------------------------------------------

using dnnl::memory;

struct Descriptions {
  memory::desc given[3];   // input, weight, output as the caller has them
  memory::desc wanted[3];  // as the primitive may choose
  memory::desc bias;
  memory::dims strides, dilations, padding, padding_after;
};

memory::desc channels_last(const memory::dims& sizes) {
  memory::dims strides(sizes.size());
  strides[1] = 1;
  int64_t stride = sizes[1];
  for (size_t d = sizes.size(); d-- > 2;) {
    strides[d] = stride;
    stride *= sizes[d];
  }
  strides[0] = stride;
  return {sizes, memory::data_type::f32, strides};
}

Descriptions describe(const Convolution& conv, Layout layout, bool with_bias) {
  const Windows& w = conv.windows;
  memory::dims sizes[3] = {{conv.batch, conv.in_channels},
                           {conv.out_channels / conv.groups, conv.in_channels / conv.groups},
                           {conv.batch, conv.out_channels}};
  if (conv.groups > 1) sizes[1].insert(sizes[1].begin(), conv.groups);
  Descriptions result;
  for (int d = kSpatial - conv.spatial; d < kSpatial; ++d) {
    sizes[0].push_back(w.input[d]);
    sizes[1].push_back(w.kernel[d]);
    sizes[2].push_back(w.output[d]);
    result.strides.push_back(w.stride[d]);
    result.dilations.push_back(w.dilation[d] - 1);
    result.padding.push_back(w.padding[d]);
    const int64_t reach = (w.output[d] - 1) * w.stride[d] + w.dilation[d] * (w.kernel[d] - 1) + 1;
    result.padding_after.push_back(reach - w.input[d] - w.padding[d]);
  }
  for (int i = 0; i < 3; ++i) {
    result.given[i] = onednn::row_major(sizes[i]);
    result.wanted[i] = memory::desc(sizes[i], memory::data_type::f32, memory::format_tag::any);
    if (i == 1 || layout == Layout::Blocked) continue;
    result.wanted[i] = layout == Layout::Plain ? result.given[i] : channels_last(sizes[i]);
  }
  if (with_bias) result.bias = onednn::row_major({conv.out_channels});
  return result;
}

onednn::Plan forward_plan(const Descriptions& d, const dnnl::primitive_attr& attributes) {
  using dnnl::convolution_forward;
  const bool with_bias = d.bias.data.ndims > 0;
  constexpr auto kind = dnnl::prop_kind::forward_training;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
  const auto desc = with_bias
                        ? convolution_forward::desc(kind, algorithm, d.wanted[0], d.wanted[1], d.bias, d.wanted[2],
                                                    d.strides, d.dilations, d.padding, d.padding_after)
                        : convolution_forward::desc(kind, algorithm, d.wanted[0], d.wanted[1], d.wanted[2], d.strides,
                                                    d.dilations, d.padding, d.padding_after);
  const convolution_forward::primitive_desc chosen(desc, attributes, onednn::engine());
  onednn::Plan plan{convolution_forward(chosen), {}, chosen.scratchpad_desc()};
  plan.arguments.emplace_back(DNNL_ARG_SRC, d.given[0], chosen.src_desc(), false);
  plan.arguments.emplace_back(DNNL_ARG_WEIGHTS, d.given[1], chosen.weights_desc(), false);
  plan.arguments.emplace_back(DNNL_ARG_DST, d.given[2], chosen.dst_desc(), true);
  if (with_bias) plan.arguments.emplace_back(DNNL_ARG_BIAS, d.bias, d.bias, false);
  return plan;
}

dnnl::convolution_forward::primitive_desc forward_hint(const Descriptions& d) {
  return {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, d.wanted[0], d.wanted[1],
           d.wanted[2], d.strides, d.dilations, d.padding, d.padding_after},
          onednn::engine()};
}

onednn::Plan input_gradient_plan(const Descriptions& d, const dnnl::primitive_attr& attributes) {
  using dnnl::convolution_backward_data;
  const convolution_backward_data::desc desc(dnnl::algorithm::convolution_direct, d.wanted[0], d.wanted[1], d.wanted[2],
                                             d.strides, d.dilations, d.padding, d.padding_after);
  const convolution_backward_data::primitive_desc chosen(desc, attributes, onednn::engine(), forward_hint(d));
  onednn::Plan plan{convolution_backward_data(chosen), {}, chosen.scratchpad_desc()};
  plan.arguments.emplace_back(DNNL_ARG_DIFF_SRC, d.given[0], chosen.diff_src_desc(), true);
  plan.arguments.emplace_back(DNNL_ARG_WEIGHTS, d.given[1], chosen.weights_desc(), false);
  plan.arguments.emplace_back(DNNL_ARG_DIFF_DST, d.given[2], chosen.diff_dst_desc(), false);
  return plan;
}

onednn::Plan weight_gradient_plan(const Descriptions& d, const dnnl::primitive_attr& attributes) {
  using dnnl::convolution_backward_weights;
  const convolution_backward_weights::desc desc(dnnl::algorithm::convolution_direct, d.wanted[0], d.wanted[1],
                                                d.wanted[2], d.strides, d.dilations, d.padding, d.padding_after);
  const convolution_backward_weights::primitive_desc chosen(desc, attributes, onednn::engine(), forward_hint(d));
  onednn::Plan plan{convolution_backward_weights(chosen), {}, chosen.scratchpad_desc()};
  plan.arguments.emplace_back(DNNL_ARG_SRC, d.given[0], chosen.src_desc(), false);
  plan.arguments.emplace_back(DNNL_ARG_DIFF_WEIGHTS, d.given[1], chosen.diff_weights_desc(), true);
  plan.arguments.emplace_back(DNNL_ARG_DIFF_DST, d.given[2], chosen.diff_dst_desc(), false);
  return plan;
}

onednn::Plan make_plan(const Convolution& conv, Direction direction, Layout layout, bool with_bias) {
  const Descriptions descriptions = describe(conv, layout, with_bias);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  switch (direction) {
    case Direction::Forward:
      return forward_plan(descriptions, attributes);
    case Direction::InputGradient:
      return input_gradient_plan(descriptions, attributes);
    default:
      return weight_gradient_plan(descriptions, attributes);
  }
}

// Absent where oneDNN has nothing for it.
std::shared_ptr<const onednn::Plan> plan_for(const Convolution& conv, Direction direction, Layout layout,
                                             bool with_bias) {
  static auto& cache = *new onednn::PlanCache<onednn::Plan>();
  const Windows& w = conv.windows;
  // Primitives are prepared for a number of threads.
  std::vector<int64_t> key{static_cast<int64_t>(direction),
                           static_cast<int64_t>(layout),
                           with_bias,
                           thread_count(),
                           conv.spatial,
                           conv.batch,
                           conv.groups,
                           conv.in_channels,
                           conv.out_channels};
  for (const auto* list : {w.input, w.kernel, w.output, w.stride, w.padding, w.dilation})
    key.insert(key.end(), list, list + kSpatial);
  return cache.get(key, [&]() -> std::shared_ptr<const onednn::Plan> {
    try {
      return std::make_shared<onednn::Plan>(make_plan(conv, direction, layout, with_bias));
    } catch (const dnnl::error&) {
      return nullptr;
    }
  });
}

bool run_onednn(const Convolution& conv, Direction direction, const std::vector<onednn::Given>& data) {
  const Layout layout = choose_layout(conv, direction);
  if (layout == Layout::Matrix || !conv.exact || conv.in_channels == 0) return false;
  const auto plan = plan_for(conv, direction, layout, data.size() == 4);
  if (!plan) return false;
  plan->run(data);
  return true;
}

template <class T>
void* pointer(const T* data) {
  return const_cast<T*>(data);
}

// A weight that lies as the caller has it: a copy's memory is another one's next time.
onednn::Given given_weight(const Convolution& conv, const Operand& operand, const float* data) {
  const bool own = reinterpret_cast<const char*>(data) == operand.data;
  return {pointer(data), own ? conv.weight : Contents{}};
}

// --- Kernels --------------------------------------------------------------------------------------------------------

// convolution(out, input, weight, bias?; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution(Operand* operands, int count, Params& params) {
  using Compute = computed_t<T>;
  require(count == 4, ErrorKind::Internal, "expected 4 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[1], operands[2], operands[0]}, params);
  const Operand& bias_operand = operands[3];
  check_bias(bias_operand, conv);
  if (operands[0].numel == 0) return;
  const Input<Compute> input(operands[1]), weight(operands[2]), bias(bias_operand, Presence::Optional);
  const Output<Compute> out(operands[0]);
  bool done = false;
  if constexpr (std::is_same_v<Compute, float>) {
    if (is_plane_by_plane(conv)) {
      depthwise_functions.forward(conv, input.data(), weight.data(), bias.data(), out.data());
      return out.finish();
    }
    std::vector<onednn::Given> data{
        {pointer(input.data())}, given_weight(conv, operands[2], weight.data()), {out.data()}};
    if (bias.data()) data.push_back({pointer(bias.data())});
    done = run_onednn(conv, Direction::Forward, data);
  }
  if (!done) MatrixConvolution<Compute>(conv).forward(input.data(), weight.data(), bias.data(), out.data());
  out.finish();
}

// convolutionInputGrad(gradInput, gradOutput, weight; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution_input_grad(Operand* operands, int count, Params& params) {
  using Compute = computed_t<T>;
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[0], operands[2], operands[1]}, params);
  if (operands[0].numel == 0) return;
  const Input<Compute> gradient(operands[1]), weight(operands[2]);
  const Output<Compute> out(operands[0]);
  bool done = false;
  if constexpr (std::is_same_v<Compute, float>) {
    if (is_plane_by_plane(conv)) {
      depthwise_input_gradient(conv, gradient.data(), weight.data(), out.data());
      return out.finish();
    }
    done = operands[1].numel > 0 &&
           run_onednn(conv, Direction::InputGradient,
                      {{out.data()}, given_weight(conv, operands[2], weight.data()), {pointer(gradient.data())}});
  }
  if (!done) MatrixConvolution<Compute>(conv).input_gradient(gradient.data(), weight.data(), out.data());
  out.finish();
}

// convolutionWeightGrad(gradWeight, gradOutput, input; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution_weight_grad(Operand* operands, int count, Params& params) {
  using Compute = computed_t<T>;
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[2], operands[0], operands[1]}, params);
  if (operands[0].numel == 0) return;
  const Input<Compute> gradient(operands[1]), input(operands[2]);
  const Output<Compute> out(operands[0]);
  bool done = false;
  if constexpr (std::is_same_v<Compute, float>) {
    if (is_plane_by_plane(conv)) {
      depthwise_functions.weight_gradient(conv, gradient.data(), input.data(), out.data());
      return out.finish();
    }
    done = operands[1].numel > 0 && run_onednn(conv, Direction::WeightGradient,
                                               {{pointer(input.data())}, {out.data()}, {pointer(gradient.data())}});
  }
  if (!done) MatrixConvolution<Compute>(conv).weight_gradient(gradient.data(), input.data(), out.data());
  out.finish();
}

}  // namespace

void register_convolution() {
  using FloatingAndLong = decltype(Floating{} + TypeList<int64_t>{});
  register_for<FloatingAndLong>("convolution", 1, []<class T>() -> Kernel { return convolution<T>; });
  register_for<FloatingAndLong>("convolutionInputGrad", 1,
                                []<class T>() -> Kernel { return convolution_input_grad<T>; });
  register_for<FloatingAndLong>("convolutionWeightGrad", 1,
                                []<class T>() -> Kernel { return convolution_weight_grad<T>; });
}

}  // namespace tt
