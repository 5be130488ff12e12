// What resizing sees of its operands: the last one to three dimensions; what comes before them are planes.
#pragma once
#include <algorithm>

#include "../functors/interpolation.h"
#include "../runtime/operand.h"

namespace tt {

constexpr int kResizeDims = 3;

// Missing dimensions come first, with size 1.
struct ResizePlanes {
  int64_t planes;
  ResizeAxis axes[kResizeDims];
  TT_HD int64_t input_size() const { return axes[0].input * axes[1].input * axes[2].input; }
  TT_HD int64_t output_size() const { return axes[0].output * axes[1].output * axes[2].output; }
};

// params: mode, alignCorners, antialias, scales[]
inline ResizePlanes read_resize(const Operand& input, const Operand& output, Params& params) {
  const int64_t mode = params.integer();
  require(mode >= 0 && mode <= 3, ErrorKind::Value, "no mode has the number ", mode);
  const bool align_corners = params.boolean(), antialias = params.boolean();
  const int64_t spatial = params.integer();
  require(spatial >= 1 && spatial <= kResizeDims, ErrorKind::Value, "expected 1 to 3 scales, got ", spatial);
  const int leading = input.ndim - static_cast<int>(spatial);
  require(input.dtype == output.dtype, ErrorKind::DType, "expected an output of the input's dtype");
  require(leading >= 0 && output.ndim == input.ndim && std::equal(input.sizes, input.sizes + leading, output.sizes),
          ErrorKind::Shape, "an input of ", input.shape(), " does not fit an output of ", output.shape());
  ResizePlanes resize{1, {}};
  for (int d = 0; d < leading; ++d) resize.planes *= input.sizes[d];
  for (int d = 0; d < kResizeDims; ++d) {
    const int i = d - (kResizeDims - static_cast<int>(spatial));
    ResizeAxis& axis = resize.axes[d];
    axis = {1, 1, 0, false, ResizeMode::Nearest, false};
    if (i < 0) continue;
    axis = {input.sizes[leading + i],
            output.sizes[leading + i],
            params.number(),
            align_corners,
            static_cast<ResizeMode>(mode),
            antialias};
    require(axis.input > 0 || output.numel == 0, ErrorKind::Shape, "an input of ", input.shape(), " has no elements");
    require(std::max(axis.input, axis.output) < int64_t{1} << 31, ErrorKind::Shape, "sizes are limited to 2^31");
  }
  return resize;
}

}  // namespace tt
