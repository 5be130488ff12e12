// The routines of cuSOLVER and cuBLAS for batches of matrices, by the type of their elements. Matrices lie by columns
// without gaps, one after another.
#pragma once
#include <vector>

#include "../checks/linalg.h"
#include "launch.h"
#include "libraries.h"

namespace tt::cuda::solver {

using linalg::Batch;

// Libraries have complex types of their own: to us they are void.
template <class T>
using library_t = std::conditional_t<is_complex<T>, void, T>;

template <class T, class S, class D, class C, class Z>
auto of_type([[maybe_unused]] S s, [[maybe_unused]] D d, [[maybe_unused]] C c, [[maybe_unused]] Z z) {
  if constexpr (std::is_same_v<T, float>)
    return s;
  else if constexpr (std::is_same_v<T, double>)
    return d;
  else if constexpr (std::is_same_v<T, Complex<float>>)
    return c;
  else
    return z;
}
// The function of a table that is for T: see TT_BY_TYPE.
#define TT_OF_TYPE(T, table, library, real, complex)                                                              \
  ::tt::cuda::solver::of_type<T>((table).library##S##real, (table).library##D##real, (table).library##C##complex, \
                                 (table).library##Z##complex)

// --- Workspaces ------------------------------------------------------------------------------------------------------

struct Buffers {
  void* device;
  size_t device_bytes;
  void* host;
  size_t host_bytes;
};

// size(device_bytes, host_bytes) asks a routine what it needs; run(i, buffers) calls it for each matrix. The stream's
// order lets all of them use the same workspace.
template <class Size, class Run>
void for_each_matrix(const char* routine, int64_t count, const Size& size, const Run& run) {
  size_t device_bytes = 0, host_bytes = 0;
  check_cusolver(size(&device_bytes, &host_bytes), routine);
  const Workspace device(device_bytes);
  std::vector<char> host(host_bytes);
  const Buffers buffers{device.as<void>(), device_bytes, host.data(), host_bytes};
  for (int64_t i = 0; i < count; ++i) check_cusolver(run(i, buffers), routine);
}

// Older routines count elements: size(&count), run(i, workspace, count).
template <class T, class Size, class Run>
void for_each_matrix_of(const char* routine, int64_t count, const Size& size, const Run& run) {
  int elements = 0;
  check_cusolver(size(&elements), routine);
  const Workspace workspace(static_cast<size_t>(elements) * sizeof(T));
  for (int64_t i = 0; i < count; ++i) check_cusolver(run(i, workspace.as<T>(), elements), routine);
}

// Codes of routines that cannot fail for the values that they get.
class IgnoredInfo : public Workspace {
 public:
  IgnoredInfo() : Workspace(sizeof(int)) {}
  operator int*() const { return as<int>(); }
};

// --- Batches in one call ---------------------------------------------------------------------------------------------

// Small matrices leave a GPU idle when they go one by one; large ones fill it. The limit is not measured yet.
inline bool goes_as_batch(const Batch& batch) { return batch.count > 1 && std::max(batch.rows, batch.columns) <= 128; }

template <class T>
__global__ void write_pointers(int64_t count, T* first, int64_t step, library_t<T>** pointers) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) pointers[i] = first + i * step;
}

// An array, on the device, of where the matrices of a batch begin.
template <class T>
class Pointers {
 public:
  Pointers(const T* matrices, const Batch& batch) : pointers_(static_cast<size_t>(batch.count) * sizeof(void*)) {
    TT_RUN_ELEMENTS(batch.count, write_pointers<T>, batch.count, const_cast<T*>(matrices), batch.size(), data());
  }
  library_t<T>** data() const { return pointers_.as<library_t<T>*>(); }

 private:
  Workspace pointers_;
};

// --- LU --------------------------------------------------------------------------------------------------------------

template <class From, class To>
__global__ void copy_pivots(int64_t count, const From* from, To* to) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) to[i] = static_cast<To>(from[i]);
}

