// What kernel code may call, for the emulated devices: CUDA's names on the host compiler.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "scheduler.h"
#include "shared_memory.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) __attribute__((aligned(bytes)))

namespace tt::emulation {

template <class T>
uint64_t to_word(T value) {
  static_assert(sizeof(T) <= 8, "warp collectives exchange at most 8 bytes");
  uint64_t word = 0;
  memcpy(&word, &value, sizeof(T));
  return word;
}
template <class T>
T from_word(uint64_t word) {
  T value;
  memcpy(&value, &word, sizeof(T));
  return value;
}
template <class To, class From>
To reinterpret(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(To));
  return to;
}

inline unsigned lane() { return thread_queue.current % 32; }

template <class T>
T shuffle(unsigned mask, T value, unsigned source_lane) {
  return from_word<T>(warp_collective(WarpCall::shuffle, mask, to_word(value), source_lane));
}

// Adds with a compare-and-swap loop; returns what was there.
template <class T>
T add_to(T* address, T value) {
  T before;
  __atomic_load(address, &before, __ATOMIC_RELAXED);
  T after;
  do after = before + value;
  while (!__atomic_compare_exchange(address, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return before;
}
// Stores `value` if `better(value, present)`; returns what was there.
template <class T, class Better>
T replace_if(T* address, T value, Better better) {
  T before = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (better(value, before) &&
         !__atomic_compare_exchange_n(address, &before, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return before;
}

}  // namespace tt::emulation

// Barriers and warp collectives.
inline void __syncthreads() { tt::emulation::block_barrier(false); }
inline int __syncthreads_count(int vote) { return static_cast<int>(tt::emulation::block_barrier(vote != 0).in_favour); }
inline int __syncthreads_or(int vote) { return tt::emulation::block_barrier(vote != 0).in_favour != 0; }
inline int __syncthreads_and(int vote) {
  const tt::emulation::Votes votes = tt::emulation::block_barrier(vote != 0);
  return votes.in_favour == votes.voters;
}
inline void __syncwarp(unsigned mask = ~0u) {
  tt::emulation::warp_collective(tt::emulation::WarpCall::synchronize, mask, 0, 0);
}
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize) {
  const unsigned within = static_cast<unsigned>(width) - 1;
  return tt::emulation::shuffle(mask, value,
                                (tt::emulation::lane() & ~within) | (static_cast<unsigned>(source) & within));
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = warpSize) {
  const unsigned lane = tt::emulation::lane();
  const unsigned within = static_cast<unsigned>(width) - 1;
  return tt::emulation::shuffle(mask, value, (lane & within) >= by ? lane - by : lane);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = warpSize) {
  const unsigned lane = tt::emulation::lane();
  const unsigned within = static_cast<unsigned>(width) - 1;
  return tt::emulation::shuffle(mask, value, (lane & within) + by <= within ? lane + by : lane);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize) {
  const unsigned lane = tt::emulation::lane();
  const unsigned within = static_cast<unsigned>(width) - 1;
  const unsigned source = lane ^ static_cast<unsigned>(lane_mask);
  // Later groups are out of reach, earlier ones are not.
  return tt::emulation::shuffle(mask, value, source <= (lane | within) ? source : lane);
}
inline unsigned __ballot_sync(unsigned mask, int vote) {
  return static_cast<unsigned>(tt::emulation::warp_collective(tt::emulation::WarpCall::ballot, mask, vote != 0, 0));
}
inline int __any_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) != 0; }
inline int __all_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) == mask; }
template <class T>
unsigned __match_any_sync(unsigned mask, T value) {
  return static_cast<unsigned>(
      tt::emulation::warp_collective(tt::emulation::WarpCall::match, mask, tt::emulation::to_word(value), 0));
}
// Lanes need not run together: each is on its own, which CUDA allows.
inline unsigned __activemask() { return 1u << tt::emulation::lane(); }
inline void __threadfence() { tt::emulation::race_check::fence(); }
inline void __threadfence_block() { tt::emulation::race_check::fence(); }
inline void __threadfence_system() { tt::emulation::race_check::fence(); }
[[noreturn]] inline void __trap() { tt::emulation::fail_kernel(cudaErrorLaunchFailure, "__trap"); }

// Atomic operations.
inline float atomicAdd(float* address, float value) { return tt::emulation::add_to(address, value); }
inline double atomicAdd(double* address, double value) { return tt::emulation::add_to(address, value); }

