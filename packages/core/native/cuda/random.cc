// Random numbers, the same as on the CPU (functors/random.h). This file is compiled without fused products and sums.
#include "../functors/random.h"

#include "../checks/operands.h"
#include "block.h"
#include "sort_lines.h"

namespace tt::cuda {
namespace {

using functors::kRandomBlocks;
using functors::RandomStream;

// --- Numbers that each come from a word or two
// ------------------------------------------------------------------------

// A thread for each block of words: its numbers lie kRandomBlocks apart.
template <class T, class F>
__global__ void generate_numbers(int64_t n, RandomStream stream, F f, T* out) {
  constexpr int64_t of_block = F::kOfBlock;
  const int64_t blocks = (n + of_block * kRandomBlocks - 1) / (of_block * kRandomBlocks) * kRandomBlocks;
  for (int64_t block = first_element(); block < blocks; block += grid_stride()) {
    const auto words = functors::philox(stream.first_block + static_cast<uint64_t>(block), stream.key);
    const int64_t first = block / kRandomBlocks * of_block * kRandomBlocks + block % kRandomBlocks;
    typename F::Number numbers[of_block];
    f(words.words, numbers);
    TT_UNROLL
    for (int j = 0; j < of_block; ++j) {
      const int64_t i = first + j * kRandomBlocks;
      if (i < n) out[i] = static_cast<T>(numbers[j]);
    }
  }
}

template <class T, class F>
void generate(const Operand& out, const RandomStream& stream, const F& f) {
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  constexpr auto kernel = generate_numbers<T, F>;
  TT_RUN_ELEMENTS((out.numel + F::kOfBlock - 1) / F::kOfBlock, kernel, out.numel, stream, f, out.as<T>());
}

template <class C>
struct Uniform {
  using Number = C;
  static constexpr int kOfBlock = functors::numbers_of_block<C>;
  C from, to;
  TT_D void operator()(const uint32_t* words, C* numbers) const {
    TT_UNROLL
    for (int j = 0; j < kOfBlock; ++j)
      numbers[j] = functors::uniform_between(functors::unit_of(words, j, C()), from, to);
  }
};

// uniform(out; from, to, seedHigh, seedLow, offset): in [from, to)
template <class T>
void uniform(Operand* operands, int, Params& params) {
  using C = compute_t<T>;
  const auto from = static_cast<C>(params.number()), to = static_cast<C>(params.number());
  generate<T>(operands[0], functors::read_random_stream(params), Uniform<C>{from, to});
}

template <class C>
struct Normal {
  using Number = C;
  static constexpr int kOfBlock = functors::numbers_of_block<C>;
  C mean, deviation;
  TT_D void operator()(const uint32_t* words, float* numbers) const {
    TT_UNROLL
    for (int j = 0; j < 4; j += 2)
      functors::normal_pair(functors::positive_unit_float(words[j]), functors::unit_float(words[j + 1]), mean,
                            deviation, numbers[j], numbers[j + 1]);
  }
  TT_D void operator()(const uint32_t* words, double* numbers) const {
    functors::normal_pair(functors::positive_unit_double(words[0], words[1]), functors::unit_double(words[2], words[3]),
                          mean, deviation, numbers[0], numbers[1]);
  }
};

// normal(out; mean, deviation, seedHigh, seedLow, offset)
template <class T>
void normal(Operand* operands, int, Params& params) {
  using C = compute_t<T>;
  const auto mean = static_cast<C>(params.number()), deviation = static_cast<C>(params.number());
  generate<T>(operands[0], functors::read_random_stream(params), Normal<C>{mean, deviation});
}

template <bool wide>
struct Integers {
  using Number = int64_t;
  static constexpr int kOfBlock = wide ? 2 : 4;
  int64_t low, range;
  TT_D void operator()(const uint32_t* words, int64_t* numbers) const {
    TT_UNROLL
    for (int j = 0; j < kOfBlock; ++j) {
      if constexpr (wide)
        numbers[j] = functors::integer_below(words[2 * j], words[2 * j + 1], low, range);
      else
        numbers[j] = functors::integer_below(words[j], low, range);
    }
  }
};

// randomIntegers(out; low, range, seedHigh, seedLow, offset): in [low, low + range)
template <class T>
void random_integers(Operand* operands, int, Params& params) {
  const int64_t low = params.integer(), range = params.integer();
  require(range > 0, ErrorKind::Value, "expected low to be below high, got a range of ", range);
  const RandomStream stream = functors::read_random_stream(params);
  if (range <= functors::kWordRange)
    generate<T>(operands[0], stream, Integers<false>{low, range});
  else
    generate<T>(operands[0], stream, Integers<true>{low, range});
}

template <class T>
__global__ void drop_elements(int64_t n, RandomStream stream, functors::Dropout dropout, T* out, bool* mask,
                              const T* self) {
  using C = compute_t<T>;
  const auto scale = static_cast<C>(dropout.scale);
  const int64_t blocks = (n + 4 * kRandomBlocks - 1) / (4 * kRandomBlocks) * kRandomBlocks;
  for (int64_t block = first_element(); block < blocks; block += grid_stride()) {
    const auto words = functors::philox(stream.first_block + static_cast<uint64_t>(block), stream.key);
    const int64_t first = block / kRandomBlocks * 4 * kRandomBlocks + block % kRandomBlocks;
    TT_UNROLL
    for (int j = 0; j < 4; ++j) {
      const int64_t i = first + j * kRandomBlocks;
      if (i >= n) continue;
      const bool keep = dropout.keeps(words.words[j]);
      mask[i] = keep;
      out[i] = static_cast<T>(keep ? static_cast<C>(self[i]) * scale : C(0));
    }
  }
}

// dropout(out, mask, self; p, seedHigh, seedLow, offset): each element is zeroed with probability p, the others are
// divided by 1 - p; mask says which are kept. All contiguous.
template <class T>
void dropout(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  const Operand &out = operands[0], &mask = operands[1], &self = operands[2];
  const double p = params.number();
  require(p >= 0 && p <= 1, ErrorKind::Value, "expected p in [0, 1], got ", p);
  const RandomStream stream = functors::read_random_stream(params);
  for (int k = 0; k < 3; ++k)
    require(operands[k].is_contiguous() && operands[k].numel == self.numel, ErrorKind::Internal,
            "expected contiguous operands of one shape");
  TT_RUN_ELEMENTS((self.numel + 3) / 4, drop_elements<T>, self.numel, stream, functors::Dropout(p), out.as<T>(),
                  mask.as<bool>(), self.as<T>());
}

// --- Permutations ----------------------------------------------------------------------------------------------------

__global__ void count_up(int64_t n, int64_t* out, unsigned* owners) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    out[i] = i;
    owners[i] = UINT32_MAX;
  }
}

