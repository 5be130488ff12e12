// Discrete Fourier transforms along one dimension: a mixed-radix Stockham transform in global memory, a launch for each
// factor of the length; lengths with large prime factors as a convolution of a power of two (Bluestein's algorithm).
#include "../checks/fft.h"

#include <vector>

#include "../functors/roots_of_unity.h"
#include "contiguous.h"
#include "offsets.h"

namespace tt::cuda {
namespace {

constexpr int kLargestRadix = 31;

// --- Kernels ---------------------------------------------------------------------------------------------------------

// exp(-+ 2 pi i k / n) for all k: every stage of a transform reads its factors there.
template <class R>
__global__ void make_roots(int64_t n, bool inverse, Complex<R>* roots) {
  for (int64_t k = first_element(); k < n; k += grid_stride()) {
    const Complex<double> root = root_of_unity(k, n);
    roots[k] = {static_cast<R>(root.re), static_cast<R>(inverse ? -root.im : root.im)};
  }
}

template <class R>
TT_D void butterfly2(Complex<R>* v) {
  const Complex<R> a = v[0];
  v[0] = a + v[1];
  v[1] = a - v[1];
}

// `quarter`: exp(-+ 2 pi i / 4), which is -+ i.
template <class R>
TT_D void butterfly4(Complex<R>* v, R quarter) {
  const Complex<R> a = v[0] + v[2], b = v[0] - v[2], c = v[1] + v[3], d = v[1] - v[3];
  const Complex<R> turned{-d.im * quarter, d.re * quarter};
  v[0] = a + c;
  v[1] = b + turned;
  v[2] = a - c;
  v[3] = b - turned;
}

struct Stage {
  int64_t length;  // of the whole transform
  uint32_t radix, span;
  Divider butterflies, spans;  // of a row: length / radix, and span

  Stage(int64_t length, int64_t radix, int64_t span)
      : length(length),
        radix(static_cast<uint32_t>(radix)),
        span(static_cast<uint32_t>(span)),
        butterflies(static_cast<uint32_t>(length / radix)),
        spans(static_cast<uint32_t>(span)) {}
};

// A thread joins `radix` transforms of length `span` at one place of theirs. `fixed`: the radix, where it is 2 or 4.
template <class R, int fixed>
__global__ void join_transforms(int64_t n, Stage stage, const Complex<R>* from, Complex<R>* into,
                                const Complex<R>* roots, R scale) {
  constexpr int kMost = fixed > 0 ? fixed : kLargestRadix;
  const uint32_t radix = fixed > 0 ? fixed : stage.radix, groups = stage.butterflies.divisor / stage.span;
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const uint32_t row = stage.butterflies.quotient(static_cast<uint32_t>(i));
    const uint32_t butterfly = static_cast<uint32_t>(i) - row * stage.butterflies.divisor;
    const uint32_t group = stage.spans.quotient(butterfly), k = butterfly - group * stage.span;
    const Complex<R>* in = from + row * stage.length;
    Complex<R>* out = into + row * stage.length;
    Complex<R> values[kMost];
    TT_UNROLL
    for (uint32_t j = 0; j < radix; ++j) {
      values[j] = in[(group + j * groups) * int64_t{stage.span} + k] * Complex<R>(scale);
      if (j > 0) values[j] *= roots[int64_t{j} * k * groups];
    }
    if constexpr (fixed == 2) {
      butterfly2(values);
    } else if constexpr (fixed == 4) {
      butterfly4(values, roots[stage.length / 4].im);
    }
    TT_UNROLL
    for (uint32_t j = 0; j < radix; ++j) {
      Complex<R> sum = values[fixed > 0 ? j : 0];
      if constexpr (fixed == 0)
        for (uint32_t m = 1; m < radix; ++m) sum += values[m] * roots[(m * j % radix) * (stage.length / radix)];
      out[(int64_t{group} * radix + j) * stage.span + k] = sum;
    }
  }
}

// chirp[k] = exp(-+ i pi k^2 / n), and its conjugate around 0, padded with zeros.
template <class R>
__global__ void make_chirp(int64_t padded, int64_t n, bool inverse, Complex<R>* chirp, Complex<R>* around) {
  for (int64_t i = first_element(); i < padded; i += grid_stride()) {
    const int64_t k = i < n ? i : padded - i;
    if (k >= n) {
      around[i] = Complex<R>(0);
      continue;
    }
    // k^2 modulo 2n keeps the angle exact.
    const Complex<double> root = root_of_unity(static_cast<int64_t>(static_cast<uint64_t>(k) * k % (2 * n)), 2 * n);
    const Complex<R> value{static_cast<R>(root.re), static_cast<R>(inverse ? -root.im : root.im)};
    if (i < n) chirp[i] = value;
    around[i] = {value.re, -value.im};
  }
}

// Rows of `to_length` from rows of `from_length`, cut or padded with zeros, times factors that are the same for all
// rows.
template <class R>
__global__ void multiply_rows(int64_t n, Divider to_length, int64_t from_length, const Complex<R>* from,
                              const Complex<R>* factors, R scale, Complex<R>* to) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const uint32_t row = to_length.quotient(static_cast<uint32_t>(i)),
                   k = static_cast<uint32_t>(i) - row * to_length.divisor;
    Complex<R> value(0);
    if (k < from_length) {
      value = from[row * from_length + k] * Complex<R>(scale);
      if (factors) value *= factors[k];
    }
    to[i] = value;
  }
}

