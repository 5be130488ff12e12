#include "convolution_table.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace tt {
namespace {

// oneDNN's blocks are as wide as a vector register of floats.
constexpr int64_t kBlock = 16;
constexpr int64_t kFewChannels = 4;

bool has_avx512() {
  static const bool has =
      (static_cast<int>(dnnl::get_effective_cpu_isa()) & static_cast<int>(dnnl::cpu_isa::avx512_core)) ==
      static_cast<int>(dnnl::cpu_isa::avx512_core);
  return has;
}

Layout choose_for_few_channels(const Convolution& conv, Direction direction) {
  // Blocks would be padding for the most part: 1 channel, 5x5, 28x28, batch 64: 1.0 ms, as a matrix product 0.2.
  if (direction == Direction::InputGradient) return Layout::Matrix;
  // On AVX2 1.5 ms and 0.3.
  if (direction == Direction::WeightGradient) return has_avx512() ? Layout::Blocked : Layout::Matrix;
  return conv.windows.kernel_size() <= 9 && has_avx512() ? Layout::Matrix : Layout::Blocked;
}

}  // namespace

// Measured with oneDNN 2.6 on two cores of a Zen 5, with AVX-512 and limited to AVX2 (milliseconds below: AVX-512).
Layout choose_layout(const Convolution& conv, Direction direction) {
  const Windows& w = conv.windows;
  const int64_t in_channels = conv.in_channels / conv.groups, out_channels = conv.out_channels / conv.groups;
  const bool depthwise = conv.groups > 1 && in_channels == 1 && out_channels == 1;
  if (depthwise) return Layout::Blocked;
  // 1x1 is a matrix product as it lies; blocking costs more than it gains. 64 to 256 channels, 56x56, batch
  // 16: 6.4, 3.4.
  if (w.kernel_size() == 1) return conv.groups == 1 ? Layout::Matrix : Layout::Blocked;
  if (conv.groups == 1 && in_channels <= kFewChannels) return choose_for_few_channels(conv, direction);
  // Channels that do not fill the blocks: 10 to 20, 5x5: 0.42 blocked, 0.23 channels last.
  const bool ragged = in_channels % kBlock != 0 || out_channels % kBlock != 0;
  if (ragged && (direction == Direction::WeightGradient || (direction == Direction::InputGradient && conv.groups == 1)))
    return Layout::ChannelsLast;
  // Reordering the weights costs more than the product. 512 channels, 7x7, batch 1: 0.8, 0.66.
  const int64_t activations = conv.batch * (conv.in_channels * w.input_size() + conv.out_channels * w.output_size());
  if (conv.out_channels * in_channels * w.kernel_size() > 16 * activations) return Layout::Plain;
  return Layout::Blocked;
}

}  // namespace tt