// Draw t of a stream of doubles or wide integers: two words of block t / 2.
struct DrawWords {
  uint32_t high, low;
};
TT_D DrawWords draw_words(const RandomStream& stream, int64_t draw) {
  const auto block = functors::philox(stream.first_block + static_cast<uint64_t>(draw / 2), stream.key);
  return draw % 2 == 0 ? DrawWords{block.words[0], block.words[1]} : DrawWords{block.words[2], block.words[3]};
}

// The swaps of Fisher & Yates, which go one after another, by one block: as many as it has threads are tried at once,
// and those are done whose two places no earlier one claims (Shun et al. 2015, "Sequential Random Permutation, List
// Contraction and Tree Contraction are Highly Parallel").
__global__ void shuffle_in_block(int64_t n, RandomStream stream, int64_t* out, unsigned* owners) {
  for (int64_t first = 0; first < n; first += blockDim.x) {
    const int64_t i = first + threadIdx.x;
    int64_t other = i;
    if (i < n) {
      const DrawWords words = draw_words(stream, i);
      other = functors::integer_below(words.high, words.low, i, n - i);
    }
    bool waits = i < n;
    while (__syncthreads_or(waits)) {
      if (waits) {
        atomicMin(owners + i, static_cast<unsigned>(i));
        atomicMin(owners + other, static_cast<unsigned>(i));
      }
      __syncthreads();
      const volatile unsigned* claimed = owners;
      const bool goes = waits && claimed[i] == i && claimed[other] == i;
      __syncthreads();
      if (waits) {
        owners[i] = UINT32_MAX;
        owners[other] = UINT32_MAX;
      }
      if (goes) {
        const int64_t moved = out[i];
        out[i] = out[other];
        out[other] = moved;
        waits = false;
      }
    }
  }
}

