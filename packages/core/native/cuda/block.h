// What the threads of a warp or of a block find together. Values are of any type that can be copied byte by byte;
// combiners are functors of two values: combine(a, b). All threads of the block (of the warp, for warp_...) must call,
// and blocks consist of whole warps (threads_for).
#pragma once
#include "launch.h"

namespace tt::cuda {

constexpr unsigned kWholeWarp = 0xFFFFFFFFu;

TT_D unsigned lane_index() { return threadIdx.x % kWarp; }
TT_D unsigned warp_index() { return threadIdx.x / kWarp; }
TT_D unsigned warp_count() { return blockDim.x / kWarp; }

// --- Exchanges -------------------------------------------------------------------------------------------------------

// Lanes exchange words; larger values go in several.
template <class T>
using exchange_word_t = std::conditional_t<
    sizeof(T) % 8 == 0, unsigned long long,
    std::conditional_t<sizeof(T) % 4 == 0, unsigned, std::conditional_t<sizeof(T) % 2 == 0, uint16_t, uint8_t>>>;

template <class T, class Exchange>
TT_D T exchange(T value, const Exchange& move) {
  using Word = exchange_word_t<T>;
  using Moved = std::conditional_t<sizeof(Word) < 4, unsigned, Word>;
  constexpr int kWords = static_cast<int>(sizeof(T) / sizeof(Word));
  Word words[kWords];
  memcpy(words, &value, sizeof(T));
  TT_UNROLL
  for (int i = 0; i < kWords; ++i) words[i] = static_cast<Word>(move(static_cast<Moved>(words[i])));
  memcpy(&value, words, sizeof(T));
  return value;
}

struct FromLaneAcross {
  unsigned lane_mask;
  template <class Word>
  TT_D Word operator()(Word word) const {
    return __shfl_xor_sync(kWholeWarp, word, static_cast<int>(lane_mask));
  }
};
struct FromLaneBefore {
  unsigned by;
  template <class Word>
  TT_D Word operator()(Word word) const {
    return __shfl_up_sync(kWholeWarp, word, by);
  }
};
struct FromLane {
  int lane;
  template <class Word>
  TT_D Word operator()(Word word) const {
    return __shfl_sync(kWholeWarp, word, lane);
  }
};

// What one lane holds, for all of the warp.
template <class T>
TT_D T broadcast(T value, int lane) {
  return exchange(value, FromLane{lane});
}

// --- Reductions ------------------------------------------------------------------------------------------------------

// The values of each group of `width` neighbouring lanes (a power of two), combined, for every lane of the group. The
// order is not that of the lanes: combine(a, b) must be combine(b, a).
template <class T, class Combine>
TT_D T warp_reduce(T value, const Combine& combine, unsigned width = kWarp) {
  for (unsigned by = width / 2; by > 0; by /= 2) value = combine(value, exchange(value, FromLaneAcross{by}));
  return value;
}

// The values of the block, for every thread.
template <class T, class Combine>
TT_D T block_reduce(T value, const Combine& combine) {
  TT_SHARED(T, of_warps, [kWarp]);
  value = warp_reduce(value, combine);
  if (warp_count() == 1) return value;
  __syncthreads();  // those who read the results of the call before are done
  if (lane_index() == 0) of_warps[warp_index()] = value;
  __syncthreads();
  value = of_warps[0];
  for (unsigned w = 1; w < warp_count(); ++w) value = combine(value, of_warps[w]);
  return value;
}

// --- Running results -------------------------------------------------------------------------------------------------

// For each lane the values up to its own, in order: combine(earlier, later), which need not commute.
template <class T, class Combine>
TT_D T warp_scan(T value, const Combine& combine) {
  for (unsigned by = 1; by < kWarp; by *= 2) {
    const T earlier = exchange(value, FromLaneBefore{by});
    if (lane_index() >= by) value = combine(earlier, value);
  }
  return value;
}

// The same for the threads of the block; `total` becomes that of all of them.
template <class T, class Combine>
TT_D T block_scan(T value, const Combine& combine, T& total) {
  TT_SHARED(T, of_warps, [kWarp]);
  value = warp_scan(value, combine);
  __syncthreads();
  if (lane_index() == kWarp - 1) of_warps[warp_index()] = value;
  __syncthreads();
  T before = of_warps[0];
  total = before;
  for (unsigned w = 1; w < warp_count(); ++w) {
    total = combine(total, of_warps[w]);
    if (w < warp_index()) before = total;
  }
  return warp_index() == 0 ? value : combine(before, value);
}

// The values before each thread's own: `identity` for the first.
template <class T, class Combine>
TT_D T block_scan_before(T value, const Combine& combine, T identity, T& total) {
  TT_SHARED(T, of_warps, [kWarp]);
  const T upto = warp_scan(value, combine);
  T before = exchange(upto, FromLaneBefore{1});
  if (lane_index() == 0) before = identity;
  __syncthreads();
  if (lane_index() == kWarp - 1) of_warps[warp_index()] = upto;
  __syncthreads();
  T earlier = identity;
  total = identity;
  for (unsigned w = 0; w < warp_count(); ++w) {
    if (w == warp_index()) earlier = total;
    total = combine(total, of_warps[w]);
  }
  return combine(earlier, before);
}

// --- Combiners -------------------------------------------------------------------------------------------------------

struct Add {
  template <class T>
  TT_D T operator()(T a, T b) const {
    return a + b;
  }
};
struct Greater {
  template <class T>
  TT_D T operator()(T a, T b) const {
    return b > a ? b : a;
  }
};
struct Smaller {
  template <class T>
  TT_D T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};

}  // namespace tt::cuda
