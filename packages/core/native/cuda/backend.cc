// What the core gets of this shared object: runtime/cuda_backend.h.
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "../families.h"
#include "../runtime/cuda_backend.h"
#include "allocator.h"
#include "device.h"
#include "error_record.h"
#include "libraries.h"

namespace tt {

namespace cuda {

#define TT_DECLARE(family) void register_##family();
TT_ELEMENTWISE_FAMILIES(TT_DECLARE)
TT_CUDA_FAMILIES(TT_DECLARE)
#undef TT_DECLARE

namespace {

const CudaHost* host = nullptr;
// As PyTorch: each launch waits and checks, so that an error is thrown by the op that made it.
bool launches_block = false;

template <class F>
bool guarded(Failure* failure, F&& body) noexcept {
  const auto report = [&](ErrorKind kind, const char* message) {
    failure->kind = kind;
    std::strncpy(failure->message, message, sizeof(failure->message) - 1);
    failure->message[sizeof(failure->message) - 1] = 0;
    return false;
  };
  try {
    body();
    return true;
  } catch (const Error& error) {
    return report(error.kind, error.what());
  } catch (const std::bad_alloc&) {
    return report(ErrorKind::OutOfMemory, "the process is out of memory");
  } catch (const std::exception& error) {
    return report(ErrorKind::Internal, error.what());
  } catch (...) {
    return report(ErrorKind::Internal, "unknown failure");
  }
}

bool run(int op, Kernel kernel, Operand* operands, int count, Params* params, Failure* failure) {
  return guarded(failure, [&] {
    const int device = operands[0].device_index;
    use_device(device);
    throw_reported(device, op);
    set_running_op(op);
    kernel(operands, count, *params);
    check(cudaPeekAtLastError(), "launching a kernel");
    if (launches_block) throw_reported_so_far();
  });
}

bool copy(void* to, int to_device, const void* from, int from_device, size_t bytes, bool wait, Failure* failure) {
  return guarded(failure, [&] {
    const int device = to_device == kHostMemory ? from_device : to_device;
    use_device(device);
    if (to_device != kHostMemory && from_device != kHostMemory && to_device != from_device) {
      // The copy runs on the target's stream, after what the source's stream has been given so far.
      cudaEvent_t produced;
      use_device(from_device);
      check(cudaEventCreateWithFlags(&produced, cudaEventDisableTiming), "creating an event");
      const cudaError_t recorded = cudaEventRecord(produced, current_stream());
      use_device(to_device);
      const cudaError_t waits = cudaStreamWaitEvent(current_stream(), produced, 0);
      cudaEventDestroy(produced);
      check(recorded, "recording an event");
      check(waits, "waiting for an event");
      check(cudaMemcpyPeerAsync(to, to_device, from, from_device, bytes, current_stream()), "copying between devices");
    } else {
      const cudaMemcpyKind kind = to_device == kHostMemory     ? cudaMemcpyDeviceToHost
                                  : from_device == kHostMemory ? cudaMemcpyHostToDevice
                                                               : cudaMemcpyDeviceToDevice;
      check(cudaMemcpyAsync(to, from, bytes, kind, current_stream()), "copying");
    }
    if (!wait) return;
    check(cudaStreamSynchronize(current_stream()), "waiting for a copy");
    throw_reported(device, -1);
  });
}

// --- Functions that JavaScript calls by name ------------------------------------------------------------------------

auto& events = *new std::vector<cudaEvent_t>();
auto& free_events = *new std::vector<int>();
auto& events_mutex = *new std::mutex();

cudaEvent_t event_of(double number) {
  std::lock_guard lock(events_mutex);
  const auto index = static_cast<size_t>(number);
  require(number >= 0 && index < events.size() && events[index] != nullptr, ErrorKind::Value, "there is no event ",
          number);
  return events[index];
}

double create_event(const double* a) {
  use_device(static_cast<int>(a[0]));
  cudaEvent_t event;
  check(cudaEventCreateWithFlags(&event, a[1] != 0 ? cudaEventDefault : cudaEventDisableTiming), "creating an event");
  std::lock_guard lock(events_mutex);
  if (free_events.empty()) {
    events.push_back(event);
    return static_cast<double>(events.size() - 1);
  }
  const int number = free_events.back();
  free_events.pop_back();
  events[number] = event;
  return number;
}

double destroy_event(const double* a) {
  cudaEvent_t event = event_of(a[0]);
  std::lock_guard lock(events_mutex);
  events[static_cast<size_t>(a[0])] = nullptr;
  free_events.push_back(static_cast<int>(a[0]));
  check(cudaEventDestroy(event), "destroying an event");
  return 0;
}

int device_of(double number) {
  require(number >= 0 && number < device_count() && number == static_cast<int>(number), ErrorKind::Device,
          "there is no cuda:", number, "; ", device_count(), " devices were found");
  return static_cast<int>(number);
}

double is_done(cudaError_t status) {
  if (status == cudaErrorNotReady) {
    cudaGetLastError();
    return 0;
  }
  check(status, "asking for progress");
  return 1;
}

double elapsed(const double* a) {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, event_of(a[0]), event_of(a[1])), "reading the time between events");
  return milliseconds;
}

double memory_stat(const double* a) {
  const MemoryStats s = memory_stats(device_of(a[0]));
  const int64_t values[] = {s.allocated,   s.peak_allocated,     s.reserved, s.peak_reserved,
                            s.allocations, s.driver_allocations, s.retries,  s.limit};
  require(a[1] >= 0 && a[1] < 8, ErrorKind::Value, "there is no figure ", a[1]);
  const int64_t value = values[static_cast<int>(a[1])];
  return value == INT64_MAX ? HUGE_VAL : static_cast<double>(value);
}

double device_memory(const double* a) {
  use_device(device_of(a[0]));
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "reading the device's memory");
  return static_cast<double>(a[1] == 0 ? free : total);
}

