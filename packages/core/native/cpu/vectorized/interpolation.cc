// Resizing of the last one to three dimensions. In each dimension an output is a weighted sum of a few inputs: tables
// of these taps make all modes one, and the gradient their transpose.
#include <cmath>
#include <vector>

#include "../contiguous.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

constexpr int kDims = 3;
enum class Mode { Nearest, Linear, Cubic, NearestExact };

// Of output o the taps are [o * width, (o + 1) * width).
struct Taps {
  int64_t width;
  std::vector<int64_t> index;
  std::vector<double> weight;
};

struct Resize {
  int64_t planes;
  int64_t input[kDims], output[kDims];
  Taps taps[kDims];
  int64_t input_size() const { return input[0] * input[1] * input[2]; }
};

// Keys 1981, with a = -0.75: the weight of an input at a distance.
double cubic(double distance, double a) {
  const double x = std::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

struct Axis {
  int64_t input, output;
  double given_scale;  // 0: from the sizes
  bool align_corners;

  double step() const {
    if (align_corners) return output > 1 ? static_cast<double>(input - 1) / static_cast<double>(output - 1) : 0;
    return given_scale > 0 ? 1 / given_scale : static_cast<double>(input) / static_cast<double>(output);
  }
  // The place of output o among the inputs.
  double source(int64_t o) const {
    return align_corners ? static_cast<double>(o) * step() : (static_cast<double>(o) + 0.5) * step() - 0.5;
  }
  int64_t clamp(double index) const {
    return static_cast<int64_t>(std::fmin(std::fmax(index, 0), static_cast<double>(input - 1)));
  }
};

void push(Taps& taps, int64_t index, double weight) {
  taps.index.push_back(index);
  taps.weight.push_back(weight);
}

Taps nearest_taps(const Axis& axis, bool exact) {
  Taps taps{1, {}, {}};
  // In single precision, as PyTorch does: where a product falls between two inputs the choice is the same.
  const auto step = static_cast<float>(axis.step());
  for (int64_t o = 0; o < axis.output; ++o)
    push(taps, axis.clamp(std::floor((static_cast<float>(o) + (exact ? 0.5f : 0.0f)) * step)), 1);
  return taps;
}

Taps linear_taps(const Axis& axis) {
  Taps taps{2, {}, {}};
  for (int64_t o = 0; o < axis.output; ++o) {
    const double source = std::fmin(std::fmax(axis.source(o), 0), static_cast<double>(axis.input - 1));
    const auto low = static_cast<int64_t>(source);
    const double part = source - static_cast<double>(low);
    push(taps, low, 1 - part);
    push(taps, std::min(low + 1, axis.input - 1), part);
  }
  return taps;
}

Taps cubic_taps(const Axis& axis) {
  Taps taps{4, {}, {}};
  for (int64_t o = 0; o < axis.output; ++o) {
    const double source = axis.source(o), low = std::floor(source);
    for (int i = -1; i <= 2; ++i) push(taps, axis.clamp(low + i), cubic(source - low - i, -0.75));
  }
  return taps;
}

// When shrinking, the filter is as wide as an output: no input is left out (as Pillow does it).
Taps antialiased_taps(const Axis& axis, Mode mode) {
  const double step = axis.step(), widening = std::max(step, 1.0);
  const double support = (mode == Mode::Cubic ? 2.0 : 1.0) * widening;
  Taps taps{static_cast<int64_t>(std::ceil(support)) * 2 + 1, {}, {}};
  for (int64_t o = 0; o < axis.output; ++o) {
    const double center = step * (static_cast<double>(o) + 0.5);
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t last = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), axis.input);
    std::vector<double> weights(taps.width, 0.0);
    double sum = 0;
    for (int64_t i = first; i < last && i - first < taps.width; ++i) {
      const double distance = (static_cast<double>(i) - center + 0.5) / widening;
      const double weight = mode == Mode::Cubic ? cubic(distance, -0.5) : std::fmax(1 - std::fabs(distance), 0);
      weights[i - first] = weight;
      sum += weight;
    }
    for (int64_t k = 0; k < taps.width; ++k)
      push(taps, std::min(first + k, axis.input - 1), sum != 0 ? weights[k] / sum : 0);
  }
  return taps;
}

Taps taps_of(const Axis& axis, Mode mode, bool antialias) {
  if (antialias) return antialiased_taps(axis, mode);
  switch (mode) {
    case Mode::Nearest:
      return nearest_taps(axis, false);
    case Mode::NearestExact:
      return nearest_taps(axis, true);
    case Mode::Linear:
      return linear_taps(axis);
    default:
      return cubic_taps(axis);
  }
}

