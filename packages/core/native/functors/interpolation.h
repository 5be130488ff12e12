// Resizing along one dimension: an output is a weighted sum of a few inputs, its taps.
#pragma once
#include <cstdint>

#include "math.h"

namespace tt {

enum class ResizeMode { Nearest, Linear, Cubic, NearestExact };

// Keys 1981: the weight of an input at a distance.
TT_HD double cubic_weight(double distance, double a) {
  const double x = math::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

struct ResizeAxis {
  int64_t input, output;
  double given_scale;  // 0: from the sizes
  bool align_corners;
  ResizeMode mode;
  bool antialias;

  TT_HD double step() const {
    if (align_corners) return output > 1 ? static_cast<double>(input - 1) / static_cast<double>(output - 1) : 0;
    return given_scale > 0 ? 1 / given_scale : static_cast<double>(input) / static_cast<double>(output);
  }

  // How many taps an output has.
  TT_HD int64_t width() const {
    if (antialias) return static_cast<int64_t>(math::ceil(support())) * 2 + 1;
    return mode == ResizeMode::Linear ? 2 : mode == ResizeMode::Cubic ? 4 : 1;
  }

  // Writes the inputs and weights of output o. Both ends of the taps move forward with o, never back.
  TT_HD void taps(int64_t o, int64_t* index, double* weight) const {
    if (antialias) return antialiased_taps(o, index, weight);
    switch (mode) {
      case ResizeMode::Linear:
        return linear_taps(o, index, weight);
      case ResizeMode::Cubic:
        return cubic_taps(o, index, weight);
      default:
        // In single precision, as PyTorch does: where a product falls between two inputs the choice is the same.
        const float center = static_cast<float>(o) + (mode == ResizeMode::NearestExact ? 0.5f : 0.0f);
        index[0] = clamp(math::floor(center * static_cast<float>(step())));
        weight[0] = 1;
    }
  }

 private:
  TT_HD double widening() const { return step() > 1 ? step() : 1; }
  TT_HD double support() const { return (mode == ResizeMode::Cubic ? 2.0 : 1.0) * widening(); }
  // The place of output o among the inputs.
  TT_HD double source(int64_t o) const {
    return align_corners ? static_cast<double>(o) * step() : (static_cast<double>(o) + 0.5) * step() - 0.5;
  }
  TT_HD int64_t clamp(double place) const {
    const auto last = static_cast<double>(input - 1);
    return static_cast<int64_t>(place > last ? last : place > 0 ? place : 0);
  }

  TT_HD void linear_taps(int64_t o, int64_t* index, double* weight) const {
    const double last = static_cast<double>(input - 1), free = source(o);
    const double place = free > last ? last : free > 0 ? free : 0;
    const auto low = static_cast<int64_t>(place);
    const double part = place - static_cast<double>(low);
    index[0] = low;
    weight[0] = 1 - part;
    index[1] = low + 1 < input ? low + 1 : input - 1;
    weight[1] = part;
  }

  TT_HD void cubic_taps(int64_t o, int64_t* index, double* weight) const {
    const double place = source(o), low = math::floor(place);
    for (int i = 0; i < 4; ++i) {
      index[i] = clamp(low + (i - 1));
      weight[i] = cubic_weight(place - low - (i - 1), -0.75);
    }
  }

  // When shrinking, the filter is as wide as an output: no input is left out (as Pillow does it).
  TT_HD void antialiased_taps(int64_t o, int64_t* index, double* weight) const {
    const double center = step() * (static_cast<double>(o) + 0.5);
    const auto begin = static_cast<int64_t>(center - support() + 0.5),
               end = static_cast<int64_t>(center + support() + 0.5);
    const int64_t first = begin > 0 ? begin : 0, last = end < input ? end : input, count = width();
    double sum = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int64_t i = first + k;
      const double distance = (static_cast<double>(i) - center + 0.5) / widening();
      const double near = 1 - math::fabs(distance);
      weight[k] = i >= last ? 0 : mode == ResizeMode::Cubic ? cubic_weight(distance, -0.5) : near > 0 ? near : 0;
      sum += weight[k];
      index[k] = i < input ? i : input - 1;
    }
    for (int64_t k = 0; k < count; ++k) weight[k] = sum != 0 ? weight[k] / sum : 0;
  }
};

}  // namespace tt