// cuSOLVER's pivots are 64-bit, ours and cuBLAS' are not.
class WidePivots : public Workspace {
 public:
  explicit WidePivots(int64_t count) : Workspace(static_cast<size_t>(count) * sizeof(int64_t)), count_(count) {}
  int64_t* data() const { return as<int64_t>(); }
  void read(const int32_t* from) const {
    constexpr auto kernel = copy_pivots<int32_t, int64_t>;
    TT_RUN_ELEMENTS(count_, kernel, count_, from, data());
  }
  void write(int32_t* to) const {
    constexpr auto kernel = copy_pivots<int64_t, int32_t>;
    TT_RUN_ELEMENTS(count_, kernel, count_, data(), to);
  }

 private:
  int64_t count_;
};

template <class T>
void getrf_as_batch(const Batch& batch, T* a, int32_t* pivots, int* info) {
  const CublasCall call;
  const Cublas& cublas = require_cublas();
  const Pointers<T> matrices(a, batch);
  const auto getrf = TT_OF_TYPE(T, cublas, cublas, getrfBatched, getrfBatched);
  check_cublas(getrf(call.handle(), batch.rows, matrices.data(), batch.rows, pivots, info, linalg::to_int(batch.count)),
               "cublas<t>getrfBatched");
}

template <class T>
void getrf(const Batch& batch, T* a, int32_t* pivots, int* info) {
  if (goes_as_batch(batch) && batch.rows == batch.columns) return getrf_as_batch(batch, a, pivots, info);
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const WidePivots wide(batch.count * batch.least());
  constexpr int type = kDataType<T>;
  const int64_t m = batch.rows, n = batch.columns;
  for_each_matrix(
      "cusolverDnXgetrf", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXgetrf_bufferSize(call.handle(), call.params(), m, n, type, a, m, type, device, host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXgetrf(call.handle(), call.params(), m, n, type, a + i * batch.size(), m,
                                         wide.data() + i * batch.least(), type, b.device, b.device_bytes, b.host,
                                         b.host_bytes, info + i);
      });
  wide.write(pivots);
}

template <class T>
void getrs_as_batch(const Batch& batch, const Batch& sides, CublasOperation operation, const T* lu,
                    const int32_t* pivots, T* b) {
  const CublasCall call;
  const Cublas& cublas = require_cublas();
  const Pointers<T> matrices(lu, batch), right(b, sides);
  const auto getrs = TT_OF_TYPE(T, cublas, cublas, getrsBatched, getrsBatched);
  int info = 0;
  check_cublas(getrs(call.handle(), operation, batch.rows, sides.columns, matrices.data(), batch.rows, pivots,
                     right.data(), batch.rows, &info, linalg::to_int(batch.count)),
               "cublas<t>getrsBatched");
}

// b becomes the solutions. The pivots are known to name rows.
template <class T>
void getrs(const Batch& batch, const Batch& sides, CublasOperation operation, const T* lu, const int32_t* pivots,
           T* b) {
  if (goes_as_batch(batch)) return getrs_as_batch(batch, sides, operation, lu, pivots, b);
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const IgnoredInfo info;
  const int64_t n = batch.rows;
  const WidePivots wide(batch.count * n);
  wide.read(pivots);
  for (int64_t i = 0; i < batch.count; ++i)
    check_cusolver(cusolver.cusolverDnXgetrs(call.handle(), call.params(), operation, n, sides.columns, kDataType<T>,
                                             lu + i * batch.size(), n, wide.data() + i * n, kDataType<T>,
                                             b + i * sides.size(), n, info),
                   "cusolverDnXgetrs");
}

// --- Triangular matrices ---------------------------------------------------------------------------------------------

template <class T>
void potrf_as_batch(const Batch& batch, CublasFill fill, T* a, int* info) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const Pointers<T> matrices(a, batch);
  const auto potrf = TT_OF_TYPE(T, cusolver, cusolverDn, potrfBatched, potrfBatched);
  check_cusolver(potrf(call.handle(), fill, batch.rows, matrices.data(), batch.rows, info, linalg::to_int(batch.count)),
                 "cusolverDn<t>potrfBatched");
}

