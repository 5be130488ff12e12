// Convolutions in one to three dimensions and their two gradients: by cuDNN, or where there is none, or it has nothing
// for the case, as products of matrices that are never laid out (tiled_product.h).
#include "../checks/convolution.h"

#include <map>
#include <vector>

#include "contiguous.h"
#include "libraries.h"
#include "places.h"
#include "tiled_product.h"

namespace tt::cuda {
namespace {

// --- By tiles --------------------------------------------------------------------------------------------------------

// What kernels know of a convolution. `groups` are per image.
struct Geometry : WindowPlaces {
  int groups;
  int64_t in_channels, out_channels;  // of one group

  explicit Geometry(const Convolution& conv)
      : WindowPlaces(conv.windows),
        groups(static_cast<int>(conv.groups)),
        in_channels(conv.in_channels / conv.groups),
        out_channels(conv.out_channels / conv.groups) {}
};

template <class T>
TT_D product_t<T> widen(T value) {
  return static_cast<product_t<T>>(static_cast<compute_t<T>>(value));
}
template <class T>
TT_D T narrow(product_t<T> value) {
  return static_cast<T>(static_cast<compute_t<T>>(value));
}

// Rows are output channels of the group, depth is (input channel, element of the window).
template <class T>
struct WeightRows {
  const T* weight;
  int64_t depth;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t row, int64_t d) const { return widen(weight[row * depth + d]); }
};

// Depth is (input channel, element of the window), columns are (image, window); or the other way round.
template <class T, bool windows_are_columns>
struct WindowsOf {
  const T* input;
  const Geometry& geometry;
  int64_t group;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t depth, int64_t column) const {
    const auto element = static_cast<uint32_t>(windows_are_columns ? depth : column);
    const auto window = static_cast<uint32_t>(windows_are_columns ? column : depth);
    const Place in_window = geometry.kernel.find(element), at = geometry.output.find(window);
    const int64_t offset = geometry.input_offset(at, in_window);
    if (offset < 0) return product_t<T>(0);
    const int64_t channel = (int64_t{at.outer} * geometry.groups + group) * geometry.in_channels + in_window.outer;
    return widen(input[channel * geometry.input_size + offset]);
  }
};

// Rows are output channels, columns (image, window).
template <class T>
struct OutputStore {
  T* output;
  const T* bias;
  const Geometry& geometry;
  int64_t group;
  TT_D void operator()(int64_t row, int64_t column, product_t<T> sum) const {
    const uint32_t image = geometry.output.volume.quotient(static_cast<uint32_t>(column));
    const int64_t channel = group * geometry.out_channels + row;
    if (bias) sum += widen(bias[channel]);
    output[(image * geometry.groups * geometry.out_channels + channel) * geometry.output_size + column -
           image * geometry.output_size] = narrow<T>(sum);
  }
};

template <class T>
__global__ void convolve(Tiles tiles, Geometry geometry, int64_t images, const T* input, const T* weight, const T* bias,
                         T* output) {
  const int64_t depth = geometry.in_channels * geometry.kernel_size;
  for (int64_t i = blockIdx.x; i < tiles.count; i += gridDim.x) {
    const TilePlace place(tiles, i);
    const int64_t group = place.batch;
    tiled_product<T>(place, geometry.out_channels, images * geometry.output_size, depth,
                     WeightRows<T>{weight + group * geometry.out_channels * depth, depth, true},
                     WindowsOf<T, true>{input, geometry, group, false}, OutputStore<T>{output, bias, geometry, group});
  }
}

// Rows are input channels of the group, depth is (output channel, element of the window).
template <class T>
struct WeightColumns {
  const T* weight;
  const Geometry& geometry;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t row, int64_t depth) const {
    const uint32_t channel = geometry.kernel.volume.quotient(static_cast<uint32_t>(depth));
    const int64_t element = depth - channel * geometry.kernel_size;
    return widen(weight[(channel * geometry.in_channels + row) * geometry.kernel_size + element]);
  }
};

// Columns are (image, input element).
template <class T>
struct GradientsSeen {
  const T* gradient;
  const Geometry& geometry;
  int64_t group;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t depth, int64_t column) const {
    const Place in_window = geometry.kernel.find(static_cast<uint32_t>(depth));
    const Place at = geometry.input.find(static_cast<uint32_t>(column));
    const int64_t offset = geometry.output_offset(at, in_window);
    if (offset < 0) return product_t<T>(0);
    const int64_t channel = (int64_t{at.outer} * geometry.groups + group) * geometry.out_channels + in_window.outer;
    return widen(gradient[channel * geometry.output_size + offset]);
  }
};

