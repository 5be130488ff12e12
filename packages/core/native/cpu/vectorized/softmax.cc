// softmax(x) = exp(x - max) / sum(exp(x - max)) along one dimension, its logarithm, and their gradients.
#include <memory>

#include "../../functors/half.h"
#include "../../functors/math.h"
#include "lines.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// The cost of exp beside an addition's.
constexpr int64_t kCost = 8;

// exp of numbers that are not positive, to 2 ulp (the polynomial is that of Moshier's Cephes); 0 below -87, where
// results are no normal numbers any more. libmvec takes such elements, which masks make, one by one, at ten times the
// cost.
TT_HD float exp_of_negative(float x) {
  constexpr float kLeast = -87;
  const float kept = x < kLeast ? kLeast : x, n = math::rint(kept * 1.44269504088896341f);
  const float r = kept - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float result = (p * r * r + r + 1) * bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
  return x < kLeast ? 0 : result;
}
TT_HD double exp_of_negative(double x) { return math::exp(x); }

template <class C>
C largest(const C* x, int64_t n) {
  C result = x[0];
#pragma omp simd reduction(max : result)
  for (int64_t i = 0; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

template <bool log, class C>
void forward_line(const C* x, C* y, int64_t n) {
  const C shift = largest(x, n);
  C sum = 0;
  if constexpr (log) {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += exp_of_negative(x[i] - shift);
    const C log_sum = std::log(sum);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] - shift - log_sum;
  } else {
    // Two loops: the compiler vectorizes exp in neither when they are one.
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] = exp_of_negative(x[i] - shift);
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += y[i];
    const C scale = 1 / sum;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] *= scale;
  }
}

// y is the result of the forward pass.
template <bool log, class C>
void backward_line(const C* grad, const C* y, C* out, int64_t n) {
  C sum = 0;
  if constexpr (log) {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += grad[i];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = grad[i] - exp_of_negative(y[i]) * sum;
  } else {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += grad[i] * y[i];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = (grad[i] - sum) * y[i];
  }
}

// The line itself where it is contiguous and of the computing type, else a copy of it in `buffer`.
template <class T, class C = compute_t<T>>
const C* read_line(const char* data, int64_t step, int64_t n, C* buffer) {
  const T* from = reinterpret_cast<const T*>(data);
  if constexpr (std::is_same_v<T, C>) {
    if (step == 1) return from;
  }
  if (step == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) buffer[i] = static_cast<C>(from[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) buffer[i] = static_cast<C>(from[i * step]);
  }
  return buffer;
}

// Where to write a line: in place, or to `buffer`, which store_line brings over.
template <class T, class C = compute_t<T>>
C* target_line(char* data, int64_t step, C* buffer) {
  if constexpr (std::is_same_v<T, C>) {
    if (step == 1) return reinterpret_cast<T*>(data);
  }
  return buffer;
}

template <class T, class C = compute_t<T>>
void store_line(char* data, int64_t step, int64_t n, const C* line) {
  T* to = reinterpret_cast<T*>(data);
  if (static_cast<const void*>(to) == line) return;
  if (step == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(line[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * step] = static_cast<T>(line[i]);
  }
}

template <bool log, class T, class C = compute_t<T>>
void forward_columns(const T* x, T* y, int64_t n, int64_t x_step, int64_t y_step, int64_t columns) {
  C shift[kLineColumns], sum[kLineColumns];
  for (int64_t j = 0; j < columns; ++j) shift[j] = static_cast<C>(x[j]), sum[j] = 0;
  for (int64_t i = 1; i < n; ++i) {
    const T* row = x + i * x_step;
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) {
      const C value = static_cast<C>(row[j]);
      shift[j] = value > shift[j] ? value : shift[j];
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    const T* row = x + i * x_step;
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) sum[j] += exp_of_negative(static_cast<C>(row[j]) - shift[j]);
  }
  for (int64_t j = 0; j < columns; ++j) sum[j] = log ? std::log(sum[j]) : 1 / sum[j];
  for (int64_t i = 0; i < n; ++i) {
    const T* row = x + i * x_step;
    T* out = y + i * y_step;
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) {
      const C value = static_cast<C>(row[j]) - shift[j];
      out[j] = static_cast<T>(log ? value - sum[j] : exp_of_negative(value) * sum[j]);
    }
  }
}