// --- Transforms of rows ----------------------------------------------------------------------------------------------

template <class R>
void run_stage(int64_t rows, const Stage& stage, const Complex<R>* from, Complex<R>* into, const Complex<R>* roots,
               R scale) {
  // By names: GCC 12 does not parse the arguments within the macro's.
  static constexpr auto two = join_transforms<R, 2>;
  static constexpr auto four = join_transforms<R, 4>;
  static constexpr auto other = join_transforms<R, 0>;
  const int64_t n = rows * stage.butterflies.divisor;
  if (stage.radix == 2) {
    TT_RUN_ELEMENTS(n, two, n, stage, from, into, roots, scale);
  } else if (stage.radix == 4) {
    TT_RUN_ELEMENTS(n, four, n, stage, from, into, roots, scale);
  } else {
    TT_RUN_ELEMENTS(n, other, n, stage, from, into, roots, scale);
  }
}

template <class R>
void multiply(int64_t rows, int64_t from_length, int64_t to_length, const Complex<R>* from, const Complex<R>* factors,
              R scale, Complex<R>* to) {
  const int64_t n = rows * to_length;
  TT_RUN_ELEMENTS(n, multiply_rows<R>, n, Divider(static_cast<uint32_t>(to_length)), from_length, from, factors, scale,
                  to);
}

// Transforms rows of one length, whose prime factors are small, between two arrays; says in which the result lies.
template <class R>
class MixedRadix {
 public:
  MixedRadix(int64_t length, const std::vector<int64_t>& factors, bool inverse)
      : length_(length), factors_(factors), roots_(static_cast<size_t>(length) * sizeof(Complex<R>)) {
    TT_RUN_ELEMENTS(length, make_roots<R>, length, inverse, roots_.template as<Complex<R>>());
  }

  Complex<R>* run(int64_t rows, Complex<R>* data, Complex<R>* other, R scale) const {
    if (factors_.empty()) multiply<R>(rows, length_, length_, data, nullptr, scale, data);
    int64_t span = 1;
    for (const int64_t radix : factors_) {
      run_stage<R>(rows, Stage(length_, radix, span), data, other, roots_.template as<Complex<R>>(), scale);
      std::swap(data, other);
      span *= radix;
      scale = 1;
    }
    return data;
  }

