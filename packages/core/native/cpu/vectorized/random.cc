// Random numbers (functors/random.h), in whole vectors of blocks. This file is compiled without fused products and
// sums.
#include "../../functors/random.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

using functors::PhiloxKey;

constexpr int64_t kBlocks = functors::kRandomBlocks;
using Stream = functors::RandomStream;
using functors::read_random_stream;

// The words of kBlocks blocks: word j of block b is words[j][b].
struct Words {
  alignas(64) uint32_t words[4][kBlocks];
};

__attribute__((noinline)) void fill_words(Words& out, uint64_t first_block, PhiloxKey key) {
#pragma omp simd
  for (int64_t b = 0; b < kBlocks; ++b) {
    const auto block = functors::philox(first_block + static_cast<uint64_t>(b), key);
    out.words[0][b] = block.words[0];
    out.words[1][b] = block.words[1];
    out.words[2][b] = block.words[2];
    out.words[3][b] = block.words[3];
  }
}

// Fills a contiguous output: f(words, values) makes the `per_group` numbers of one group.
template <class T, class C, int64_t per_group, class F>
void generate(const Operand& out, const Stream& stream, F&& f) {
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  T* data = out.as<T>();
  const int64_t groups = (out.numel + per_group - 1) / per_group;
  parallel_for(groups, kGrain / (4 * per_group), [&](int64_t begin, int64_t end) {
    Words words;
    alignas(64) C values[per_group];
    for (int64_t group = begin; group < end; ++group) {
      fill_words(words, stream.first_block + static_cast<uint64_t>(group * kBlocks), stream.key);
      f(words, values);
      const int64_t first = group * per_group, count = std::min(per_group, out.numel - first);
      for (int64_t i = 0; i < count; ++i) data[first + i] = static_cast<T>(values[i]);
    }
  });
}

template <class C>
constexpr int64_t numbers_per_group = functors::numbers_of_block<C>* kBlocks;

// A number in [0, 1) for each element of a group.
void units(const Words& words, float* values) {
  for (int64_t j = 0; j < 4; ++j)
    for (int64_t b = 0; b < kBlocks; ++b) values[j * kBlocks + b] = functors::unit_float(words.words[j][b]);
}
void units(const Words& words, double* values) {
  for (int64_t j = 0; j < 2; ++j)
    for (int64_t b = 0; b < kBlocks; ++b)
      values[j * kBlocks + b] = functors::unit_double(words.words[2 * j][b], words.words[2 * j + 1][b]);
}

// uniform(out; from, to, seedHigh, seedLow, offset): in [from, to)
template <class T>
void uniform(Operand* operands, int, Params& params) {
  using C = compute_t<T>;
  const auto from = static_cast<C>(params.number()), to = static_cast<C>(params.number());
  generate<T, C, numbers_per_group<C>>(operands[0], read_random_stream(params), [&](const Words& words, C* values) {
    units(words, values);
    for (int64_t i = 0; i < numbers_per_group<C>; ++i) values[i] = functors::uniform_between(values[i], from, to);
  });
}

template <class C>
void normals(const C* radius_units, const C* angle_units, C* cosines, C* sines, C mean, C deviation) {
#pragma omp simd
  for (int64_t b = 0; b < kBlocks; ++b)
    functors::normal_pair(radius_units[b], angle_units[b], mean, deviation, cosines[b], sines[b]);
}

// normal(out; mean, deviation, seedHigh, seedLow, offset)
template <class T>
void normal(Operand* operands, int, Params& params) {
  using C = compute_t<T>;
  const auto mean = static_cast<C>(params.number()), deviation = static_cast<C>(params.number());
  generate<T, C, numbers_per_group<C>>(operands[0], read_random_stream(params), [&](const Words& words, C* values) {
    alignas(64) C radii[kBlocks], angles[kBlocks];
    if constexpr (std::is_same_v<C, double>) {
      for (int64_t b = 0; b < kBlocks; ++b) {
        radii[b] = functors::positive_unit_double(words.words[0][b], words.words[1][b]);
        angles[b] = functors::unit_double(words.words[2][b], words.words[3][b]);
      }
      normals(radii, angles, values, values + kBlocks, mean, deviation);
    } else {
      for (int64_t half = 0; half < 2; ++half) {
        for (int64_t b = 0; b < kBlocks; ++b) {
          radii[b] = functors::positive_unit_float(words.words[2 * half][b]);
          angles[b] = functors::unit_float(words.words[2 * half + 1][b]);
        }
        C* pair = values + 2 * half * kBlocks;
        normals(radii, angles, pair, pair + kBlocks, mean, deviation);
      }
    }
  });
}

