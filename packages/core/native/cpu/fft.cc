// Discrete Fourier transforms along one dimension. Lengths whose prime factors are small go through a mixed-radix
// Stockham transform (self-sorting, no bit reversal); others through Bluestein's algorithm, as a convolution of a power
// of two.
#include "../checks/fft.h"

#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "../families.h"
#include "../functors/roots_of_unity.h"
#include "../runtime/operand.h"
#include "../runtime/parallel.h"
#include "../runtime/registry.h"

namespace tt {
namespace {

constexpr int64_t kLargestRadix = 31;

template <class T>
struct Stage {
  int64_t radix;
  int64_t span;                      // the length of the transforms that this stage joins
  std::vector<Complex<T>> twiddles;  // [span][radix - 1]
  std::vector<Complex<T>> roots;     // of unity, [radix]
};

template <class T>
struct Plan {
  int64_t length;
  std::vector<Stage<T>> stages;
  // Bluestein's: chirp[k] = exp(-i pi k^2 / n), and the transform of its conjugate, padded.
  std::shared_ptr<const Plan> padded;
  std::vector<Complex<T>> chirp, chirp_transform;
};

template <class T>
Complex<T> to(Complex<double> z) {
  return {static_cast<T>(z.re), static_cast<T>(z.im)};
}

template <class T>
Complex<T> conjugate(Complex<T> z) {
  return {z.re, -z.im};
}

template <class T>
std::shared_ptr<const Plan<T>> plan_for(int64_t length);
template <class T>
void transform(const Plan<T>& plan, Complex<T>* data, Complex<T>* scratch);

template <class T>
void add_stages(Plan<T>& plan, const std::vector<int64_t>& factors) {
  int64_t span = 1;
  for (const int64_t radix : factors) {
    Stage<T> stage{radix, span, {}, {}};
    for (int64_t k = 0; k < span; ++k)
      for (int64_t j = 1; j < radix; ++j) stage.twiddles.push_back(to<T>(root_of_unity(j * k, span * radix)));
    for (int64_t j = 0; j < radix; ++j) stage.roots.push_back(to<T>(root_of_unity(j, radix)));
    plan.stages.push_back(std::move(stage));
    span *= radix;
  }
}

template <class T>
void add_chirp(Plan<T>& plan) {
  const int64_t n = plan.length;
  int64_t padded_length = 1;
  while (padded_length < 2 * n - 1) padded_length *= 2;
  plan.padded = plan_for<T>(padded_length);
  plan.chirp_transform.assign(padded_length, Complex<T>(0, 0));
  for (int64_t k = 0; k < n; ++k) {
    // k^2 modulo 2n keeps the angle exact.
    const auto square = static_cast<int64_t>(static_cast<unsigned __int128>(k) * k % (2 * n));
    const Complex<T> value = to<T>(root_of_unity(square, 2 * n));
    plan.chirp.push_back(value);
    plan.chirp_transform[k] = conjugate(value);
    if (k > 0) plan.chirp_transform[padded_length - k] = conjugate(value);
  }
  std::vector<Complex<T>> scratch(padded_length);
  transform(*plan.padded, plan.chirp_transform.data(), scratch.data());
}

template <class T>
std::shared_ptr<const Plan<T>> make_plan(int64_t length) {
  auto plan = std::make_shared<Plan<T>>();
  plan->length = length;
  const auto factors = radixes_of(length);
  if (factors.empty() || factors.back() <= kLargestRadix) {
    add_stages(*plan, factors);
  } else {
    add_chirp(*plan);
  }
  return plan;
}

// Plans are kept: programs use few lengths. Never destroyed, since workers may outlive the main thread.
template <class T>
std::shared_ptr<const Plan<T>> plan_for(int64_t length) {
  static auto& plans = *new std::map<int64_t, std::shared_ptr<const Plan<T>>>();
  static auto& mutex = *new std::recursive_mutex();
  constexpr size_t kMostPlans = 64;
  std::lock_guard lock(mutex);
  const auto found = plans.find(length);
  if (found != plans.end()) return found->second;
  auto plan = make_plan<T>(length);
  if (plans.size() >= kMostPlans) plans.clear();
  plans.emplace(length, plan);
  return plan;
}

template <class T>
void butterfly2(Complex<T>* v) {
  const Complex<T> a = v[0];
  v[0] = a + v[1];
  v[1] = a - v[1];
}

template <class T>
void butterfly4(Complex<T>* v) {
  const Complex<T> a = v[0] + v[2], b = v[0] - v[2], c = v[1] + v[3], d = v[1] - v[3];
  const Complex<T> turned{d.im, -d.re};  // -i d
  v[0] = a + c;
  v[1] = b + turned;
  v[2] = a - c;
  v[3] = b - turned;
}

template <class T>
void butterfly(const Stage<T>& stage, Complex<T>* v) {
  if (stage.radix == 2) return butterfly2(v);
  if (stage.radix == 4) return butterfly4(v);
  Complex<T> sums[kLargestRadix];
  for (int64_t k = 0; k < stage.radix; ++k) {
    sums[k] = v[0];
    for (int64_t j = 1; j < stage.radix; ++j) sums[k] += v[j] * stage.roots[j * k % stage.radix];
  }
  std::copy_n(sums, stage.radix, v);
}

// The forward transform of `data`, in place; `scratch` holds as many elements.
template <class T>
void mixed_radix(const Plan<T>& plan, Complex<T>* data, Complex<T>* scratch) {
  Complex<T>* from = data;
  Complex<T>* into = scratch;
  for (const auto& stage : plan.stages) {
    const int64_t radix = stage.radix, span = stage.span, groups = plan.length / (span * radix);
    for (int64_t group = 0; group < groups; ++group) {
      for (int64_t k = 0; k < span; ++k) {
        Complex<T> values[kLargestRadix];
        const Complex<T>* twiddles = stage.twiddles.data() + k * (radix - 1);
        for (int64_t j = 0; j < radix; ++j) values[j] = from[(group + j * groups) * span + k];
        for (int64_t j = 1; j < radix; ++j) values[j] = values[j] * twiddles[j - 1];
        butterfly(stage, values);
        for (int64_t j = 0; j < radix; ++j) into[(group * radix + j) * span + k] = values[j];
      }
    }
    std::swap(from, into);
  }
  if (from != data) std::copy_n(from, plan.length, data);
}

template <class T>
void bluestein(const Plan<T>& plan, Complex<T>* data) {
  const int64_t n = plan.length, padded_length = plan.padded->length;
  std::vector<Complex<T>> work(padded_length, Complex<T>(0, 0)), scratch(padded_length);
  for (int64_t k = 0; k < n; ++k) work[k] = data[k] * plan.chirp[k];
  transform(*plan.padded, work.data(), scratch.data());
  // The inverse transform by the forward one of the conjugates.
  for (int64_t k = 0; k < padded_length; ++k) work[k] = conjugate(work[k] * plan.chirp_transform[k]);
  transform(*plan.padded, work.data(), scratch.data());
  const T scale = T(1) / static_cast<T>(padded_length);
  for (int64_t k = 0; k < n; ++k) data[k] = conjugate(work[k]) * Complex<T>(scale) * plan.chirp[k];
}

template <class T>
void transform(const Plan<T>& plan, Complex<T>* data, Complex<T>* scratch) {
  if (plan.padded) return bluestein(plan, data);
  mixed_radix(plan, data, scratch);
}

// fft(out, self; dim, inverse, scale): out[k] = scale * sum over j of self[j] exp(-+ 2 pi i j k / n)
template <class R>
void fft(Operand* operands, int count, Params& params) {
  using Z = Complex<R>;
  const Operand &out = operands[0], &self = operands[1];
  const int64_t dim = params.integer();
  const bool inverse = params.boolean();
  const auto scale = static_cast<R>(params.number());
  require_transform(operands, count, dim);
  Z* to_data = out.as<Z>();
  const Z* from_data = self.as<Z>();
  if (self.numel == 0) return;
  const int64_t n = self.sizes[dim], rows = self.numel / n;
  const auto plan = plan_for<R>(n);
  parallel_for(rows, std::max<int64_t>(kGrain / (8 * n), 1), [&](int64_t begin, int64_t end) {
    std::vector<Z> row(n), scratch(n);
    for (int64_t r = begin; r < end; ++r) {
      const Z* from = from_data;
      Z* to = to_data;
      int64_t rest = r;
      for (int d = self.ndim - 1; d >= 0; --d) {
        if (d == dim) continue;
        const int64_t index = rest % self.sizes[d];
        rest /= self.sizes[d];
        from += index * self.strides[d];
        to += index * out.strides[d];
      }
      for (int64_t k = 0; k < n; ++k) row[k] = from[k * self.strides[dim]];
      if (inverse)
        for (auto& z : row) z = conjugate(z);
      transform(*plan, row.data(), scratch.data());
      for (int64_t k = 0; k < n; ++k) {
        const Z z = inverse ? conjugate(row[k]) : row[k];
        to[k * out.strides[dim]] = {z.re * scale, z.im * scale};
      }
    }
  });
}

}  // namespace

void register_fft() {
  register_kernel("fft", 1, DeviceType::CPU, DType::Complex64, fft<float>);
  register_kernel("fft", 1, DeviceType::CPU, DType::Complex128, fft<double>);
}

}  // namespace tt
