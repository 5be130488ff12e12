// Optimizer steps over all parameters at once. Operands come in groups: the parameters, then their gradients, then each
// kind of state, `n` of each; all of a parameter's tensors have its shape and dtype. Gradients are not written.
#include "../../functors/optimizers.h"

#include <array>
#include <cmath>
#include <vector>

#include "../../functors/read_functor.h"
#include "../walk.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// Elements of one task: tasks of all parameters share the threads.
constexpr int64_t kChunk = 1 << 15;

struct Chunk {
  int64_t param, begin, end;
};

std::vector<Chunk> chunks_of(const Operand* params, int64_t n) {
  std::vector<Chunk> chunks;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t begin = 0; begin < params[i].numel; begin += kChunk)
      chunks.push_back({i, begin, std::min(begin + kChunk, params[i].numel)});
  return chunks;
}

// Checks `groups` groups of n operands and calls f(param, pointers, steps, length) for runs of elements. Elements need
// no order: only the elements of a parameter's tensors must belong together.
template <class T, int groups, class F>
void each_run(const Operand* operands, int64_t n, F&& f) {
  for (int64_t i = 0; i < n; ++i)
    for (int g = 0; g < groups; ++g) {
      const Operand& operand = operands[g * n + i];
      require(operand.present, ErrorKind::Internal, "operand ", g * n + i, " is missing");
      operand.as<T>();
      require_same_shape(operands[i], operand);
    }
  const auto chunks = chunks_of(operands, n);
  parallel_for(static_cast<int64_t>(chunks.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const Chunk& chunk = chunks[c];
      Operand group[groups];
      for (int g = 0; g < groups; ++g) group[g] = operands[g * n + chunk.param];
      const Loop<groups> loop(group);
      struct Call {
        F& f;
        int64_t param;
      } call{f, chunk.param};
      size_t sizes[groups];
      std::fill_n(sizes, groups, sizeof(T));
      loop.each_row(
          chunk.begin, chunk.end, sizes,
          [](const void* call, char* const* pointers, const int64_t* steps, int64_t length) {
            const Call& to = *static_cast<const Call*>(call);
            to.f(to.param, pointers, steps, length);
          },
          &call);
    }
  });
}

// update(values...) for each element, with the group's values in the computing type; all but the gradient, number 1,
// are written back.
template <class T, int groups, class Update>
void update_run(char* const* pointers, const int64_t* steps, int64_t length, Update&& update) {
  using C = compute_t<T>;
  T* p[groups];
  bool contiguous = true;
  for (int g = 0; g < groups; ++g) {
    p[g] = reinterpret_cast<T*>(pointers[g]);
    contiguous &= steps[g] == 1;
  }
  const auto element = [&](const auto& place) {
    C values[groups];
    for (int g = 0; g < groups; ++g) values[g] = static_cast<C>(p[g][place(g)]);
    update(values);
    for (int g = 0; g < groups; ++g)
      if (g != 1) p[g][place(g)] = static_cast<T>(values[g]);
  };
  if (contiguous) {
#pragma omp simd
    for (int64_t i = 0; i < length; ++i) element([i](int) { return i; });
  } else {
    for (int64_t i = 0; i < length; ++i) element([i, steps](int g) { return i * steps[g]; });
  }
}

// A params array of the groups: launchList has as many operands as it likes.
int64_t group_size(int count, int groups) {
  require(count > 0 && count % groups == 0, ErrorKind::Internal, "expected groups of ", groups, " operands, got ",
          count);
  return count / groups;
}

// name(params..., grads..., state...; the functor's numbers, weightDecay, maximize, each parameter's own numbers...)
template <class T, class F>
void step(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  const F update = read_functor<F>(params);
  const C decay = static_cast<C>(params.number()), sign = params.boolean() ? -1 : 1;
  const int64_t n = group_size(count, F::kTensors);
  std::vector<std::array<C, F::kNumbers>> own(n);
  for (auto& numbers : own)
    for (C& number : numbers) number = static_cast<C>(params.number());
  each_run<T, F::kTensors>(operands, n, [&](int64_t i, char* const* p, const int64_t* steps, int64_t length) {
    const auto numbers = own[i];
    update_run<T, F::kTensors>(p, steps, length,
                               [=](C* v) { update(v, static_cast<C>(sign * v[1] + decay * v[0]), numbers.data()); });
  });
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

// scaleAll(tensors..., factor): multiplies all by one number, an array of one element
template <class T>
void scale_all(Operand* operands, int count, Params&) {
  require(count >= 2 && operands[count - 1].present && operands[count - 1].numel == 1, ErrorKind::Internal,
          "expected tensors and a factor");
  const auto factor = static_cast<compute_t<T>>(*operands[count - 1].as<T>());
  each_run<T, 1>(operands, count - 1, [=](int64_t, char* const* p, const int64_t* steps, int64_t n) {
    T* x = reinterpret_cast<T*>(p[0]);
    if (steps[0] == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) x[i] = static_cast<T>(static_cast<compute_t<T>>(x[i]) * factor);
    } else {
      for (int64_t i = 0; i < n; ++i)
        x[i * steps[0]] = static_cast<T>(static_cast<compute_t<T>>(x[i * steps[0]]) * factor);
    }
  });
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

}  // namespace tt::TT_INSTRUCTION_SET
