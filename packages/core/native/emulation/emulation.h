// What the emulated devices offer beside the CUDA runtime API: to the stand-ins for CUDA's libraries, and to tests.
#pragma once
#include "cuda_runtime.h"

#define TT_EMULATION_API extern "C" __attribute__((visibility("default")))

// Where the host finds the byte that a device address names. Other pointers are returned as they are.
TT_EMULATION_API void* tt_emulation_host_pointer(const void* pointer);
// Runs function(data) in the stream's turn, as a kernel; it returns a cudaError_t and may not call the runtime.
TT_EMULATION_API int tt_emulation_submit(cudaStream_t stream, int (*function)(void*), void* data);
// Forgets errors that CUDA would keep until the process ends, and drops what streams have not yet done. Memory stays.
TT_EMULATION_API void tt_emulation_reset();
// The n-th runtime call from now fails with this error, once; 0: none does.
TT_EMULATION_API void tt_emulation_fail(long long n, int error);
// What went wrong last, in words: kernel, block, thread and address. Valid until this thread's next call.
TT_EMULATION_API const char* tt_emulation_last_fault();
