// A stand-in for cuSOLVER, over OpenBLAS.
#include <vector>

#include "../../cpu/lapack.h"
#include "factorizations.h"
#include "stand_in.h"

namespace tt::cuda {
struct CusolverContext {
  cudaStream_t stream;
};
struct CusolverParamsStruct {};
}  // namespace tt::cuda

namespace {

using namespace tt;
using namespace tt::cuda;
using emulation::on_host;

enum Status : int { kSuccess = 0, kInvalidValue = 3, kExecutionFailed = 6, kNotSupported = 9 };

// Of each call: enough to see whether the caller brings them.
constexpr size_t kDeviceBytes = 512, kHostBytes = 64;
constexpr int kElements = 32;

template <class Work>
int submit(CusolverHandle handle, Work&& work) {
  return emulation::submit(handle->stream, std::forward<Work>(work)) ? kSuccess : kExecutionFailed;
}

// f.operator()<T>() for the elements of a data type.
template <class F>
int with_type(int type, F&& f) {
  switch (type) {
    case kReal32:
      return f.template operator()<float>();
    case kReal64:
      return f.template operator()<double>();
    case kComplex32:
      return f.template operator()<Complex<float>>();
    case kComplex64:
      return f.template operator()<Complex<double>>();
    default:
      return kNotSupported;
  }
}

int real_of(int type) { return type == kComplex32 ? kReal32 : type == kComplex64 ? kReal64 : type; }
int complex_of(int type) { return type == kReal32 ? kComplex32 : type == kReal64 ? kComplex64 : type; }

// Whether matrices of this many rows fit columns of `stride` elements.
bool fits(int64_t rows, int64_t columns, int64_t stride) {
  return rows >= 0 && columns >= 0 && stride >= std::max<int64_t>(rows, 1) && stride <= INT32_MAX &&
         columns <= INT32_MAX;
}
bool is_enough(const void* device, size_t device_bytes, const void* host, size_t host_bytes) {
  return device && host && device_bytes >= kDeviceBytes && host_bytes >= kHostBytes;
}
int say_sizes(bool valid, size_t* device_bytes, size_t* host_bytes) {
  *device_bytes = kDeviceBytes;
  *host_bytes = kHostBytes;
  return valid ? kSuccess : kInvalidValue;
}
int say_count(bool valid, int* count) {
  *count = kElements;
  return valid ? kSuccess : kInvalidValue;
}

char letter(int operation) { return "NTC"[operation]; }
bool is_operation(int operation) { return operation >= kNormal && operation <= kAdjoint; }
int narrow(int64_t size) { return static_cast<int>(size); }

std::vector<int> narrow_pivots(const int64_t* pivots, int64_t count) { return {pivots, pivots + count}; }

}  // namespace

TT_STAND_IN int cusolverGetVersion(int* version) {
  *version = 12000;
  return kSuccess;
}
TT_STAND_IN int cusolverDnCreate(CusolverHandle* handle) {
  *handle = new CusolverContext{};
  return kSuccess;
}
TT_STAND_IN int cusolverDnSetStream(CusolverHandle handle, cudaStream_t stream) {
  handle->stream = stream;
  return kSuccess;
}
TT_STAND_IN int cusolverDnCreateParams(CusolverParams* params) {
  *params = new CusolverParamsStruct{};
  return kSuccess;
}

// --- Triangular factors ----------------------------------------------------------------------------------------------

TT_STAND_IN int cusolverDnXpotrf_bufferSize(CusolverHandle handle, CusolverParams params, int, int64_t n, int type_a,
                                            const void*, int64_t lda, int compute, size_t* device_bytes,
                                            size_t* host_bytes) {
  return say_sizes(handle && params && fits(n, n, lda) && type_a == compute, device_bytes, host_bytes);
}
TT_STAND_IN int cusolverDnXpotrf(CusolverHandle handle, CusolverParams params, int fill, int64_t n, int type_a, void* a,
                                 int64_t lda, int compute, void* device, size_t device_bytes, void* host,
                                 size_t host_bytes, int* info) {
  if (!handle || !params || !fits(n, n, lda) || type_a != compute || !info) return kInvalidValue;
  if (!is_enough(device, device_bytes, host, host_bytes)) return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<T*>(a)), info = on_host(info)] {
      emulation::potrf(fill, narrow(n), a, narrow(lda), info);
    });
  });
}