// randomIntegers(out; low, range, seedHigh, seedLow, offset): in [low, low + range)
template <class T>
void random_integers(Operand* operands, int, Params& params) {
  const int64_t low = params.integer(), range = params.integer();
  require(range > 0, ErrorKind::Value, "expected low to be below high, got a range of ", range);
  const Stream stream = read_random_stream(params);
  if (range <= functors::kWordRange) {
    generate<T, int64_t, 4 * kBlocks>(operands[0], stream, [&](const Words& words, int64_t* values) {
      for (int64_t j = 0; j < 4; ++j)
        for (int64_t b = 0; b < kBlocks; ++b)
          values[j * kBlocks + b] = functors::integer_below(words.words[j][b], low, range);
    });
    return;
  }
  generate<T, int64_t, 2 * kBlocks>(operands[0], stream, [&](const Words& words, int64_t* values) {
    for (int64_t j = 0; j < 2; ++j)
      for (int64_t b = 0; b < kBlocks; ++b)
        values[j * kBlocks + b] = functors::integer_below(words.words[2 * j][b], words.words[2 * j + 1][b], low, range);
  });
}

// randperm(out; seedHigh, seedLow, offset): 0 .. n - 1 in random order (Fisher & Yates; Durstenfeld 1964)
void random_permutation(Operand* operands, int, Params& params) {
  const Operand& out = operands[0];
  const Stream stream = read_random_stream(params);
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  int64_t* data = out.as<int64_t>();
  for (int64_t i = 0; i < out.numel; ++i) data[i] = i;
  Words words;
  for (int64_t i = 0; i < out.numel; ++i) {
    // Two words for each draw, so that a block gives two.
    const int64_t place = i % (2 * kBlocks);
    if (place == 0) fill_words(words, stream.first_block + static_cast<uint64_t>(i / 2), stream.key);
    const int64_t b = place / 2, j = 2 * (place % 2);
    std::swap(data[i], data[functors::integer_below(words.words[j][b], words.words[j + 1][b], i, out.numel - i)]);
  }
}

// dropout(out, mask, self; p, seedHigh, seedLow, offset): each element is zeroed with probability p, the others are
// divided by 1 - p; mask says which are kept. All contiguous.
template <class T>
void dropout(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  require(count == 3, ErrorKind::Internal, "expected an output, a mask and an input");
  const Operand &out = operands[0], &mask = operands[1], &self = operands[2];
  const double p = params.number();
  require(p >= 0 && p <= 1, ErrorKind::Value, "expected p in [0, 1], got ", p);
  const Stream stream = read_random_stream(params);
  for (int k = 0; k < 3; ++k)
    require(operands[k].is_contiguous() && operands[k].numel == self.numel, ErrorKind::Internal,
            "expected contiguous operands of one shape");
  T* to = out.as<T>();
  bool* kept = mask.as<bool>();
  const T* from = self.as<T>();
  const functors::Dropout dropout(p);
  const auto scale = static_cast<C>(dropout.scale);
  constexpr int64_t per_group = 4 * kBlocks;
  parallel_for((self.numel + per_group - 1) / per_group, kGrain / (2 * per_group), [&](int64_t begin, int64_t end) {
    Words words;
    const uint32_t* flat = &words.words[0][0];
    for (int64_t group = begin; group < end; ++group) {
      fill_words(words, stream.first_block + static_cast<uint64_t>(group * kBlocks), stream.key);
      const int64_t first = group * per_group, length = std::min(per_group, self.numel - first);
      for (int64_t i = 0; i < length; ++i) {
        const bool keep = dropout.keeps(flat[i]);
        kept[first + i] = keep;
        to[first + i] = static_cast<T>(keep ? static_cast<C>(from[first + i]) * scale : C(0));
      }
    }
  });
}

// --- Choosing --------------------------------------------------------------------------------------------------------

