// LAPACK's drivers with the workspaces that they ask for. Memory<T>(count) is an array with data(): the tensors'
// scratch memory, or a vector. Each returns info.
#pragma once
#include <algorithm>
#include <cstdint>

#include "openblas.h"

namespace tt::lapack {

inline double first_part(float x) { return x; }
inline double first_part(double x) { return x; }
template <class T>
double first_part(Complex<T> x) {
  return x.re;
}

// Rounded up: float32 cannot hold every size.
template <class T>
int workspace_size(T wanted) {
  return std::max(1, static_cast<int>(first_part(wanted) * (1 + 1e-6)) + 1);
}

// Asks how much workspace call(work, lwork) wants, then calls with that much.
template <template <class...> class Memory, class T, class F>
void with_workspace(F&& call) {
  T wanted{};
  const int query = -1;
  call(&wanted, &query);
  const int size = workspace_size(wanted);
  Memory<T> work(size);
  call(work.data(), &size);
}

// a becomes the vectors, by columns, where job is "V".
template <template <class...> class Memory, class T>
int syevd(const char* job, const char* uplo, int n, T* a, real_t<T>* values) {
  int info = 0, iwork_size = 0;
  const int query = -1;
  T work_size{};
  if constexpr (is_complex<T>) {
    real_t<T> rwork_size{};
    const auto call = [&](T* work, const int* lwork, real_t<T>* rwork, const int* lrwork, int* iwork,
                          const int* liwork) {
      if constexpr (std::is_same_v<real_t<T>, float>)
        blas::cheevd_(job, uplo, &n, a, &n, values, work, lwork, rwork, lrwork, iwork, liwork, &info);
      else
        blas::zheevd_(job, uplo, &n, a, &n, values, work, lwork, rwork, lrwork, iwork, liwork, &info);
    };
    call(&work_size, &query, &rwork_size, &query, &iwork_size, &query);
    const int lwork = workspace_size(work_size), lrwork = workspace_size(rwork_size);
    Memory<T> work(lwork);
    Memory<real_t<T>> rwork(lrwork);
    Memory<int> iwork(iwork_size);
    call(work.data(), &lwork, rwork.data(), &lrwork, iwork.data(), &iwork_size);
  } else {
    const auto call = [&](T* work, const int* lwork, int* iwork, const int* liwork) {
      if constexpr (std::is_same_v<T, float>)
        blas::ssyevd_(job, uplo, &n, a, &n, values, work, lwork, iwork, liwork, &info);
      else
        blas::dsyevd_(job, uplo, &n, a, &n, values, work, lwork, iwork, liwork, &info);
    };
    call(&work_size, &query, &iwork_size, &query);
    const int lwork = workspace_size(work_size);
    Memory<T> work(lwork);
    Memory<int> iwork(iwork_size);
    call(work.data(), &lwork, iwork.data(), &iwork_size);
  }
  return info;
}

// `right`: n columns of n, or nullptr. Of real matrices two conjugate values have two columns: the real and the
// imaginary part of the first one's vector.
template <template <class...> class Memory, class T>
int geev(int n, T* a, Complex<real_t<T>>* values, T* right) {
  using R = real_t<T>;
  const char* job = right ? "V" : "N";
  const int one = 1, ldvr = right ? n : 1;
  int info = 0;
  if constexpr (is_complex<T>) {
    Memory<R> rwork(2 * int64_t{n});
    with_workspace<Memory, T>([&](T* work, const int* lwork) {
      if constexpr (std::is_same_v<R, float>)
        blas::cgeev_("N", job, &n, a, &n, values, nullptr, &one, right, &ldvr, work, lwork, rwork.data(), &info);
      else
        blas::zgeev_("N", job, &n, a, &n, values, nullptr, &one, right, &ldvr, work, lwork, rwork.data(), &info);
    });
  } else {
    Memory<R> re(n), im(n);
    with_workspace<Memory, T>([&](T* work, const int* lwork) {
      if constexpr (std::is_same_v<R, float>)
        blas::sgeev_("N", job, &n, a, &n, re.data(), im.data(), nullptr, &one, right, &ldvr, work, lwork, &info);
      else
        blas::dgeev_("N", job, &n, a, &n, re.data(), im.data(), nullptr, &one, right, &ldvr, work, lwork, &info);
    });
    for (int i = 0; info == 0 && i < n; ++i) values[i] = {re.data()[i], im.data()[i]};
  }
  return info;
}

template <template <class...> class Memory, class T>
int gesdd(const char* job, int m, int n, T* a, real_t<T>* s, T* u, int ldu, T* vt, int ldvt) {
  using R = real_t<T>;
  const int64_t least = std::min(m, n), most = std::max(m, n);
  Memory<int> iwork(8 * least);
  int info = 0;
  [[maybe_unused]] Memory<R> rwork(
      is_complex<T> ? std::max<int64_t>(5 * least * least + 7 * least, 2 * most * least + 2 * least * least + least)
                    : 0);
  with_workspace<Memory, T>([&](T* work, const int* lwork) {
    if constexpr (std::is_same_v<T, float>)
      blas::sgesdd_(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, lwork, iwork.data(), &info);
    else if constexpr (std::is_same_v<T, double>)
      blas::dgesdd_(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, lwork, iwork.data(), &info);
    else if constexpr (std::is_same_v<T, Complex<float>>)
      blas::cgesdd_(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, lwork, rwork.data(), iwork.data(), &info);
    else
      blas::zgesdd_(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, lwork, rwork.data(), iwork.data(), &info);
  });
  return info;
}

}  // namespace tt::lapack