template <class T>
void potrf(const Batch& batch, CublasFill fill, T* a, int* info) {
  if (goes_as_batch(batch)) return potrf_as_batch(batch, fill, a, info);
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  constexpr int type = kDataType<T>;
  const int64_t n = batch.rows;
  for_each_matrix(
      "cusolverDnXpotrf", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXpotrf_bufferSize(call.handle(), call.params(), fill, n, type, a, n, type, device,
                                                    host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXpotrf(call.handle(), call.params(), fill, n, type, a + i * batch.size(), n, type,
                                         b.device, b.device_bytes, b.host, b.host_bytes, info + i);
      });
}

// The upper left part of columns of `stride` elements, and how it is multiplied.
struct Triangle {
  CublasSide side;
  CublasFill fill;
  CublasOperation operation;
  CublasDiagonal diagonal;
  int stride;
};

// m rows and n columns, the upper left part of columns of `stride` elements: they become the solutions.
template <class T>
struct Sides {
  int m, n, stride;
  T* data;
};

// `batch` and `sides` say how far apart the matrices are.
template <class T>
void trsm(const Batch& batch, const Batch& sides, const Triangle& t, const T* a, const Sides<T>& x) {
  const CublasCall call;
  const Cublas& cublas = require_cublas();
  const T one(1);
  if (goes_as_batch(batch)) {
    const Pointers<T> left(a, batch), right(x.data, sides);
    const auto trsm = TT_OF_TYPE(T, cublas, cublas, trsmBatched, trsmBatched);
    return check_cublas(trsm(call.handle(), t.side, t.fill, t.operation, t.diagonal, x.m, x.n, &one, left.data(),
                             t.stride, right.data(), x.stride, linalg::to_int(batch.count)),
                        "cublas<t>trsmBatched");
  }
  const auto trsm = TT_OF_TYPE(T, cublas, cublas, trsm_v2, trsm_v2);
  for (int64_t i = 0; i < batch.count; ++i)
    check_cublas(trsm(call.handle(), t.side, t.fill, t.operation, t.diagonal, x.m, x.n, &one, a + i * batch.size(),
                      t.stride, x.data + i * sides.size(), x.stride),
                 "cublas<t>trsm");
}

// --- QR --------------------------------------------------------------------------------------------------------------

template <class T>
void geqrf(const Batch& batch, T* a, T* tau) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const IgnoredInfo info;
  constexpr int type = kDataType<T>;
  const int64_t m = batch.rows, n = batch.columns;
  for_each_matrix(
      "cusolverDnXgeqrf", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXgeqrf_bufferSize(call.handle(), call.params(), m, n, type, a, m, type, tau, type,
                                                    device, host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXgeqrf(call.handle(), call.params(), m, n, type, a + i * batch.size(), m, type,
                                         tau + i * batch.least(), type, b.device, b.device_bytes, b.host, b.host_bytes,
                                         info);
      });
}

// The reflectors in the first columns of q become the columns of their product.
template <class T>
void orgqr(const Batch& batch, int reflectors, T* q, const T* tau) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const IgnoredInfo info;
  const auto size = TT_OF_TYPE(T, cusolver, cusolverDn, orgqr_bufferSize, ungqr_bufferSize);
  const auto orgqr = TT_OF_TYPE(T, cusolver, cusolverDn, orgqr, ungqr);
  const int m = batch.rows, n = batch.columns;
  for_each_matrix_of<T>(
      "cusolverDn<t>orgqr", batch.count,
      [&](int* count) { return size(call.handle(), m, n, reflectors, q, m, tau, count); },
      [&](int64_t i, T* workspace, int count) {
        return orgqr(call.handle(), m, n, reflectors, q + i * batch.size(), m, tau + i * reflectors, workspace, count,
                     info);
      });
}

