// Stacks to switch between: one for each GPU thread that waits for others.
#pragma once
#include <cstddef>

#include "race_check.h"

#if !defined(__x86_64__) || defined(TT_PORTABLE_FIBERS)
#define TT_FIBERS_BY_JUMPS
#include <csetjmp>
#endif

namespace tt::emulation {

class Fiber {
 public:
  // The stack that the process gave us; something to come back to.
  Fiber() = default;
  // A stack of its own, on which `entry` (which must not return) begins at the first switch.
  explicit Fiber(void (*entry)());
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Leaves `from`, which is running, and goes on in `to`. Returns when somebody goes on in `from`.
  static void switch_to(Fiber& from, Fiber& to);
  // Forgets what it was doing; the next switch begins again.
  void restart();
  // The same with a stack that nobody has touched.
  void renew();
  // Whether an access to this address ran over the stack's end.
  bool overflowed_at(const void* address) const;

 private:
  static constexpr size_t kStackBytes = (race_check::enabled ? 32 : 128) << 10;
  // Together an odd number of pages: stacks do not all fall into the same sets of the cache.
  static constexpr size_t kGuardBytes = 68 << 10;

  void (*entry_)() = nullptr;
  char* mapping_ = nullptr;  // guard, then stack
#if defined(TT_FIBERS_BY_JUMPS)
  static void begin(unsigned upper, unsigned lower);
  jmp_buf context_;
  bool started_ = true;
#else
  void* stack_pointer_ = nullptr;
#endif
};

}  // namespace tt::emulation
