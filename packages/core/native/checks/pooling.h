// What pooling sees of its operands: windows over the last one to three dimensions; what comes before them are planes,
// each pooled alone.
#pragma once
#include <algorithm>
#include <vector>

#include "../functors/portability.h"
#include "../runtime/operand.h"

namespace tt {

constexpr int kPoolingDims = 3;
// Sizes beyond it have no use, and could overflow in what follows.
constexpr int64_t kMostPoolingSize = int64_t{1} << 31;

// What one output sees along one dimension: the inputs begin, begin + step, ... before end. `length` counts the
// padding, too.
struct PoolingRange {
  int64_t begin, end, length;
};

// Missing dimensions come first, with size 1.
struct PoolingWindows {
  int64_t planes;
  int64_t input[kPoolingDims], output[kPoolingDims];
  int64_t kernel[kPoolingDims], stride[kPoolingDims], padding[kPoolingDims], step[kPoolingDims];
  bool adaptive;
  bool count_padding = true;
  double divisor = 0;  // 0: the number of inputs

  TT_HD int64_t input_size() const { return input[0] * input[1] * input[2]; }
  TT_HD int64_t output_size() const { return output[0] * output[1] * output[2]; }

  TT_HD PoolingRange range(int d, int64_t o) const {
    if (adaptive) {
      const int64_t begin = o * input[d] / output[d], end = ((o + 1) * input[d] + output[d] - 1) / output[d];
      return {begin, end, end - begin};
    }
    const int64_t start = o * stride[d] - padding[d], stop = start + (kernel[d] - 1) * step[d] + 1;
    const int64_t padded = input[d] + padding[d];
    const int64_t skipped = start < 0 ? (-start + step[d] - 1) / step[d] : 0;
    return {start + skipped * step[d], stop < input[d] ? stop : input[d], (stop < padded ? stop : padded) - start};
  }
};

inline PoolingWindows read_pooling_sizes(const Operand& input, const Operand& output, int spatial) {
  require(spatial >= 1 && spatial <= kPoolingDims, ErrorKind::Shape, "expected 1 to 3 spatial dimensions, got ",
          spatial);
  const int leading = input.ndim - spatial;
  require(leading >= 0 && output.ndim == input.ndim && std::equal(input.sizes, input.sizes + leading, output.sizes),
          ErrorKind::Shape, "an input of ", input.shape(), " does not fit an output of ", output.shape());
  PoolingWindows pool{};
  pool.planes = 1;
  for (int d = 0; d < leading; ++d) pool.planes *= input.sizes[d];
  for (int d = 0; d < kPoolingDims; ++d) {
    const int i = d - (kPoolingDims - spatial);
    pool.input[d] = i < 0 ? 1 : input.sizes[leading + i];
    pool.output[d] = i < 0 ? 1 : output.sizes[leading + i];
    pool.kernel[d] = pool.stride[d] = pool.step[d] = 1;
    require(std::max(pool.input[d], pool.output[d]) < kMostPoolingSize, ErrorKind::Shape, "sizes are limited to 2^31");
    require(pool.input[d] > 0 || output.numel == 0, ErrorKind::Shape, "an input of ", input.shape(),
            " has no elements");
  }
  return pool;
}

// params: kernelSize[], stride[], padding[], and where they have them dilation[]
inline PoolingWindows read_pooling(const Operand& input, const Operand& output, Params& params, bool dilated) {
  const auto kernel = params.integers(), stride = params.integers(), padding = params.integers();
  const auto dilation = dilated ? params.integers() : std::vector<int64_t>(kernel.size(), 1);
  require(stride.size() == kernel.size() && padding.size() == kernel.size() && dilation.size() == kernel.size(),
          ErrorKind::Shape, "expected as many strides, paddings and dilations as kernel sizes");
  const int spatial = static_cast<int>(kernel.size());
  PoolingWindows pool = read_pooling_sizes(input, output, spatial);
  for (int d = kPoolingDims - spatial; d < kPoolingDims; ++d) {
    const int i = d - (kPoolingDims - spatial);
    pool.kernel[d] = kernel[i];
    pool.stride[d] = stride[i];
    pool.padding[d] = padding[i];
    pool.step[d] = dilation[i];
    require(pool.kernel[d] >= 1 && pool.stride[d] >= 1 && pool.step[d] >= 1 && pool.padding[d] >= 0, ErrorKind::Value,
            "expected kernel size, stride and dilation of at least 1 and padding of at least 0");
    require(std::max({pool.kernel[d], pool.stride[d], pool.padding[d], pool.step[d]}) < kMostPoolingSize,
            ErrorKind::Value, "sizes are limited to 2^31");
  }
  return pool;
}

// params: those of read_pooling, countIncludePad, divisorOverride or 0
inline PoolingWindows read_average_pooling(const Operand& input, const Operand& output, Params& params) {
  PoolingWindows pool = read_pooling(input, output, params, false);
  pool.count_padding = params.boolean();
  pool.divisor = params.number();
  return pool;
}

inline int read_spatial_dims(Params& params) {
  return static_cast<int>(std::clamp<int64_t>(params.integer(), 0, kMaxDims));
}

// Output o sees the inputs from floor(o in / out) to ceil((o + 1) in / out).
inline PoolingWindows adaptive_pooling(const Operand& input, const Operand& output, int spatial) {
  PoolingWindows pool = read_pooling_sizes(input, output, spatial);
  pool.adaptive = true;
  return pool;
}

// maxPool and adaptiveMaxPool: (out, indices, self)
inline void check_max_pooling(const Operand* operands, int count) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const Operand &out = operands[0], &indices = operands[1];
  require(out.dtype == operands[2].dtype && indices.dtype == DType::Int64, ErrorKind::DType,
          "expected an output of the input's dtype and indices of int64");
  require(indices.ndim == out.ndim && std::equal(out.sizes, out.sizes + out.ndim, indices.sizes), ErrorKind::Shape,
          "indices of ", indices.shape(), " do not fit an output of ", out.shape());
}

// Planes whose elements indices name, and what has an index for each of its elements.
inline PoolingWindows read_planes(const Operand& planes, const Operand& indexed, const Operand& indices, int spatial) {
  const PoolingWindows pool = read_pooling_sizes(planes, indexed, spatial);
  require(planes.dtype == indexed.dtype && indices.dtype == DType::Int64, ErrorKind::DType,
          "expected one dtype, and indices of int64");
  require(indices.ndim == indexed.ndim && std::equal(indexed.sizes, indexed.sizes + indexed.ndim, indices.sizes),
          ErrorKind::Shape, "indices of ", indices.shape(), " do not fit ", indexed.shape());
  return pool;
}

}  // namespace tt