// Doubles of a stream, one after another.
class WordStream {
 public:
  explicit WordStream(const Stream& stream) : stream_(stream) {}
  double unit() { return take(functors::unit_double); }
  double positive_unit() { return take(functors::positive_unit_double); }

 private:
  template <class F>
  double take(F make) {
    if (used_ == 2 * kBlocks) {
      fill_words(words_, stream_.first_block, stream_.key);
      stream_.first_block += kBlocks;
      used_ = 0;
    }
    const int64_t b = used_ / 2, j = 2 * (used_ % 2);
    ++used_;
    return make(words_.words[j][b], words_.words[j + 1][b]);
  }

  Stream stream_;
  int64_t used_ = 2 * kBlocks;
  Words words_;
};

// A row of weights as double, checked: their running sums.
template <class T>
int64_t read_weights(const T* row, int64_t n, std::vector<double>& weights) {
  int64_t positive = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double weight = static_cast<compute_t<T>>(row[i]);
    require(weight >= 0 && weight - weight == 0, ErrorKind::Value, "expected probabilities of at least 0, got ",
            weight);
    weights[i] = weight;
    positive += weight > 0;
  }
  require(positive > 0, ErrorKind::Value, "the probabilities add up to 0");
  return positive;
}

void sample_with_replacement(std::vector<double>& weights, WordStream& words, int64_t* out, int64_t samples) {
  std::partial_sum(weights.begin(), weights.end(), weights.begin());
  const auto categories = static_cast<int64_t>(weights.size());
  for (int64_t s = 0; s < samples; ++s)
    out[s] = functors::drawn_category(words.unit(), categories, [&](int64_t i) { return weights[i]; });
}

void sample_without_replacement(std::vector<double>& weights, WordStream& words, int64_t* out, int64_t samples) {
  std::vector<int64_t> order(weights.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  for (double& weight : weights) weight = functors::arrival_time(weight, words.positive_unit());
  std::partial_sort(order.begin(), order.begin() + samples, order.end(),
                    [&](int64_t a, int64_t b) { return weights[a] != weights[b] ? weights[a] < weights[b] : a < b; });
  std::copy_n(order.begin(), samples, out);
}

// multinomial(out, probabilities; replacement, seedHigh, seedLow, offset): [rows, samples] from [rows, categories]
template <class T>
void multinomial(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands, got ", count);
  const Operand &out = operands[0], &self = operands[1];
  const bool replacement = params.boolean();
  WordStream words(read_random_stream(params));
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  require(self.present && self.is_contiguous() && self.ndim == 2 && out.ndim == 2 && out.sizes[0] == self.sizes[0],
          ErrorKind::Shape, "expected [rows, categories] and [rows, samples], got ", self.shape(), " and ",
          out.shape());
  const int64_t categories = self.sizes[1], samples = out.sizes[1];
  require(replacement || samples <= categories, ErrorKind::Value, "cannot draw ", samples, " of ", categories,
          " categories without replacement");
  auto* drawn = out.as<int64_t>();
  const T* rows = self.as<T>();
  std::vector<double> weights(categories);
  for (int64_t r = 0; r < self.sizes[0]; ++r) {
    const int64_t positive = read_weights(rows + r * categories, categories, weights);
    if (replacement) {
      sample_with_replacement(weights, words, drawn + r * samples, samples);
      continue;
    }
    require(samples <= positive, ErrorKind::Value, "cannot draw ", samples, " categories without replacement: only ",
            positive, " have a probability above 0");
    sample_without_replacement(weights, words, drawn + r * samples, samples);
  }
}

}  // namespace

void register_random() {
  register_for<Floating>("uniform", 1, []<class T>() -> Kernel { return uniform<T>; });
  register_for<Floating>("normal", 1, []<class T>() -> Kernel { return normal<T>; });
  register_for<RealAndBool>("randomIntegers", 1, []<class T>() -> Kernel { return random_integers<T>; });
  register_kernel("randperm", 1, DeviceType::CPU, DType::Int64, random_permutation);
  register_for<Floating>("multinomial", 1, []<class T>() -> Kernel { return multinomial<T>; });
  register_for<Floating>("dropout", 2, []<class T>() -> Kernel { return dropout<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