TT_STAND_IN int cusolverDnXgetrf_bufferSize(CusolverHandle handle, CusolverParams params, int64_t m, int64_t n,
                                            int type_a, const void*, int64_t lda, int compute, size_t* device_bytes,
                                            size_t* host_bytes) {
  return say_sizes(handle && params && fits(m, n, lda) && type_a == compute, device_bytes, host_bytes);
}
TT_STAND_IN int cusolverDnXgetrf(CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a,
                                 void* a, int64_t lda, int64_t* pivots, int compute, void* device, size_t device_bytes,
                                 void* host, size_t host_bytes, int* info) {
  if (!handle || !params || !fits(m, n, lda) || type_a != compute || !pivots || !info) return kInvalidValue;
  if (!is_enough(device, device_bytes, host, host_bytes)) return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<T*>(a)), pivots = on_host(pivots), info = on_host(info)] {
      std::vector<int> found(std::min(m, n));
      emulation::getrf(narrow(m), narrow(n), a, narrow(lda), found.data(), info);
      std::copy(found.begin(), found.end(), pivots);
    });
  });
}
TT_STAND_IN int cusolverDnXgetrs(CusolverHandle handle, CusolverParams params, int operation, int64_t n, int64_t sides,
                                 int type_a, const void* a, int64_t lda, const int64_t* pivots, int type_b, void* b,
                                 int64_t ldb, int* info) {
  if (!handle || !params || !is_operation(operation) || !fits(n, n, lda) || !fits(n, sides, ldb) || type_a != type_b ||
      !pivots || !info)
    return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<const T*>(a)), b = on_host(static_cast<T*>(b)),
                           pivots = on_host(pivots), info = on_host(info)] {
      const char operation_letter = letter(operation);
      const int order = narrow(n), columns = narrow(sides), a_stride = narrow(lda), b_stride = narrow(ldb);
      blas::getrs(&operation_letter, &order, &columns, a, &a_stride, narrow_pivots(pivots, n).data(), b, &b_stride,
                  info);
    });
  });
}

// --- QR --------------------------------------------------------------------------------------------------------------

TT_STAND_IN int cusolverDnXgeqrf_bufferSize(CusolverHandle handle, CusolverParams params, int64_t m, int64_t n,
                                            int type_a, const void*, int64_t lda, int type_tau, const void*,
                                            int compute, size_t* device_bytes, size_t* host_bytes) {
  return say_sizes(handle && params && fits(m, n, lda) && type_a == compute && type_a == type_tau, device_bytes,
                   host_bytes);
}
TT_STAND_IN int cusolverDnXgeqrf(CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a,
                                 void* a, int64_t lda, int type_tau, void* tau, int compute, void* device,
                                 size_t device_bytes, void* host, size_t host_bytes, int* info) {
  if (!handle || !params || !fits(m, n, lda) || type_a != compute || type_a != type_tau || !tau || !info)
    return kInvalidValue;
  if (!is_enough(device, device_bytes, host, host_bytes)) return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(
        handle, [=, a = on_host(static_cast<T*>(a)), tau = on_host(static_cast<T*>(tau)), info = on_host(info)] {
          const int rows = narrow(m), columns = narrow(n), stride = narrow(lda);
          *info = 0;
          if (emulation::spreads_nan(rows, columns, a, stride)) return;
          lapack::with_workspace<std::vector, T>(
              [&](T* work, const int* size) { blas::geqrf(&rows, &columns, a, &stride, tau, work, size, info); });
        });
  });
}

namespace {

bool are_reflectors(CusolverHandle handle, int rows, int k, int lda) {
  return handle && k >= 0 && k <= rows && fits(rows, k, lda);
}

template <class T>
int multiply_reflectors(CusolverHandle handle, int m, int n, int k, T* a, int lda, const T* tau, T* workspace,
                        int count, int* info) {
  if (!are_reflectors(handle, m, k, lda) || n > m || k > n || !workspace || count < kElements || !info)
    return kInvalidValue;
  return submit(handle, [=, a = on_host(a), tau = on_host(tau), info = on_host(info)] {
    lapack::with_workspace<std::vector, T>(
        [&](T* work, const int* size) { blas::orgqr(&m, &n, &k, a, &lda, tau, work, size, info); });
  });
}

template <class T>
int multiply_by_reflectors(CusolverHandle handle, int side, int operation, int m, int n, int k, const T* a, int lda,
                           const T* tau, T* c, int ldc, T* workspace, int count, int* info) {
  const bool is_adjoint = operation == (is_complex<T> ? kAdjoint : kTransposed);
  if (!are_reflectors(handle, side == kLeft ? m : n, k, lda) || !fits(m, n, ldc) || !workspace || count < kElements ||
      !info || (operation != kNormal && !is_adjoint))
    return kInvalidValue;
  return submit(handle, [=, a = on_host(a), tau = on_host(tau), c = on_host(c), info = on_host(info)] {
    const char operation_letter = letter(operation);
    lapack::with_workspace<std::vector, T>([&](T* work, const int* size) {
      blas::ormqr(side == kLeft ? "L" : "R", &operation_letter, &m, &n, &k, a, &lda, tau, c, &ldc, work, size, info);
    });
  });
}

template <class T>
int factor_batch(CusolverHandle handle, int fill, int n, T** a, int lda, int* info, int batch) {
  if (!handle || !fits(n, n, lda) || batch < 0 || !info) return kInvalidValue;
  return submit(handle, [=, a = on_host(a), info = on_host(info)] {
    for (int i = 0; i < batch; ++i) emulation::potrf(fill, n, on_host(a[i]), lda, info + i);
  });
}

}  // namespace