template <class T>
struct InputStore {
  T* gradient;
  const Geometry& geometry;
  int64_t group;
  TT_D void operator()(int64_t row, int64_t column, product_t<T> sum) const {
    const uint32_t image = geometry.input.volume.quotient(static_cast<uint32_t>(column));
    const int64_t channel = (image * geometry.groups + group) * geometry.in_channels + row;
    gradient[channel * geometry.input_size + column - image * geometry.input_size] = narrow<T>(sum);
  }
};

template <class T>
__global__ void convolve_back(Tiles tiles, Geometry geometry, int64_t images, const T* gradient, const T* weight,
                              T* input_gradient) {
  for (int64_t i = blockIdx.x; i < tiles.count; i += gridDim.x) {
    const TilePlace place(tiles, i);
    const int64_t group = place.batch, size = geometry.out_channels * geometry.in_channels * geometry.kernel_size;
    tiled_product<T>(
        place, geometry.in_channels, images * geometry.input_size, geometry.out_channels * geometry.kernel_size,
        WeightColumns<T>{weight + group * size, geometry, true}, GradientsSeen<T>{gradient, geometry, group, false},
        InputStore<T>{input_gradient, geometry, group});
  }
}

// Rows are output channels, depth is (image, window).
template <class T>
struct GradientRows {
  const T* gradient;
  const Geometry& geometry;
  int64_t group;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t row, int64_t depth) const {
    const uint32_t image = geometry.output.volume.quotient(static_cast<uint32_t>(depth));
    const int64_t channel = (image * geometry.groups + group) * geometry.out_channels + row;
    return widen(gradient[channel * geometry.output_size + depth - image * geometry.output_size]);
  }
};

template <class T>
struct WeightStore {
  T* gradient;
  int64_t columns;
  bool add;
  TT_D void operator()(int64_t row, int64_t column, product_t<T> sum) const {
    T& out = gradient[row * columns + column];
    out = narrow<T>(add ? widen(out) + sum : sum);
  }
};

template <class T>
__global__ void convolve_weights(Tiles tiles, Geometry geometry, int64_t images, const T* gradient, const T* input,
                                 T* weight_gradient, bool add) {
  const int64_t columns = geometry.in_channels * geometry.kernel_size;
  for (int64_t i = blockIdx.x; i < tiles.count; i += gridDim.x) {
    const TilePlace place(tiles, i);
    const int64_t group = place.batch;
    tiled_product<T>(place, geometry.out_channels, columns, images * geometry.output_size,
                     GradientRows<T>{gradient, geometry, group, true},
                     WindowsOf<T, false>{input, geometry, group, true},
                     WeightStore<T>{weight_gradient + group * geometry.out_channels * columns, columns, add});
  }
}

// f(first image, images) for parts of the batch whose elements kernels can number.
template <class F>
void each_part_of_batch(const Convolution& conv, F&& f) {
  const int64_t size = std::max({conv.windows.input_size(), conv.windows.output_size(), int64_t{1}});
  const int64_t channels = std::max(conv.in_channels, conv.out_channels) * conv.windows.kernel_size();
  require(size <= kMostElements && channels <= kMostElements, ErrorKind::Shape, "images and windows are limited to ",
          kMostElements, " elements, got ", size, " and ", channels);
  const int64_t most = std::max<int64_t>(kMostElements / size, 1);
  for (int64_t first = 0; first < conv.batch; first += most) f(first, std::min(most, conv.batch - first));
}

