// A stand-in for cuBLAS, over OpenBLAS. 16-bit matrices are widened, and rounded in the end.
#include <algorithm>
#include <vector>

#include "../../cpu/openblas.h"
#include "../../functors/half.h"
#include "factorizations.h"
#include "stand_in.h"

namespace tt::cuda {
struct CublasContext {
  cudaStream_t stream;
};
}  // namespace tt::cuda

namespace {

using namespace tt;
using namespace tt::cuda;
using emulation::on_host;
using emulation::submit;

enum Status : int { kSuccess = 0, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15 };

// Of one call; pointers are the host's by then.
struct Call {
  char operation_a, operation_b;
  int m, n, k;
  const char *a, *b;
  char* c;
  int lda, ldb, ldc;
  long long stride_a, stride_b, stride_c;
  int batch;
};

char letter(int operation) { return "NTC"[operation]; }

template <class T>
void multiply(const Call& call, T alpha, T beta) {
  for (int i = 0; i < call.batch; ++i)
    blas::gemm(&call.operation_a, &call.operation_b, &call.m, &call.n, &call.k, &alpha,
               reinterpret_cast<const T*>(call.a) + i * call.stride_a, &call.lda,
               reinterpret_cast<const T*>(call.b) + i * call.stride_b, &call.ldb, &beta,
               reinterpret_cast<T*>(call.c) + i * call.stride_c, &call.ldc);
}

// The columns of a matrix without gaps.
template <class Stored>
std::vector<float> widened(const Stored* from, int rows, int columns, int stride) {
  std::vector<float> wide(static_cast<size_t>(rows) * columns);
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r < rows; ++r) wide[static_cast<size_t>(c) * rows + r] = from[static_cast<size_t>(c) * stride + r];
  return wide;
}

template <class Stored>
void multiply_narrow(const Call& call, float alpha, float beta) {
  const bool normal_a = call.operation_a == 'N', normal_b = call.operation_b == 'N';
  const int a_rows = normal_a ? call.m : call.k, b_rows = normal_b ? call.k : call.n;
  for (int i = 0; i < call.batch; ++i) {
    const auto a = widened(reinterpret_cast<const Stored*>(call.a) + i * call.stride_a, a_rows,
                           normal_a ? call.k : call.m, call.lda);
    const auto b = widened(reinterpret_cast<const Stored*>(call.b) + i * call.stride_b, b_rows,
                           normal_b ? call.n : call.k, call.ldb);
    Stored* out = reinterpret_cast<Stored*>(call.c) + i * call.stride_c;
    auto c = widened(out, call.m, call.n, call.ldc);
    const int lda = std::max(a_rows, 1), ldb = std::max(b_rows, 1), ldc = std::max(call.m, 1);
    blas::gemm(&call.operation_a, &call.operation_b, &call.m, &call.n, &call.k, &alpha, a.data(), &lda, b.data(), &ldb,
               &beta, c.data(), &ldc);
    for (int column = 0; column < call.n; ++column)
      for (int row = 0; row < call.m; ++row)
        out[static_cast<size_t>(column) * call.ldc + row] = Stored(c[static_cast<size_t>(column) * call.m + row]);
  }
}

// The compute types that go with a data type, at most two.
bool is_supported(int type, int compute) {
  switch (type) {
    case kReal64:
    case kComplex64:
      return compute == kCompute64;
    case kReal32:
    case kComplex32:
      return compute == kCompute32 || compute == kCompute32FastTf32;
    case kReal16:
    case kBFloat16:
      return compute == kCompute32;
    default:
      return false;
  }
}

template <class T>
T number(const void* pointer) {
  return *static_cast<const T*>(pointer);
}

// What the host's numbers are is read now, the matrices are in the stream's turn.
template <class T>
int run(cudaStream_t stream, const Call& call, const void* alpha, const void* beta) {
  return submit(stream, [call, a = number<T>(alpha), b = number<T>(beta)] { multiply<T>(call, a, b); })
             ? kSuccess
             : kExecutionFailed;
}
template <class Stored>
int run_narrow(cudaStream_t stream, const Call& call, const void* alpha, const void* beta) {
  return submit(stream,
                [call, a = number<float>(alpha), b = number<float>(beta)] { multiply_narrow<Stored>(call, a, b); })
             ? kSuccess
             : kExecutionFailed;
}