#define TT_ATOMIC(name, Type, ...) \
  inline Type name(Type* address, Type value) { return __VA_ARGS__; }
#define TT_ATOMIC_INTEGER(Type)                                                                               \
  TT_ATOMIC(atomicAdd, Type, __atomic_fetch_add(address, value, __ATOMIC_RELAXED))                            \
  TT_ATOMIC(atomicExch, Type, __atomic_exchange_n(address, value, __ATOMIC_RELAXED))                          \
  TT_ATOMIC(atomicAnd, Type, __atomic_fetch_and(address, value, __ATOMIC_RELAXED))                            \
  TT_ATOMIC(atomicOr, Type, __atomic_fetch_or(address, value, __ATOMIC_RELAXED))                              \
  TT_ATOMIC(atomicXor, Type, __atomic_fetch_xor(address, value, __ATOMIC_RELAXED))                            \
  TT_ATOMIC(atomicMin, Type, tt::emulation::replace_if(address, value, [](Type a, Type b) { return a < b; })) \
  TT_ATOMIC(atomicMax, Type, tt::emulation::replace_if(address, value, [](Type a, Type b) { return a > b; }))
TT_ATOMIC_INTEGER(int)
TT_ATOMIC_INTEGER(unsigned)
TT_ATOMIC_INTEGER(unsigned long long)
TT_ATOMIC(atomicSub, int, __atomic_fetch_sub(address, value, __ATOMIC_RELAXED))
TT_ATOMIC(atomicSub, unsigned, __atomic_fetch_sub(address, value, __ATOMIC_RELAXED))
TT_ATOMIC(atomicMin, long long,
          tt::emulation::replace_if(address, value, [](long long a, long long b) { return a < b; }))
TT_ATOMIC(atomicMax, long long,
          tt::emulation::replace_if(address, value, [](long long a, long long b) { return a > b; }))
#undef TT_ATOMIC_INTEGER
#undef TT_ATOMIC
inline float atomicExch(float* address, float value) {
  float before;
  __atomic_exchange(address, &value, &before, __ATOMIC_RELAXED);
  return before;
}

#define TT_ATOMIC_CAS(Type)                                                                            \
  inline Type atomicCAS(Type* address, Type expected, Type value) {                                    \
    __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
    return expected;                                                                                   \
  }
TT_ATOMIC_CAS(int)
TT_ATOMIC_CAS(unsigned)
TT_ATOMIC_CAS(unsigned long long)
TT_ATOMIC_CAS(unsigned short)
#undef TT_ATOMIC_CAS

// Bits and integers.
inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __popcll(unsigned long long value) { return __builtin_popcountll(value); }
inline int __clz(int value) { return value ? __builtin_clz(static_cast<unsigned>(value)) : 32; }
inline int __clzll(long long value) { return value ? __builtin_clzll(static_cast<unsigned long long>(value)) : 64; }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline int __ffsll(long long value) { return __builtin_ffsll(value); }
inline unsigned __brev(unsigned value) {
  value = (value >> 1 & 0x55555555u) | (value & 0x55555555u) << 1;
  value = (value >> 2 & 0x33333333u) | (value & 0x33333333u) << 2;
  value = (value >> 4 & 0x0F0F0F0Fu) | (value & 0x0F0F0F0Fu) << 4;
  return __builtin_bswap32(value);
}
inline unsigned long long __brevll(unsigned long long value) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(value))) << 32 |
         __brev(static_cast<unsigned>(value >> 32));
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<int64_t>(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
template <class T>
T __ldg(const T* address) {
  return *address;
}

// The same bits as another type.
inline unsigned __float_as_uint(float value) { return tt::emulation::reinterpret<unsigned>(value); }
inline int __float_as_int(float value) { return tt::emulation::reinterpret<int>(value); }
inline float __uint_as_float(unsigned value) { return tt::emulation::reinterpret<float>(value); }
inline float __int_as_float(int value) { return tt::emulation::reinterpret<float>(value); }
inline long long __double_as_longlong(double value) { return tt::emulation::reinterpret<long long>(value); }
inline double __longlong_as_double(long long value) { return tt::emulation::reinterpret<double>(value); }

// Arithmetic. The intrinsics that on a GPU trade accuracy for speed are exact here.
using std::max;
using std::min;
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
inline float rsqrtf(float value) { return 1.0f / std::sqrt(value); }
inline double rsqrt(double value) { return 1.0 / std::sqrt(value); }
inline float __expf(float value) { return std::exp(value); }
inline float __logf(float value) { return std::log(value); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
