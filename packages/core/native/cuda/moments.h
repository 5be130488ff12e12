// How threads find a mean and a variance: each by sums of differences from its first element, which need no division
// and lose no digits where the mean is large; then by Chan's formula.
#pragma once
#include "../functors/moments.h"
#include "reduce.h"

namespace tt::cuda {

using functors::Moments;

struct MomentSums {
  double origin, count, sum, squares;

  TT_D void add(double x) {
    if (count == 0) origin = x;
    const double difference = x - origin;
    count += 1;
    sum += difference;
    squares += difference * difference;
  }
  TT_D Moments moments() const {
    if (count == 0) return {0, 0, 0};
    const double mean = sum / count, deviations = squares - sum * mean;
    return {count, origin + mean, deviations < 0 ? 0 : deviations};
  }
};

struct JoinMoments {
  TT_D Moments operator()(Moments a, const Moments& b) const {
    if (a.count == 0) return b;
    a.add(b.count, b.mean, b.deviations);
    return a;
  }
};

// What reducers of moments share.
template <class T>
struct MomentReducer : JoinMoments {
  using Element = T;
  using Accumulator = MomentSums;
  using State = Moments;
  static constexpr int kWays = 2;

  const T* data;

  TT_D MomentSums start() const { return {0, 0, 0, 0}; }
  TT_D T load(int64_t offset) const { return data[offset]; }
  TT_D void add(MomentSums& sums, T x, int64_t) const { sums.add(static_cast<compute_t<T>>(x)); }
  TT_D Moments state(const MomentSums& sums) const { return sums.moments(); }
};

}  // namespace tt::cuda