template <class T>
void run_by_tiles(const Convolution& conv, Direction direction, const T* input, const T* weight, const T* bias,
                  const T* output, T* result) {
  const Geometry geometry(conv);
  const int64_t input_step = conv.in_channels * geometry.input_size;
  const int64_t output_step = conv.out_channels * geometry.output_size;
  if (direction == Direction::WeightGradient && conv.batch == 0) {
    const int64_t bytes = conv.out_channels * geometry.in_channels * geometry.kernel_size * sizeof(T);
    return check(cudaMemsetAsync(result, 0, bytes, current_stream()), "writing zeros");
  }
  each_part_of_batch(conv, [&](int64_t first, int64_t images) {
    if (direction == Direction::Forward) {
      const Tiles tiles = Tiles::of<T>(geometry.out_channels, images * geometry.output_size, conv.groups);
      TT_RUN_TILES(tiles, convolve<T>, tiles, geometry, images, input + first * input_step, weight, bias,
                   result + first * output_step);
    } else if (direction == Direction::InputGradient) {
      const Tiles tiles = Tiles::of<T>(geometry.in_channels, images * geometry.input_size, conv.groups);
      TT_RUN_TILES(tiles, convolve_back<T>, tiles, geometry, images, output + first * output_step, weight,
                   result + first * input_step);
    } else {
      const Tiles tiles = Tiles::of<T>(geometry.out_channels, geometry.in_channels * geometry.kernel_size, conv.groups);
      TT_RUN_TILES(tiles, convolve_weights<T>, tiles, geometry, images, output + first * output_step,
                   input + first * input_step, result, first > 0);
    }
  });
}

// --- By cuDNN --------------------------------------------------------------------------------------------------------

template <class T>
constexpr CudnnDataType kCudnnType = std::is_same_v<T, double>  ? kCudnnDouble
                                     : std::is_same_v<T, float> ? kCudnnFloat
                                     : std::is_same_v<T, Half>  ? kCudnnHalf
                                                                : kCudnnBFloat16;

