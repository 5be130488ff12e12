// Group normalization, of which layer and instance normalization are cases, and batch normalization. All take
// contiguous [N, C, S] arrays: layer normalization over D elements is [N, D, 1] with one group, instance normalization
// has C groups. mean and rstd = 1 / sqrt(variance + eps), which backward needs, are of the computing type: float for
// 16-bit floats.
#include "../../checks/normalization.h"

#include <cmath>
#include <memory>
#include <vector>

#include "../../functors/moments.h"
#include "../walk.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

using functors::Moments;

constexpr int64_t kBlock = 2048;

// Two passes over blocks that stay in the cache.
template <class T>
void add_moments(const T* x, int64_t n, Moments& moments) {
  using C = compute_t<T>;
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t length = std::min(kBlock, n - i);
    const T* block = x + i;
    C sum = 0, deviations = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < length; ++j) sum += static_cast<C>(block[j]);
    const C mean = sum / static_cast<C>(length);
#pragma omp simd reduction(+ : deviations)
    for (int64_t j = 0; j < length; ++j) {
      const C difference = static_cast<C>(block[j]) - mean;
      deviations += difference * difference;
    }
    moments.add(static_cast<double>(length), mean, deviations);
  }
}

struct Sums {
  double grad = 0, product = 0;
};

// Of a run of a gradient, and of its product with (x - mean): without cancellation where the mean is large.
template <class T, class C = compute_t<T>>
void add_sums(const T* grad, const T* x, C mean, int64_t n, Sums& sums) {
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t length = std::min(kBlock, n - i);
    C grad_sum = 0, product = 0;
#pragma omp simd reduction(+ : grad_sum, product)
    for (int64_t j = i; j < i + length; ++j) {
      const C g = static_cast<C>(grad[j]);
      grad_sum += g;
      product += g * (static_cast<C>(x[j]) - mean);
    }
    sums.grad += grad_sum;
    sums.product += product;
  }
}

// --- Group normalization --------------------------------------------------------------------------------------------

// groupNorm(out, mean, rstd, self, weight?, bias?; groups, eps): mean and rstd are [N, groups]
template <class T>
void group_norm(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 6, ErrorKind::Internal, "expected six operands");
  const Shape shape = shape_of(operands[3]);
  const auto [groups, rows, channels, length] = groups_of(shape, params.integer());
  const double eps = params.number();
  T* out = required<T>(operands[0], shape.numel());
  C* mean = required<C>(operands[1], rows);
  C* rstd = required<C>(operands[2], rows);
  const T* self = required<T>(operands[3], shape.numel());
  const T* weight = dense<T>(operands[4], shape.channels);
  const T* bias = dense<T>(operands[5], shape.channels);
  parallel_for(rows, std::max<int64_t>(kGrain / 4 / std::max<int64_t>(length, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* x = self + row * length;
      T* y = out + row * length;
      Moments moments{};
      add_moments(x, length, moments);
      const C center = static_cast<C>(moments.mean);
      const C scale = static_cast<C>(1 / std::sqrt(moments.deviations / static_cast<double>(length) + eps));
      mean[row] = center;
      rstd[row] = scale;
      const int64_t first = row % groups * channels;
      if (shape.size == 1) {
        const T *w = weight ? weight + first : nullptr, *b = bias ? bias + first : nullptr;
        if (w && b) {
#pragma omp simd
          for (int64_t i = 0; i < length; ++i)
            y[i] =
                static_cast<T>((static_cast<C>(x[i]) - center) * scale * static_cast<C>(w[i]) + static_cast<C>(b[i]));
        } else {
          for (int64_t i = 0; i < length; ++i)
            y[i] = static_cast<T>((static_cast<C>(x[i]) - center) * scale * (w ? static_cast<C>(w[i]) : C(1)) +
                                  (b ? static_cast<C>(b[i]) : C(0)));
        }
        continue;
      }
      for (int64_t c = 0; c < channels; ++c) {
        const C factor = scale * (weight ? static_cast<C>(weight[first + c]) : C(1));
        const C shift = bias ? static_cast<C>(bias[first + c]) : C(0);
        const T* from = x + c * shape.size;
        T* to = y + c * shape.size;
#pragma omp simd
        for (int64_t i = 0; i < shape.size; ++i)
          to[i] = static_cast<T>((static_cast<C>(from[i]) - center) * factor + shift);
      }
    }
  });
}

