// Between the core and the shared object that serves CUDA devices: plain data and function pointers, so that each side
// may have a C++ library of its own. The object is loaded when a program first asks for CUDA.
#pragma once
#include <cstddef>
#include <cstdint>

#include "registry.h"

namespace tt {

// An exception of the other side.
struct Failure {
  ErrorKind kind;
  char message[2048];
};

// A function that JavaScript may call: numbers in, a number out.
struct CudaFunction {
  const char* name;
  int arguments;
  bool (*call)(const double* arguments, double* result, Failure* failure);
};

struct CudaHost {
  // Gives false where the CPU has no kernel of the name.
  bool (*register_kernel)(const char* name, int outputs, DType dtype, Kernel kernel);
  const char* (*op_name)(int op);
};

// Where a copy reads and writes: the number of a device, or the host.
constexpr int kHostMemory = -1;

struct CudaBackend {
  // The layout of these structs and of Operand: both sides are built together.
  int version;
  int device_count;
  bool emulated;
  bool (*run)(int op, Kernel kernel, Operand* operands, int count, Params* params, Failure* failure);
  bool (*allocate)(int device, size_t bytes, void** block, size_t* capacity, Failure* failure);
  void (*release)(int device, void* block, size_t capacity) noexcept;
  bool (*allocate_pinned)(size_t bytes, void** block, size_t* capacity, Failure* failure);
  void (*release_pinned)(void* block, size_t capacity) noexcept;
  // Ordered on the current streams. `wait`: returns when it is done; without, host memory must be pinned.
  bool (*copy)(void* to, int to_device, const void* from, int from_device, size_t bytes, bool wait, Failure* failure);
  bool (*record_stream)(int device, void* block, int stream, Failure* failure);
  const char* (*device_name)(int device);
  const char* (*libraries)();  // what was found where, a line for each
  const CudaFunction* functions;
  int function_count;
};

constexpr int kCudaBackendVersion = 1;
// Exported by the object; false where there is no usable driver or device, with the reason.
using OpenCuda = bool (*)(const CudaHost*, CudaBackend*, Failure*);
constexpr const char* kOpenCudaSymbol = "tt_open_cuda";

// Loads the object at `path`, once for the process. Throws Device with the reason where that fails.
const CudaBackend& open_cuda(const char* path);
// The loaded one; throws where there is none.
const CudaBackend& cuda_backend();
// Throws what the other side reported.
[[noreturn]] void rethrow(const Failure& failure);

}  // namespace tt