// Of one convolution, for one call. cuDNN knows two and three dimensions.
class Descriptors {
 public:
  Descriptors(const Cudnn& cudnn, const Convolution& conv, CudnnDataType type) : cudnn_(cudnn) {
    const Windows& w = conv.windows;
    const int spatial = std::max(conv.spatial, 2), skipped = kSpatial - spatial;
    std::vector<int> sizes[3] = {{to_int(conv.batch), to_int(conv.in_channels)},
                                 {to_int(conv.out_channels), to_int(conv.in_channels / conv.groups)},
                                 {to_int(conv.batch), to_int(conv.out_channels)}};
    std::vector<int> padding, stride, dilation;
    for (int d = skipped; d < kSpatial; ++d) {
      sizes[0].push_back(to_int(w.input[d]));
      sizes[1].push_back(to_int(w.kernel[d]));
      sizes[2].push_back(to_int(w.output[d]));
      padding.push_back(to_int(w.padding[d]));
      stride.push_back(to_int(w.stride[d]));
      dilation.push_back(to_int(w.dilation[d]));
    }
    check_cudnn(cudnn.cudnnCreateTensorDescriptor(&input), "cudnnCreateTensorDescriptor");
    check_cudnn(cudnn.cudnnCreateTensorDescriptor(&output), "cudnnCreateTensorDescriptor");
    check_cudnn(cudnn.cudnnCreateFilterDescriptor(&weight), "cudnnCreateFilterDescriptor");
    check_cudnn(cudnn.cudnnCreateConvolutionDescriptor(&convolution), "cudnnCreateConvolutionDescriptor");
    set_tensor(input, type, sizes[0]);
    set_tensor(output, type, sizes[2]);
    check_cudnn(cudnn.cudnnSetFilterNdDescriptor(weight, type, kCudnnNchw, spatial + 2, sizes[1].data()),
                "cudnnSetFilterNdDescriptor");
    check_cudnn(cudnn.cudnnSetConvolutionNdDescriptor(convolution, spatial, padding.data(), stride.data(),
                                                      dilation.data(), kCudnnCrossCorrelation,
                                                      type == kCudnnDouble ? kCudnnDouble : kCudnnFloat),
                "cudnnSetConvolutionNdDescriptor");
    check_cudnn(cudnn.cudnnSetConvolutionGroupCount(convolution, to_int(conv.groups)), "cudnnSetConvolutionGroupCount");
    const bool exact = type == kCudnnFloat && !option(Option::CudnnTf32);
    set_math(type == kCudnnHalf || type == kCudnnBFloat16 ? kCudnnTensorOp : exact ? kCudnnFma : kCudnnDefaultMath);
  }
  ~Descriptors() {
    if (input) cudnn_.cudnnDestroyTensorDescriptor(input);
    if (output) cudnn_.cudnnDestroyTensorDescriptor(output);
    if (weight) cudnn_.cudnnDestroyFilterDescriptor(weight);
    if (convolution) cudnn_.cudnnDestroyConvolutionDescriptor(convolution);
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;

  void set_math(int math) const {
    check_cudnn(cudnn_.cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType");
  }

  CudnnTensor input = nullptr, output = nullptr;
  CudnnFilter weight = nullptr;
  CudnnConvolution convolution = nullptr;

 private:
  static int to_int(int64_t value) {
    require(value <= INT32_MAX, ErrorKind::Shape, "sizes are limited to 2^31, got ", value);
    return static_cast<int>(value);
  }
  void set_tensor(CudnnTensor tensor, int type, const std::vector<int>& sizes) const {
    std::vector<int> strides(sizes.size());
    int64_t stride = 1;
    for (size_t d = sizes.size(); d-- > 0;) {
      strides[d] = to_int(stride);
      stride *= sizes[d];
    }
    check_cudnn(
        cudnn_.cudnnSetTensorNdDescriptor(tensor, type, static_cast<int>(sizes.size()), sizes.data(), strides.data()),
        "cudnnSetTensorNdDescriptor");
  }

  const Cudnn& cudnn_;
};

struct Choice {
  bool found;
  int algorithm, math;
  size_t memory;
};

// Workspaces beyond it are not worth their memory.
constexpr size_t kMostWorkspace = size_t{1} << 30;

Choice choose(const Cudnn& cudnn, CudnnHandle handle, const Descriptors& d, Direction direction) {
  constexpr int kMostResults = 8;
  CudnnPerformance results[kMostResults];
  int count = 0, status = 0;
  const bool measure = option(Option::CudnnBenchmark);
  if (direction == Direction::Forward) {
    const auto ask =
        measure ? cudnn.cudnnFindConvolutionForwardAlgorithm : cudnn.cudnnGetConvolutionForwardAlgorithm_v7;
    status = ask(handle, d.input, d.weight, d.convolution, d.output, kMostResults, &count, results);
  } else if (direction == Direction::InputGradient) {
    const auto ask =
        measure ? cudnn.cudnnFindConvolutionBackwardDataAlgorithm : cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
    status = ask(handle, d.weight, d.output, d.convolution, d.input, kMostResults, &count, results);
  } else {
    const auto ask = measure ? cudnn.cudnnFindConvolutionBackwardFilterAlgorithm
                             : cudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
    status = ask(handle, d.input, d.output, d.convolution, d.weight, kMostResults, &count, results);
  }
  const bool deterministic = option(Option::CudnnDeterministic);
  for (int i = 0; status == 0 && i < count; ++i) {
    const CudnnPerformance& result = results[i];
    if (result.status == 0 && result.memory <= kMostWorkspace && (!deterministic || result.determinism == 1))
      return {true, result.algorithm, result.math, result.memory};
  }
  return {false, 0, 0, 0};
}

// Choices are kept: asking takes longer than a small convolution. Held under the lock of CudnnCall, by device.
Choice kept_choice(const Cudnn& cudnn, CudnnHandle handle, const Descriptors& d, const Convolution& conv,
                   Direction direction, CudnnDataType type) {
  static auto& choices = *new std::map<std::vector<int64_t>, Choice>();
  static auto& mutex = *new std::mutex();
  std::vector<int64_t> key{current_device(),
                           static_cast<int64_t>(direction),
                           type,
                           conv.spatial,
                           conv.batch,
                           conv.groups,
                           conv.in_channels,
                           conv.out_channels,
                           option(Option::CudnnTf32),
                           option(Option::CudnnBenchmark),
                           option(Option::CudnnDeterministic)};
  const Windows& w = conv.windows;
  for (const auto* list : {w.input, w.kernel, w.output, w.stride, w.padding, w.dilation})
    key.insert(key.end(), list, list + kSpatial);
  std::lock_guard lock(mutex);
  const auto found = choices.find(key);
  if (found != choices.end()) return found->second;
  constexpr size_t kMostChoices = 4096;
  if (choices.size() >= kMostChoices) choices.clear();
  return choices[key] = choose(cudnn, handle, d, direction);
}

// Whether cuDNN has done it.
template <class T>
bool run_cudnn(const Convolution& conv, Direction direction, const T* input, const T* weight, const T* output,
               T* result) {
  const Windows& w = conv.windows;
  const int64_t sizes = conv.batch * conv.in_channels * w.input_size();
  if (!conv.exact || sizes == 0 || conv.out_channels * w.output_size() == 0) return false;
  const int64_t most = conv.batch * std::max(conv.in_channels * w.input_size(), conv.out_channels * w.output_size());
  if (most > INT32_MAX) return false;
  const Cudnn* cudnn = find_cudnn();
  if (!cudnn) return false;
  const CudnnCall call;
  const Descriptors d(*cudnn, conv, kCudnnType<T>);
  const Choice choice = kept_choice(*cudnn, call.handle(), d, conv, direction, kCudnnType<T>);
  if (!choice.found) return false;
  d.set_math(choice.math);
  const Workspace workspace(std::max<size_t>(choice.memory, 1));
  const compute_t<T> one(1), zero(0);
  if (direction == Direction::Forward) {
    check_cudnn(
        cudnn->cudnnConvolutionForward(call.handle(), &one, d.input, input, d.weight, weight, d.convolution,
                                       choice.algorithm, workspace.as<void>(), choice.memory, &zero, d.output, result),
        "cudnnConvolutionForward");
  } else if (direction == Direction::InputGradient) {
    check_cudnn(cudnn->cudnnConvolutionBackwardData(call.handle(), &one, d.weight, weight, d.output, output,
                                                    d.convolution, choice.algorithm, workspace.as<void>(),
                                                    choice.memory, &zero, d.input, result),
                "cudnnConvolutionBackwardData");
  } else {
    check_cudnn(cudnn->cudnnConvolutionBackwardFilter(call.handle(), &one, d.input, input, d.output, output,
                                                      d.convolution, choice.algorithm, workspace.as<void>(),
                                                      choice.memory, &zero, d.weight, result),
                "cudnnConvolutionBackwardFilter");
  }
  return true;
}

template <class T>
__global__ void add_bias(int64_t n, Divider channels, Divider size, T* output, const T* bias) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const uint32_t plane = size.quotient(static_cast<uint32_t>(i));
    const uint32_t channel = plane - channels.quotient(plane) * channels.divisor;
    output[i] = narrow<T>(widen(output[i]) + widen(bias[channel]));
  }
}

