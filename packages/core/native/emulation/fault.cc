#include "fault.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

#include "device_memory.h"
#include "scheduler.h"

namespace tt::emulation {
namespace {

std::mutex text_mutex;
std::string& text() {
  static std::string* const found = new std::string;
  return *found;
}

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE};
struct sigaction previous[NSIG];

void leave_to_previous(int signal, siginfo_t* info, void* context) {
  const struct sigaction& action = previous[signal];
  if (action.sa_flags & SA_SIGINFO) return action.sa_sigaction(signal, info, context);
  if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) return action.sa_handler(signal);
  // The instruction is run again when we return, and ends the process as it would have without us.
  ::signal(signal, SIG_DFL);
}

void handle(int signal, siginfo_t* info, void* context) {
  if (running_kernel()) fail_kernel_at(info->si_addr, signal);
  if (signal != SIGFPE && is_device_address(info->si_addr)) {
    char line[256];
    const int length =
        std::snprintf(line, sizeof line,
                      "emulated CUDA: host code touches device memory: %p of cuda:%d. Copy it to the host first.\n",
                      info->si_addr, device_of(info->si_addr));
    if (write(STDERR_FILENO, line, static_cast<size_t>(length)) < 0) _exit(1);
  }
  leave_to_previous(signal, info, context);
}

// A kernel that overflows its stack has none left to handle the signal on.
class AlternateStack {
 public:
  AlternateStack() {
    stack_t present{};
    sigaltstack(nullptr, &present);
    if (!(present.ss_flags & SS_DISABLE) && present.ss_size >= kBytes) return;
    memory_ = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) {
      memory_ = nullptr;
      return;
    }
    before_ = present;
    stack_t ours{};
    ours.ss_sp = memory_;
    ours.ss_size = kBytes;
    sigaltstack(&ours, nullptr);
  }
  ~AlternateStack() {
    if (!memory_) return;
    sigaltstack(&before_, nullptr);
    munmap(memory_, kBytes);
  }

 private:
  static constexpr size_t kBytes = 64 << 10;
  void* memory_ = nullptr;
  stack_t before_{};
};

}  // namespace

void report_fault(const std::string& fault) {
  const std::lock_guard lock(text_mutex);
  text() = fault;
  std::fprintf(stderr, "emulated CUDA: %s\n", fault.c_str());
}

std::string last_fault() {
  const std::lock_guard lock(text_mutex);
  return text();
}

std::string place_of(uint3 index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) + ")";
}

void install_fault_handler() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = handle;
    // SA_NODEFER: a kernel's fault is left by going on elsewhere, never by returning.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int signal : kSignals) sigaction(signal, &action, &previous[signal]);
    return true;
  }();
  static_cast<void>(installed);
  static thread_local AlternateStack alternate_stack;
  static_cast<void>(alternate_stack);
}

}  // namespace tt::emulation