#define TT_FUNCTIONS(letter, orgqr, ormqr, Pointer, T)                                                                \
  TT_STAND_IN int cusolverDn##letter##potrfBatched(CusolverHandle handle, int fill, int n, Pointer** a, int lda,      \
                                                   int* info, int batch) {                                            \
    return factor_batch<T>(handle, fill, n, reinterpret_cast<T**>(a), lda, info, batch);                              \
  }                                                                                                                   \
  TT_STAND_IN int cusolverDn##letter##orgqr##_bufferSize(CusolverHandle handle, int m, int n, int k, const Pointer*,  \
                                                         int lda, const Pointer*, int* count) {                       \
    return say_count(are_reflectors(handle, m, k, lda) && k <= n && n <= m, count);                                   \
  }                                                                                                                   \
  TT_STAND_IN int cusolverDn##letter##orgqr(CusolverHandle handle, int m, int n, int k, Pointer* a, int lda,          \
                                            const Pointer* tau, Pointer* workspace, int count, int* info) {           \
    return multiply_reflectors<T>(handle, m, n, k, static_cast<T*>(a), lda, static_cast<const T*>(tau),               \
                                  static_cast<T*>(workspace), count, info);                                           \
  }                                                                                                                   \
  TT_STAND_IN int cusolverDn##letter##ormqr##_bufferSize(CusolverHandle handle, int side, int, int m, int n, int k,   \
                                                         const Pointer*, int lda, const Pointer*, const Pointer*,     \
                                                         int ldc, int* count) {                                       \
    return say_count(are_reflectors(handle, side == kLeft ? m : n, k, lda) && fits(m, n, ldc), count);                \
  }                                                                                                                   \
  TT_STAND_IN int cusolverDn##letter##ormqr(CusolverHandle handle, int side, int operation, int m, int n, int k,      \
                                            const Pointer* a, int lda, const Pointer* tau, Pointer* c, int ldc,       \
                                            Pointer* workspace, int count, int* info) {                               \
    return multiply_by_reflectors<T>(handle, side, operation, m, n, k, static_cast<const T*>(a), lda,                 \
                                     static_cast<const T*>(tau), static_cast<T*>(c), ldc, static_cast<T*>(workspace), \
                                     count, info);                                                                    \
  }
TT_FUNCTIONS(S, orgqr, ormqr, float, float)
TT_FUNCTIONS(D, orgqr, ormqr, double, double)
TT_FUNCTIONS(C, ungqr, unmqr, void, Complex<float>)
TT_FUNCTIONS(Z, ungqr, unmqr, void, Complex<double>)

// --- Eigenvalues and singular values ---------------------------------------------------------------------------------

TT_STAND_IN int cusolverDnXsyevd_bufferSize(CusolverHandle handle, CusolverParams params, int, int, int64_t n,
                                            int type_a, const void*, int64_t lda, int type_w, const void*, int compute,
                                            size_t* device_bytes, size_t* host_bytes) {
  const bool valid = handle && params && fits(n, n, lda) && type_a == compute && type_w == real_of(type_a);
  return say_sizes(valid, device_bytes, host_bytes);
}
TT_STAND_IN int cusolverDnXsyevd(CusolverHandle handle, CusolverParams params, int vectors, int fill, int64_t n,
                                 int type_a, void* a, int64_t lda, int type_w, void* w, int compute, void* device,
                                 size_t device_bytes, void* host, size_t host_bytes, int* info) {
  if (!handle || !params || !fits(n, n, lda) || lda != n || type_a != compute || type_w != real_of(type_a) || !w ||
      !info)
    return kInvalidValue;
  if (!is_enough(device, device_bytes, host, host_bytes)) return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<T*>(a)), w = on_host(static_cast<real_t<T>*>(w)),
                           info = on_host(info)] {
      *info = lapack::syevd<std::vector>(vectors == kVectors ? "V" : "N", fill == kLower ? "L" : "U", narrow(n), a, w);
    });
  });
}