template <class T>
void run(const Convolution& conv, Direction direction, const T* input, const T* weight, const T* bias, const T* output,
         T* result) {
  if constexpr (!std::is_integral_v<T>) {
    if (run_cudnn(conv, direction, input, weight, output, result)) {
      if (!bias) return;
      const int64_t size = conv.windows.output_size(), n = conv.batch * conv.out_channels * size;
      TT_RUN_ELEMENTS(n, add_bias<T>, n, Divider(static_cast<uint32_t>(conv.out_channels)),
                      Divider(static_cast<uint32_t>(size)), result, bias);
      return;
    }
  }
  run_by_tiles(conv, direction, input, weight, bias, output, result);
}

// --- Kernels, as on the CPU ------------------------------------------------------------------------------------------

// convolution(out, input, weight, bias?; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution(Operand* operands, int count, Params& params) {
  require(count == 4, ErrorKind::Internal, "expected 4 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[1], operands[2], operands[0]}, params);
  check_bias(operands[3], conv);
  if (operands[0].numel == 0) return;
  const PackedInput input(operands[1]), weight(operands[2]), bias(operands[3]);
  const PackedOutput out(operands[0]);
  run<T>(conv, Direction::Forward, input.as<T>(), weight.as<T>(), bias.as<T>(), nullptr, out.as<T>());
  out.finish();
}

// convolutionInputGrad(gradInput, gradOutput, weight; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution_input_grad(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[0], operands[2], operands[1]}, params);
  if (operands[0].numel == 0) return;
  const PackedInput gradient(operands[1]), weight(operands[2]);
  const PackedOutput out(operands[0]);
  run<T>(conv, Direction::InputGradient, nullptr, weight.as<T>(), nullptr, gradient.as<T>(), out.as<T>());
  out.finish();
}

// convolutionWeightGrad(gradWeight, gradOutput, input; stride[], padding[], dilation[], groups, the weight's contents)
template <class T>
void convolution_weight_grad(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  require_dtypes<T>(operands, count);
  const Convolution conv = read_convolution({operands[2], operands[0], operands[1]}, params);
  if (operands[0].numel == 0) return;
  const PackedInput gradient(operands[1]), input(operands[2]);
  const PackedOutput out(operands[0]);
  run<T>(conv, Direction::WeightGradient, input.as<T>(), nullptr, nullptr, gradient.as<T>(), out.as<T>());
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

}  // namespace tt::cuda
