// The CUDA runtime API on emulated devices.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "cuda_runtime.h"
#include "device_memory.h"
#include "emulation.h"
#include "fault.h"
#include "launch.h"
#include "settings.h"
#include "shared_memory.h"
#include "streams.h"

namespace tt::emulation {
namespace {

constexpr int kVersion = 13000;
constexpr size_t kPlainSharedBytes = 48 << 10;  // more dynamic shared memory must be asked for
constexpr int kMultiprocessors = 4;
constexpr int kThreadsPerMultiprocessor = 2048;
constexpr int kLowestPriority = 0;
constexpr int kHighestPriority = -5;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current_device = 0;

struct Runtime {
  std::mutex mutex;
  Streams streams{settings().devices};
  std::unordered_set<cudaEvent_t> events;
  std::map<uintptr_t, size_t> pinned;
  std::vector<std::vector<bool>> peers;  // peers[a][b]: a's kernels reach b's memory
  std::unordered_map<const void*, int> dynamic_shared;
  int64_t calls_to_failure = settings().fail;
  cudaError_t failure = cudaErrorUnknown;

  Runtime() {
    const auto devices = static_cast<size_t>(settings().devices);
    peers.assign(devices, std::vector<bool>(devices, false));
    for (size_t device = 0; device < devices; ++device) peers[device][device] = true;
  }
};

// nullptr: the environment or the system does not allow it. Never destroyed: threads may outlive main.
Runtime* runtime() {
  static Runtime* const found = []() -> Runtime* {
    const Settings& wanted = settings();
    if (!wanted.mistake.empty()) {
      report_fault(wanted.mistake);
      return nullptr;
    }
    if (wanted.devices > 0 && !reserve_addresses(wanted.devices, wanted.memory, wanted.guard)) {
      report_fault("no address space for the devices' memory");
      return nullptr;
    }
    install_fault_handler();
    return new Runtime;
  }();
  return found;
}

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

// Every call: under the lock, not from inside an operation, and not after an error that CUDA keeps.
template <class Body>
cudaError_t call(Body body) {
  if (inside_operation()) return remember(cudaErrorNotPermitted);
  Runtime* found = runtime();
  if (!found) return remember(cudaErrorInitializationError);
  if (settings().devices == 0) return remember(cudaErrorNoDevice);
  Lock lock(found->mutex);
  if (found->calls_to_failure > 0 && --found->calls_to_failure == 0) return remember(found->failure);
  if (found->streams.error != cudaSuccess) return remember(found->streams.error);
  return remember(body(*found, lock));
}

cudaError_t refuse(cudaError_t error, const std::string& text) {
  report_fault(text);
  return error;
}

bool is_device(int device) { return device >= 0 && device < settings().devices; }

// ---- memory

bool is_pinned(const Runtime& runtime, const void* pointer) {
  const auto address = reinterpret_cast<uintptr_t>(pointer);
  auto after = runtime.pinned.upper_bound(address);
  if (after == runtime.pinned.begin()) return false;
  --after;
  return address - after->first < after->second;
}

struct Region {
  const void* pointer;
  size_t pitch;
};

struct Copy {
  Region to;
  Region from;
  size_t width;
  size_t height;
  cudaMemcpyKind kind;

