// Resizing of the last one to three dimensions. In each dimension an output is a weighted sum of a few inputs: tables
// of these taps make all modes one, and the gradient their transpose.
#include "../../checks/interpolation.h"

#include <cmath>
#include <vector>

#include "../contiguous.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// Of output o the taps are [o * width, (o + 1) * width).
struct Taps {
  int64_t width;
  std::vector<int64_t> index;
  std::vector<double> weight;
};

// With the taps of each dimension.
struct Resize {
  int64_t planes;
  int64_t input[kResizeDims], output[kResizeDims];
  Taps taps[kResizeDims];
  int64_t input_size() const { return input[0] * input[1] * input[2]; }

  explicit Resize(const ResizePlanes& resize) : planes(resize.planes) {
    for (int d = 0; d < kResizeDims; ++d) {
      const ResizeAxis& axis = resize.axes[d];
      input[d] = axis.input;
      output[d] = axis.output;
      if (axis.input == 0) continue;
      const int64_t width = axis.width();
      taps[d] = {width, std::vector<int64_t>(width * axis.output), std::vector<double>(width * axis.output)};
      for (int64_t o = 0; o < axis.output; ++o)
        axis.taps(o, taps[d].index.data() + o * width, taps[d].weight.data() + o * width);
    }
  }
};

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
  const Resize resize(read_resize(operands[1], operands[0], params));
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
  const Resize resize(read_resize(operands[0], operands[1], params));
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