template <bool log, class T, class C = compute_t<T>>
void backward_columns(const T* grad, const T* y, T* out, int64_t n, const int64_t* steps, int64_t columns) {
  C sum[kLineColumns] = {};
  for (int64_t i = 0; i < n; ++i) {
    const T *g = grad + i * steps[1], *value = y + i * steps[2];
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j)
      sum[j] += log ? static_cast<C>(g[j]) : static_cast<C>(g[j]) * static_cast<C>(value[j]);
  }
  for (int64_t i = 0; i < n; ++i) {
    const T *g = grad + i * steps[1], *value = y + i * steps[2];
    T* to = out + i * steps[0];
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) {
      const C gradient = static_cast<C>(g[j]), result = static_cast<C>(value[j]);
      to[j] = static_cast<T>(log ? gradient - exp_of_negative(result) * sum[j] : (gradient - sum[j]) * result);
    }
  }
}

template <class T>
void require_types(const Operand* operands, int count, int expected) {
  require_operands(operands, count, expected);
  for (int k = 0; k < count; ++k) operands[k].as<T>();
}

// softmax(out, self; dim)
template <class T, bool log>
void forward(Operand* operands, int count, Params& params) {
  require_types<T>(operands, count, 2);
  using C = compute_t<T>;
  const Lines<2> lines(operands, params.integer());
  const int64_t n = lines.length;
  lines.each(operands, kCost, [&](const auto& p, int64_t columns) {
    if (lines.column_dim >= 0)
      return forward_columns<log>(reinterpret_cast<const T*>(p[1]), reinterpret_cast<T*>(p[0]), n, lines.steps[1],
                                  lines.steps[0], columns);
    const bool direct = std::is_same_v<T, C> && lines.steps[0] == 1 && lines.steps[1] == 1;
    thread_local std::vector<C> buffer;
    if (!direct) buffer.resize(n);
    const C* x = read_line<T>(p[1], lines.steps[1], n, buffer.data());
    C* y = target_line<T>(p[0], lines.steps[0], buffer.data());
    forward_line<log>(x, y, n);
    store_line<T>(p[0], lines.steps[0], n, y);
  });
}

// softmaxBackward(gradSelf, grad, result; dim)
template <class T, bool log>
void backward(Operand* operands, int count, Params& params) {
  require_types<T>(operands, count, 3);
  using C = compute_t<T>;
  const Lines<3> lines(operands, params.integer());
  const int64_t n = lines.length;
  lines.each(operands, log ? kCost : 2, [&](const auto& p, int64_t columns) {
    if (lines.column_dim >= 0)
      return backward_columns<log>(reinterpret_cast<const T*>(p[1]), reinterpret_cast<const T*>(p[2]),
                                   reinterpret_cast<T*>(p[0]), n, lines.steps, columns);
    thread_local std::vector<C> buffer;
    buffer.resize(2 * n);
    const C* grad = read_line<T>(p[1], lines.steps[1], n, buffer.data());
    const C* y = read_line<T>(p[2], lines.steps[2], n, buffer.data() + n);
    C* out = target_line<T>(p[0], lines.steps[0], buffer.data());
    backward_line<log>(grad, y, out, n);
    store_line<T>(p[0], lines.steps[0], n, out);
  });
}

}  // namespace

void register_softmax() {
  register_for<Floating>("softmax", 1, []<class T>() -> Kernel { return forward<T, false>; });
  register_for<Floating>("logSoftmax", 1, []<class T>() -> Kernel { return forward<T, true>; });
  register_for<Floating>("softmaxBackward", 1, []<class T>() -> Kernel { return backward<T, false>; });
  register_for<Floating>("logSoftmaxBackward", 1, []<class T>() -> Kernel { return backward<T, true>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