 private:
  int64_t length_;
  std::vector<int64_t> factors_;
  Workspace roots_;
};

template <class R>
Complex<R>* bluestein(int64_t rows, int64_t n, bool inverse, const Complex<R>* from, Complex<R>* to, R scale) {
  using Z = Complex<R>;
  int64_t padded = 1;
  while (padded < 2 * n - 1) padded *= 2;
  const auto factors = radixes_of(padded);
  const MixedRadix<R> forward(padded, factors, false), back(padded, factors, true);
  const Workspace chirp(static_cast<size_t>(n) * sizeof(Z)), around(static_cast<size_t>(padded) * sizeof(Z)),
      spare(static_cast<size_t>(padded) * sizeof(Z)), first(static_cast<size_t>(rows * padded) * sizeof(Z)),
      second(static_cast<size_t>(rows * padded) * sizeof(Z));
  TT_RUN_ELEMENTS(padded, make_chirp<R>, padded, n, inverse, chirp.as<Z>(), around.as<Z>());
  const Z* spectrum = forward.run(1, around.as<Z>(), spare.as<Z>(), R(1));
  multiply<R>(rows, n, padded, from, chirp.as<Z>(), scale, first.as<Z>());
  Z* transformed = forward.run(rows, first.as<Z>(), second.as<Z>(), R(1));
  multiply<R>(rows, padded, padded, transformed, spectrum, R(1) / static_cast<R>(padded), transformed);
  Z* other = transformed == first.as<Z>() ? second.as<Z>() : first.as<Z>();
  multiply<R>(rows, padded, n, back.run(rows, transformed, other, R(1)), nullptr, R(1), to);
  multiply<R>(rows, n, n, to, chirp.as<Z>(), R(1), to);
  return to;
}

// --- The kernel, as on the CPU ---------------------------------------------------------------------------------------

Operand with_dim_last(Operand operand, int64_t dim) {
  for (int64_t d = dim; d + 1 < operand.ndim; ++d) {
    std::swap(operand.sizes[d], operand.sizes[d + 1]);
    std::swap(operand.strides[d], operand.strides[d + 1]);
  }
  return operand;
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
  require(out.dtype == dtype_of<Z> && self.dtype == dtype_of<Z>, ErrorKind::DType, "expected operands of ",
          dtype_name(dtype_of<Z>));
  if (self.numel == 0) return;
  const int64_t n = self.sizes[dim], rows = self.numel / n;
  require(n <= kMostElements / 4, ErrorKind::Shape, "transforms are limited to ", kMostElements / 4, " elements, got ",
          n);
  const Workspace first(static_cast<size_t>(self.numel) * sizeof(Z)),
      second(static_cast<size_t>(self.numel) * sizeof(Z));
  const Operand from = with_dim_last(self, dim);
  copy_elements(as_row_major_at(from, first.as<void>()), from);
  const auto factors = radixes_of(n);
  const bool is_smooth = factors.empty() || factors.back() <= kLargestRadix;
  // Parts whose elements kernels can number, with the padding.
  const int64_t most = kMostElements / (4 * n);
  Z* result = nullptr;
  std::optional<MixedRadix<R>> transform;
  if (is_smooth) transform.emplace(n, factors, inverse);
  for (int64_t row = 0; row < rows; row += most) {
    const int64_t part = std::min(most, rows - row);
    Z *data = first.as<Z>() + row * n, *other = second.as<Z>() + row * n;
    Z* done = is_smooth ? transform->run(part, data, other, scale) : bluestein<R>(part, n, inverse, data, other, scale);
    if (row == 0) result = done;
  }
  copy_elements(with_dim_last(out, dim), as_row_major_at(from, result));
}

}  // namespace

void register_fft() {
  register_kernel("fft", 1, kDevice, DType::Complex64, fft<float>);
  register_kernel("fft", 1, kDevice, DType::Complex128, fft<double>);
}

}  // namespace tt::cuda
