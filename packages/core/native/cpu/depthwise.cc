#include "depthwise.h"

#include <algorithm>
#include <vector>

namespace tt {

DepthwiseFunctions depthwise_functions{};

// Room around the planes beyond what they have themselves would cost more than it saves.
constexpr int64_t kMostPadding = 4;

bool is_plane_by_plane(const Convolution& conv) {
  const Windows& w = conv.windows;
  double padded = 1, own = 1;
  bool even = conv.groups > 1 && conv.in_channels == conv.groups && conv.out_channels == conv.groups;
  for (int d = 0; d < kSpatial; ++d) {
    const auto reach = static_cast<double>(w.dilation[d]) * static_cast<double>(w.kernel[d] - 1);
    even &= w.stride[d] == 1 && static_cast<double>(w.padding[d]) <= reach;
    padded *= static_cast<double>(w.output[d]) + reach;
    own *= static_cast<double>(std::max(w.input[d], w.output[d]));
  }
  // Narrower rows leave most of a vector unused.
  constexpr int64_t kLeastWidth = 8;
  return even && std::min(w.input[2], w.output[2]) >= kLeastWidth && padded <= kMostPadding * own;
}

void depthwise_input_gradient(const Convolution& conv, const float* out_gradient, const float* weight,
                              float* in_gradient) {
  Convolution mirrored = conv;
  Windows& w = mirrored.windows;
  for (int d = 0; d < kSpatial; ++d) {
    std::swap(w.input[d], w.output[d]);
    w.padding[d] = w.dilation[d] * (w.kernel[d] - 1) - w.padding[d];
  }
  std::vector<float> factors(weight, weight + conv.groups * w.kernel_size());
  for (int64_t channel = 0; channel < conv.groups; ++channel)
    std::reverse(factors.begin() + channel * w.kernel_size(), factors.begin() + (channel + 1) * w.kernel_size());
  depthwise_functions.forward(mirrored, out_gradient, factors.data(), nullptr, in_gradient);
}

}  // namespace tt
