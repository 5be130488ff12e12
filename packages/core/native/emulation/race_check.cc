#include "race_check.h"

#if defined(TT_RACE_CHECK)

#include <sanitizer/tsan_interface.h>

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace tt::emulation::race_check {

void* make_context() { return __tsan_create_fiber(0); }
void* current_context() { return __tsan_get_current_fiber(); }
void go_to(void* context) { __tsan_switch_to_fiber(context, __tsan_switch_to_fiber_no_sync); }

void release(const void* address) { __tsan_release(const_cast<void*>(address)); }
void acquire(const void* address) { __tsan_acquire(const_cast<void*>(address)); }

// Threads that write, fence and count, and one that counts and reads: ordered as their fences.
void fence() {
  static const char all = 0;
  release(&all);
  acquire(&all);
}

Unwatched::Unwatched() {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
Unwatched::~Unwatched() {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

}  // namespace tt::emulation::race_check

#endif
