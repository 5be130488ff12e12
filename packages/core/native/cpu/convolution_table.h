// Which path a convolution takes: a measured rule.
#pragma once
#include "../checks/convolution.h"

namespace tt {

// How oneDNN sees input and output (Blocked: as it likes), or that it is not asked.
enum class Layout { Blocked, Plain, ChannelsLast, Matrix };

Layout choose_layout(const Convolution& conv, Direction direction);

}  // namespace tt
