// Variance and mean.
#include "moments.h"

namespace tt::cuda {
namespace {

template <class T>
struct VarianceReducer : MomentReducer<T> {
  T *variances, *means;  // either may be nothing
  double correction;
  bool root;

  TT_D void finish(const Moments& moments, int64_t, const int64_t* places) const {
    using C = compute_t<T>;
    const double variance = moments.variance(correction);
    if (variances) variances[places[1]] = static_cast<T>(static_cast<C>(root ? std::sqrt(variance) : variance));
    if (means) means[places[2]] = static_cast<T>(static_cast<C>(moments.count == 0 ? NAN : moments.mean));
  }
};

// varMean(variance?, mean?, self; correction, root)
template <class T>
void var_mean(Operand* operands, int count, Params& params) {
  require(count == 3 && (operands[0].present || operands[1].present), ErrorKind::Internal,
          "expected two outputs and an input");
  VarianceReducer<T> reducer{};
  if (operands[0].present) reducer.variances = operands[0].as<T>();
  if (operands[1].present) reducer.means = operands[1].as<T>();
  reducer.data = operands[2].as<T>();
  reducer.correction = params.number();
  reducer.root = params.boolean();
  run_reduction(reducer, ReductionDims(operands, 2, operands[2]));
}

}  // namespace

void register_moments() {
  register_for<Floating>("varMean", 2, []<class T>() -> Kernel { return var_mean<T>; });
}

}  // namespace tt::cuda
