// All gradients together, as clipping needs them.
#include <cmath>
#include <vector>

#include "updates.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

template <class C>
struct Scale {
  C factor;
  void operator()(C* values, const C*) const { values[0] *= factor; }
};

// scaleAll(tensors..., factor): multiplies all by one number, an array of one element
template <class T>
void scale_all(Operand* operands, int count, Params&) {
  require(count >= 2 && operands[count - 1].present && operands[count - 1].numel == 1, ErrorKind::Internal,
          "expected tensors and a factor");
  const auto factor = static_cast<compute_t<T>>(*operands[count - 1].as<T>());
  update_all<T, 1, 0>(operands, count - 1, {}, Scale<compute_t<T>>{factor});
}

// normAll(out, tensors...; p): the vector norm, of order p > 0 or infinity, of the elements of all together
template <class T>
void norm_all(Operand* operands, int count, Params& params) {
  const double p = params.number();
  require(p > 0, ErrorKind::Value, "expected a norm of order above 0, got ", p);
  require(operands[0].numel == 1, ErrorKind::Shape, "expected an output of one element, got ", operands[0].shape());
  const Operand* tensors = operands + 1;
  const int64_t n = count - 1;
  for (int64_t i = 0; i < n; ++i) {
    require(tensors[i].present, ErrorKind::Internal, "operand ", i + 1, " is missing");
    tensors[i].as<T>();
  }
  const auto chunks = chunks_of(tensors, n);
  std::vector<double> sums(chunks.size());
  const bool maximum = std::isinf(p);
  parallel_for(static_cast<int64_t>(chunks.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const Loop<1> loop(tensors + chunks[c].param);
      struct Sum {
        double p, value;
      } sum{p, 0};
      const size_t size = sizeof(T);
      loop.each_row(
          chunks[c].begin, chunks[c].end, &size,
          [](const void* state, char* const* pointers, const int64_t* steps, int64_t length) {
            Sum& sum = *static_cast<Sum*>(const_cast<void*>(state));
            const T* x = reinterpret_cast<const T*>(pointers[0]);
            const int64_t step = steps[0];
            double value = 0;
            if (sum.p == 2 && step == 1) {
#pragma omp simd reduction(+ : value)
              for (int64_t i = 0; i < length; ++i) {
                const double v = static_cast<compute_t<T>>(x[i]);
                value += v * v;
              }
            } else {
              for (int64_t i = 0; i < length; ++i) {
                const double v = std::fabs(static_cast<double>(static_cast<compute_t<T>>(x[i * step])));
                if (std::isinf(sum.p))
                  value = v > value || v != v ? v : value;
                else
                  value += sum.p == 2 ? v * v : sum.p == 1 ? v : std::pow(v, sum.p);
              }
            }
            if (std::isinf(sum.p))
              sum.value = value > sum.value || value != value ? value : sum.value;
            else
              sum.value += value;
          },
          &sum);
      sums[c] = sum.value;
    }
  });
  double total = 0;
  for (const double sum : sums) total = maximum ? (sum > total || sum != sum ? sum : total) : total + sum;
  if (!maximum) total = p == 2 ? std::sqrt(total) : std::pow(total, 1 / p);
  *operands[0].as<T>() = static_cast<T>(static_cast<compute_t<T>>(total));
}

}  // namespace

void register_gradients() {
  register_for<Floating>("scaleAll", 1, []<class T>() -> Kernel { return scale_all<T>; });
  register_for<Floating>("normAll", 1, []<class T>() -> Kernel { return norm_all<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
