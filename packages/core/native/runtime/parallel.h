// One thread pool for everything: OpenMP's, which oneDNN uses too.
#pragma once
#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <exception>

namespace tt {

// The fewest simple element operations that are worth a second thread.
constexpr int64_t kGrain = 32768;

// Threads of the calling JavaScript thread; OpenMP keeps the number per thread.
inline int thread_count() { return omp_get_max_threads(); }

// f(begin, end) over [0, count), in chunks of at least `grain`. f may throw.
template <class F>
void parallel_for(int64_t count, int64_t grain, F&& f) {
  if (count <= 0) return;
  const int threads =
      static_cast<int>(std::min<int64_t>(thread_count(), (count + grain - 1) / std::max<int64_t>(grain, 1)));
  if (threads <= 1 || omp_in_parallel()) {
    f(int64_t{0}, count);
    return;
  }
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
  {
    const int64_t team = omp_get_num_threads(), id = omp_get_thread_num();
    const int64_t begin = count * id / team, end = count * (id + 1) / team;
    try {
      if (begin < end) f(begin, end);
    } catch (...) {
#pragma omp critical(tt_parallel_failure)
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tt
