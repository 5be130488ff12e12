// What lets one source be compiled by the host compiler and by nvcc.
#pragma once
#if defined(__CUDACC__)
#define TT_HD __host__ __device__ __forceinline__
#else
#define TT_HD inline __attribute__((always_inline))
#endif