// Rows that one task of a sum over rows takes: set by the size alone, so that threads do not change the result.
int64_t rows_per_part(int64_t rows, int64_t length) {
  return std::max<int64_t>((rows + 15) / 16, std::max<int64_t>(kGrain / 2 / std::max<int64_t>(length, 1), 1));
}

// groupNormBackward(gradSelf?, gradWeight?, gradBias?, grad, self, mean, rstd, weight?; groups)
template <class T>
void group_norm_backward(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 8, ErrorKind::Internal, "expected eight operands");
  const Shape shape = shape_of(operands[4]);
  const auto [groups, rows, channels, length] = groups_of(shape, params.integer());
  const auto [grad_self, grad_weight, grad_bias, grad, self, mean, rstd, weight] =
      read_gradient<T>(operands, shape, rows);
  const int64_t part = rows_per_part(shape.n, shape.channels * shape.size), parts = (shape.n + part - 1) / part;
  // For each part the sums of the gradient and of its product with the normalized input, by channel.
  const bool affine = grad_weight || grad_bias;
  std::vector<C> totals(affine ? parts * 2 * shape.channels : 0);
  parallel_for(parts, 1, [&](int64_t first_part, int64_t last_part) {
    std::vector<C> scales(shape.channels);
    for (int64_t c = 0; c < shape.channels; ++c) scales[c] = weight ? static_cast<C>(weight[c]) : C(1);
    for (int64_t p = first_part; p < last_part; ++p) {
      C* sums = affine ? totals.data() + p * 2 * shape.channels : nullptr;
      for (int64_t row = p * part * groups; row < std::min((p + 1) * part, shape.n) * groups; ++row) {
        const T *g = grad + row * length, *x = self + row * length;
        const C center = mean[row], scale = rstd[row];
        const int64_t first = row % groups * channels;
        const C* w = scales.data() + first;
        double grad_sum = 0, product_sum = 0;  // of grad * weight, and of that times (x - mean)
        if (shape.size == 1) {
          C a = 0, b = 0;
#pragma omp simd reduction(+ : a, b)
          for (int64_t i = 0; i < length; ++i) {
            const C weighted = static_cast<C>(g[i]) * w[i];
            a += weighted;
            b += weighted * (static_cast<C>(x[i]) - center);
          }
          grad_sum = a;
          product_sum = b;
          if (sums) {
            C *of_grad = sums + first, *of_product = sums + shape.channels + first;
#pragma omp simd
            for (int64_t i = 0; i < length; ++i) {
              of_grad[i] += static_cast<C>(g[i]);
              of_product[i] += static_cast<C>(g[i]) * (static_cast<C>(x[i]) - center) * scale;
            }
          }
        } else {
          for (int64_t c = 0; c < channels; ++c) {
            Sums channel;
            add_sums(g + c * shape.size, x + c * shape.size, center, shape.size, channel);
            grad_sum += channel.grad * static_cast<double>(w[c]);
            product_sum += channel.product * static_cast<double>(w[c]);
            if (!sums) continue;
            sums[first + c] += static_cast<C>(channel.grad);
            sums[shape.channels + first + c] += static_cast<C>(channel.product * static_cast<double>(scale));
          }
        }
        if (!grad_self) continue;
        // d x = rstd (g w - mean(g w) - xhat mean(g w xhat)), xhat = (x - mean) rstd
        const C shift = static_cast<C>(grad_sum / static_cast<double>(length));
        const C slope = static_cast<C>(product_sum / static_cast<double>(length)) * scale * scale;
        T* to = grad_self + row * length;
        if (shape.size == 1) {
#pragma omp simd
          for (int64_t i = 0; i < length; ++i)
            to[i] =
                static_cast<T>(scale * (static_cast<C>(g[i]) * w[i] - shift - (static_cast<C>(x[i]) - center) * slope));
          continue;
        }
        for (int64_t c = 0; c < channels; ++c) {
          const C factor = w[c];
          const int64_t from = c * shape.size;
#pragma omp simd
          for (int64_t i = from; i < from + shape.size; ++i)
            to[i] = static_cast<T>(scale *
                                   (static_cast<C>(g[i]) * factor - shift - (static_cast<C>(x[i]) - center) * slope));
        }
      }
    }
  });
  for (int64_t c = 0; c < shape.channels && affine; ++c) {
    C of_grad = 0, of_product = 0;
    for (int64_t p = 0; p < parts; ++p) {
      of_grad += totals[p * 2 * shape.channels + c];
      of_product += totals[p * 2 * shape.channels + shape.channels + c];
    }
    if (grad_bias) grad_bias[c] = static_cast<T>(of_grad);
    if (grad_weight) grad_weight[c] = static_cast<T>(of_product);
  }
}

