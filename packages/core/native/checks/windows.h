// Sliding windows over one to three dimensions: of convolutions, and of unfolding.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../functors/portability.h"
#include "../runtime/operand.h"

namespace tt {

// Windows over one to three spatial dimensions; where there are fewer, the leading ones have size 1.
constexpr int kSpatial = 3;
struct Windows {
  int64_t input[kSpatial], kernel[kSpatial], output[kSpatial];
  int64_t stride[kSpatial], padding[kSpatial], dilation[kSpatial];

  static TT_HD int64_t product(const int64_t* sizes) { return sizes[0] * sizes[1] * sizes[2]; }
  TT_HD int64_t input_size() const { return product(input); }
  TT_HD int64_t kernel_size() const { return product(kernel); }
  TT_HD int64_t output_size() const { return product(output); }
  // Each window is one element and the windows are all elements: there is nothing to lay out.
  bool trivial() const {
    for (int d = 0; d < kSpatial; ++d)
      if (kernel[d] != 1 || stride[d] != 1 || padding[d] != 0 || input[d] != output[d]) return false;
    return true;
  }
};

// columns: [batch, channels * kernel, windows]; image: [batch, channels, height, width].
// params: kernelSize[2], dilation[2], padding[2], stride[2]
inline Windows read_unfold_windows(const Operand& image, const Operand& columns, Params& params) {
  const auto kernel = params.integers(), dilation = params.integers(), padding = params.integers(),
             stride = params.integers();
  require(kernel.size() == 2 && dilation.size() == 2 && padding.size() == 2 && stride.size() == 2, ErrorKind::Shape,
          "expected two values of kernel size, dilation, padding and stride");
  require(image.ndim == 4 && columns.ndim == 3, ErrorKind::Shape, "expected images of 4 dimensions and columns of 3");
  Windows w{};
  w.input[0] = w.kernel[0] = w.output[0] = w.stride[0] = w.dilation[0] = 1;
  for (int d = 1; d < kSpatial; ++d) {
    w.input[d] = image.sizes[d + 1];
    w.kernel[d] = kernel[d - 1];
    w.dilation[d] = dilation[d - 1];
    w.padding[d] = padding[d - 1];
    w.stride[d] = stride[d - 1];
    require(w.kernel[d] >= 1 && w.stride[d] >= 1 && w.dilation[d] >= 1 && w.padding[d] >= 0, ErrorKind::Value,
            "expected kernel size, stride and dilation of at least 1 and padding of at least 0");
    require(std::max({w.kernel[d], w.stride[d], w.padding[d], w.dilation[d], w.input[d]}) < int64_t{1} << 31,
            ErrorKind::Value, "sizes are limited to 2^31");
    const int64_t reach = w.input[d] + 2 * w.padding[d] - w.dilation[d] * (w.kernel[d] - 1) - 1;
    w.output[d] = reach < 0 ? 0 : reach / w.stride[d] + 1;
  }
  require(columns.sizes[0] == image.sizes[0] && columns.sizes[1] == image.sizes[1] * w.kernel_size() &&
              columns.sizes[2] == w.output_size(),
          ErrorKind::Shape, "columns of ", columns.shape(), " do not fit images of ", image.shape());
  return w;
}

}  // namespace tt
