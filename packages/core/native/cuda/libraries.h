// CUDA's libraries: each is opened when it is first needed, from where it lies on this machine. One that is missing is
// done without, where we have kernels of our own; else the error names it, and what was tried.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "allocator.h"
#include "device.h"
#include "library_functions.h"

namespace tt::cuda {

// Set by programs: torch.backends.
enum class Option : int {
  Cublas,
  Cudnn,
  Cusolver,
  MatmulTf32,
  CudnnTf32,
  CudnnBenchmark,
  CudnnDeterministic,
};
constexpr int kOptionCount = 7;
bool option(Option which);
void set_option(Option which, bool value);

// nullptr where the library is missing or switched off.
const Cublas* find_cublas();
const Cudnn* find_cudnn();
// Throws a Device error where it is missing.
const Cublas& require_cublas();

// A line for each library: where it was found, or why not.
std::string describe_libraries();

// Throw Device where the status is not success.
void check_cublas(int status, const char* function);
void check_cudnn(int status, const char* function);

// The current device's handle, set to the current stream, with a workspace: for one call, or a few. Handles are made
// for one thread at a time.
class CublasCall {
 public:
  CublasCall();
  CublasHandle handle() const { return handle_; }

 private:
  std::unique_lock<std::mutex> lock_;
  Workspace workspace_;
  CublasHandle handle_;
};

class CudnnCall {
 public:
  CudnnCall();
  CudnnHandle handle() const { return handle_; }

 private:
  std::unique_lock<std::mutex> lock_;
  CudnnHandle handle_;
};

}  // namespace tt::cuda