double attribute(const double* a) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, static_cast<cudaDeviceAttr>(a[1]), device_of(a[0])), "reading a property");
  return value;
}

double can_access_peer(const double* a) {
  int can = 0;
  check(cudaDeviceCanAccessPeer(&can, device_of(a[0]), device_of(a[1])), "asking for access between devices");
  return can;
}

double version(const double* a) {
  int value = 0;
  check(a[0] == 0 ? cudaRuntimeGetVersion(&value) : cudaDriverGetVersion(&value), "reading a version");
  return value;
}

cudaStream_t stream_at(const double* a) { return stream_of(device_of(a[0]), static_cast<int>(a[1])); }

double wait_for_stream(const double* a) {
  check(cudaStreamSynchronize(stream_at(a)), "waiting for a stream");
  throw_reported(device_of(a[0]), -1);
  return 0;
}

double done(cudaError_t status, const char* what) {
  check(status, what);
  return 0;
}

double wait_for_device(const double* a) {
  synchronize(device_of(a[0]));
  return 0;
}
double new_stream(const double* a) { return create_stream(device_of(a[0]), static_cast<int>(a[1])); }
double current_stream_at(const double* a) { return current_stream_number(device_of(a[0])); }
double choose_stream(const double* a) {
  set_current_stream(device_of(a[0]), static_cast<int>(a[1]));
  return 0;
}
double query_stream(const double* a) { return is_done(cudaStreamQuery(stream_at(a))); }
double make_stream_wait(const double* a) {
  return done(cudaStreamWaitEvent(stream_at(a), event_of(a[2]), 0), "making a stream wait");
}
double record_event(const double* a) {
  return done(cudaEventRecord(event_of(a[2]), stream_at(a)), "recording an event");
}
double query_event(const double* a) { return is_done(cudaEventQuery(event_of(a[0]))); }
double wait_for_event(const double* a) { return done(cudaEventSynchronize(event_of(a[0])), "waiting for an event"); }
double reset_peak_memory(const double* a) {
  reset_peaks(device_of(a[0]));
  return 0;
}
double reset_memory_counts(const double* a) {
  reset_counts(device_of(a[0]));
  return 0;
}
double give_cache_back(const double* a) {
  empty_cache(device_of(a[0]));
  return 0;
}
double limit_memory(const double* a) {
  set_limit(device_of(a[0]), a[1] < 9e18 ? static_cast<int64_t>(a[1]) : INT64_MAX);
  return 0;
}
double block_launches(const double* a) { return launches_block = a[0] != 0; }
double cudnn_version(const double*) {
  const Cudnn* cudnn = find_cudnn();
  return cudnn ? static_cast<double>(cudnn->cudnnGetVersion()) : 0;
}
Option option_of(double number) {
  require(number >= 0 && number < kOptionCount, ErrorKind::Value, "there is no option ", number);
  return static_cast<Option>(static_cast<int>(number));
}
double write_option(const double* a) {
  set_option(option_of(a[0]), a[1] != 0);
  return 0;
}