// randperm(out; seedHigh, seedLow, offset): 0 .. n - 1 in random order (Fisher & Yates; Durstenfeld 1964)
void random_permutation(Operand* operands, int, Params& params) {
  const Operand& out = operands[0];
  const RandomStream stream = functors::read_random_stream(params);
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  require(out.numel < UINT32_MAX, ErrorKind::Shape, "cannot permute ", out.numel, " numbers");
  if (out.numel == 0) return;
  const Workspace owners(out.numel * sizeof(unsigned));
  TT_RUN_ELEMENTS(out.numel, count_up, out.numel, out.as<int64_t>(), owners.as<unsigned>());
  constexpr unsigned kMostAtOnce = 1024;
  const unsigned threads = out.numel > 4 * kMostAtOnce ? kMostAtOnce : threads_for(out.numel / 4);
  TT_RUN_BLOCKS(1, threads, 0, shuffle_in_block, out.numel, stream, out.as<int64_t>(), owners.as<unsigned>());
}

// --- Choosing --------------------------------------------------------------------------------------------------------

// Weights must be probabilities, of which enough are above 0.
struct WeightChecks {
  int64_t positive_needed;
  Reporter reporter;
  TT_D void check(double weight) const {
    if (!(weight >= 0 && weight - weight == 0))
      reporter.report(KernelError::BadProbability, bit_cast<long long>(weight));
  }
  TT_D void check_count(int64_t positive) const {
    if (positive == 0) reporter.report(KernelError::NoProbability);
    if (positive < positive_needed) reporter.report(KernelError::FewProbabilities, positive_needed, positive);
  }
};

// A block for each row: the running sums of its weights, added up one after another as on the CPU.
template <class T>
__global__ void add_weights(int64_t rows, int64_t categories, WeightChecks checks, const T* self, double* sums) {
  constexpr int kTile = 256;
  TT_SHARED(double, tile, [kTile]);
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const T* weights = self + row * categories;
    double sum = 0;
    int64_t positive = 0;
    for (int64_t first = 0; first < categories; first += kTile) {
      const int count = static_cast<int>(min(static_cast<int64_t>(kTile), categories - first));
      __syncthreads();
      for (int i = threadIdx.x; i < count; i += blockDim.x) {
        tile[i] = static_cast<double>(static_cast<compute_t<T>>(weights[first + i]));
        checks.check(tile[i]);
        positive += tile[i] > 0;
      }
      __syncthreads();
      if (threadIdx.x == 0)
        for (int i = 0; i < count; ++i) tile[i] = sum = sum + tile[i];
      __syncthreads();
      for (int i = threadIdx.x; i < count; i += blockDim.x) sums[row * categories + first + i] = tile[i];
    }
    positive = block_reduce(positive, Add{});
    if (threadIdx.x == 0) checks.check_count(positive);
  }
}

struct SumAt {
  const double* sums;
  TT_D double operator()(int64_t i) const { return sums[i]; }
};

__global__ void draw_categories(int64_t n, int64_t samples, int64_t categories, RandomStream stream, const double* sums,
                                int64_t* out) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const DrawWords words = draw_words(stream, i);
    out[i] = functors::drawn_category(functors::unit_double(words.high, words.low), categories,
                                      SumAt{sums + i / samples * categories});
  }
}

