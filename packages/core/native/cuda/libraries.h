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
const Cusolver* find_cusolver();
// Throw a Device error where it is missing, or too old.
const Cublas& require_cublas();
const Cusolver& require_cusolver();
const CusolverGeev& require_cusolver_geev();

// A line for each library: where it was found, or why not.
std::string describe_libraries();

// Throw Device where the status is not success.
void check_cublas(int status, const char* function);
void check_cudnn(int status, const char* function);
void check_cusolver(int status, const char* function);

// What libraries call the type of a matrix.
template <class T>
constexpr DataType kDataType = std::is_same_v<T, double>           ? kReal64
                               : std::is_same_v<T, float>          ? kReal32
                               : std::is_same_v<T, Half>           ? kReal16
                               : std::is_same_v<T, BFloat16>       ? kBFloat16
                               : std::is_same_v<T, Complex<float>> ? kComplex32
                                                                   : kComplex64;

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

class CusolverCall {
 public:
  CusolverCall();
  CusolverHandle handle() const { return handle_; }
  CusolverParams params() const { return params_; }

 private:
  std::unique_lock<std::mutex> lock_;
  CusolverHandle handle_;
  CusolverParams params_;
};

}  // namespace tt::cuda
