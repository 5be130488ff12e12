// Where the elements of strided operands are, found without divisions.
#pragma once
#include "../elementwise/loop.h"
#include "launch.h"

namespace tt::cuda {

// Quotients by a number that kernels divide by often, as a product and a shift (Granlund & Montgomery 1994, "Division
// by Invariant Integers using Multiplication"). For operands below 2^31.
struct Divider {
  uint32_t divisor, multiplier, shift;

  Divider() = default;
  explicit Divider(uint32_t divisor) : divisor(divisor), shift(0) {
    while ((uint64_t{1} << shift) < divisor) ++shift;
    multiplier = static_cast<uint32_t>(((uint64_t{1} << 32) * ((uint64_t{1} << shift) - divisor)) / divisor + 1);
  }
  TT_D uint32_t quotient(uint32_t n) const { return (__umulhi(n, multiplier) + n) >> shift; }
};

// PyTorch's limit on the GPU, too. Neighbouring dimensions have been merged by then.
constexpr int kMaxLoopDims = 25;

// The offsets, in elements, of an element's number in each of N operands.
template <int N>
struct Offsets {
  int ndim;
  Divider sizes[kMaxLoopDims];
  int64_t strides[N][kMaxLoopDims];

  TT_D void find(uint32_t i, int64_t* offsets) const {
    TT_UNROLL
    for (int k = 0; k < N; ++k) offsets[k] = 0;
    for (int d = ndim - 1; d > 0; --d) {
      const uint32_t quotient = sizes[d].quotient(i), index = i - quotient * sizes[d].divisor;
      TT_UNROLL
      for (int k = 0; k < N; ++k) offsets[k] += index * strides[k][d];
      i = quotient;
    }
    TT_UNROLL
    for (int k = 0; k < N; ++k) offsets[k] += i * strides[k][0];
  }
};

// Numbers of elements that kernels hold in 32 bits.
constexpr int64_t kMostElements = int64_t{1} << 30;

template <int N>
Offsets<N> offsets_of(const Loop<N>& loop) {
  require(loop.ndim <= kMaxLoopDims, ErrorKind::Shape, "expected at most ", kMaxLoopDims,
          " dimensions that lie apart in memory, got ", loop.ndim);
  Offsets<N> offsets{};
  offsets.ndim = loop.ndim;
  for (int d = 0; d < loop.ndim; ++d) {
    offsets.sizes[d] = Divider(static_cast<uint32_t>(loop.sizes[d]));
    for (int k = 0; k < N; ++k) offsets.strides[k][d] = loop.strides[k][d];
  }
  return offsets;
}

// Calls f(part) for parts of the loop that kernels can hold, cut along its outermost dimensions.
template <int N, class F>
void each_part(Loop<N> loop, const size_t* item_sizes, F&& f) {
  if (loop.numel <= kMostElements) return f(loop);
  int d = 0;
  while (loop.sizes[d] == 1) ++d;
  const int64_t half = loop.sizes[d] / 2, rest = loop.sizes[d] - half, slice = loop.numel / loop.sizes[d];
  Loop<N> second = loop;
  loop.sizes[d] = half;
  loop.numel = half * slice;
  second.sizes[d] = rest;
  second.numel = rest * slice;
  for (int k = 0; k < N; ++k) second.data[k] += half * loop.strides[k][d] * static_cast<int64_t>(item_sizes[k]);
  each_part(loop, item_sizes, f);
  each_part(second, item_sizes, f);
}

}  // namespace tt::cuda