// --- Batch normalization --------------------------------------------------------------------------------------------

// Channels [begin, end) of [N, C, 1], or one channel of [N, C, S].
constexpr int64_t kChannels = 64;

// f(first channel, number of channels) in parallel: blocks of neighbours where S is 1.
template <class F>
void each_channel_block(const Shape& shape, F&& f) {
  const int64_t block = shape.size == 1 ? kChannels : 1, blocks = (shape.channels + block - 1) / block;
  const int64_t work = std::max<int64_t>(shape.n * shape.size * block, 1);
  parallel_for(blocks, std::max<int64_t>(kGrain / 4 / work, 1), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) f(b * block, std::min(block, shape.channels - b * block));
  });
}

template <class T>
void channel_moments(const T* self, const Shape& shape, int64_t first, int64_t count, Moments* moments) {
  using C = compute_t<T>;
  if (shape.size != 1) {
    for (int64_t n = 0; n < shape.n; ++n)
      add_moments(self + (n * shape.channels + first) * shape.size, shape.size, moments[0]);
    return;
  }
  constexpr int64_t kRows = 64;
  for (int64_t n = 0; n < shape.n; n += kRows) {
    const int64_t rows = std::min(kRows, shape.n - n);
    C sums[kChannels] = {}, deviations[kChannels] = {};
    const T* x = self + n * shape.channels + first;
    for (int64_t r = 0; r < rows; ++r)
#pragma omp simd
      for (int64_t c = 0; c < count; ++c) sums[c] += static_cast<C>(x[r * shape.channels + c]);
    for (int64_t c = 0; c < count; ++c) sums[c] /= static_cast<C>(rows);
    for (int64_t r = 0; r < rows; ++r)
#pragma omp simd
      for (int64_t c = 0; c < count; ++c) {
        const C difference = static_cast<C>(x[r * shape.channels + c]) - sums[c];
        deviations[c] += difference * difference;
      }
    for (int64_t c = 0; c < count; ++c) moments[c].add(static_cast<double>(rows), sums[c], deviations[c]);
  }
}

// y = (x - center) * factor + shift, for some channels; also of two inputs, for the gradient.
template <class T, class C = compute_t<T>>
void channel_affine(const T* self, T* out, const Shape& shape, int64_t first, int64_t count, const C* center,
                    const C* factor, const C* shift) {
  for (int64_t n = 0; n < shape.n; ++n) {
    const int64_t at = (n * shape.channels + first) * shape.size;
    const T* x = self + at;
    T* y = out + at;
    if (shape.size == 1) {
#pragma omp simd
      for (int64_t c = 0; c < count; ++c)
        y[c] = static_cast<T>((static_cast<C>(x[c]) - center[c]) * factor[c] + shift[c]);
    } else {
      const C middle = center[0], slope = factor[0], offset = shift[0];
#pragma omp simd
      for (int64_t i = 0; i < shape.size; ++i) y[i] = static_cast<T>((static_cast<C>(x[i]) - middle) * slope + offset);
    }
  }
}

// batchNorm(out, mean, rstd, runningMean?, runningVar?, self, weight?, bias?; training, momentum, eps): mean and rstd
// are those of the batch in training, which the running ones follow, else the running ones
template <class T>
void batch_norm(Operand* operands, int operand_count, Params& params) {
  using C = compute_t<T>;
  require(operand_count == 8, ErrorKind::Internal, "expected eight operands");
  const bool training = params.boolean();
  const double momentum = params.number(), eps = params.number();
  const Shape shape = shape_of(operands[5]);
  T* out = required<T>(operands[0], shape.numel());
  C* mean = required<C>(operands[1], shape.channels);
  C* rstd = required<C>(operands[2], shape.channels);
  T* running_mean = dense<T>(operands[3], shape.channels);
  T* running_var = dense<T>(operands[4], shape.channels);
  const T* self = required<T>(operands[5], shape.numel());
  const T* weight = dense<T>(operands[6], shape.channels);
  const T* bias = dense<T>(operands[7], shape.channels);
  require(training || (running_mean && running_var), ErrorKind::Value,
          "the running mean and variance are needed outside of training");
  each_channel_block(shape, [&](int64_t first, int64_t count) {
    C factor[kChannels], shift[kChannels];
    Moments moments[kChannels]{};
    if (training) channel_moments(self, shape, first, count, moments);
    for (int64_t j = 0; j < count; ++j) {
      const int64_t c = first + j;
      const double n = moments[j].count;
      const double center = training ? moments[j].mean : static_cast<double>(static_cast<C>(running_mean[c]));
      const double variance =
          training ? moments[j].deviations / n : static_cast<double>(static_cast<C>(running_var[c]));
      if (training && running_mean)
        running_mean[c] =
            static_cast<T>(static_cast<C>((1 - momentum) * static_cast<C>(running_mean[c]) + momentum * center));
      if (training && running_var) {
        const double unbiased = moments[j].deviations / (n - 1);
        running_var[c] =
            static_cast<T>(static_cast<C>((1 - momentum) * static_cast<C>(running_var[c]) + momentum * unbiased));
      }
      mean[c] = static_cast<C>(center);
      rstd[c] = static_cast<C>(1 / std::sqrt(variance + eps));
      factor[j] = rstd[c] * (weight ? static_cast<C>(weight[c]) : C(1));
      shift[j] = bias ? static_cast<C>(bias[c]) : C(0);
    }
    channel_affine(self, out, shape, first, count, mean + first, factor, shift);
  });
}