  size_t extent(const Region& region) const { return (height - 1) * region.pitch + width; }
};

const char* name_of(cudaMemcpyKind kind) {
  static const char* const names[] = {"host to host", "host to device", "device to host", "device to device"};
  return names[kind];
}

cudaError_t check_inside(const void* pointer, size_t bytes, const char* what) {
  if (!is_device_address(pointer) || device_memory(device_of(pointer)).contains(pointer, bytes)) return cudaSuccess;
  char text[64];
  std::snprintf(text, sizeof text, "%zu bytes at %p are not inside ", bytes, pointer);
  return refuse(cudaErrorInvalidValue,
                std::string(what) + ": " + text +
                    device_memory(device_of(pointer)).describe(reinterpret_cast<uintptr_t>(pointer)));
}

cudaError_t check(const Copy& copy) {
  const int to_device = is_device_address(copy.to.pointer);
  const int from_device = is_device_address(copy.from.pointer);
  const auto actual = static_cast<cudaMemcpyKind>(to_device | from_device << 1);
  if (copy.kind < cudaMemcpyHostToHost || copy.kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  if (copy.kind != cudaMemcpyDefault && copy.kind != actual)
    return refuse(cudaErrorInvalidMemcpyDirection, std::string("cudaMemcpy: called for a copy from ") +
                                                       name_of(copy.kind) + ", but the pointers say " +
                                                       name_of(actual));
  if (copy.to.pitch < copy.width || copy.from.pitch < copy.width) return cudaErrorInvalidPitchValue;
  if (const cudaError_t error = check_inside(copy.to.pointer, copy.extent(copy.to), "cudaMemcpy")) return error;
  return check_inside(copy.from.pointer, copy.extent(copy.from), "cudaMemcpy");
}

void copy_rows(char* to, size_t to_pitch, const char* from, size_t from_pitch, size_t width, size_t height) {
  for (size_t row = 0; row < height; ++row) memmove(to + row * to_pitch, from + row * from_pitch, width);
}

void submit(Runtime& runtime, const StreamPointer& stream, Lock& lock, std::function<cudaError_t()> function) {
  runtime.streams.submit(stream, {Operation::Kind::run, std::move(function), nullptr}, lock);
}

// Ordinary host memory is read at once, as CUDA does: the caller may use it again. Pinned memory is read when the
// copy's turn comes.
cudaError_t submit_copy(Runtime& runtime, const StreamPointer& stream, Lock& lock, const Copy& copy) {
  char* to = static_cast<char*>(const_cast<void*>(host_pointer(copy.to.pointer)));
  const char* from = static_cast<const char*>(host_pointer(copy.from.pointer));
  const bool staged = !is_device_address(copy.from.pointer) && !is_pinned(runtime, copy.from.pointer) &&
                      settings().streams != StreamMode::immediate;
  if (!staged) {
    submit(runtime, stream, lock, [=] {
      copy_rows(to, copy.to.pitch, from, copy.from.pitch, copy.width, copy.height);
      return cudaSuccess;
    });
    return runtime.streams.error;
  }
  const auto bytes = std::make_shared<std::vector<char>>(copy.width * copy.height);
  copy_rows(bytes->data(), copy.width, from, copy.from.pitch, copy.width, copy.height);
  submit(runtime, stream, lock, [=] {
    copy_rows(to, copy.to.pitch, bytes->data(), copy.width, copy.width, copy.height);
    return cudaSuccess;
  });
  return runtime.streams.error;
}

cudaError_t copy_asynchronously(const Copy& copy, cudaStream_t handle) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    const StreamPointer stream = runtime.streams.find(handle, current_device);
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (copy.width == 0 || copy.height == 0) return cudaSuccess;
    if (const cudaError_t error = check(copy)) return error;
    return submit_copy(runtime, stream, lock, copy);
  });
}

cudaError_t set_asynchronously(void* to, int value, size_t bytes, cudaStream_t handle, bool wait) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    const StreamPointer stream = runtime.streams.find(handle, current_device);
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (bytes == 0) return cudaSuccess;
    if (!is_device_address(to) && !is_pinned(runtime, to))
      return refuse(cudaErrorInvalidValue, "cudaMemset: the pointer is to ordinary host memory");
    if (const cudaError_t error = check_inside(to, bytes, "cudaMemset")) return error;
    void* const target = host_pointer(to);
    submit(runtime, stream, lock, [=] {
      memset(target, value, bytes);
      return cudaSuccess;
    });
    if (wait) runtime.streams.finish(stream, lock);
    return runtime.streams.error;
  });
}

// ---- kernels

cudaError_t check(const Runtime& runtime, const Grid& grid) {
  const auto wrong = [&](const std::string& text) {
    return refuse(cudaErrorInvalidConfiguration, kernel_name(grid) + ": launched with " + text);
  };
  const dim3 g = grid.grid;
  const dim3 b = grid.block;
  const uint64_t threads = static_cast<uint64_t>(b.x) * b.y * b.z;
  if (threads == 0 || b.x > 1024 || b.y > 1024 || b.z > 64 || threads > 1024)
    return wrong("a block of " + place_of({b.x, b.y, b.z}) + "; the limits are (1024, 1024, 64), together 1024");
  if (!g.x || !g.y || !g.z || g.x > 0x7FFFFFFFu || g.y > 65535 || g.z > 65535)
    return wrong("a grid of " + place_of({g.x, g.y, g.z}) + "; the limits are (2147483647, 65535, 65535)");
  if (grid.shared_bytes <= kPlainSharedBytes) return cudaSuccess;
  const auto allowed = runtime.dynamic_shared.find(grid.kernel);
  if (allowed == runtime.dynamic_shared.end() || grid.shared_bytes > static_cast<size_t>(allowed->second))
    return refuse(cudaErrorInvalidValue, kernel_name(grid) + ": launched with " + std::to_string(grid.shared_bytes) +
                                             " bytes of shared memory, which cudaFuncSetAttribute has not allowed");
  return cudaSuccess;
}

