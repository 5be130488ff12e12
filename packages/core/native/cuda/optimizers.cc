// Optimizer steps over all parameters at once. The operands are those of cpu/vectorized/optimizers.cc; the tensors of
// many parameters go to one launch, in a struct of its arguments: no pointers lie in device memory.
#include "../functors/optimizers.h"

#include <cmath>
#include <vector>

#include "../checks/operands.h"
#include "../functors/read_functor.h"
#include "allocator.h"
#include "block.h"
#include "offsets.h"

namespace tt::cuda {
namespace {

// Elements of a block.
constexpr int64_t kChunk = 8192;
// Of the 4096 bytes that a launch may pass.
constexpr size_t kBatchBytes = 3584;

// Tensors that lie evenly, `groups` of each of several parameters, and the numbers that each parameter has for itself.
template <class T, int groups, int numbers>
struct Batch {
  using C = compute_t<T>;
  static constexpr int kOwn = numbers > 0 ? numbers : 1;
  static constexpr int kMost =
      static_cast<int>(kBatchBytes / (groups * sizeof(T*) + sizeof(int64_t) + sizeof(unsigned) + kOwn * sizeof(C)));
  int count = 0;
  unsigned blocks = 0;
  unsigned first_blocks[kMost];
  int64_t sizes[kMost];
  T* data[kMost][groups];
  C own[kMost][kOwn];
};

// update(values, own): all values but the gradient, number 1, are written back.
template <class T, int groups, class Update, class At>
TT_D void update_element(const Update& update, T* const* data, const compute_t<T>* own, const At& at) {
  using C = compute_t<T>;
  C values[groups];
  TT_UNROLL
  for (int g = 0; g < groups; ++g) values[g] = static_cast<C>(data[g][at(g)]);
  update(values, own);
  TT_UNROLL
  for (int g = 0; g < groups; ++g)
    if (g != 1) data[g][at(g)] = static_cast<T>(values[g]);
}

struct Even {
  int64_t element;
  TT_D int64_t operator()(int) const { return element; }
};
struct Strided {
  const int64_t* offsets;
  TT_D int64_t operator()(int g) const { return offsets[g]; }
};

template <class T, int groups, int numbers, class Update>
__global__ void update_batch(Batch<T, groups, numbers> batch, Update update) {
  int i = 0;
  while (i + 1 < batch.count && batch.first_blocks[i + 1] <= blockIdx.x) ++i;
  const int64_t begin = static_cast<int64_t>(blockIdx.x - batch.first_blocks[i]) * kChunk;
  const int64_t rest = batch.sizes[i] - begin, end = begin + (rest < kChunk ? rest : kChunk);
  for (int64_t element = begin + threadIdx.x; element < end; element += blockDim.x)
    update_element<T, groups>(update, batch.data[i], batch.own[i], Even{element});
}

template <class T, int groups, int numbers>
struct One {
  T* data[groups];
  compute_t<T> own[numbers > 0 ? numbers : 1];
};

template <class T, int groups, int numbers, class Update>
__global__ void update_strided(uint32_t n, One<T, groups, numbers> one, Offsets<groups> places, Update update) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t offsets[groups];
    places.find(i, offsets);
    update_element<T, groups>(update, one.data, one.own, Strided{offsets});
  }
}

template <class T, int groups, int numbers, class Update>
void launch_batch(Batch<T, groups, numbers>& batch, const Update& update) {
  if (batch.count == 0) return;
  constexpr auto kernel = update_batch<T, groups, numbers, Update>;
  check(TT_LAUNCH_INDEPENDENT(kernel, dim3(batch.blocks), dim3(kMostThreads), 0, current_stream(), batch, update),
        "launching a kernel");
  batch.count = 0;
  batch.blocks = 0;
}

