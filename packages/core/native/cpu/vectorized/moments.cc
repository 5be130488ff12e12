// Variance and mean, by two passes over a block and Chan's formula between blocks.
#include "../../functors/moments.h"

#include "reduce.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

constexpr int64_t kBlock = 2048;
constexpr int64_t kRows = 32;

using functors::Moments;

struct Finish {
  double correction;
  bool root;
};

template <class T>
class MomentLoops {
  using C = compute_t<T>;

 public:
  static void start(const void*, char* states, int64_t columns) {
    std::fill_n(reinterpret_cast<Moments*>(states), columns, Moments{0, 0, 0});
  }
  static void merge(const void*, char* states, const char* later, int64_t columns) {
    const Moments* others = reinterpret_cast<const Moments*>(later);
    for (int64_t j = 0; j < columns; ++j)
      reinterpret_cast<Moments*>(states)[j].add(others[j].count, others[j].mean, others[j].deviations);
  }
  static void finish(const void* f, const char* states, int64_t columns, char* const* outs, const int64_t* out_strides,
                     int64_t) {
    const Finish& options = *static_cast<const Finish*>(f);
    const Moments* moments = reinterpret_cast<const Moments*>(states);
    T* variances = reinterpret_cast<T*>(outs[0]);
    T* means = reinterpret_cast<T*>(outs[1]);
    for (int64_t j = 0; j < columns; ++j) {
      const double variance = moments[j].variance(options.correction);
      if (variances)
        variances[j * out_strides[0]] = static_cast<T>(static_cast<C>(options.root ? std::sqrt(variance) : variance));
      if (means)
        means[j * out_strides[1]] = static_cast<T>(static_cast<C>(moments[j].count == 0 ? NAN : moments[j].mean));
    }
  }
  static void run(const void*, const Run& run, char* states) {
    Moments* moments = reinterpret_cast<Moments*>(states);
    const T* data = reinterpret_cast<const T*>(run.data);
    const int64_t block = run.columns == 1 ? kBlock : kRows;
    for (int64_t i = 0; i < run.length; i += block) {
      const int64_t n = std::min(block, run.length - i);
      const T* p = data + i * run.stride;
      if (run.columns > 1)
        rows(p, n, run, moments);
      else if (run.stride == 1)
        row<true>(p, 1, n, moments[0]);
      else
        row<false>(p, run.stride, n, moments[0]);
    }
  }

 private:
  template <bool contiguous>
  static void row(const T* p, int64_t stride, int64_t n, Moments& moments) {
    const int64_t step = contiguous ? 1 : stride;
    C sum = 0, deviations = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += static_cast<C>(p[i * step]);
    const C mean = sum / static_cast<C>(n);
    C rest = 0;  // what rounding of the mean left over
#pragma omp simd reduction(+ : deviations, rest)
    for (int64_t i = 0; i < n; ++i) {
      const C difference = static_cast<C>(p[i * step]) - mean;
      deviations += difference * difference;
      rest += difference;
    }
    const double correction = static_cast<double>(rest) / static_cast<double>(n);
    moments.add(static_cast<double>(n), mean + correction, deviations - correction * static_cast<double>(rest));
  }

  static void rows(const T* p, int64_t n, const Run& run, Moments* moments) {
    C sums[kColumns] = {}, deviations[kColumns] = {};
    const int64_t columns = run.columns, step = run.column_stride;
    for (int64_t i = 0; i < n; ++i) {
      const T* from = p + i * run.stride;
#pragma omp simd
      for (int64_t j = 0; j < columns; ++j) sums[j] += static_cast<C>(from[j * step]);
    }
    for (int64_t j = 0; j < columns; ++j) sums[j] /= static_cast<C>(n);
    for (int64_t i = 0; i < n; ++i) {
      const T* from = p + i * run.stride;
#pragma omp simd
      for (int64_t j = 0; j < columns; ++j) {
        const C difference = static_cast<C>(from[j * step]) - sums[j];
        deviations[j] += difference * difference;
      }
    }
    for (int64_t j = 0; j < columns; ++j) moments[j].add(static_cast<double>(n), sums[j], deviations[j]);
  }
};

// varMean(variance?, mean?, self; correction, root): of the variance, or of its square root; outputs as in `sum`
template <class T>
void var_mean(Operand* operands, int count, Params& params) {
  require(count == 3 && (operands[0].present || operands[1].present), ErrorKind::Internal,
          "expected two outputs and an input");
  for (int k = 0; k < 3; ++k)
    if (operands[k].present) operands[k].as<T>();
  const double correction = params.number();
  const Finish options{correction, params.boolean()};
  using Loops = MomentLoops<T>;
  const Reduction reduction{&options,     sizeof(T),  sizeof(Moments), {sizeof(T), sizeof(T)},
                            Loops::start, Loops::run, Loops::merge,    Loops::finish};
  run_reduction(operands, 2, operands[2], reduction);
}

}  // namespace

void register_moments() {
  register_for<Floating>("varMean", 2, []<class T>() -> Kernel { return var_mean<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