// params: mode, alignCorners, antialias, scales[]
Resize read_resize(const Operand& input, const Operand& output, Params& params) {
  const int64_t mode = params.integer();
  require(mode >= 0 && mode <= 3, ErrorKind::Value, "no mode has the number ", mode);
  const bool align_corners = params.boolean(), antialias = params.boolean();
  const int64_t spatial = params.integer();
  require(spatial >= 1 && spatial <= kDims, ErrorKind::Value, "expected 1 to 3 scales, got ", spatial);
  const int leading = input.ndim - static_cast<int>(spatial);
  require(input.dtype == output.dtype, ErrorKind::DType, "expected an output of the input's dtype");
  require(leading >= 0 && output.ndim == input.ndim && std::equal(input.sizes, input.sizes + leading, output.sizes),
          ErrorKind::Shape, "an input of ", input.shape(), " does not fit an output of ", output.shape());
  Resize resize{};
  resize.planes = 1;
  for (int d = 0; d < leading; ++d) resize.planes *= input.sizes[d];
  for (int d = 0; d < kDims; ++d) {
    const int i = d - (kDims - static_cast<int>(spatial));
    Axis axis{1, 1, 0, align_corners};
    if (i >= 0) axis = {input.sizes[leading + i], output.sizes[leading + i], params.number(), align_corners};
    require(axis.input > 0 || output.numel == 0, ErrorKind::Shape, "an input of ", input.shape(), " has no elements");
    require(std::max(axis.input, axis.output) < int64_t{1} << 31, ErrorKind::Shape, "sizes are limited to 2^31");
    resize.input[d] = axis.input;
    resize.output[d] = axis.output;
    if (axis.input > 0)
      resize.taps[d] = i < 0 ? Taps{1, {0}, {1.0}} : taps_of(axis, static_cast<Mode>(mode), antialias);
  }
  return resize;
}

// f(input row's offset, weight) for the input rows that one output row sees.
template <class F>
void for_each_row(const Resize& resize, int64_t oz, int64_t oy, F&& f) {
  const Taps &z = resize.taps[0], &y = resize.taps[1];
  for (int64_t i = oz * z.width; i < (oz + 1) * z.width; ++i)
    for (int64_t j = oy * y.width; j < (oy + 1) * y.width; ++j)
      f((z.index[i] * resize.input[1] + y.index[j]) * resize.input[2], z.weight[i] * y.weight[j]);
}

// interpolate(out, self; mode, alignCorners, antialias, scales[]): modes nearest, linear, cubic, nearest-exact
template <class T>
void interpolate(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const Resize resize = read_resize(operands[1], operands[0], params);
  if (operands[0].numel == 0) return;
  const Input<Compute> self(operands[1]);
  const Output<Compute> out(operands[0]);
  const int64_t rows = resize.output[0] * resize.output[1], width = resize.output[2], in_width = resize.input[2];
  const Taps& x = resize.taps[2];
  const std::vector<Compute> weights(x.weight.begin(), x.weight.end());
  parallel_for(resize.planes * rows, std::max<int64_t>(kGrain / 4 / (width + in_width), 1),
               [&](int64_t begin, int64_t end) {
                 std::vector<Compute> blend(in_width);
                 for (int64_t row = begin; row < end; ++row) {
                   const Compute* plane = self.data() + row / rows * resize.input_size();
                   std::fill(blend.begin(), blend.end(), Compute(0));
                   for_each_row(resize, row % rows / resize.output[1], row % resize.output[1],
                                [&](int64_t offset, double weight) {
                                  const auto w = static_cast<Compute>(weight);
                                  if (w == 0) return;
                                  for (int64_t i = 0; i < in_width; ++i) blend[i] += w * plane[offset + i];
                                });
                   Compute* to = out.data() + row * width;
                   for (int64_t ox = 0; ox < width; ++ox) {
                     Compute sum = 0;
                     for (int64_t k = ox * x.width; k < (ox + 1) * x.width; ++k)
                       if (weights[k] != 0) sum += weights[k] * blend[x.index[k]];
                     to[ox] = sum;
                   }
                 }
               });
  out.finish();
}

// interpolateBackward(gradInput, gradOutput; mode, alignCorners, antialias, scales[])
template <class T>
void interpolate_backward(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const Resize resize = read_resize(operands[0], operands[1], params);
  if (operands[0].numel == 0) return;
  const Input<Compute> gradient(operands[1]);
  const Output<Compute> out(operands[0]);
  const int64_t rows = resize.output[0] * resize.output[1], width = resize.output[2], in_width = resize.input[2];
  const Taps& x = resize.taps[2];
  parallel_for(resize.planes, std::max<int64_t>(kGrain / 4 / resize.input_size(), 1), [&](int64_t begin, int64_t end) {
    std::fill(out.data() + begin * resize.input_size(), out.data() + end * resize.input_size(), Compute(0));
    std::vector<Compute> spread(in_width);
    for (int64_t row = begin * rows; row < end * rows; ++row) {
      const Compute* from = gradient.data() + row * width;
      std::fill(spread.begin(), spread.end(), Compute(0));
      for (int64_t k = 0; k < width * x.width; ++k)
        spread[x.index[k]] += static_cast<Compute>(x.weight[k]) * from[k / x.width];
      Compute* plane = out.data() + row / rows * resize.input_size();
      for_each_row(resize, row % rows / resize.output[1], row % resize.output[1], [&](int64_t offset, double weight) {
        for (int64_t i = 0; i < in_width; ++i) plane[offset + i] += static_cast<Compute>(weight) * spread[i];
      });
    }
  });
  out.finish();
}

}  // namespace

void register_interpolation() {
  register_for<Floating>("interpolate", 1, []<class T>() -> Kernel { return interpolate<T>; });
  register_for<Floating>("interpolateBackward", 1, []<class T>() -> Kernel { return interpolate_backward<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
