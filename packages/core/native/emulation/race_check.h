// A build with TT_RACE_CHECK finds races between the threads of a kernel, of one block or of several: ThreadSanitizer
// is told that every GPU thread is a thread of its own, ordered with others only by the launch, barriers, __syncwarp
// and fences. Kernels are compiled with -fsanitize=thread, the emulation itself is not. Without TT_RACE_CHECK all this
// is nothing.
#pragma once

// On functions in headers whose variables belong to the emulation, not to the kernel.
#if defined(TT_RACE_CHECK)
#define TT_UNCHECKED __attribute__((no_sanitize("thread")))
#else
#define TT_UNCHECKED
#endif

namespace tt::emulation::race_check {

#if defined(TT_RACE_CHECK)

constexpr bool enabled = true;

// A thread, to the sanitizer.
void* make_context();
void* current_context();
void go_to(void* context);

// All before a release is ordered before what follows a later acquire at the same address.
void release(const void* address);
void acquire(const void* address);
void fence();

// Inside, nothing is recorded.
class Unwatched {
 public:
  Unwatched();
  ~Unwatched();
};

#else

constexpr bool enabled = false;

inline void* make_context() { return nullptr; }
inline void* current_context() { return nullptr; }
inline void go_to(void*) {}
inline void release(const void*) {}
inline void acquire(const void*) {}
inline void fence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

class Unwatched {
 public:
  Unwatched() {}
};

#endif

}  // namespace tt::emulation::race_check
