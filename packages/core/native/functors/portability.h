// What lets one source be compiled by the host compiler and by nvcc.
#pragma once
#define TT_PRAGMA(text) _Pragma(#text)
// TT_UNROLL_ALL(10) stands before a loop of ten rounds that is to become straight code.
#if defined(__CUDACC__)
#define TT_HD __host__ __device__ __forceinline__
#define TT_UNROLL_ALL(rounds) TT_PRAGMA(unroll)
#else
#define TT_HD inline __attribute__((always_inline))
#define TT_UNROLL_ALL(rounds) TT_PRAGMA(GCC unroll rounds)
#endif
