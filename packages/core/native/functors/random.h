// Random numbers from the words of a stream: element i of a call comes from fixed words of fixed blocks, so that
// results depend on the seed alone, never on threads, instruction sets or devices. Elements go in groups of
// kRandomBlocks blocks: first word 0 of each block, then word 1 ... which lets whole vectors of blocks be computed and
// written together. Files that use these are compiled without fused products and sums.
#pragma once
#include <cmath>
#include <type_traits>

#include "../runtime/operand.h"
#include "philox.h"
#include "portable_math.h"

namespace tt::functors {

constexpr int64_t kRandomBlocks = 64;

// Where the numbers of a call begin.
struct RandomStream {
  PhiloxKey key;
  uint64_t first_block;
};

inline uint32_t read_random_word(Params& params) {
  const int64_t value = params.integer();
  require(value >= 0 && value <= UINT32_MAX, ErrorKind::Value, "expected 32 bits of a seed, got ", value);
  return static_cast<uint32_t>(value);
}

// Parameters: seedHigh, seedLow, offset (Generator.take)
inline RandomStream read_random_stream(Params& params) {
  const uint32_t high = read_random_word(params), low = read_random_word(params);
  const int64_t offset = params.integer();
  require(offset >= 0, ErrorKind::Value, "expected a position of at least 0, got ", offset);
  return {{low, high}, static_cast<uint64_t>(offset)};
}

// Numbers that a block gives: doubles take two words each, all other types one.
template <class C>
constexpr int64_t numbers_of_block = std::is_same_v<C, double> ? 2 : 4;

TT_HD float unit_of(const uint32_t* words, int number, float) { return unit_float(words[number]); }
TT_HD double unit_of(const uint32_t* words, int number, double) {
  return unit_double(words[2 * number], words[2 * number + 1]);
}

// From [0, 1) to [from, to); rounding must not reach `to`.
template <class C>
TT_HD C uniform_between(C unit, C from, C to) {
  const C value = unit * (to - from) + from;
  return value < to ? value : from;
}

// Box & Muller 1958: two uniform numbers make two normal ones.
template <class C>
TT_HD void normal_pair(C radius_unit, C angle_unit, C mean, C deviation, C& first, C& second) {
  using std::sqrt;
  const C radius = sqrt(C(-2) * log_of(radius_unit)) * deviation;
  C sine, cosine;
  sincos_turn(angle_unit, sine, cosine);
  first = radius * cosine + mean;
  second = radius * sine + mean;
}

// In [low, low + range), by the high part of a product (Lemire 2019): a number's probability is off by at most
// range / 2^32, beyond 2^32 by range / 2^64.
constexpr int64_t kWordRange = int64_t{1} << 32;

TT_HD uint64_t high_product(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b >> 64);
}
TT_HD int64_t integer_below(uint32_t word, int64_t low, int64_t range) {
  return low + static_cast<int64_t>(static_cast<uint64_t>(word) * static_cast<uint64_t>(range) >> 32);
}
TT_HD int64_t integer_below(uint32_t high, uint32_t low_word, int64_t low, int64_t range) {
  const uint64_t word = static_cast<uint64_t>(high) << 32 | low_word;
  return low + static_cast<int64_t>(high_product(word, static_cast<uint64_t>(range)));
}

// Dropout keeps the elements whose word is not below p as a threshold on 32 bits.
struct Dropout {
  uint64_t threshold;
  double scale;
  explicit Dropout(double p) : threshold(static_cast<uint64_t>(p * 4294967296.0)), scale(p < 1 ? 1 / (1 - p) : 0) {}
  TT_HD bool keeps(uint32_t word) const { return word >= threshold; }
};

// Of categories with weights: the first whose running sum is above unit * total, a number below the total; rounding may
// make that number the total itself.
template <class SumAt>
TT_HD int64_t drawn_category(double unit, int64_t categories, const SumAt& sum_at) {
  const double total = sum_at(categories - 1), goal = unit * total;
  int64_t low = 0, high = categories;
  // The first sum above the goal, or else the first that is the total.
  const bool reaches_total = !(total > goal);
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const double sum = sum_at(middle);
    if (reaches_total ? sum < total : !(sum > goal))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// The smallest of exponential times with these rates come first: Efraimidis and Spirakis 2006.
TT_HD double arrival_time(double weight, double positive_unit) {
  const double time = -log_of(positive_unit);
  return weight > 0 ? time / weight : HUGE_VAL;
}

}  // namespace tt::functors
