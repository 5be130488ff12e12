// All gradients together, as clipping needs them.
#include <cmath>

#include "../functors/optimizers.h"
#include "allocator.h"
#include "block.h"
#include "updates.h"

namespace tt::cuda {
namespace {

template <class T>
struct Scale {
  const T* factor;
  T number;
  TT_D void operator()(compute_t<T>* values, const compute_t<T>*) const {
    values[0] *= static_cast<compute_t<T>>(factor == nullptr ? number : *factor);
  }
};

// scaleAll(tensors..., factor): multiplies all by one number, an array of one element
template <class T>
void scale_all(Operand* operands, int count, Params&) {
  require(count >= 2 && operands[count - 1].present && operands[count - 1].numel == 1, ErrorKind::Internal,
          "expected tensors and a factor");
  const Operand& factor = operands[count - 1];
  Scale<T> scale{factor.as<T>(), T{}};
  if (factor.is_scalar) {
    std::memcpy(&scale.number, factor.scalar, sizeof(T));
    scale.factor = nullptr;
  }
  update_all<T, 1, 0>(operands, count - 1, {}, scale);
}

// The sum of |x|^p, or for an infinite p the largest |x|; NaN wins.
struct PowerSum {
  double p;
  TT_D bool is_maximum() const { return p > 1.7e308; }
  TT_D double of(double x) const {
    const double size = x < 0 ? -x : x;
    return is_maximum() || p == 1 ? size : p == 2 ? x * x : ::pow(size, p);
  }
  TT_D double operator()(double a, double b) const { return is_maximum() ? functors::larger(a, b) : a + b; }
};

constexpr unsigned kNormBlocks = 64;

// One partial result for each block; the tensor's elements are those of `places`.
template <class T>
__global__ void sum_powers(uint32_t n, const T* x, Offsets<1> places, PowerSum sum, double* partial) {
  double value = 0;
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t offset[1];
    places.find(i, offset);
    value = sum(value, sum.of(static_cast<double>(static_cast<compute_t<T>>(x[offset[0]]))));
  }
  value = block_reduce(value, sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = value;
}

template <class T>
__global__ void finish_norm(int64_t n, const double* partial, PowerSum sum, T* out) {
  double value = 0;
  for (int64_t i = threadIdx.x; i < n; i += blockDim.x) value = sum(value, partial[i]);
  value = block_reduce(value, sum);
  if (threadIdx.x != 0) return;
  if (!sum.is_maximum()) value = sum.p == 2 ? ::sqrt(value) : sum.p == 1 ? value : ::pow(value, 1 / sum.p);
  *out = static_cast<T>(static_cast<compute_t<T>>(value));
}

// normAll(out, tensors...; p): the vector norm, of order p > 0 or infinity, of the elements of all together
template <class T>
void norm_all(Operand* operands, int count, Params& params) {
  const double p = params.number();
  require(p > 0, ErrorKind::Value, "expected a norm of order above 0, got ", p);
  require(operands[0].numel == 1, ErrorKind::Shape, "expected an output of one element, got ", operands[0].shape());
  const PowerSum sum{p};
  std::vector<Loop<1>> parts;
  const size_t item_size = sizeof(T);
  for (int i = 1; i < count; ++i) {
    require(operands[i].present, ErrorKind::Internal, "operand ", i, " is missing");
    operands[i].as<T>();
    if (operands[i].numel > 0)
      each_part(Loop<1>(operands + i), &item_size, [&](const Loop<1>& part) { parts.push_back(part); });
  }
  const auto blocks_of = [](const Loop<1>& part) {
    return static_cast<unsigned>(std::clamp<int64_t>((part.numel + kChunk - 1) / kChunk, 1, kNormBlocks));
  };
  int64_t total = 0;
  for (const Loop<1>& part : parts) total += blocks_of(part);
  const Workspace partial(std::max<int64_t>(total, 1) * sizeof(double));
  int64_t done = 0;
  for (const Loop<1>& part : parts) {
    const unsigned blocks = blocks_of(part);
    check(TT_LAUNCH(TT_KERNEL(sum_powers<T>), dim3(blocks), dim3(threads_for(part.numel)), 0, current_stream(),
                    static_cast<uint32_t>(part.numel), reinterpret_cast<const T*>(part.data[0]), offsets_of(part), sum,
                    partial.as<double>() + done),
          "launching a kernel");
    done += blocks;
  }
  check(TT_LAUNCH(TT_KERNEL(finish_norm<T>), dim3(1), dim3(threads_for(total)), 0, current_stream(), total,
                  partial.as<double>(), sum, operands[0].as<T>()),
        "launching a kernel");
}

}  // namespace

void register_gradients() {
  register_for<Floating>("scaleAll", 1, []<class T>() -> Kernel { return scale_all<T>; });
  register_for<Floating>("normAll", 1, []<class T>() -> Kernel { return norm_all<T>; });
}

}  // namespace tt::cuda
