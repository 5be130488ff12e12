// What went wrong, in words; and the signals by which the hardware tells.
#pragma once
#include <string>

#include "vector_types.h"

namespace tt::emulation {

// Says it on stderr and keeps it for tt_emulation_last_fault.
void report_fault(const std::string& text);
std::string last_fault();

std::string place_of(uint3 index);

// Handles SIGSEGV, SIGBUS and SIGFPE: those of kernels end the kernel, those of the host on device memory are
// explained, and all others are left to whoever handled them before. Once a process, and an alternate stack once a
// thread.
void install_fault_handler();

}  // namespace tt::emulation
