#include "cuda_backend.h"

#include <dlfcn.h>

#include <atomic>
#include <mutex>

namespace tt {
namespace {

std::atomic<const CudaBackend*> loaded{nullptr};
auto& loading = *new std::mutex();

bool register_cuda_kernel(const char* name, int outputs, DType dtype, Kernel kernel) {
  // Worker threads read the table: only entries that are there may change.
  if (op_id(name) < 0) return false;
  register_kernel(name, outputs, DeviceType::CUDA, dtype, kernel);
  return true;
}

const char* name_of_op(int id) { return op(id).name.c_str(); }

constexpr CudaHost kHost{register_cuda_kernel, name_of_op};

}  // namespace

const CudaBackend& open_cuda(const char* path) {
  std::lock_guard lock(loading);
  if (const CudaBackend* backend = loaded.load()) return *backend;
  void* object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  require(object != nullptr, ErrorKind::Device, "cannot load the CUDA backend: ", dlerror());
  const auto open = reinterpret_cast<OpenCuda>(dlsym(object, kOpenCudaSymbol));
  require(open != nullptr, ErrorKind::Device, path, " is not a CUDA backend of ts-torch");
  auto* backend = new CudaBackend{};
  Failure failure;
  if (!open(&kHost, backend, &failure)) rethrow(failure);
  require(backend->version == kCudaBackendVersion, ErrorKind::Device, path, " belongs to another version of ts-torch");
  loaded.store(backend);
  return *backend;
}

const CudaBackend& cuda_backend() {
  const CudaBackend* backend = loaded.load(std::memory_order_acquire);
  require(backend != nullptr, ErrorKind::Device, "CUDA is not in use");
  return *backend;
}

void rethrow(const Failure& failure) { fail(failure.kind, failure.message); }

}  // namespace tt