// c: m rows, n columns, multiplied by the product of the reflectors in a, or by its adjoint.
template <class T>
void ormqr(const Batch& batch, int reflectors, const T* a, const T* tau, CublasSide side, bool adjoint,
           const Batch& sides, T* c) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  const IgnoredInfo info;
  const auto size = TT_OF_TYPE(T, cusolver, cusolverDn, ormqr_bufferSize, unmqr_bufferSize);
  const auto ormqr = TT_OF_TYPE(T, cusolver, cusolverDn, ormqr, unmqr);
  const CublasOperation operation = !adjoint ? kNormal : is_complex<T> ? kAdjoint : kTransposed;
  const int lda = std::max(batch.rows, 1), m = sides.rows, n = sides.columns;
  for_each_matrix_of<T>(
      "cusolverDn<t>ormqr", sides.count,
      [&](int* count) { return size(call.handle(), side, operation, m, n, reflectors, a, lda, tau, c, m, count); },
      [&](int64_t i, T* workspace, int count) {
        return ormqr(call.handle(), side, operation, m, n, reflectors, a + i * batch.size(), lda, tau + i * reflectors,
                     c + i * sides.size(), m, workspace, count, info);
      });
}

// --- Eigenvalues and singular values ---------------------------------------------------------------------------------

// a becomes the vectors, where they are wanted.
template <class T>
void syevd(const Batch& batch, CusolverVectors vectors, CublasFill fill, T* a, real_t<T>* values, int* info) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  constexpr int type = kDataType<T>, real = kDataType<real_t<T>>;
  const int64_t n = batch.rows;
  for_each_matrix(
      "cusolverDnXsyevd", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXsyevd_bufferSize(call.handle(), call.params(), vectors, fill, n, type, a, n, real,
                                                    values, type, device, host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXsyevd(call.handle(), call.params(), vectors, fill, n, type, a + i * batch.size(), n,
                                         real, values + i * n, type, b.device, b.device_bytes, b.host, b.host_bytes,
                                         info + i);
      });
}

// `right` as LAPACK gives them (functors/linalg.h), or nullptr. Left vectors are not to be had.
template <class T>
void geev(const Batch& batch, T* a, Complex<real_t<T>>* values, T* right, int* info) {
  const CusolverGeev& cusolver = require_cusolver_geev();
  const CusolverCall call;
  constexpr int type = kDataType<T>, complex = kDataType<Complex<real_t<T>>>;
  const int vectors = right ? kVectors : kNoVectors;
  const int64_t n = batch.rows;
  for_each_matrix(
      "cusolverDnXgeev", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXgeev_bufferSize(call.handle(), call.params(), kNoVectors, vectors, n, type, a, n,
                                                   complex, values, type, nullptr, n, type, right, n, type, device,
                                                   host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXgeev(call.handle(), call.params(), kNoVectors, vectors, n, type,
                                        a + i * batch.size(), n, complex, values + i * n, type, nullptr, n, type,
                                        right ? right + i * batch.size() : nullptr, n, type, b.device, b.device_bytes,
                                        b.host, b.host_bytes, info + i);
      });
}

// Of matrices with at least as many rows as columns. u has `u_columns`, vt is square; or both are nullptr.
template <class T>
void gesvd(const Batch& batch, T* a, real_t<T>* s, T* u, int u_columns, T* vt, int* info) {
  const CusolverCall call;
  const Cusolver& cusolver = require_cusolver();
  constexpr int type = kDataType<T>, real = kDataType<real_t<T>>;
  const int64_t m = batch.rows, n = batch.columns;
  const auto job = static_cast<signed char>(!u ? 'N' : u_columns > n ? 'A' : 'S');
  for_each_matrix(
      "cusolverDnXgesvd", batch.count,
      [&](size_t* device, size_t* host) {
        return cusolver.cusolverDnXgesvd_bufferSize(call.handle(), call.params(), job, job, m, n, type, a, m, real, s,
                                                    type, u, m, type, vt, n, type, device, host);
      },
      [&](int64_t i, const Buffers& b) {
        return cusolver.cusolverDnXgesvd(call.handle(), call.params(), job, job, m, n, type, a + i * batch.size(), m,
                                         real, s + i * n, type, u ? u + i * m * u_columns : nullptr, m, type,
                                         vt ? vt + i * n * n : nullptr, n, type, b.device, b.device_bytes, b.host,
                                         b.host_bytes, info + i);
      });
}

}  // namespace tt::cuda::solver
