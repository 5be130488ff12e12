#include "../depthwise.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "../../runtime/registry.h"
#include "../contiguous.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// As many floats as a register holds: vectors of several are kept in memory.
#if defined(__AVX512F__)
constexpr int64_t kLanes = 16;
#elif defined(__AVX__)
constexpr int64_t kLanes = 8;
#else
constexpr int64_t kLanes = 4;
#endif
// Rows of the output, and elements of the kernel, at once: as many sums that do not wait for each other.
constexpr int kRows = 4, kTaps = 3;
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));

Vector load(const float* p) {
  Vector vector;
  std::memcpy(&vector, p, sizeof vector);
  return vector;
}

void store(float* p, Vector vector) { std::memcpy(p, &vector, sizeof vector); }

// f(x) for vectors that cover a row of at least one; the last reaches back, so that it is a whole one.
template <class F>
void each_vector(int64_t width, F&& f) {
  for (int64_t x = 0; x + kLanes <= width; x += kLanes) f(x);
  if (width % kLanes != 0) f(width - kLanes);
}

// Calls for rows of some dozen elements would cost more than to copy them.
void copy_row(float* to, const float* from, int64_t width) {
  if (width < kLanes) {
    for (int64_t x = 0; x < width; ++x) to[x] = from[x];
    return;
  }
  each_vector(width, [&](int64_t x) { store(to + x, load(from + x)); });
}

int64_t whole_vectors(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

// A plane with room for what windows see around it, which is 0, and for whole vectors from each place of a row.
class PaddedPlane {
 public:
  explicit PaddedPlane(const Windows& w) : w_(w) {
    for (int d = 0; d < kSpatial; ++d) {
      sizes_[d] = w.output[d] + w.dilation[d] * (w.kernel[d] - 1);
      seen_[d] = std::clamp<int64_t>(sizes_[d] - w.padding[d], 0, w.input[d]);
    }
    sizes_[2] += whole_vectors(w.output[2]) - w.output[2];
    memory_.allocate(Windows::product(sizes_));
    std::fill_n(memory_.data(), Windows::product(sizes_), 0.f);
  }

  void fill(const float* input) {
    for (int64_t z = 0; z < seen_[0]; ++z)
      for (int64_t y = 0; y < seen_[1]; ++y)
        copy_row(memory_.data() + row(z + w_.padding[0], y + w_.padding[1]) + w_.padding[2],
                 input + (z * w_.input[1] + y) * w_.input[2], seen_[2]);
  }

  // Where the windows of a row of the output begin.
  const float* windows(int64_t z, int64_t y) const { return memory_.data() + row(z, y); }

  int64_t row_step() const { return sizes_[2]; }

  // From there, where each element of the kernel is.
  std::vector<int64_t> taps() const {
    std::vector<int64_t> offsets;
    for (int64_t z = 0; z < w_.kernel[0]; ++z)
      for (int64_t y = 0; y < w_.kernel[1]; ++y)
        for (int64_t x = 0; x < w_.kernel[2]; ++x)
          offsets.push_back(row(z * w_.dilation[0], y * w_.dilation[1]) + x * w_.dilation[2]);
    return offsets;
  }

 private:
  int64_t row(int64_t z, int64_t y) const { return (z * sizes_[1] + y) * sizes_[2]; }

  const Windows& w_;
  int64_t sizes_[kSpatial];
  int64_t seen_[kSpatial];  // of the input; windows may end before it does
  Scratch<float> memory_;
};

struct Filter {
  const std::vector<int64_t>& taps;
  const float* factors;
  float bias;
};

// `kRows` rows of the output at once: each factor is read once for all, and their sums do not wait for each other.
template <int kRows>
void filter_rows(const Filter& filter, const float* windows, int64_t window_step, float* out, int64_t width) {
  const auto sums_at = [&](int64_t x, Vector* sums) {
    for (int r = 0; r < kRows; ++r) sums[r] = filter.bias - Vector{};
    for (size_t t = 0; t < filter.taps.size(); ++t) {
      const float factor = filter.factors[t];
      const float* const seen = windows + x + filter.taps[t];
      for (int r = 0; r < kRows; ++r) sums[r] += factor * load(seen + r * window_step);
    }
  };
  Vector sums[kRows];
  if (width < kLanes) {
    sums_at(0, sums);
    for (int r = 0; r < kRows; ++r) std::memcpy(out + r * width, &sums[r], width * sizeof(float));
    return;
  }
  each_vector(width, [&](int64_t x) {
    sums_at(x, sums);
    for (int r = 0; r < kRows; ++r) store(out + r * width + x, sums[r]);
  });
}

void forward(const Convolution& conv, const float* input, const float* weight, const float* bias, float* output) {
  const Windows& w = conv.windows;
  const int64_t in_size = w.input_size(), out_size = w.output_size(), width = w.output[2];
  const int64_t grain = std::max<int64_t>(kGrain / (out_size * w.kernel_size()), 1);
  parallel_for(conv.batch * conv.groups, grain, [&](int64_t begin, int64_t end) {
    PaddedPlane padded(w);
    const std::vector<int64_t> taps = padded.taps();
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t channel = plane % conv.groups;
      const Filter filter{taps, weight + channel * w.kernel_size(), bias ? bias[channel] : 0.f};
      float* out = output + plane * out_size;
      padded.fill(input + plane * in_size);
      for (int64_t z = 0; z < w.output[0]; ++z) {
        int64_t y = 0;
        for (; y + kRows <= w.output[1]; y += kRows, out += kRows * width)
          filter_rows<kRows>(filter, padded.windows(z, y), padded.row_step(), out, width);
        for (; y < w.output[1]; ++y, out += width)
          filter_rows<1>(filter, padded.windows(z, y), padded.row_step(), out, width);
      }
    }
  });
}