// The byte's own address, for an address that a kernel on `device` may follow; others stay, and fault when followed.
uintptr_t translate(const Runtime& runtime, uintptr_t word, int device) {
  if (!is_device_address(reinterpret_cast<void*>(word))) return word;
  const int owner = device_of(reinterpret_cast<void*>(word));
  return runtime.peers[static_cast<size_t>(device)][static_cast<size_t>(owner)] ? word + address_range.distance : word;
}

// Addresses in any 8 aligned bytes, so those in structs too. What is a pointer and to ordinary host memory becomes an
// address that faults.
void translate(const Runtime& runtime, const Parameters& parameters, int device) {
  const size_t words = parameters.size / sizeof(uintptr_t);
  uintptr_t* const begin = reinterpret_cast<uintptr_t*>(parameters.bytes);
  for (const Parameter* parameter = parameters.list; parameter != parameters.list + parameters.count; ++parameter) {
    if (!parameter->pointer) continue;
    uintptr_t& word = begin[parameter->offset / sizeof(uintptr_t)];
    if (word == 0 || is_device_address(reinterpret_cast<void*>(word)) ||
        is_pinned(runtime, reinterpret_cast<void*>(word)))
      continue;
    word = address_range.begin + address_range.part * static_cast<size_t>(address_range.devices) +
           word % address_range.part;
  }
  for (uintptr_t* word = begin; word != begin + words; ++word) *word = translate(runtime, *word, device);
}

}  // namespace

cudaError_t submit_kernel(Grid grid, cudaStream_t handle, Parameters parameters) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    const StreamPointer stream = runtime.streams.find(handle, current_device);
    if (!stream || stream->device != current_device) return cudaErrorInvalidResourceHandle;
    if (const cudaError_t error = check(runtime, grid)) return error;
    grid.device = stream->device;
    translate(runtime, parameters, stream->device);
    if (settings().streams == StreamMode::immediate && runtime.streams.idle(stream)) {
      runtime.streams.error = run_grid(grid, parameters.bytes);
      return cudaSuccess;
    }
    // Words, for the alignment.
    std::vector<max_align_t> copy(parameters.size / sizeof(max_align_t) + 1);
    memcpy(copy.data(), parameters.bytes, parameters.size);
    submit(runtime, stream, lock, [grid, copy = std::move(copy)] { return run_grid(grid, copy.data()); });
    return cudaSuccess;
  });
}

}  // namespace tt::emulation

using namespace tt::emulation;

// ---- devices