// batchNormBackward(gradSelf?, gradWeight?, gradBias?, grad, self, mean, rstd, weight?; training)
template <class T>
void batch_norm_backward(Operand* operands, int operand_count, Params& params) {
  using C = compute_t<T>;
  require(operand_count == 8, ErrorKind::Internal, "expected eight operands");
  const bool training = params.boolean();
  const Shape shape = shape_of(operands[4]);
  const auto [grad_self, grad_weight, grad_bias, grad, self, mean, rstd, weight] =
      read_gradient<T>(operands, shape, shape.channels);
  const double elements = static_cast<double>(shape.n * shape.size);
  each_channel_block(shape, [&](int64_t first, int64_t count) {
    Sums sums[kChannels];
    for (int64_t n = 0; n < shape.n; ++n) {
      const int64_t at = (n * shape.channels + first) * shape.size;
      if (shape.size != 1) {
        add_sums(grad + at, self + at, mean[first], shape.size, sums[0]);
        continue;
      }
      for (int64_t j = 0; j < count; ++j) {
        const C g = static_cast<C>(grad[at + j]);
        sums[j].grad += g;
        sums[j].product += g * (static_cast<C>(self[at + j]) - mean[first + j]);
      }
    }
    C factor[kChannels], shift[kChannels], slope[kChannels];
    for (int64_t j = 0; j < count; ++j) {
      const int64_t c = first + j;
      const double scale = rstd[c];
      if (grad_bias) grad_bias[c] = static_cast<T>(static_cast<C>(sums[j].grad));
      if (grad_weight) grad_weight[c] = static_cast<T>(static_cast<C>(sums[j].product * scale));
      factor[j] = rstd[c] * (weight ? static_cast<C>(weight[c]) : C(1));
      shift[j] = training ? static_cast<C>(sums[j].grad / elements) : C(0);
      slope[j] = training ? static_cast<C>(sums[j].product / elements * scale * scale) : C(0);
    }
    for (int64_t n = 0; n < shape.n && grad_self; ++n) {
      const int64_t at = (n * shape.channels + first) * shape.size;
      const T *g = grad + at, *x = self + at;
      T* to = grad_self + at;
      if (shape.size == 1) {
#pragma omp simd
        for (int64_t j = 0; j < count; ++j)
          to[j] = static_cast<T>(
              factor[j] * (static_cast<C>(g[j]) - shift[j] - (static_cast<C>(x[j]) - mean[first + j]) * slope[j]));
        continue;
      }
      const C a = factor[0], b = shift[0], d = slope[0], center = mean[first];
#pragma omp simd
      for (int64_t i = 0; i < shape.size; ++i)
        to[i] = static_cast<T>(a * (static_cast<C>(g[i]) - b - (static_cast<C>(x[i]) - center) * d));
    }
  });
}

}  // namespace

void register_normalization() {
  register_for<Floating>("groupNorm", 3, []<class T>() -> Kernel { return group_norm<T>; });
  register_for<Floating>("groupNormBackward", 3, []<class T>() -> Kernel { return group_norm_backward<T>; });
  register_for<Floating>("batchNorm", 5, []<class T>() -> Kernel { return batch_norm<T>; });
  register_for<Floating>("batchNormBackward", 3, []<class T>() -> Kernel { return batch_norm_backward<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
