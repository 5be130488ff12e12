// The Fortran routines of BLAS and LAPACK that are called here, as OpenBLAS exports them, overloaded by element type.
#pragma once
#include "../functors/complex.h"

namespace tt::blas {

using Complex64 = Complex<float>;
using Complex128 = Complex<double>;

// A routine whose arguments differ between element types in nothing but the type: declared, and called by one name.
#define TT_ROUTINE(name, T, symbol, PARAMETERS, ARGUMENTS) \
  extern "C" void symbol PARAMETERS(T);                    \
  inline void name PARAMETERS(T) { symbol ARGUMENTS; }
#define TT_ROUTINES(name, s, d, c, z, PARAMETERS, ARGUMENTS) \
  TT_ROUTINE(name, float, s, PARAMETERS, ARGUMENTS)          \
  TT_ROUTINE(name, double, d, PARAMETERS, ARGUMENTS)         \
  TT_ROUTINE(name, Complex64, c, PARAMETERS, ARGUMENTS)      \
  TT_ROUTINE(name, Complex128, z, PARAMETERS, ARGUMENTS)

#define TT_PARAMETERS(T)                                                                                         \
  (const char* transa, const char* transb, const int* m, const int* n, const int* k, const T* alpha, const T* a, \
   const int* lda, const T* b, const int* ldb, const T* beta, T* c, const int* ldc)
TT_ROUTINES(gemm, sgemm_, dgemm_, cgemm_, zgemm_, TT_PARAMETERS,
            (transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T)                                                                                \
  (const char* side, const char* uplo, const char* trans, const char* diag, const int* m, const int* n, \
   const T* alpha, const T* a, const int* lda, T* b, const int* ldb)
TT_ROUTINES(trsm, strsm_, dtrsm_, ctrsm_, ztrsm_, TT_PARAMETERS, (side, uplo, trans, diag, m, n, alpha, a, lda, b, ldb))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) (const int* m, const int* n, T* a, const int* lda, int* pivots, int* info)
TT_ROUTINES(getrf, sgetrf_, dgetrf_, cgetrf_, zgetrf_, TT_PARAMETERS, (m, n, a, lda, pivots, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) (const int* n, T* a, const int* lda, const int* pivots, T* work, const int* lwork, int* info)
TT_ROUTINES(getri, sgetri_, dgetri_, cgetri_, zgetri_, TT_PARAMETERS, (n, a, lda, pivots, work, lwork, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T)                                                                                  \
  (const char* trans, const int* n, const int* nrhs, const T* a, const int* lda, const int* pivots, T* b, \
   const int* ldb, int* info)
TT_ROUTINES(getrs, sgetrs_, dgetrs_, cgetrs_, zgetrs_, TT_PARAMETERS, (trans, n, nrhs, a, lda, pivots, b, ldb, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) (const char* uplo, const int* n, T* a, const int* lda, int* info)
TT_ROUTINES(potrf, spotrf_, dpotrf_, cpotrf_, zpotrf_, TT_PARAMETERS, (uplo, n, a, lda, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) \
  (const char* uplo, const int* n, T* a, const int* lda, int* pivots, T* work, const int* lwork, int* info)
TT_ROUTINES(sytrf, ssytrf_, dsytrf_, csytrf_, zsytrf_, TT_PARAMETERS, (uplo, n, a, lda, pivots, work, lwork, info))
TT_ROUTINE(hetrf, Complex64, chetrf_, TT_PARAMETERS, (uplo, n, a, lda, pivots, work, lwork, info))
TT_ROUTINE(hetrf, Complex128, zhetrf_, TT_PARAMETERS, (uplo, n, a, lda, pivots, work, lwork, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T)                                                                                 \
  (const char* uplo, const int* n, const int* nrhs, const T* a, const int* lda, const int* pivots, T* b, \
   const int* ldb, int* info)
TT_ROUTINES(sytrs, ssytrs_, dsytrs_, csytrs_, zsytrs_, TT_PARAMETERS, (uplo, n, nrhs, a, lda, pivots, b, ldb, info))
TT_ROUTINE(hetrs, Complex64, chetrs_, TT_PARAMETERS, (uplo, n, nrhs, a, lda, pivots, b, ldb, info))
TT_ROUTINE(hetrs, Complex128, zhetrs_, TT_PARAMETERS, (uplo, n, nrhs, a, lda, pivots, b, ldb, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) \
  (const int* m, const int* n, T* a, const int* lda, T* tau, T* work, const int* lwork, int* info)
TT_ROUTINES(geqrf, sgeqrf_, dgeqrf_, cgeqrf_, zgeqrf_, TT_PARAMETERS, (m, n, a, lda, tau, work, lwork, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T) \
  (const int* m, const int* n, const int* k, T* a, const int* lda, const T* tau, T* work, const int* lwork, int* info)
TT_ROUTINES(orgqr, sorgqr_, dorgqr_, cungqr_, zungqr_, TT_PARAMETERS, (m, n, k, a, lda, tau, work, lwork, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T)                                                                                      \
  (const char* side, const char* trans, const int* m, const int* n, const int* k, const T* a, const int* lda, \
   const T* tau, T* c, const int* ldc, T* work, const int* lwork, int* info)
TT_ROUTINES(ormqr, sormqr_, dormqr_, cunmqr_, zunmqr_, TT_PARAMETERS,
            (side, trans, m, n, k, a, lda, tau, c, ldc, work, lwork, info))
#undef TT_PARAMETERS

#define TT_PARAMETERS(T)                                                                                       \
  (const char* trans, const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, \
   T* work, const int* lwork, int* info)
TT_ROUTINES(gels, sgels_, dgels_, cgels_, zgels_, TT_PARAMETERS, (trans, m, n, nrhs, a, lda, b, ldb, work, lwork, info))
#undef TT_PARAMETERS

// Not of complex numbers, which compilers return in different ways.
extern "C" float sdot_(const int* n, const float* x, const int* x_step, const float* y, const int* y_step);
extern "C" double ddot_(const int* n, const double* x, const int* x_step, const double* y, const int* y_step);
inline float dot(int n, const float* x, int x_step, const float* y, int y_step) {
  return sdot_(&n, x, &x_step, y, &y_step);
}
inline double dot(int n, const double* x, int x_step, const double* y, int y_step) {
  return ddot_(&n, x, &x_step, y, &y_step);
}

// Those whose workspaces differ between real and complex numbers.
extern "C" {
#define TT_DECLARE(T, syevd, geev, gesdd, gelsy, gelsd)                                                               \
  void syevd(const char* jobz, const char* uplo, const int* n, T* a, const int* lda, T* w, T* work, const int* lwork, \
             int* iwork, const int* liwork, int* info);                                                               \
  void geev(const char* jobvl, const char* jobvr, const int* n, T* a, const int* lda, T* wr, T* wi, T* vl,            \
            const int* ldvl, T* vr, const int* ldvr, T* work, const int* lwork, int* info);                           \
  void gesdd(const char* jobz, const int* m, const int* n, T* a, const int* lda, T* s, T* u, const int* ldu, T* vt,   \
             const int* ldvt, T* work, const int* lwork, int* iwork, int* info);                                      \
  void gelsy(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, int* jpvt,      \
             const T* rcond, int* rank, T* work, const int* lwork, int* info);                                        \
  void gelsd(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, T* s,           \
             const T* rcond, int* rank, T* work, const int* lwork, int* iwork, int* info);
TT_DECLARE(float, ssyevd_, sgeev_, sgesdd_, sgelsy_, sgelsd_)
TT_DECLARE(double, dsyevd_, dgeev_, dgesdd_, dgelsy_, dgelsd_)
#undef TT_DECLARE
#define TT_DECLARE(T, R, heevd, geev, gesdd, gelsy, gelsd)                                                            \
  void heevd(const char* jobz, const char* uplo, const int* n, T* a, const int* lda, R* w, T* work, const int* lwork, \
             R* rwork, const int* lrwork, int* iwork, const int* liwork, int* info);                                  \
  void geev(const char* jobvl, const char* jobvr, const int* n, T* a, const int* lda, T* w, T* vl, const int* ldvl,   \
            T* vr, const int* ldvr, T* work, const int* lwork, R* rwork, int* info);                                  \
  void gesdd(const char* jobz, const int* m, const int* n, T* a, const int* lda, R* s, T* u, const int* ldu, T* vt,   \
             const int* ldvt, T* work, const int* lwork, R* rwork, int* iwork, int* info);                            \
  void gelsy(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, int* jpvt,      \
             const R* rcond, int* rank, T* work, const int* lwork, R* rwork, int* info);                              \
  void gelsd(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, R* s,           \
             const R* rcond, int* rank, T* work, const int* lwork, R* rwork, int* iwork, int* info);
TT_DECLARE(Complex64, float, cheevd_, cgeev_, cgesdd_, cgelsy_, cgelsd_)
TT_DECLARE(Complex128, double, zheevd_, zgeev_, zgesdd_, zgelsy_, zgelsd_)
#undef TT_DECLARE
}

}  // namespace tt::blas