TT_STAND_IN int cusolverDnXgeev_bufferSize(CusolverHandle handle, CusolverParams params, int left, int, int64_t n,
                                           int type_a, const void*, int64_t lda, int type_w, const void*, int type_vl,
                                           const void*, int64_t ldvl, int type_vr, const void*, int64_t ldvr,
                                           int compute, size_t* device_bytes, size_t* host_bytes) {
  if (left != kNoVectors) return kNotSupported;
  const bool one_type = type_a == compute && type_a == type_vl && type_a == type_vr && type_w == complex_of(type_a);
  return say_sizes(handle && params && fits(n, n, lda) && ldvl >= 1 && fits(n, n, ldvr) && one_type, device_bytes,
                   host_bytes);
}
TT_STAND_IN int cusolverDnXgeev(CusolverHandle handle, CusolverParams params, int left, int right, int64_t n,
                                int type_a, void* a, int64_t lda, int type_w, void* w, int type_vl, void*, int64_t ldvl,
                                int type_vr, void* vr, int64_t ldvr, int compute, void* device, size_t device_bytes,
                                void* host, size_t host_bytes, int* info) {
  if (left != kNoVectors) return kNotSupported;
  const bool one_type = type_a == compute && type_a == type_vl && type_a == type_vr && type_w == complex_of(type_a);
  if (!handle || !params || !one_type || lda != n || ldvl < 1 || ldvr != n || !w || !info) return kInvalidValue;
  if ((right == kVectors) != (vr != nullptr) || !is_enough(device, device_bytes, host, host_bytes))
    return kInvalidValue;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<T*>(a)), w = on_host(static_cast<Complex<real_t<T>>*>(w)),
                           vr = vr ? on_host(static_cast<T*>(vr)) : nullptr,
                           info = on_host(info)] { *info = lapack::geev<std::vector>(narrow(n), a, w, vr); });
  });
}

TT_STAND_IN int cusolverDnXgesvd_bufferSize(CusolverHandle handle, CusolverParams params, signed char, signed char,
                                            int64_t m, int64_t n, int type_a, const void*, int64_t lda, int type_s,
                                            const void*, int type_u, const void*, int64_t ldu, int type_vt, const void*,
                                            int64_t ldvt, int compute, size_t* device_bytes, size_t* host_bytes) {
  const bool types = type_a == compute && type_a == type_u && type_a == type_vt && type_s == real_of(type_a);
  return say_sizes(handle && params && m >= n && fits(m, n, lda) && fits(m, n, ldu) && fits(n, n, ldvt) && types,
                   device_bytes, host_bytes);
}
// As the real one, for at least as many rows as columns.
TT_STAND_IN int cusolverDnXgesvd(CusolverHandle handle, CusolverParams params, signed char job_u, signed char job_vt,
                                 int64_t m, int64_t n, int type_a, void* a, int64_t lda, int type_s, void* s,
                                 int type_u, void* u, int64_t ldu, int type_vt, void* vt, int64_t ldvt, int compute,
                                 void* device, size_t device_bytes, void* host, size_t host_bytes, int* info) {
  const bool types = type_a == compute && type_a == type_u && type_a == type_vt && type_s == real_of(type_a);
  if (!handle || !params || m < n || lda != m || ldu != m || ldvt != n || !types || !s || !info) return kInvalidValue;
  if (!is_enough(device, device_bytes, host, host_bytes)) return kInvalidValue;
  if (job_u != job_vt) return kNotSupported;
  return with_type(type_a, [&]<class T>() {
    return submit(handle, [=, a = on_host(static_cast<T*>(a)), s = on_host(static_cast<real_t<T>*>(s)),
                           u = u ? on_host(static_cast<T*>(u)) : nullptr,
                           vt = vt ? on_host(static_cast<T*>(vt)) : nullptr, info = on_host(info)] {
      const char job[] = {static_cast<char>(job_u), 0};
      *info = lapack::gesdd<std::vector>(job, narrow(m), narrow(n), a, s, u, narrow(ldu), vt, narrow(ldvt));
    });
  });
}

// The prototypes are those that callers use.
#define TT_SAME(Result, name, parameters) static_assert(std::is_same_v<decltype(&name), decltype(Cusolver::name)>);
TT_CUSOLVER_FUNCTIONS(TT_SAME)
#undef TT_SAME
#define TT_SAME(Result, name, parameters) static_assert(std::is_same_v<decltype(&name), decltype(CusolverGeev::name)>);
TT_CUSOLVER_GEEV_FUNCTIONS(TT_SAME)
