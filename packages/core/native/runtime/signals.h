// Keeps signal handlers off the stacks of oneDNN's generated kernels. Its sgemm for AVX-512 uses the stack pointer as
// one more register, to walk its workspace (seen in 2.6: of 188 signals that a profiler sent during products of 128 to
// 512, 188 found it outside of the stack): a handler that ran there would write into the heap. So signals wait until
// the call is over, at most some milliseconds.
#pragma once
#include <omp.h>
#include <pthread.h>
#include <signal.h>

namespace tt {

// Within one, others cost nothing: two calls of the system are more than a small product.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    if (depth_++ > 0) return;
    sigset_t all;
    sigfillset(&all);
    // Faults of the kernels themselves cannot wait.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() {
    if (--depth_ == 0) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  static inline thread_local int depth_ = 0;
  sigset_t before_;
};

// Starts the calling thread's team now: its threads inherit the mask, and so never take a signal.
inline void start_threads() {
  const SignalsBlocked blocked;
#pragma omp parallel
  {}
}

}  // namespace tt