// `own`: `numbers` of each parameter.
template <class T, int groups, int numbers, class Update>
void update_all(const Operand* operands, int64_t n, const std::vector<compute_t<T>>& own, const Update& update) {
  // Zeroed: emulated devices take what looks like an address for one, also in what is left over.
  Batch<T, groups, numbers> batch{};
  for (int64_t i = 0; i < n; ++i) {
    Operand group[groups];
    for (int g = 0; g < groups; ++g) {
      group[g] = operands[g * n + i];
      require(group[g].present, ErrorKind::Internal, "operand ", g * n + i, " is missing");
      operands[g * n + i].as<T>();
      require_same_shape(group[0], group[g]);
    }
    if (group[0].numel == 0) continue;
    const Loop<groups> loop(group);
    bool even = loop.ndim == 1;
    for (int g = 0; g < groups; ++g) even &= loop.strides[g][0] == 1;
    if (!even) {
      size_t item_sizes[groups];
      std::fill_n(item_sizes, groups, sizeof(T));
      each_part(loop, item_sizes, [&](const Loop<groups>& part) {
        One<T, groups, numbers> one{};
        for (int g = 0; g < groups; ++g) one.data[g] = reinterpret_cast<T*>(part.data[g]);
        for (int k = 0; k < numbers; ++k) one.own[k] = own[i * numbers + k];
        constexpr auto kernel = update_strided<T, groups, numbers, Update>;
        TT_RUN_ELEMENTS(part.numel, kernel, static_cast<uint32_t>(part.numel), one, offsets_of(part), update);
      });
      continue;
    }
    for (int g = 0; g < groups; ++g) batch.data[batch.count][g] = reinterpret_cast<T*>(loop.data[g]);
    for (int k = 0; k < numbers; ++k) batch.own[batch.count][k] = own[i * numbers + k];
    batch.sizes[batch.count] = loop.numel;
    batch.first_blocks[batch.count] = batch.blocks;
    batch.blocks += static_cast<unsigned>((loop.numel + kChunk - 1) / kChunk);
    if (++batch.count == Batch<T, groups, numbers>::kMost) launch_batch(batch, update);
  }
  launch_batch(batch, update);
}

template <class C, class F>
struct Step {
  F update;
  C decay, sign;
  TT_D void operator()(C* values, const C* own) const { update(values, sign * values[1] + decay * values[0], own); }
};

// name(params..., grads..., state...; the functor's numbers, weightDecay, maximize, each parameter's own numbers...)
template <class T, class F>
void step(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  const F update = read_functor<F>(params);
  const C decay = static_cast<C>(params.number()), sign = static_cast<C>(params.boolean() ? -1 : 1);
  require(count > 0 && count % F::kTensors == 0, ErrorKind::Internal, "expected groups of ", F::kTensors,
          " operands, got ", count);
  const int64_t n = count / F::kTensors;
  std::vector<C> own(n * F::kNumbers);
  for (C& number : own) number = static_cast<C>(params.number());
  update_all<T, F::kTensors, F::kNumbers>(operands, n, own, Step<C, F>{update, decay, sign});
}

// Before the numbers of those that may have more state comes what they have.
template <class T, template <bool> class F>
void step_with(Operand* operands, int count, Params& params) {
  return params.boolean() ? step<T, F<true>>(operands, count, params) : step<T, F<false>>(operands, count, params);
}

template <bool centered>
struct RMSprop {
  template <bool with_buffer>
  using With = functors::RMSprop<centered, with_buffer>;
};

template <class T>
void rmsprop(Operand* operands, int count, Params& params) {
  return params.boolean() ? step_with<T, RMSprop<true>::template With>(operands, count, params)
                          : step_with<T, RMSprop<false>::template With>(operands, count, params);
}

// --- All gradients together ------------------------------------------------------------------------------------------

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

void register_optimizers() {
  register_for<Floating>("sgd", 1, []<class T>() -> Kernel { return step_with<T, functors::Sgd>; });
  register_for<Floating>("adam", 1, []<class T>() -> Kernel { return step_with<T, functors::Adam>; });
  register_for<Floating>("rmsprop", 1, []<class T>() -> Kernel { return rmsprop<T>; });
  register_for<Floating>("nadam", 1, []<class T>() -> Kernel { return step<T, functors::NAdam>; });
  register_for<Floating>("radam", 1, []<class T>() -> Kernel { return step<T, functors::RAdam>; });
  register_for<Floating>("adamax", 1, []<class T>() -> Kernel { return step<T, functors::Adamax>; });
  register_for<Floating>("adagrad", 1, []<class T>() -> Kernel { return step<T, functors::Adagrad>; });
  register_for<Floating>("adadelta", 1, []<class T>() -> Kernel { return step<T, functors::Adadelta>; });
  register_for<Floating>("asgd", 1, []<class T>() -> Kernel { return step<T, functors::Asgd>; });
  register_for<Floating>("rprop", 1, []<class T>() -> Kernel { return step<T, functors::Rprop>; });
  register_for<Floating>("scaleAll", 1, []<class T>() -> Kernel { return scale_all<T>; });
  register_for<Floating>("normAll", 1, []<class T>() -> Kernel { return norm_all<T>; });
}

}  // namespace tt::cuda