bool is_valid(int operation) { return operation >= kNormal && operation <= kAdjoint; }

bool fits(int operation, int side, int m, int n, int lda, int ldb) {
  const int order = side == kLeft ? m : n;
  return is_valid(operation) && m >= 0 && n >= 0 && lda >= std::max(order, 1) && ldb >= std::max(m, 1);
}

template <class T>
void solve_triangular(int side, int fill, int operation, int diagonal, int m, int n, T alpha, const T* a, int lda, T* b,
                      int ldb) {
  const char operation_letter = letter(operation);
  blas::trsm(side == kLeft ? "L" : "R", fill == kLower ? "L" : "U", &operation_letter, diagonal == kUnit ? "U" : "N",
             &m, &n, &alpha, a, &lda, b, &ldb);
}

template <class T>
int solve(CublasHandle handle, int side, int fill, int operation, int diagonal, int m, int n, const void* alpha,
          const T* a, int lda, T* b, int ldb) {
  if (!handle || !fits(operation, side, m, n, lda, ldb)) return kInvalidValue;
  const auto work = [=, factor = number<T>(alpha), a = on_host(a), b = on_host(b)] {
    solve_triangular(side, fill, operation, diagonal, m, n, factor, a, lda, b, ldb);
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

// --- Batches, by arrays of pointers on the device --------------------------------------------------------------------

template <class T>
int solve_batch(CublasHandle handle, int side, int fill, int operation, int diagonal, int m, int n, const void* alpha,
                const T* const* a, int lda, T* const* b, int ldb, int batch) {
  if (!handle || batch < 0 || !fits(operation, side, m, n, lda, ldb)) return kInvalidValue;
  const auto work = [=, factor = number<T>(alpha), a = on_host(a), b = on_host(b)] {
    for (int i = 0; i < batch; ++i)
      solve_triangular(side, fill, operation, diagonal, m, n, factor, on_host(a[i]), lda, on_host(b[i]), ldb);
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

template <class T>
int factor_batch(CublasHandle handle, int n, T* const* a, int lda, int* pivots, int* info, int batch) {
  if (!handle || n < 0 || batch < 0 || lda < std::max(n, 1) || !pivots || !info) return kInvalidValue;
  const auto work = [=, a = on_host(a), pivots = on_host(pivots), info = on_host(info)] {
    for (int i = 0; i < batch; ++i) emulation::getrf(n, n, on_host(a[i]), lda, pivots + int64_t{i} * n, info + i);
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

template <class T>
int solve_factored_batch(CublasHandle handle, int operation, int n, int sides, const T* const* a, int lda,
                         const int* pivots, T* const* b, int ldb, int* info, int batch) {
  if (!handle || !info || n < 0 || sides < 0 || batch < 0 || !fits(operation, kLeft, n, sides, lda, ldb))
    return kInvalidValue;
  *info = 0;
  const auto work = [=, a = on_host(a), pivots = on_host(pivots), b = on_host(b)] {
    const char operation_letter = letter(operation);
    int done;
    for (int i = 0; i < batch; ++i)
      blas::getrs(&operation_letter, &n, &sides, on_host(a[i]), &lda, pivots + int64_t{i} * n, on_host(b[i]), &ldb,
                  &done);
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

}  // namespace

TT_STAND_IN int cublasCreate_v2(CublasHandle* handle) {
  *handle = new CublasContext{};
  return kSuccess;
}
TT_STAND_IN int cublasSetStream_v2(CublasHandle handle, cudaStream_t stream) {
  handle->stream = stream;
  return kSuccess;
}
TT_STAND_IN int cublasSetWorkspace_v2(CublasHandle handle, void* workspace, size_t bytes) {
  return handle && reinterpret_cast<uintptr_t>(workspace) % 256 == 0 && bytes > 0 ? kSuccess : kInvalidValue;
}
TT_STAND_IN const char* cublasGetStatusString(int status) {
  switch (status) {
    case kInvalidValue:
      return "an invalid value was given";
    case kNotSupported:
      return "not supported";
    default:
      return "failed";
  }
}

TT_STAND_IN int cublasGemmStridedBatchedEx(CublasHandle handle, int operation_a, int operation_b, int m, int n, int k,
                                           const void* alpha, const void* a, int type_a, int lda, long long stride_a,
                                           const void* b, int type_b, int ldb, long long stride_b, const void* beta,
                                           void* c, int type_c, int ldc, long long stride_c, int batch, int compute,
                                           int) {
  if (!handle || !alpha || !beta || !is_valid(operation_a) || !is_valid(operation_b)) return kInvalidValue;
  if (m < 0 || n < 0 || k < 0 || batch < 0) return kInvalidValue;
  const int a_rows = operation_a == kNormal ? m : k, b_rows = operation_b == kNormal ? k : n;
  if (lda < std::max(a_rows, 1) || ldb < std::max(b_rows, 1) || ldc < std::max(m, 1)) return kInvalidValue;
  if (type_a != type_b || type_a != type_c || !is_supported(type_c, compute)) return kNotSupported;
  const Call call{letter(operation_a),
                  letter(operation_b),
                  m,
                  n,
                  k,
                  static_cast<const char*>(on_host(a)),
                  static_cast<const char*>(on_host(b)),
                  static_cast<char*>(on_host(c)),
                  lda,
                  ldb,
                  ldc,
                  stride_a,
                  stride_b,
                  stride_c,
                  batch};
  switch (type_c) {
    case kReal64:
      return run<double>(handle->stream, call, alpha, beta);
    case kReal32:
      return run<float>(handle->stream, call, alpha, beta);
    case kComplex32:
      return run<Complex<float>>(handle->stream, call, alpha, beta);
    case kComplex64:
      return run<Complex<double>>(handle->stream, call, alpha, beta);
    case kReal16:
      return run_narrow<Half>(handle->stream, call, alpha, beta);
    default:
      return run_narrow<BFloat16>(handle->stream, call, alpha, beta);
  }
}

#define TT_FUNCTIONS(letter, Pointer, T)                                                                               \
  TT_STAND_IN int cublas##letter##trsm_v2(CublasHandle handle, int side, int fill, int operation, int diagonal, int m, \
                                          int n, const Pointer* alpha, const Pointer* a, int lda, Pointer* b,          \
                                          int ldb) {                                                                   \
    return solve<T>(handle, side, fill, operation, diagonal, m, n, alpha, static_cast<const T*>(a), lda,               \
                    static_cast<T*>(b), ldb);                                                                          \
  }                                                                                                                    \
  TT_STAND_IN int cublas##letter##trsmBatched(CublasHandle handle, int side, int fill, int operation, int diagonal,    \
                                              int m, int n, const Pointer* alpha, const Pointer* const* a, int lda,    \
                                              Pointer* const* b, int ldb, int batch) {                                 \
    return solve_batch<T>(handle, side, fill, operation, diagonal, m, n, alpha, reinterpret_cast<const T* const*>(a),  \
                          lda, reinterpret_cast<T* const*>(b), ldb, batch);                                            \
  }                                                                                                                    \
  TT_STAND_IN int cublas##letter##getrfBatched(CublasHandle handle, int n, Pointer* const* a, int lda, int* pivots,    \
                                               int* info, int batch) {                                                 \
    return factor_batch<T>(handle, n, reinterpret_cast<T* const*>(a), lda, pivots, info, batch);                       \
  }                                                                                                                    \
  TT_STAND_IN int cublas##letter##getrsBatched(CublasHandle handle, int operation, int n, int sides,                   \
                                               const Pointer* const* a, int lda, const int* pivots, Pointer* const* b, \
                                               int ldb, int* info, int batch) {                                        \
    return solve_factored_batch<T>(handle, operation, n, sides, reinterpret_cast<const T* const*>(a), lda, pivots,     \
                                   reinterpret_cast<T* const*>(b), ldb, info, batch);                                  \
  }
TT_FUNCTIONS(S, float, float)
TT_FUNCTIONS(D, double, double)
TT_FUNCTIONS(C, void, Complex<float>)
TT_FUNCTIONS(Z, void, Complex<double>)

// The prototypes are those that callers use.
#define TT_SAME(Result, name, parameters) static_assert(std::is_same_v<decltype(&name), decltype(Cublas::name)>);
TT_CUBLAS_FUNCTIONS(TT_SAME)
