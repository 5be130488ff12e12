// The Fortran routines of BLAS and LAPACK that are called here, as OpenBLAS exports them.
#pragma once
#include "../functors/complex.h"

extern "C" {
#define TT_DECLARE_GEMM(T, name)                                                                              \
  void name(const char* transa, const char* transb, const int* m, const int* n, const int* k, const T* alpha, \
            const T* a, const int* lda, const T* b, const int* ldb, const T* beta, T* c, const int* ldc);
TT_DECLARE_GEMM(float, sgemm_)
TT_DECLARE_GEMM(double, dgemm_)
TT_DECLARE_GEMM(tt::Complex<float>, cgemm_)
TT_DECLARE_GEMM(tt::Complex<double>, zgemm_)
#undef TT_DECLARE_GEMM
}
