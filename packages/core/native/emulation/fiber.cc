// Jumps from one stack to another are what this file is for; the checked longjmp would refuse them.
#undef _FORTIFY_SOURCE
#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(TT_FIBERS_BY_JUMPS)
#include <ucontext.h>
#endif

namespace tt::emulation {

Fiber::Fiber(void (*entry)()) : entry_(entry) { renew(); }

void Fiber::renew() {
  if (mapping_) munmap(mapping_, kGuardBytes + kStackBytes);
  void* mapping = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  mapping_ = static_cast<char*>(mapping);
  mprotect(mapping_, kGuardBytes, PROT_NONE);
  restart();
}

Fiber::~Fiber() {
  if (mapping_) munmap(mapping_, kGuardBytes + kStackBytes);
}

bool Fiber::overflowed_at(const void* address) const {
  const char* byte = static_cast<const char*>(address);
  return byte >= mapping_ && byte < mapping_ + kGuardBytes;
}

#if defined(TT_FIBERS_BY_JUMPS)

// ucontext makes the first step onto a new stack; from then on _setjmp and _longjmp, which save no signal mask, switch
// several times as fast.
void Fiber::begin(unsigned upper, unsigned lower) {
  reinterpret_cast<Fiber*>(static_cast<uintptr_t>(static_cast<uint64_t>(upper) << 32 | lower))->entry_();
  std::abort();
}

void Fiber::restart() { started_ = false; }

void Fiber::switch_to(Fiber& from, Fiber& to) {
  if (_setjmp(from.context_)) return;
  if (to.started_) _longjmp(to.context_, 1);
  to.started_ = true;
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = to.mapping_ + kGuardBytes;
  context.uc_stack.ss_size = kStackBytes;
  context.uc_link = nullptr;
  const uint64_t address = reinterpret_cast<uintptr_t>(&to);
  makecontext(&context, reinterpret_cast<void (*)()>(&Fiber::begin), 2, static_cast<unsigned>(address >> 32),
              static_cast<unsigned>(address));
  setcontext(&context);
}

#else

// Saves what a call preserves, leaves the stack pointer in *save, and does the reverse with `load`.
extern "C" void tt_emulation_switch(void** save, void* load);
asm(R"(
.text
.hidden tt_emulation_switch
.globl tt_emulation_switch
.type tt_emulation_switch, @function
tt_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size tt_emulation_switch, .-tt_emulation_switch
)");

void Fiber::restart() {
  uint64_t* top = reinterpret_cast<uint64_t*>(mapping_ + kGuardBytes + kStackBytes);
  *--top = 0;  // where the entry would return to
  *--top = reinterpret_cast<uint64_t>(entry_);
  for (int saved = 0; saved < 6; ++saved) *--top = 0;
  stack_pointer_ = top;
}

void Fiber::switch_to(Fiber& from, Fiber& to) { tt_emulation_switch(&from.stack_pointer_, to.stack_pointer_); }

#endif

}  // namespace tt::emulation