template <double (*function)(const double*)>
bool call(const double* arguments, double* result, Failure* failure) {
  return guarded(failure, [&] { *result = function(arguments); });
}

// The name, how many numbers it takes, and what it does with them.
constexpr CudaFunction kFunctions[] = {
    {"synchronize", 1, call<wait_for_device>},
    {"createStream", 2, call<new_stream>},
    {"currentStream", 1, call<current_stream_at>},
    {"setCurrentStream", 2, call<choose_stream>},
    {"streamQuery", 2, call<query_stream>},
    {"streamSynchronize", 2, call<wait_for_stream>},
    {"streamWaitEvent", 3, call<make_stream_wait>},
    {"createEvent", 2, call<create_event>},
    {"destroyEvent", 1, call<destroy_event>},
    {"eventRecord", 3, call<record_event>},
    {"eventQuery", 1, call<query_event>},
    {"eventSynchronize", 1, call<wait_for_event>},
    {"eventElapsedTime", 2, call<elapsed>},
    {"memoryStat", 2, call<memory_stat>},
    {"resetPeakMemoryStats", 1, call<reset_peak_memory>},
    {"resetMemoryCounts", 1, call<reset_memory_counts>},
    {"emptyCache", 1, call<give_cache_back>},
    {"setMemoryLimit", 2, call<limit_memory>},
    {"deviceMemory", 2, call<device_memory>},
    {"attribute", 2, call<attribute>},
    {"canAccessPeer", 2, call<can_access_peer>},
    {"version", 1, call<version>},
    {"setLaunchBlocking", 1, call<block_launches>},
    {"cudnnVersion", 0, call<cudnn_version>},
    {"setOption", 2, call<write_option>},
};

const char* device_name(int device) {
  static thread_local std::string name;
  name = describe_device(device);
  return name.c_str();
}

const char* libraries() {
  static thread_local std::string text;
  text = describe_libraries();
  return text.c_str();
}

void register_all() {
#define TT_CALL(family) register_##family();
  TT_ELEMENTWISE_FAMILIES(TT_CALL)
  TT_CUDA_FAMILIES(TT_CALL)
#undef TT_CALL
}

}  // namespace

const char* name_of_op(int op) { return host->op_name(op); }

}  // namespace cuda

void register_kernel(const char* name, int outputs, DeviceType, DType dtype, Kernel kernel) {
  require(cuda::host->register_kernel(name, outputs, dtype, kernel), ErrorKind::Internal, "the CUDA kernel '", name,
          "' has no counterpart on the CPU");
}

}  // namespace tt

extern "C" __attribute__((visibility("default"))) bool tt_open_cuda(const tt::CudaHost* host, tt::CudaBackend* backend,
                                                                    tt::Failure* failure) {
  using namespace tt;
  return cuda::guarded(failure, [&] {
    cuda::host = host;
    const char* blocking = std::getenv("CUDA_LAUNCH_BLOCKING");
    cuda::launches_block = blocking && std::strcmp(blocking, "0") != 0;
    // Before the driver is asked for: which kernels there are can be known without one.
    cuda::register_all();
    cuda::require_driver();
    *backend = CudaBackend{
        .version = kCudaBackendVersion,
        .device_count = cuda::device_count(),
        .emulated = TT_EMULATED,
        .run = cuda::run,
        .allocate =
            [](int device, size_t bytes, void** block, size_t* capacity, Failure* failure) {
              return cuda::guarded(failure, [&] { *block = cuda::allocate(device, bytes, *capacity); });
            },
        .release = cuda::release,
        .allocate_pinned =
            [](size_t bytes, void** block, size_t* capacity, Failure* failure) {
              return cuda::guarded(failure, [&] { *block = cuda::allocate_pinned(bytes, *capacity); });
            },
        .release_pinned = cuda::release_pinned,
        .copy = cuda::copy,
        .record_stream =
            [](int device, void* block, int stream, Failure* failure) {
              return cuda::guarded(failure, [&] { cuda::record_stream(device, block, stream); });
            },
        .device_name = cuda::device_name,
        .libraries = cuda::libraries,
        .functions = cuda::kFunctions,
        .function_count = static_cast<int>(std::size(cuda::kFunctions)),
    };
  });
}
