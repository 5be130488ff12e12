// Which path a convolution takes: a measured rule.
#pragma once
#include <cstdint>

#include "im2col.h"

namespace tt {

struct Convolution {
  Windows windows;
  int spatial;
  int64_t batch, groups, in_channels, out_channels;
  bool exact;  // the output is as large as the input allows; less only in transposed convolutions
};

enum class Direction { Forward, InputGradient, WeightGradient };

// How oneDNN sees input and output (Blocked: as it likes), or that it is not asked.
enum class Layout { Blocked, Plain, ChannelsLast, Matrix };

Layout choose_layout(const Convolution& conv, Direction direction);

}  // namespace tt
