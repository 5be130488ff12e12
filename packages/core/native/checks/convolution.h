// What the operands of a convolution must be.
#pragma once
#include "windows.h"

namespace tt {

// Names what a storage holds: the same as long as both are. Without a serial number it may change at any time.
struct Contents {
  int64_t serial, version;
};

struct Convolution {
  Windows windows;
  int spatial;
  int64_t batch, groups, in_channels, out_channels;
  Contents weight;
  bool exact;  // the output is as large as the input allows; less only in transposed convolutions
};

enum class Direction { Forward, InputGradient, WeightGradient };

// Of a convolution, whichever of them is the output of an op.
struct ConvolutionOperands {
  const Operand& input;
  const Operand& weight;
  const Operand& output;
};

// Sizes beyond it have no use, and could overflow in what follows.
constexpr int64_t kMostWindowSize = int64_t{1} << 31;

inline void read_windows(Convolution& conv, const ConvolutionOperands& operands, Params& params) {
  const auto stride = params.integers(), padding = params.integers(), dilation = params.integers();
  const auto spatial = static_cast<size_t>(conv.spatial);
  require(stride.size() == spatial && padding.size() == spatial && dilation.size() == spatial, ErrorKind::Shape,
          "expected ", spatial, " values of stride, padding and dilation");
  for (int d = 0; d < kSpatial; ++d) {
    const int i = d - (kSpatial - conv.spatial);  // dimensions that are missing come first
    const bool given = i >= 0;
    Windows& w = conv.windows;
    w.input[d] = given ? operands.input.sizes[i + 2] : 1;
    w.kernel[d] = given ? operands.weight.sizes[i + 2] : 1;
    w.output[d] = given ? operands.output.sizes[i + 2] : 1;
    w.stride[d] = given ? stride[i] : 1;
    w.padding[d] = given ? padding[i] : 0;
    w.dilation[d] = given ? dilation[i] : 1;
    require(w.kernel[d] >= 1 && w.stride[d] >= 1 && w.dilation[d] >= 1 && w.padding[d] >= 0, ErrorKind::Value,
            "expected kernel, stride and dilation of at least 1 and padding of at least 0, got kernel ", w.kernel[d],
            ", stride ", w.stride[d], ", dilation ", w.dilation[d], ", padding ", w.padding[d]);
    require(std::max({w.kernel[d], w.stride[d], w.padding[d], w.dilation[d], w.input[d]}) < kMostWindowSize,
            ErrorKind::Value, "sizes are limited to 2^31");
    const int64_t reach = w.input[d] + 2 * w.padding[d] - w.dilation[d] * (w.kernel[d] - 1) - 1;
    const int64_t expected = reach < 0 ? 0 : reach / w.stride[d] + 1;
    require(w.output[d] <= expected, ErrorKind::Shape, "an input of ", w.input[d], " gives ", expected,
            " outputs, not ", w.output[d], " (kernel ", w.kernel[d], ", stride ", w.stride[d], ", padding ",
            w.padding[d], ", dilation ", w.dilation[d], ")");
    conv.exact &= w.output[d] == expected;
  }
}

// params: stride[], padding[], dilation[], groups, the weight's serial number and version
inline Convolution read_convolution(const ConvolutionOperands& operands, Params& params) {
  const auto& [input, weight, output] = operands;
  Convolution conv{};
  conv.spatial = weight.ndim - 2;
  conv.exact = true;
  require(conv.spatial >= 1 && conv.spatial <= kSpatial, ErrorKind::Shape,
          "expected a weight of 3 to 5 dimensions, got ", weight.shape());
  require(input.ndim == weight.ndim && output.ndim == weight.ndim, ErrorKind::Shape, "expected ", weight.ndim,
          " dimensions, as the weight has; got an input of ", input.shape(), " and an output of ", output.shape());
  read_windows(conv, operands, params);
  conv.groups = params.integer();
  conv.weight.serial = params.integer();
  conv.weight.version = params.integer();
  conv.batch = input.sizes[0];
  conv.in_channels = input.sizes[1];
  conv.out_channels = weight.sizes[0];
  require(conv.groups >= 1 && conv.in_channels == weight.sizes[1] * conv.groups && conv.out_channels % conv.groups == 0,
          ErrorKind::Shape, "an input of ", input.shape(), " does not fit a weight of ", weight.shape(), " in ",
          conv.groups, " groups");
  require(output.sizes[0] == conv.batch && output.sizes[1] == conv.out_channels, ErrorKind::Shape, "an output of ",
          output.shape(), " does not fit an input of ", input.shape(), " and a weight of ", weight.shape());
  return conv;
}

inline void check_bias(const Operand& bias, const Convolution& conv) {
  require(!bias.present || (bias.ndim == 1 && bias.numel == conv.out_channels), ErrorKind::Shape,
          "expected a bias of [", conv.out_channels, "], got ", bias.shape());
}

template <class T>
void require_dtypes(const Operand* operands, int count) {
  for (int i = 0; i < count; ++i)
    require(!operands[i].present || operands[i].dtype == dtype_of<T>, ErrorKind::DType, "expected operands of ",
            dtype_name(dtype_of<T>), ", got ", dtype_name(operands[i].dtype));
}

}  // namespace tt
