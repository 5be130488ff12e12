// Devices, streams and errors of the CUDA runtime, as the rest of the backend sees them.
#pragma once
#include "../runtime/operand.h"
#include "portable.h"

namespace tt::cuda {

// Throws Device, or OutOfMemory, with the runtime's words. `what` says what was tried.
void check(cudaError_t status, const char* what);

// Throws Device with the reason where there is no usable driver or device.
void require_driver();
int device_count();
std::string describe_device(int device);
// The device that kernels of this call run on; sets the runtime's when they differ.
void use_device(int device);
int current_device();

// Streams are numbers: 0 is the default stream, made non-blocking like all others (the runtime's own stream 0, which
// waits for all others, is never used).
int create_stream(int device, int priority);
cudaStream_t stream_of(int device, int stream);
// Of the calling thread.
int current_stream_number(int device);
void set_current_stream(int device, int stream);
cudaStream_t current_stream();  // of the current device

// Waits for all streams of a device, and throws what its kernels reported.
void synchronize(int device);
// How many blocks of `threads` keep a device busy.
unsigned resident_blocks(unsigned threads);

}  // namespace tt::cuda
