// Mean and variance of what comes in parts.
#pragma once
#include "portability.h"

namespace tt::functors {

struct Moments {
  double count, mean, deviations;  // the sum of squared deviations from the mean

  // Those of more elements: Chan, Golub, LeVeque 1979.
  TT_HD void add(double n, double other_mean, double other_deviations) {
    if (n == 0) return;
    const double total = count + n, difference = other_mean - mean;
    mean += difference * (n / total);
    deviations += other_deviations + difference * difference * (count * n / total);
    count = total;
  }
  // With fewer elements than the correction: 0 / 0 or x / 0, as in PyTorch.
  TT_HD double variance(double correction) const {
    return deviations / (count > correction ? count - correction : 0.0);
  }
};

}  // namespace tt::functors