cudaError_t cudaGetDeviceCount(int* count) {
  if (!runtime()) return remember(cudaErrorInitializationError);
  if (settings().devices == 0) return remember(cudaErrorNoDevice);
  *count = settings().devices;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  return call([&](Runtime&, Lock&) {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    current_device = device;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, enum cudaDeviceAttr attribute, int device) {
  // As an A100 would say, but for a few multiprocessors: a grid sized by them stays small.
  static const std::map<int, int> values = {
      {cudaDevAttrMaxThreadsPerBlock, 1024},
      {cudaDevAttrMaxBlockDimX, 1024},
      {cudaDevAttrMaxBlockDimY, 1024},
      {cudaDevAttrMaxBlockDimZ, 64},
      {cudaDevAttrMaxGridDimX, 0x7FFFFFFF},
      {cudaDevAttrMaxGridDimY, 65535},
      {cudaDevAttrMaxGridDimZ, 65535},
      {cudaDevAttrMaxSharedMemoryPerBlock, kPlainSharedBytes},
      {cudaDevAttrTotalConstantMemory, 65536},
      {cudaDevAttrWarpSize, 32},
      {cudaDevAttrMaxRegistersPerBlock, 65536},
      {cudaDevAttrClockRate, 1000000},
      {cudaDevAttrMultiProcessorCount, kMultiprocessors},
      {cudaDevAttrIntegrated, 0},
      {cudaDevAttrCanMapHostMemory, 1},
      {cudaDevAttrComputeMode, 0},
      {cudaDevAttrConcurrentKernels, 1},
      {cudaDevAttrEccEnabled, 0},
      {cudaDevAttrMemoryClockRate, 1000000},
      {cudaDevAttrGlobalMemoryBusWidth, 5120},
      {cudaDevAttrL2CacheSize, 40 << 20},
      {cudaDevAttrMaxThreadsPerMultiProcessor, kThreadsPerMultiprocessor},
      {cudaDevAttrAsyncEngineCount, 2},
      {cudaDevAttrUnifiedAddressing, 1},
      {cudaDevAttrComputeCapabilityMajor, 8},
      {cudaDevAttrComputeCapabilityMinor, 0},
      {cudaDevAttrMaxSharedMemoryPerMultiprocessor, 228 << 10},
      {cudaDevAttrMaxRegistersPerMultiprocessor, 65536},
      {cudaDevAttrManagedMemory, 0},
      {cudaDevAttrPageableMemoryAccess, 0},
      {cudaDevAttrConcurrentManagedAccess, 0},
      {cudaDevAttrCooperativeLaunch, 0},
      {cudaDevAttrMaxSharedMemoryPerBlockOptin, kDynamicSharedBytes},
      {cudaDevAttrMaxBlocksPerMultiprocessor, 32},
  };
  return call([&](Runtime&, Lock&) {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    const auto found = values.find(attribute);
    if (found == values.end()) return cudaErrorInvalidValue;
    *value = found->second;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* id, int length, int device) {
  return call([&](Runtime&, Lock&) {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    if (std::snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", device + 1) >= length)
      return cudaErrorInvalidValue;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return call([&](Runtime&, Lock&) {
    *least = kLowestPriority;
    *greatest = kHighestPriority;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return call([](Runtime& runtime, Lock& lock) {
    runtime.streams.finish_device(current_device, lock);
    return runtime.streams.error;
  });
}

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return call([&](Runtime&, Lock&) {
    if (!is_device(device) || !is_device(peer)) return cudaErrorInvalidDevice;
    *can = device != peer;
    return cudaSuccess;
  });
}

static cudaError_t set_peer_access(int peer, bool access, cudaError_t already) {
  return call([&](Runtime& runtime, Lock&) {
    if (!is_device(peer) || peer == current_device) return cudaErrorInvalidDevice;
    std::vector<bool>& reached = runtime.peers[static_cast<size_t>(current_device)];
    if (reached[static_cast<size_t>(peer)] == access) return already;
    reached[static_cast<size_t>(peer)] = access;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  if (flags != 0) return remember(cudaErrorInvalidValue);
  return set_peer_access(peer, true, cudaErrorPeerAccessAlreadyEnabled);
}

cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  return set_peer_access(peer, false, cudaErrorPeerAccessNotEnabled);
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = kVersion;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kVersion;
  return cudaSuccess;
}

// ---- memory

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  return call([&](Runtime&, Lock&) {
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    *pointer = device_memory(current_device).allocate(bytes);
    return *pointer ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t cudaFree(void* pointer) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    if (!pointer) return cudaSuccess;
    if (!is_device_address(pointer)) return refuse(cudaErrorInvalidValue, "cudaFree: the pointer is not the device's");
    const int device = device_of(pointer);
    runtime.streams.finish_device(device, lock);
    if (runtime.streams.error != cudaSuccess) return runtime.streams.error;
    if (device_memory(device).release(pointer)) return cudaSuccess;
    return refuse(cudaErrorInvalidValue, "cudaFree: the pointer does not begin an allocation, or it is free already");
  });
}

cudaError_t cudaHostAlloc(void** pointer, size_t bytes, unsigned) {
  return call([&](Runtime& runtime, Lock&) {
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    const size_t whole = (bytes + 4095) / 4096 * 4096;
    if (whole < bytes) return cudaErrorMemoryAllocation;
    void* found = std::aligned_alloc(4096, whole);
    if (!found) return cudaErrorMemoryAllocation;
    runtime.pinned[reinterpret_cast<uintptr_t>(found)] = bytes;
    *pointer = found;
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** pointer, size_t bytes) { return cudaHostAlloc(pointer, bytes, cudaHostAllocDefault); }

cudaError_t cudaFreeHost(void* pointer) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    if (!pointer) return cudaSuccess;
    runtime.streams.finish_device(-1, lock);
    if (runtime.pinned.erase(reinterpret_cast<uintptr_t>(pointer)) == 0)
      return refuse(cudaErrorInvalidValue,
                    "cudaFreeHost: the pointer is not from cudaHostAlloc, or it is free already");
    std::free(pointer);
    return cudaSuccess;
  });
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return call([&](Runtime&, Lock&) {
    const DeviceMemory& memory = device_memory(current_device);
    *free = memory.limit() - memory.used();
    *total = memory.limit();
    return cudaSuccess;
  });
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes* attributes, const void* pointer) {
  return call([&](Runtime& runtime, Lock&) {
    void* const plain = const_cast<void*>(pointer);
    if (is_device_address(pointer))
      *attributes = {cudaMemoryTypeDevice, device_of(pointer), plain, nullptr};
    else if (is_pinned(runtime, pointer))
      *attributes = {cudaMemoryTypeHost, current_device, plain, plain};
    else
      *attributes = {cudaMemoryTypeUnregistered, -2, nullptr, plain};
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream) {
  return copy_asynchronously({{to, bytes}, {from, bytes}, bytes, 1, kind}, stream);
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, enum cudaMemcpyKind kind) {
  if (const cudaError_t error = cudaMemcpyAsync(to, from, bytes, kind, nullptr)) return error;
  return cudaStreamSynchronize(nullptr);
}

cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                              size_t height, enum cudaMemcpyKind kind, cudaStream_t stream) {
  return copy_asynchronously({{to, to_pitch}, {from, from_pitch}, width, height, kind}, stream);
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, size_t bytes,
                                cudaStream_t stream) {
  if (!is_device(to_device) || !is_device(from_device)) return remember(cudaErrorInvalidDevice);
  if (bytes > 0 && (!is_device_address(to) || device_of(to) != to_device || !is_device_address(from) ||
                    device_of(from) != from_device))
    return remember(refuse(cudaErrorInvalidValue, "cudaMemcpyPeerAsync: the pointers are not of the devices named"));
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
}

cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return set_asynchronously(to, value, bytes, nullptr, true);
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return set_asynchronously(to, value, bytes, stream, false);
}

// ---- streams

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithPriority(stream, cudaStreamDefault, 0);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  return call([&](Runtime& runtime, Lock&) {
    if (flags > cudaStreamNonBlocking) return cudaErrorInvalidValue;
    *stream = runtime.streams.create(current_device, priority);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call([&](Runtime& runtime, Lock&) {
    return runtime.streams.destroy(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}

// Calls the body with the stream of this handle.
template <class Body>
static cudaError_t with_stream(cudaStream_t handle, Body body) {
  return call([&](Runtime& runtime, Lock& lock) -> cudaError_t {
    const StreamPointer stream = runtime.streams.find(handle, current_device);
    if (!stream) return cudaErrorInvalidResourceHandle;
    return body(runtime, lock, stream);
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return with_stream(handle, [](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    runtime.streams.finish(stream, lock);
    return runtime.streams.error;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  return with_stream(handle, [](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    if (runtime.streams.idle(stream)) return cudaSuccess;
    runtime.streams.advance(stream, lock);
    return runtime.streams.error == cudaSuccess ? cudaErrorNotReady : runtime.streams.error;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned flags) {
  return with_stream(handle, [&](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    if (flags != 0) return cudaErrorInvalidValue;
    if (!runtime.events.contains(event)) return cudaErrorInvalidResourceHandle;
    if (event->last && !event->last->done)
      runtime.streams.submit(stream, {Operation::Kind::wait, nullptr, event->last}, lock);
    return runtime.streams.error;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void* data) {
  return with_stream(handle, [&](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    if (!function) return cudaErrorInvalidValue;
    const auto call_function = [=] {
      function(data);
      return cudaSuccess;
    };
    runtime.streams.submit(stream, {Operation::Kind::call_host, call_function, nullptr}, lock);
    return runtime.streams.error;
  });
}

// ---- events

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return call([&](Runtime& runtime, Lock&) {
    if (flags & ~(cudaEventBlockingSync | cudaEventDisableTiming)) return cudaErrorInvalidValue;
    *event = new CUevent_st{current_device, !(flags & cudaEventDisableTiming), nullptr};
    runtime.events.insert(*event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call([&](Runtime& runtime, Lock&) {
    if (runtime.events.erase(event) == 0) return cudaErrorInvalidResourceHandle;
    delete event;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  return with_stream(handle, [&](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    if (!runtime.events.contains(event) || event->device != stream->device) return cudaErrorInvalidResourceHandle;
    event->last = std::make_shared<Recording>();
    event->last->stream = stream;
    runtime.streams.submit(stream, {Operation::Kind::record, nullptr, event->last}, lock);
    return runtime.streams.error;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call([&](Runtime& runtime, Lock& lock) {
    if (!runtime.events.contains(event)) return cudaErrorInvalidResourceHandle;
    const auto recording = event->last;
    if (!recording || recording->done) return cudaSuccess;
    runtime.streams.advance(recording->stream, lock);
    return runtime.streams.error == cudaSuccess ? cudaErrorNotReady : runtime.streams.error;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call([&](Runtime& runtime, Lock& lock) {
    if (!runtime.events.contains(event)) return cudaErrorInvalidResourceHandle;
    if (const auto recording = event->last) runtime.streams.finish(recording, lock);
    return runtime.streams.error;
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return call([&](Runtime& runtime, Lock&) {
    if (!runtime.events.contains(start) || !runtime.events.contains(end)) return cudaErrorInvalidResourceHandle;
    if (!start->timed || !end->timed || !start->last || !end->last) return cudaErrorInvalidResourceHandle;
    if (!start->last->done || !end->last->done) return cudaErrorNotReady;
    *milliseconds = std::chrono::duration<float, std::milli>(end->last->time - start->last->time).count();
    return cudaSuccess;
  });
}

// ---- errors

cudaError_t cudaPeekAtLastError() {
  Runtime* found = runtime();
  if (!found) return cudaErrorInitializationError;
  const std::lock_guard lock(found->mutex);
  return found->streams.error != cudaSuccess ? found->streams.error : last_error;
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  last_error = cudaSuccess;
  return error;
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
#define TT_ERROR(name, value, text) \
  case name:                        \
    return #name;
    TT_CUDA_ERRORS(TT_ERROR)
#undef TT_ERROR
  }
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
#define TT_ERROR(name, value, text) \
  case name:                        \
    return text;
    TT_CUDA_ERRORS(TT_ERROR)
#undef TT_ERROR
  }
  return "unrecognized error code";
}

// ---- kernels

cudaError_t cudaFuncSetAttribute(const void* kernel, enum cudaFuncAttribute attribute, int value) {
  return call([&](Runtime& runtime, Lock&) {
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        static_cast<size_t>(value) > kDynamicSharedBytes)
      return cudaErrorInvalidValue;
    runtime.dynamic_shared[kernel] = value;
    return cudaSuccess;
  });
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes* attributes, const void* kernel) {
  return call([&](Runtime& runtime, Lock&) {
    const auto dynamic = runtime.dynamic_shared.find(kernel);
    *attributes = {};
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->ptxVersion = 80;
    attributes->binaryVersion = 80;
    attributes->maxDynamicSharedSizeBytes =
        dynamic == runtime.dynamic_shared.end() ? static_cast<int>(kPlainSharedBytes) : dynamic->second;
    attributes->preferredShmemCarveout = -1;
    return cudaSuccess;
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int block_size,
                                                          size_t shared_bytes) {
  return call([&](Runtime&, Lock&) {
    if (block_size < 1 || block_size > 1024 || shared_bytes > kDynamicSharedBytes) return cudaErrorInvalidValue;
    *blocks = std::min(32, kThreadsPerMultiprocessor / block_size);
    return cudaSuccess;
  });
}

// ---- beside CUDA

void* tt_emulation_host_pointer(const void* pointer) { return const_cast<void*>(host_pointer(pointer)); }

int tt_emulation_submit(cudaStream_t handle, int (*function)(void*), void* data) {
  return with_stream(handle, [&](Runtime& runtime, Lock& lock, const StreamPointer& stream) {
    submit(runtime, stream, lock, [=] { return static_cast<cudaError_t>(function(data)); });
    return runtime.streams.error;
  });
}

void tt_emulation_reset() {
  last_error = cudaSuccess;
  Runtime* found = runtime();
  if (!found) return;
  const std::lock_guard lock(found->mutex);
  found->streams.drop_pending();
  found->streams.error = cudaSuccess;
  found->calls_to_failure = 0;
}

void tt_emulation_fail(long long n, int error) {
  Runtime* found = runtime();
  if (!found) return;
  const std::lock_guard lock(found->mutex);
  found->calls_to_failure = n;
  found->failure = static_cast<cudaError_t>(error);
}

const char* tt_emulation_last_fault() {
  static thread_local std::string text;
  text = last_fault();
  return text.c_str();
}