// The times at which categories arrive, as keys that sort them.
template <class T>
__global__ void write_times(int64_t rows, int64_t categories, WeightChecks checks, RandomStream stream,
                            functors::KeyFormat format, const T* self, uint64_t* keys) {
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    int64_t positive = 0;
    for (int64_t c = threadIdx.x; c < categories; c += blockDim.x) {
      const int64_t i = row * categories + c;
      const auto weight = static_cast<double>(static_cast<compute_t<T>>(self[i]));
      checks.check(weight);
      positive += weight > 0;
      const DrawWords words = draw_words(stream, i);
      const double time = functors::arrival_time(weight, functors::positive_unit_double(words.high, words.low));
      keys[i] = functors::key_of(bit_cast<uint64_t>(time), format);
    }
    positive = block_reduce(positive, Add{});
    if (threadIdx.x == 0) checks.check_count(positive);
  }
}

__global__ void take_first(int64_t n, int64_t samples, int64_t categories, const uint32_t* places, int64_t* out) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) out[i] = places[i / samples * categories + i % samples];
}

// multinomial(out, probabilities; replacement, seedHigh, seedLow, offset): [rows, samples] from [rows, categories]
template <class T>
void multinomial(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 2);
  const Operand &out = operands[0], &self = operands[1];
  const bool replacement = params.boolean();
  const RandomStream stream = functors::read_random_stream(params);
  require(out.is_contiguous(), ErrorKind::Internal, "expected a contiguous output");
  require(self.is_contiguous() && self.ndim == 2 && out.ndim == 2 && out.sizes[0] == self.sizes[0], ErrorKind::Shape,
          "expected [rows, categories] and [rows, samples], got ", self.shape(), " and ", out.shape());
  const int64_t rows = self.sizes[0], categories = self.sizes[1], samples = out.sizes[1];
  require(replacement || samples <= categories, ErrorKind::Value, "cannot draw ", samples, " of ", categories,
          " categories without replacement");
  require(categories > 0 || rows == 0, ErrorKind::Value, "the probabilities add up to 0");
  if (rows == 0) return;
  const WeightChecks checks{replacement ? 0 : samples, reporter()};
  const unsigned threads = threads_for(categories);
  const auto blocks = static_cast<unsigned>(std::min<int64_t>(rows, 8 * int64_t{resident_blocks(threads)}));
  if (replacement) {
    const Workspace sums(self.numel * sizeof(double));
    TT_RUN_BLOCKS(blocks, threads, 0, add_weights<T>, rows, categories, checks, self.as<T>(), sums.as<double>());
    TT_RUN_ELEMENTS(out.numel, draw_categories, out.numel, samples, categories, stream, sums.as<double>(),
                    out.as<int64_t>());
    return;
  }
  const Workspace memory(sort_bytes<uint64_t>(self.numel));
  const functors::KeyFormat format = functors::key_format(DType::Float64, false);
  TT_RUN_BLOCKS(blocks, threads, 0, write_times<T>, rows, categories, checks, stream, format, self.as<T>(),
                memory.as<uint64_t>());
  const auto sorted = sort_lines<uint64_t>(memory.as<void>(), rows, categories, format.bytes);
  TT_RUN_ELEMENTS(out.numel, take_first, out.numel, samples, categories, sorted.places, out.as<int64_t>());
}

}  // namespace

void register_random() {
  register_for<Floating>("uniform", 1, []<class T>() -> Kernel { return uniform<T>; });
  register_for<Floating>("normal", 1, []<class T>() -> Kernel { return normal<T>; });
  register_for<RealAndBool>("randomIntegers", 1, []<class T>() -> Kernel { return random_integers<T>; });
  register_kernel("randperm", 1, kDevice, DType::Int64, random_permutation);
  register_for<Floating>("multinomial", 1, []<class T>() -> Kernel { return multinomial<T>; });
  register_for<Floating>("dropout", 2, []<class T>() -> Kernel { return dropout<T>; });
}

}  // namespace tt::cuda
