// What a kernel has to say of bad values that only it can see, such as an index out of range: it writes the first one
// into a record in memory that the host reads too, and goes on without touching what it must not. The host looks before
// each launch and after each wait, and throws. So no launch waits for its checks, and no index takes the process down.
#pragma once
#include "device.h"

namespace tt::cuda {

enum class KernelError : int {
  None,
  IndexOutOfRange,
  OutsideOfPlane,
  TargetOutOfRange,
  DivisionByZero,
  InvalidValue,
  SelectedCount,
  SourceTooShort,
  NonzeroCount,
  BadProbability,
  NoProbability,
  FewProbabilities,
  NotFinite,
  PivotOutOfRange,
  BadLdlPivot,
  NoResult
};

struct ErrorRecord {
  unsigned claimed;
  int op;
  KernelError error;
  long long values[3];
  unsigned ready;
};

// Goes to kernels by value.
struct Reporter {
  ErrorRecord* record;
  int op;

  TT_D void report(KernelError error, long long a = 0, long long b = 0, long long c = 0) const {
    if (atomicCAS(&record->claimed, 0u, 1u) != 0u) return;
    record->op = op;
    record->error = error;
    record->values[0] = a;
    record->values[1] = b;
    record->values[2] = c;
    __threadfence_system();
    record->ready = 1;
  }
};

// For kernels of the op that is running.
Reporter reporter();
// Throws what kernels of the device reported, and clears the record. `op`: the one that is running, or -1.
void throw_reported(int device, int op);
// Waits for the current stream, and throws what its kernels reported: for ops that need to know before they go on.
void throw_reported_so_far();

const char* name_of_op(int op);  // backend.cc
// Set while an op runs.
void set_running_op(int op);
int running_op();

}  // namespace tt::cuda