// sums[t] += the products of the output's gradient with what an element of the kernel sees, for kTaps elements.
void add_products(const float* out_gradient, const PaddedPlane& padded, const Windows& w, int64_t row_length,
                  const int64_t* taps, Vector* sums) {
  Vector partial[kTaps]{};
  for (int64_t z = 0; z < w.output[0]; ++z)
    for (int64_t y = 0; y < w.output[1]; ++y, out_gradient += row_length) {
      const float* const row = padded.windows(z, y);
      for (int64_t x = 0; x < row_length; x += kLanes) {
        const Vector gradient = load(out_gradient + x);
        for (int t = 0; t < kTaps; ++t) partial[t] += gradient * load(row + taps[t] + x);
      }
    }
  for (int t = 0; t < kTaps; ++t) sums[t] += partial[t];
}

// Each channel's sums are those of one thread.
void weight_gradient(const Convolution& conv, const float* out_gradient, const float* input, float* gradient) {
  const Windows& w = conv.windows;
  const int64_t in_size = w.input_size(), out_size = w.output_size(), width = w.output[2];
  const int64_t rows = w.output[0] * w.output[1], row_length = whole_vectors(width);
  parallel_for(conv.groups, 1, [&](int64_t begin, int64_t end) {
    PaddedPlane padded(w);
    std::vector<int64_t> taps = padded.taps();
    taps.resize((taps.size() + kTaps - 1) / kTaps * kTaps);
    // The rows of the output's gradient in whole vectors; what is left over is 0.
    const Scratch<float> aligned(rows * row_length);
    std::fill_n(aligned.data(), rows * row_length, 0.f);
    for (int64_t channel = begin; channel < end; ++channel) {
      std::vector<Vector> sums(taps.size(), Vector{});
      for (int64_t image = 0; image < conv.batch; ++image) {
        const int64_t plane = image * conv.groups + channel;
        padded.fill(input + plane * in_size);
        for (int64_t r = 0; r < rows; ++r)
          copy_row(aligned.data() + r * row_length, out_gradient + plane * out_size + r * width, width);
        for (size_t t = 0; t < taps.size(); t += kTaps)
          add_products(aligned.data(), padded, w, row_length, taps.data() + t, sums.data() + t);
      }
      for (int64_t t = 0; t < w.kernel_size(); ++t) {
        float total = 0;
        for (int64_t lane = 0; lane < kLanes; ++lane) total += sums[t][lane];
        gradient[channel * w.kernel_size() + t] = total;
      }
    }
  });
}

}  // namespace

// Not a kernel of its own: the convolution's kernels call it.
void register_depthwise() { depthwise_functions = {forward, weight_gradient}; }

}  // namespace tt::TT_INSTRUCTION_SET
